#!/bin/sh
# /// gururmm
# interpreter = "sh"
# name = "Reboot required"
# folder = "Linux"
# description = """
# Tells whether the machine waits for a restart: what the package manager says, and whether a newer kernel is installed than the one that runs. Changes nothing.
# Lists programs that still use replaced libraries too; those need a restart of their own only. Ends with 1 when a restart is due."""
# platforms = ["linux"]
# context = "system"
# elevated = true
# timeout_seconds = 120
#
# [[parameters]]
# name = "processes"
# label = "Look for programs with replaced libraries"
# kind = "choice"
# default = "yes"
# choices = ["yes", "no"]
# ///
set -u
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL PATH

processes=${PARAM_PROCESSES:-yes}
case $processes in
    yes | no) ;;
    *)
        printf 'Say yes or no to looking for programs.\n' >&2
        exit 2
        ;;
esac

has() {
    command -v "$1" >/dev/null 2>&1
}

attention=0
because() {
    if [ "$attention" -eq 0 ]; then printf 'A restart is due:\n'; fi
    attention=1
    printf '  %s\n' "$1"
}

if [ -e /run/reboot-required ] || [ -e /var/run/reboot-required ]; then
    because 'packages have asked for one'
    cat /run/reboot-required.pkgs /var/run/reboot-required.pkgs 2>/dev/null | sort -u | sed 's/^/    /'
fi
if has needs-restarting; then
    status=0
    needs-restarting -r >/dev/null 2>&1 || status=$?
    if [ "$status" -eq 1 ]; then because 'needs-restarting says so'; fi
fi
if has zypper; then
    status=0
    zypper --non-interactive needs-rebooting >/dev/null 2>&1 || status=$?
    if [ "$status" -eq 102 ]; then because 'zypper says so'; fi
fi

running=$(uname -r)
newest=$(
    for kernel in /boot/vmlinuz-*; do
        [ -e "$kernel" ] || continue
        version=${kernel#/boot/vmlinuz-}
        case $version in
            *rescue* | *.old | linux*) ;;
            *) printf '%s\n' "$version" ;;
        esac
    done | sort -V 2>/dev/null | tail -n 1
)
if [ -n "$newest" ] && [ "$newest" != "$running" ]; then
    because "the kernel $running runs, and $newest is installed"
elif [ -n "$(ls /lib/modules 2>/dev/null)" ] && [ ! -d "/lib/modules/$running" ]; then
    because "the modules of the running kernel $running are not there any more"
fi
if [ "$attention" -eq 0 ]; then
    printf 'No restart is due. The kernel %s runs.\n' "$running"
fi

if [ "$processes" = yes ]; then
    names=$(
        for maps in /proc/[0-9]*/maps; do
            if grep -q '\.so[.0-9]* (deleted)$' "$maps" 2>/dev/null; then
                process=${maps%/maps}
                cat "$process/comm" 2>/dev/null
            fi
        done | sort | uniq -c | sort -rn | head -n 30
    )
    if [ -n "$names" ]; then
        printf '\nThese programs use libraries that have been replaced; restart them:\n%s\n' "$names"
    else
        printf '\nNo program was seen that uses replaced libraries.\n'
    fi
fi
exit "$attention"
