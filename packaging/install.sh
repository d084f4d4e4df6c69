#!/bin/sh
# Installs the GuruRMM agent on Linux with systemd and enrols this machine.
#
#   curl -fsSL __SERVER_ORIGIN__/install.sh | sudo sh -s -- --server __SERVER_ORIGIN__ --site-key KEY
#
# Running it again updates the program and keeps the machine's identity. The key can also come in GURURMM_SITE_KEY, which no
# log of sudo and no history of a shell keeps. --allow-insecure accepts a server without TLS that is not on this machine: keys
# travel in the clear then, and whoever is in between can hand out another program. GURURMM_ROOT puts the files below another
# directory and leaves systemd alone: for images and tests.
#
# Everything is inside a function that is called in the last line, so half a download does nothing.

gururmm_install() {
    set -eu
    umask 022

    server='__SERVER_ORIGIN__'
    site_key=${GURURMM_SITE_KEY:-}
    root=${GURURMM_ROOT:-}
    allow_insecure=''

    say() {
        printf '%s\n' "$*"
    }

    fail() {
        printf 'GuruRMM was not installed: %s\n' "$*" >&2
        exit 1
    }

    # Whether an http address leads nowhere but to this machine.
    is_local() {
        host=${1#http://}
        host=${host%%/*}
        case $host in
            *@* | 127.*[!0-9.:]*) return 1 ;;
            localhost | localhost:* | 127.* | '[::1]' | '[::1]:'*) return 0 ;;
            *) return 1 ;;
        esac
    }

    while [ $# -gt 0 ]; do
        case $1 in
            --server | --site-key)
                [ $# -ge 2 ] || fail "$1 needs a value"
                if [ "$1" = --server ]; then server=${2%/}; else site_key=$2; fi
                shift 2
                ;;
            --server=*)
                server=${1#*=}
                server=${server%/}
                shift
                ;;
            --site-key=*)
                site_key=${1#*=}
                shift
                ;;
            --allow-insecure)
                allow_insecure=--allow-insecure
                shift
                ;;
            -h | --help)
                say "usage: install.sh --server https://rmm.example.com --site-key KEY"
                return 0
                ;;
            *) fail "unknown argument: $1" ;;
        esac
    done

    case $server in
        https://*) protocols='=https' no_redirect=--max-redirect=0 ;;
        http://*)
            protocols='=http,https' no_redirect=''
            # what is downloaded runs as root: this is not only about the key
            [ -n "$allow_insecure" ] || is_local "$server" \
                || fail "$server has no TLS; use https, or --allow-insecure in a network that you trust"
            ;;
        *) fail "give the server's address: --server https://rmm.example.com" ;;
    esac

    [ "$(id -u)" = 0 ] || [ -n "$root" ] || fail "only root may install it. Put 'sudo' before 'sh'"
    [ "$(uname -s)" = Linux ] || fail "this installer is for Linux; this machine runs $(uname -s)"
    if [ -z "$root" ] && [ ! -d /run/systemd/system ]; then
        fail "this machine does not run systemd, which starts the agent"
    fi
    case $(uname -m) in
        x86_64 | amd64) arch=x86_64 ;;
        aarch64 | arm64) arch=aarch64 ;;
        *) fail "there is no agent for the architecture $(uname -m)" ;;
    esac
    if command -v curl >/dev/null 2>&1; then
        # -S says what went wrong, -f makes an error page an error
        fetch() {
            curl -fsSL --proto "$protocols" --proto-redir "$protocols" --retry 3 --connect-timeout 20 -o "$2" "$1"
        }
    elif command -v wget >/dev/null 2>&1; then
        # that of busybox follows to any protocol, and cannot be told not to
        wget --help 2>&1 | grep -q max-redirect || no_redirect=''
        # shellcheck disable=SC2086 # empty or one word
        fetch() { wget -q -T 20 -t 3 $no_redirect -O "$2" "$1"; }
    else
        fail "neither curl nor wget is installed"
    fi
    command -v sha256sum >/dev/null 2>&1 || fail "sha256sum is not installed (package coreutils)"

    bin_dir=$root/usr/local/bin
    unit_dir=$root/etc/systemd/system
    program=$bin_dir/gururmm-agent
    mkdir -p "$bin_dir" "$unit_dir"
    # beside the target: renaming inside one file system is one step, also over a program that is running
    fresh=$(mktemp "$bin_dir/.gururmm-agent.XXXXXX")
    sum=$(mktemp)
    trap 'rm -f "$fresh" "$sum"' EXIT
    trap 'exit 1' HUP INT TERM

    url=$server/downloads/agent/linux/$arch
    say "Downloading the agent from $url"
    fetch "$url" "$fresh" || fail "the download of $url failed. Can this machine reach the server?"
    fetch "$url.sha256" "$sum" || fail "the download of $url.sha256 failed"
    wanted=$(cut -d' ' -f1 "$sum")
    actual=$(sha256sum "$fresh" | cut -d' ' -f1)
    [ "$wanted" = "$actual" ] || fail "the download is damaged (SHA-256 $actual instead of $wanted). Try again"
    chmod 0755 "$fresh"
    "$fresh" --version >/dev/null 2>&1 || fail "the downloaded agent does not run on this machine"
    mv -f "$fresh" "$program"

    if [ -n "$root" ]; then
        set -- --state-dir "$root/var/lib/gururmm"
    else
        set --
    fi
    status=$("$program" "$@" status --json 2>/dev/null || true)
    if printf '%s' "$status" | grep -q '"removed_at": *"'; then
        say "The server has removed this machine; it is enrolled anew."
        "$program" "$@" unenroll --force >/dev/null
        status=''
    fi
    if printf '%s' "$status" | grep -q '"enrolled": *true'; then
        say "This machine is enrolled already; its identity is kept."
    else
        [ -n "$site_key" ] || fail "give a site key: --site-key KEY (the dashboard makes one under 'Add a machine')"
        say "Enrolling this machine"
        # by environment: arguments can be read by every user of this machine
        # shellcheck disable=SC2086 # empty or one word
        GURURMM_SITE_KEY=$site_key "$program" "$@" enroll --server "$server" $allow_insecure \
            || fail "the server did not accept this machine; the reason stands above"
    fi

    # the same as packaging/linux/gururmm-agent.service
    unit=$unit_dir/gururmm-agent.service
    cat >"$unit.new" <<'UNIT'
[Unit]
Description=GuruRMM agent
Wants=network-online.target
After=network-online.target
# A server that is away for days must not make systemd give up.
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart=/usr/local/bin/gururmm-agent run
Restart=always
RestartSec=5
# not enrolled, or removed by the server: starting again would change nothing
RestartPreventExitStatus=4 78
# The agent answers within its own loop; one that hangs is replaced.
WatchdogSec=120
TimeoutStartSec=60
TimeoutStopSec=30

# Modes and owners are the agent's to keep: everything here is for root alone.
RuntimeDirectory=gururmm
RuntimeDirectoryMode=0700
StateDirectory=gururmm
StateDirectoryMode=0700
ConfigurationDirectory=gururmm
ConfigurationDirectoryMode=0700
UMask=0077

# Technicians administer the whole machine through the agent, so its file system is not closed to it. What follows does
# not hinder an administrator.
LockPersonality=yes
ProtectKernelLogs=no
RestrictRealtime=yes
OOMScoreAdjust=-500
# Each command gets a control group below the agent's, so that it ends with everything it started.
Delegate=yes

[Install]
WantedBy=multi-user.target
UNIT
    chmod 0644 "$unit.new"
    mv -f "$unit.new" "$unit"
    if [ -n "$root" ]; then
        say "The GuruRMM agent is installed below $root; systemd was not touched."
        return 0
    fi
    systemctl daemon-reload
    systemctl enable --quiet gururmm-agent.service
    systemctl restart gururmm-agent.service \
        || fail "the agent did not start. See: journalctl -u gururmm-agent -n 50"
    say "The GuruRMM agent is installed and running. See: systemctl status gururmm-agent"
}

gururmm_install "$@"
