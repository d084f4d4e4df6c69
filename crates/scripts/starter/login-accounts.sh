#!/bin/sh
# /// gururmm
# interpreter = "sh"
# name = "Accounts that can log in"
# folder = "Linux"
# description = """
# Lists the local accounts that have a shell, with their groups of administrators and the state of their password (which only root sees). Changes nothing.
# Ends with 1 when another account than root has the id 0, when a password is empty, or when an account is not among the expected ones."""
# platforms = ["linux"]
# context = "system"
# elevated = true
# timeout_seconds = 60
#
# [[parameters]]
# name = "expected"
# label = "Expected accounts, with commas between them"
# kind = "string"
# max_length = 2000
# ///
set -u
LC_ALL=C
export LC_ALL

expected=${PARAM_EXPECTED:-}
case $expected in
    *[!A-Za-z0-9._,\ @-]*)
        printf 'The expected accounts must be names with commas between them, such as root,admin.\n' >&2
        exit 2
        ;;
esac
if [ ! -r /etc/passwd ]; then
    printf 'The accounts of this machine cannot be read.\n'
    exit 1
fi

{
    sed 's/^/group:/' /etc/group 2>/dev/null
    sed 's/^/shadow:/' /etc/shadow 2>/dev/null
    sed 's/^/passwd:/' /etc/passwd
} | awk -F : -v expected="$expected" '
    BEGIN {
        count = split(expected, list, /[, ]+/)
        for (i = 1; i <= count; i++) if (list[i] != "") { known[list[i]] = 1; is_told = 1 }
        printf "%-20s %-8s %-12s %-20s %s\n", "ACCOUNT", "ID", "PASSWORD", "ADMINISTRATOR BY", "SHELL"
    }
    $1 == "group" && $2 ~ /^(sudo|wheel|admin|root|adm|docker|lxd)$/ {
        number = split($5, members, ",")
        for (i = 1; i <= number; i++) groups[members[i]] = groups[members[i]] (groups[members[i]] == "" ? "" : ",") $2
    }
    $1 == "shadow" {
        if ($3 == "") password[$2] = "EMPTY"
        else if ($3 ~ /^[!*]/) password[$2] = "locked"
        else password[$2] = "set"
    }
    $1 == "passwd" {
        shell = $8 == "" ? "/bin/sh" : $8
        if (shell ~ /\/(nologin|false|sync|shutdown|halt)$/) next
        state = $2 in password ? password[$2] : ($3 == "" ? "EMPTY" : "?")
        by = groups[$2] == "" ? "-" : groups[$2]
        note = ""
        if ($4 == 0 && $2 != "root") note = note "  <- has the rights of root"
        if (state == "EMPTY") note = note "  <- needs no password"
        if (is_told && !($2 in known)) note = note "  <- not expected"
        if (note != "") odd++
        printf "%-20s %-8s %-12s %-20s %s%s\n", $2, $4, state, by, shell, note
        all++
    }
    END {
        printf "\n%d accounts have a shell, %d need a look.\n", all, odd
        exit odd > 0
    }'
