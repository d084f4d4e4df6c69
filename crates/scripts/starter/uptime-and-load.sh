#!/bin/sh
# /// gururmm
# interpreter = "sh"
# name = "Uptime, load and clock"
# folder = "Linux"
# description = """
# A short look at the machine: how long it runs, its load, memory and swap, the busiest programs, and whether its clock is kept in time. Changes nothing.
# Ends with 1 when the load, the memory or the clock needs a look."""
# platforms = ["linux"]
# context = "system"
# elevated = true
# timeout_seconds = 60
#
# [[parameters]]
# name = "load_percent"
# label = "Load is high from percent of the processors"
# kind = "number"
# default = "200"
# min = 10
# max = 10000
#
# [[parameters]]
# name = "memory_percent"
# label = "Memory is low below percent available"
# kind = "number"
# default = "5"
# min = 1
# max = 90
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

load_percent=${PARAM_LOAD_PERCENT:-200}
memory_percent=${PARAM_MEMORY_PERCENT:-5}
whole 'The load' "$load_percent" 10 10000
whole 'The memory' "$memory_percent" 1 90

attention=0
awk '{ printf "Up for %d days, %d hours and %d minutes\n", $1 / 86400, $1 % 86400 / 3600, $1 % 3600 / 60 }' /proc/uptime
processors=$(getconf _NPROCESSORS_ONLN 2>/dev/null) || processors=$(grep -c '^processor' /proc/cpuinfo)
awk -v processors="$processors" -v most="$load_percent" '{
    percent = $2 / processors * 100
    is_high = percent >= most
    printf "Load %s %s %s (1, 5, 15 minutes) on %d processors: %d %%%s\n", $1, $2, $3, processors, percent, is_high ? "  <- high" : ""
    exit is_high
}' /proc/loadavg || attention=1
awk -v least="$memory_percent" '
    { size[$1] = $2 }
    END {
        available = "MemAvailable:" in size ? size["MemAvailable:"] : size["MemFree:"] + size["Cached:"]
        percent = size["MemTotal:"] ? available / size["MemTotal:"] * 100 : 100
        is_low = percent < least
        printf "Memory: %.1f of %.1f GiB available, %d %%%s\n", available / 1048576, size["MemTotal:"] / 1048576, percent, is_low ? "  <- low" : ""
        printf "Swap: %.1f of %.1f GiB used\n", (size["SwapTotal:"] - size["SwapFree:"]) / 1048576, size["SwapTotal:"] / 1048576
        exit is_low
    }' /proc/meminfo || attention=1

printf 'Clock: %s, ' "$(date '+%Y-%m-%d %H:%M:%S %z')"
state=$(timedatectl show -p NTPSynchronized --value 2>/dev/null)
if [ -z "$state" ] && command -v chronyc >/dev/null 2>&1; then
    if chronyc -n tracking 2>/dev/null | grep -q '^Leap status *: Normal'; then state=yes; else state=no; fi
fi
case $state in
    yes) printf 'kept in time\n' ;;
    no)
        printf 'NOT kept in time\n'
        attention=1
        ;;
    *) printf 'not known whether it is kept in time\n' ;;
esac

printf '\nBusiest programs:\n'
if busiest=$(ps -eo pid,user,pcpu,pmem,comm --sort=-pcpu 2>/dev/null); then
    printf '%s\n' "$busiest" | head -n 6
else
    printf '  not known: ps cannot sort them here\n'
fi
exit "$attention"
