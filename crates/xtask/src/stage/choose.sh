#!/bin/sh
# dunst writes the buttons of its toasts, one a line, and reads which of them was chosen: the one that holds what the test wants.
grep --fixed-strings --max-count=1 --file="$(dirname "$0")/wanted"
