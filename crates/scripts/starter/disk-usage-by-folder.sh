#!/bin/sh
# /// gururmm
# interpreter = "sh"
# name = "Disk usage by folder"
# folder = "Linux"
# description = "Shows the largest folders directly below a folder, on its own file system. Changes nothing."
# platforms = ["linux"]
# context = "system"
# elevated = true
# timeout_seconds = 600
#
# [[parameters]]
# name = "folder"
# label = "Folder"
# kind = "string"
# default = "/var"
# max_length = 1000
#
# [[parameters]]
# name = "count"
# label = "How many folders to show"
# kind = "number"
# default = "15"
# min = 1
# max = 200
# ///
set -u
LC_ALL=C
export LC_ALL

wrong() {
    printf '%s\n' "$1" >&2
    exit 2
}

# whole <label> <value> <smallest> <largest>
whole() {
    case $2 in
        '' | *[!0-9]* | 0?* | ??????????*) wrong "$1 must be a whole number between $3 and $4." ;;
    esac
    if [ "$2" -lt "$3" ] || [ "$2" -gt "$4" ]; then
        wrong "$1 must be a whole number between $3 and $4."
    fi
}

folder=${PARAM_FOLDER:-/var}
count=${PARAM_COUNT:-15}
whole 'The count' "$count" 1 200
case $folder in
    /*) ;;
    *) wrong "The folder must be an absolute path, such as /var." ;;
esac
[ -d "$folder" ] || wrong "There is no folder $folder here."

printf 'File system of %s:\n' "$folder"
df -Ph -- "$folder" | awk 'NR > 1 { printf "  %s of %s used (%s), %s free, mounted on %s\n", $3, $2, $5, $4, $6 }'
df -Pi -- "$folder" 2>/dev/null | awk 'NR > 1 && $5 != "-" { printf "  %s of the inodes used\n", $5 }'

printf '\nLargest folders, the first line is all together:\n'
status=0
sizes=$(du -kxd 1 -- "$folder" 2>/dev/null) || status=1
printf '%s\n' "$sizes" | sort -rn | awk -v count="$count" '
    NR <= count + 1 && NF > 1 {
        size = $1
        sub(/^[0-9]+[ \t]+/, "")
        if (size >= 1048576) printf "%9.1f GiB  %s\n", size / 1048576, $0
        else printf "%9.1f MiB  %s\n", size / 1024, $0
    }'
if [ "$status" -ne 0 ]; then
    printf '\nNot everything could be read, so some folders are larger than it says. Run the script with all rights.\n'
fi
exit 0
