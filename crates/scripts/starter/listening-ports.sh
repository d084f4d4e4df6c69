#!/bin/sh
# /// gururmm
# interpreter = "sh"
# name = "Listening ports"
# folder = "Linux"
# description = """
# Lists the ports on which programs of this machine listen, and which programs they are. Changes nothing.
# Name the ports that are expected to be told of others: the script then ends with 1 when a port that others can reach is not among them."""
# platforms = ["linux"]
# context = "system"
# elevated = true
# timeout_seconds = 60
#
# [[parameters]]
# name = "protocol"
# label = "Protocol"
# kind = "choice"
# default = "all"
# choices = ["all", "tcp", "udp"]
#
# [[parameters]]
# name = "expected"
# label = "Expected ports, with commas between them"
# kind = "string"
# max_length = 1000
# ///
set -u
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL PATH

wrong() {
    printf '%s\n' "$1" >&2
    exit 2
}

protocol=${PARAM_PROTOCOL:-all}
expected=${PARAM_EXPECTED:-}
case $protocol in
    all) which=tu ;;
    tcp) which=t ;;
    udp) which=u ;;
    *) wrong 'The protocol must be all, tcp or udp.' ;;
esac
case $expected in
    *[!0-9,\ ]*) wrong 'The expected ports must be numbers with commas between them, such as 22,443.' ;;
esac

if command -v ss >/dev/null 2>&1; then
    # a protocol alone has no column of its own
    sockets=$(ss -Hlnp"$which" 2>/dev/null | awk -v only="$protocol" '
        only != "all" { $0 = only " " $0 }
        { process = $7; for (i = 8; i <= NF; i++) process = process " " $i; print $1, $5, process }')
elif command -v netstat >/dev/null 2>&1; then
    sockets=$(netstat -lnp"$which" 2>/dev/null | awk '
        /^tcp/ { print $1, $4, $7 }
        /^udp/ { print $1, $4, ($6 == "" ? $5 : $6) }')
else
    printf 'Neither ss nor netstat is here, so the ports are not known.\n'
    exit 1
fi

if [ -z "$sockets" ]; then
    printf 'Nothing listens (%s).\n' "$protocol"
    exit 0
fi
printf '%s\n' "$sockets" | sort -u | awk -v expected="$expected" '
    BEGIN {
        count = split(expected, list, /[, ]+/)
        for (i = 1; i <= count; i++) if (list[i] != "") { known[list[i] + 0] = 1; is_told = 1 }
        printf "%-6s %-6s %-40s %s\n", "PROTO", "PORT", "ADDRESS", "PROGRAM"
    }
    {
        port = $2
        sub(/^.*:/, "", port)
        address = $2
        sub(/:[^:]*$/, "", address)
        process = $3
        for (i = 4; i <= NF; i++) process = process " " $i
        gsub(/users:|[()"]/, "", process)
        is_local = address ~ /^(127\.|\[::1\]|::1)/
        is_odd = is_told && !is_local && !((port + 0) in known)
        printf "%-6s %-6s %-40s %s%s\n", $1, port, address, process == "" ? "?" : process, is_odd ? "  <- not expected" : ""
        odd += is_odd
    }
    END {
        if (odd) { printf "\n%d are not expected.\n", odd; exit 1 }
    }'
