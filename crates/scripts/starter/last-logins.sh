#!/bin/sh
# /// gururmm
# interpreter = "sh"
# name = "Last logins"
# folder = "Linux"
# description = "Shows who is logged on, the last logins and, with all rights on Linux, the last failed ones. Changes nothing."
# platforms = ["linux", "macos"]
# context = "system"
# elevated = true
# timeout_seconds = 60
#
# [[parameters]]
# name = "count"
# label = "How many logins to show"
# kind = "number"
# default = "20"
# min = 1
# max = 500
# ///
set -u
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL PATH

wrong() {
    printf '%s\n' "$1" >&2
    exit 2
}

count=${PARAM_COUNT:-20}
case $count in
    [1-9] | [1-9][0-9] | [1-4][0-9][0-9] | 500) ;;
    *) wrong 'The count must be a whole number between 1 and 500.' ;;
esac

has() {
    command -v "$1" >/dev/null 2>&1
}

printf 'Logged on now:\n'
now=$(who 2>/dev/null)
printf '%s\n' "${now:-nobody}" | sed 's/^/  /'

printf '\nLast logins:\n'
if has last; then
    found=$(last -n "$count" 2>/dev/null | sed '/^$/d')
elif has lslogins; then
    found=$(lslogins -u -o USER,LAST-LOGIN,LAST-HOSTNAME 2>/dev/null | head -n "$count")
else
    found=
fi
if [ -z "$found" ]; then
    printf '  No record of logins can be read here.\n'
    exit 1
fi
printf '%s\n' "$found" | sed 's/^/  /'

if has lastb && [ -r /var/log/btmp ]; then
    printf '\nLast failed logins:\n'
    failed=$(lastb -n "$count" 2>/dev/null | sed '/^$/d')
    printf '%s\n' "${failed:-none}" | sed 's/^/  /'
fi
exit 0
