#!/bin/sh
# /// gururmm
# interpreter = "sh"
# name = "Pending updates"
# folder = "Linux"
# description = """
# Lists the packages for which this machine knows an update, with apt, dnf, yum, zypper, pacman or apk. Installs nothing and asks no server: it looks only at the lists that are already here.
# Ends with 1 when there are updates or the lists are old."""
# platforms = ["linux"]
# context = "system"
# elevated = true
# timeout_seconds = 300
#
# [[parameters]]
# name = "count"
# label = "How many packages to show"
# kind = "number"
# default = "50"
# min = 1
# max = 1000
#
# [[parameters]]
# name = "list_days"
# label = "Lists are old after days"
# kind = "number"
# default = "7"
# min = 1
# max = 365
# ///
set -u
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL PATH

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

has() {
    command -v "$1" >/dev/null 2>&1
}

count=${PARAM_COUNT:-50}
list_days=${PARAM_LIST_DAYS:-7}
whole 'The count' "$count" 1 1000
whole 'The age of lists' "$list_days" 1 365

lists=
status=0
if has apt-get; then
    lists=/var/lib/apt/lists
    found=$(apt-get -s -o Debug::NoLocking=1 dist-upgrade 2>/dev/null) || status=$?
    updates=$(printf '%s\n' "$found" | awk '$1 == "Inst" { sub(/^Inst /, ""); print }')
elif has dnf; then
    lists=/var/cache/dnf
    found=$(dnf -q -C check-update 2>/dev/null) || status=$?
    if [ "$status" -eq 100 ]; then status=0; fi
    updates=$(printf '%s\n' "$found" | awk '/^Obsoleting/ { exit } NF == 3')
elif has yum; then
    lists=/var/cache/yum
    found=$(yum -q -C check-update 2>/dev/null) || status=$?
    if [ "$status" -eq 100 ]; then status=0; fi
    updates=$(printf '%s\n' "$found" | awk '/^Obsoleting/ { exit } NF == 3')
elif has zypper; then
    lists=/var/cache/zypp
    found=$(zypper --non-interactive --no-refresh -q list-updates 2>/dev/null) || status=$?
    updates=$(printf '%s\n' "$found" | awk -F '|' '$1 ~ /^v/ { print $3, $4, "->", $5 }')
elif has pacman; then
    lists=/var/lib/pacman/sync
    # 1 means that there is none
    updates=$(pacman -Qu 2>/dev/null) || status=$?
    if [ "$status" -eq 1 ]; then status=0; fi
elif has apk; then
    lists=/var/cache/apk
    updates=$(apk version -l '<' 2>/dev/null | awk 'NR > 1')
else
    printf 'None of apt, dnf, yum, zypper, pacman and apk is here, so nothing is known of updates.\n'
    exit 1
fi
if [ "$status" -ne 0 ]; then
    printf 'The package manager could not say what can be updated (it ended with %s).\n' "$status"
    exit 1
fi

attention=0
number=$(printf '%s' "$updates" | grep -c .)
security=$(printf '%s' "$updates" | grep -ci security)
if [ "$number" -eq 0 ]; then
    printf 'No updates are pending.\n'
else
    attention=1
    printf '%s packages can be updated' "$number"
    if [ "$security" -gt 0 ]; then printf ', %s of them from a security archive' "$security"; fi
    printf ':\n'
    printf '%s\n' "$updates" | awk -v count="$count" 'NR <= count { print "  " $0 }'
    if [ "$number" -gt "$count" ]; then printf '  and %s more\n' $((number - count)); fi
fi

if [ -d "$lists" ] && [ -z "$(find "$lists" -type f -mtime "-$list_days" 2>/dev/null | head -n 1)" ]; then
    attention=1
    printf '\nThe lists of packages in %s are older than %s days: there may be more. Refresh them first.\n' "$lists" "$list_days"
fi
exit "$attention"
