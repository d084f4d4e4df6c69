#!/bin/sh
# /// gururmm
# interpreter = "sh"
# name = "Security state of a Mac"
# folder = "macOS"
# description = "Tells whether FileVault, System Integrity Protection, Gatekeeper and the firewall are on, and which macOS it is. Changes nothing. Ends with 1 when one of them is off."
# platforms = ["macos"]
# context = "system"
# elevated = true
# timeout_seconds = 60
#
# [[parameters]]
# name = "firewall"
# label = "The firewall must be on"
# kind = "choice"
# default = "yes"
# choices = ["yes", "no"]
# ///
set -u
LC_ALL=C
PATH=/usr/bin:/bin:/usr/sbin:/sbin
export LC_ALL PATH

firewall=${PARAM_FIREWALL:-yes}
case $firewall in
    yes | no) ;;
    *)
        printf 'Say yes or no to the firewall.\n' >&2
        exit 2
        ;;
esac
if [ "$(uname -s)" != Darwin ]; then
    printf 'This script is for macOS.\n'
    exit 1
fi

attention=0
# state <name> <what is said when it is on> <what it says>
state() {
    case $3 in
        *"$2"*) printf '%-28s on\n' "$1" ;;
        *)
            printf '%-28s NOT on: %s\n' "$1" "${3:-it does not say}"
            attention=1
            ;;
    esac
}

printf 'macOS %s (%s)\n\n' "$(sw_vers -productVersion)" "$(sw_vers -buildVersion)"
state FileVault 'FileVault is On' "$(fdesetup status 2>&1)"
state 'System Integrity Protection' 'status: enabled' "$(csrutil status 2>&1)"
state Gatekeeper 'assessments enabled' "$(spctl --status 2>&1)"
if [ "$firewall" = yes ]; then
    state Firewall 'enabled' "$(/usr/libexec/ApplicationFirewall/socketfilterfw --getglobalstate 2>&1)"
fi
exit "$attention"
