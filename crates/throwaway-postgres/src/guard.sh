# guard FOLDER SERVER ARGUMENT…: runs the server until standard input ends, then removes the folder.
folder=$1
shift
# Ctrl-C is for whoever started this; the server ends after it.
trap '' INT
exec 3<&0
"$@" 3<&- &
server=$!
{
    cat <&3 >/dev/null
    : >"$folder/over"
    # At once, without a last checkpoint: nobody will read these files.
    kill -QUIT "$server"
} &
wait "$server"
# One that ended by itself leaves its log to be read.
[ -e "$folder/over" ] && exec rm -rf "$folder"
