#!/bin/sh
# /// gururmm
# interpreter = "sh"
# name = "Errors in the journal"
# folder = "Linux"
# description = "Counts the errors in the systemd journal by program and shows the newest. Changes nothing. Ends with 1 when there are any, or when the journal cannot be read."
# platforms = ["linux"]
# context = "system"
# elevated = true
# timeout_seconds = 300
#
# [[parameters]]
# name = "hours"
# label = "Of the last hours"
# kind = "number"
# default = "24"
# min = 1
# max = 720
#
# [[parameters]]
# name = "priority"
# label = "From this priority"
# kind = "choice"
# default = "err"
# choices = ["crit", "err", "warning"]
#
# [[parameters]]
# name = "count"
# label = "How many messages to show"
# kind = "number"
# default = "30"
# min = 1
# max = 1000
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

hours=${PARAM_HOURS:-24}
priority=${PARAM_PRIORITY:-err}
count=${PARAM_COUNT:-30}
whole 'The hours' "$hours" 1 720
whole 'The count' "$count" 1 1000
case $priority in
    crit | err | warning) ;;
    *) wrong 'The priority must be crit, err or warning.' ;;
esac

if ! command -v journalctl >/dev/null 2>&1; then
    printf 'There is no systemd journal on this machine.\n'
    exit 1
fi
# at most so many messages: a journal can have millions
if ! messages=$(journalctl -q --no-pager -o short-iso -p "$priority" --since "-${hours}h" -n 20000 2>/dev/null); then
    printf 'The journal cannot be read. Run the script with all rights.\n'
    exit 1
fi
messages=$(printf '%s\n' "$messages" | grep -v '^-- ')
if [ -z "$messages" ]; then
    if [ -z "$(journalctl -q --no-pager -n 1 2>/dev/null)" ]; then
        printf 'The journal has no messages that can be read here.\n'
        exit 1
    fi
    printf 'No messages of the priority %s in the last %s hours.\n' "$priority" "$hours"
    exit 0
fi

printf 'Messages from the priority %s, last %s hours, by program:\n' "$priority" "$hours"
printf '%s\n' "$messages" | awk 'NF > 2 { name = $3; sub(/(\[[0-9]+\])?:$/, "", name); print name }' \
    | sort | uniq -c | sort -rn | head -n 30
printf '\nThe newest:\n'
printf '%s\n' "$messages" | tail -n "$count"
exit 1
