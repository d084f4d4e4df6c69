#!/bin/sh
# /// gururmm
# interpreter = "sh"
# name = "Clean up temporary files"
# folder = "Linux"
# description = """
# Finds files in /tmp or /var/tmp that nobody has read or written for some days. Only tells what it would delete unless the mode is delete.
# Folders, sockets and links stay, and so do the private folders of services. Ends with 1 when a file could not be deleted."""
# platforms = ["linux"]
# context = "system"
# elevated = true
# timeout_seconds = 600
#
# [[parameters]]
# name = "folder"
# label = "Folder"
# kind = "choice"
# default = "/tmp"
# choices = ["/tmp", "/var/tmp"]
#
# [[parameters]]
# name = "days"
# label = "Not used for days"
# kind = "number"
# default = "14"
# min = 1
# max = 3650
#
# [[parameters]]
# name = "mode"
# label = "Mode"
# kind = "choice"
# default = "dry_run"
# choices = ["dry_run", "delete"]
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

folder=${PARAM_FOLDER:-/tmp}
days=${PARAM_DAYS:-14}
mode=${PARAM_MODE:-dry_run}
whole 'The days' "$days" 1 3650
case $folder in
    /tmp | /var/tmp) ;;
    *) wrong 'The folder must be /tmp or /var/tmp.' ;;
esac
case $mode in
    dry_run | delete) ;;
    *) wrong 'The mode must be dry_run or delete.' ;;
esac
if [ ! -d "$folder" ] || [ -L "$folder" ]; then
    printf '%s is no folder of its own here; nothing was done.\n' "$folder"
    exit 1
fi

old() {
    find "$folder" -xdev -mindepth 1 -type f -mtime "+$days" -atime "+$days" \
        ! -path "$folder/systemd-private-*" ! -path "$folder/snap-private-tmp/*" ! -name '.X*-lock' "$@"
}

found=$(old -exec du -k {} + 2>/dev/null)
printf '%s\n' "$found" | awk -v folder="$folder" -v days="$days" '
    NF { number++; size += $1 }
    END { printf "%d files in %s were not used for %d days: %.1f MiB.\n", number, folder, days, size / 1024 }'
if [ -z "$found" ]; then exit 0; fi
printf '%s\n' "$found" | sort -rn | awk 'NR <= 50 { size = $1; sub(/^[0-9]+[ \t]+/, ""); printf "  %8d KiB  %s\n", size, $0 }'

if [ "$mode" = dry_run ]; then
    printf '\nNothing was deleted. Choose the mode delete to delete them.\n'
    exit 0
fi
# find deletes by itself: a path that is given to another program can be another file by then
status=0
deleted=$(old -print -delete) || status=1
printf '\n%s files were deleted.\n' "$(printf '%s' "$deleted" | grep -c .)"
if [ "$status" -ne 0 ]; then printf 'Some could not be.\n'; fi
exit "$status"
