#!/bin/sh
# /// gururmm
# interpreter = "sh"
# name = "Failed services"
# folder = "Linux"
# description = "Lists services that have failed, each with the last lines of its log. Restarts nothing. Ends with 1 when there are any."
# platforms = ["linux"]
# context = "system"
# elevated = true
# timeout_seconds = 120
#
# [[parameters]]
# name = "log_lines"
# label = "Lines of the log for each service"
# kind = "number"
# default = "5"
# min = 0
# max = 100
# ///
set -u
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL PATH

lines=${PARAM_LOG_LINES:-5}
case $lines in
    [0-9] | [1-9][0-9] | 100) ;;
    *)
        printf 'The lines of the log must be a whole number between 0 and 100.\n' >&2
        exit 2
        ;;
esac

has() {
    command -v "$1" >/dev/null 2>&1
}

if ! [ -d /run/systemd/system ]; then
    if has rc-status; then
        crashed=$(rc-status --nocolor --crashed 2>/dev/null)
        if [ -z "$crashed" ]; then
            printf 'No service has crashed.\n'
            exit 0
        fi
        printf 'Crashed services:\n%s\n' "$crashed"
        exit 1
    fi
    printf 'Neither systemd nor OpenRC runs here, so the state of services is not known.\n'
    exit 1
fi

if ! units=$(systemctl list-units --state=failed --plain --no-legend --no-pager 2>&1); then
    printf 'systemd does not answer: %s\n' "$units"
    exit 1
fi
names=$(printf '%s\n' "$units" | awk 'NF { print $1 }')
printf 'State of the system: %s\n' "$(systemctl is-system-running 2>/dev/null)"
if [ -z "$names" ]; then
    printf 'No unit has failed.\n'
    exit 0
fi
printf '%s\n' "$names" | while IFS= read -r name; do
    printf '\n%s\n' "$name"
    systemctl show --no-pager -p Description -p Result -p ExecMainStatus -p InactiveEnterTimestamp -- "$name" | sed 's/^/  /'
    if [ "$lines" -gt 0 ]; then
        journalctl -q --no-pager -o short-iso -n "$lines" -u "$name" 2>/dev/null | sed 's/^/  | /'
    fi
done
exit 1
