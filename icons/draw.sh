#!/bin/sh
# Draws every icon from icons/source. Needs rsvg-convert (Debian: librsvg2-bin) and the Tauri CLI of ui/node_modules.
set -eu
cd "$(dirname "$0")"
drawn=$(mktemp -d)
trap 'rm -rf "$drawn"' EXIT

rsvg-convert --width 1024 --height 1024 source/app.svg --output "$drawn/app.png"
(cd .. && ui/node_modules/.bin/tauri icon --output "$drawn" "$drawn/app.png")
for file in 32x32.png 128x128.png 128x128@2x.png icon.png icon.ico icon.icns; do
  cp "$drawn/$file" "$file"
done

for state in quiet ringing offline attention; do
  rsvg-convert --width 32 --height 32 "source/tray-$state.svg" --output "tray/$state.png"
  rsvg-convert --width 64 --height 64 "source/tray-$state.svg" --output "tray/$state@2x.png"
done
