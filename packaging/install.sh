#!/bin/sh
# Installs the GuruRMM agent on Linux with systemd and enrols this machine.
#
#   curl -fsSL __SERVER_ORIGIN__/install.sh | sudo sh -s -- --server __SERVER_ORIGIN__ --site-key KEY
#
# Running it again updates the program and keeps the machine's identity; with a site key of another server it changes nothing.
# The key can also come in GURURMM_SITE_KEY, which no log of sudo and no history of a shell keeps. --allow-insecure accepts a
# server without TLS that is not on this machine: keys travel in the clear then, and whoever is in between can hand out another
# program. GURURMM_ROOT puts the files below another directory and leaves systemd alone: for images and tests.
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
        report "$*"
        exit 1
    }

    # A text as it may stand in JSON.
    json() {
        printf '%s' "$1" | LC_ALL=C tr -d '\000-\037' | sed 's/[\\"]/\\&/g'
    }

    # Tells the server that it failed, and at what: without it nobody who looks after this machine learns of it. The site key is
    # named by its hash. Whatever comes of it changes nothing.
    step=''
    report() {
        # without a step nothing can be told; at enrolling the agent tells it itself
        if [ -z "$step" ] || [ "$step" = enroll ] || [ -z "$site_key" ]; then return 0; fi
        hash=$(printf '%s' "$site_key" | tr -d '[:space:]' | sha256sum | cut -c 1-64)
        tell "{\"site_key_hash\":\"$hash\",\"hostname\":\"$(json "$(uname -n)")\",\"os\":\"linux\",\"arch\":\"$arch\",\"step\":\"$step\",\"message\":\"$(json "$1")\"}" \
            >/dev/null 2>&1 || true
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

    # A text of the identity file, which the agent writes as JSON; nothing when this machine is not enrolled.
    identity_text() {
        [ ! -r "$identity" ] || sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$identity"
    }

    # The fingerprint of the server that this machine trusts, in hexadecimal digits: half the SHA-256 of its public key.
    trusted_fingerprint() {
        key=$(identity_text server_public_key)
        [ -z "$key" ] || printf '%s\n' "$key" | base64 -d 2>/dev/null | sha256sum | cut -c 1-32
    }

    # The fingerprint of the server that a site key belongs to: base64url behind the point. What is before it is secret, and is
    # handed to no program.
    site_key_fingerprint() {
        case $1 in
            *grmm_site_*.*)
                # space around a key is no part of it
                printf '%s==' "${1##*.}" | tr -d '[:space:]' | tr '_-' '/+' | base64 -d 2>/dev/null | od -A n -v -t x1 | tr -d ' \n'
                ;;
        esac
    }

    # An agent keeps to the server that it was enrolled with; the one that gave the site key would wait for it for ever. One
    # that the server has removed keeps to nobody.
    check_same_server() {
        trusted=$(trusted_fingerprint)
        if [ -z "$site_key" ] || [ -z "$trusted" ] || [ -n "$(identity_text removed_at)" ]; then
            return 0
        fi
        given=$(site_key_fingerprint "$site_key")
        [ ${#given} = 32 ] || fail "this is no site key; copy the whole key from the dashboard, it begins with grmm_site_"
        [ "$given" != "$trusted" ] || return 0
        # with its whole path: not every sudo looks in /usr/local/bin
        leave="sudo systemctl stop gururmm-agent; sudo $program unenroll --force"
        [ -z "$root" ] || leave="$program --state-dir $root/var/lib/gururmm unenroll --force"
        fail "this machine is enrolled with $(identity_text server_url), and the site key belongs to another server, or to that" \
            "one after it got a new signing key. Nothing was changed. To leave the old one, run '$leave' first, then this line again"
    }

    # What the server explains in the body of an error, which is JSON in one line (RFC 9457).
    explanation() {
        LC_ALL=C sed -n -e '1s/^{.*"detail": *"\([^"\]*\).*/\1/p' -e 1q "$1"
    }

    # download URL FILE
    download() {
        answer=''
        fetch "$1" "$2" && return
        reason=$(explanation "$2")
        [ -z "$reason" ] || fail "the download of $1 failed. The server says: $reason"
        fail "the download of $1 failed${answer:+ (HTTP status $answer)}." \
            "Can this machine reach the server, and has the server an agent for linux/$arch?"
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
        # -S says what went wrong; without -f an error has a body, which tells why
        fetch() {
            answer=$(curl -sSL --proto "$protocols" --proto-redir "$protocols" --retry 3 --connect-timeout 20 \
                -w '%{http_code}' -o "$2" "$1") || { answer=''; return 1; }
            [ "$answer" = 200 ]
        }
        tell() {
            curl -sS --proto "$protocols" -m 10 -H 'content-type: application/json' --data-binary "$1" "$server/api/install-reports"
        }
    elif wget --version 2>/dev/null | grep -q 'GNU Wget'; then
        # shellcheck disable=SC2086 # empty or one word
        fetch() { wget -q --content-on-error -T 20 -t 3 $no_redirect -O "$2" "$1"; }
        # shellcheck disable=SC2086 # empty or one word
        tell() {
            wget -q -T 10 -t 1 $no_redirect --header='content-type: application/json' --post-data="$1" -O - "$server/api/install-reports"
        }
    else
        # that of busybox may check no certificate, and follows a redirect to any protocol
        fail "neither curl nor GNU Wget is on this machine, and another wget is not safe: install curl"
    fi
    for tool in sha256sum base64; do
        command -v "$tool" >/dev/null 2>&1 || fail "$tool is not installed (package coreutils)"
    done

    bin_dir=$root/usr/local/bin
    unit_dir=$root/etc/systemd/system
    program=$bin_dir/gururmm-agent
    identity=${root:+$root/var/lib/gururmm/identity.json}
    identity=${identity:-/etc/gururmm/identity.json}
    check_same_server

    step=download
    mkdir -p "$bin_dir" "$unit_dir"
    # beside the target: renaming inside one file system is one step, also over a program that is running
    fresh=$(mktemp "$bin_dir/.gururmm-agent.XXXXXX")
    sum=$(mktemp)
    trap 'rm -f "$fresh" "$sum"' EXIT
    trap 'exit 1' HUP INT TERM

    url=$server/downloads/agent/linux/$arch
    say "Downloading the agent from $url"
    download "$url" "$fresh"
    download "$url.sha256" "$sum"
    wanted=$(cut -d' ' -f1 "$sum")
    actual=$(sha256sum "$fresh" | cut -d' ' -f1)
    [ "$wanted" = "$actual" ] || fail "the download is damaged (SHA-256 $actual instead of $wanted). Try again"
    chmod 0755 "$fresh"
    step=start
    # such as a C library that is too old; a crash says nothing but its code
    reason=$("$fresh" --version 2>&1 >/dev/null) \
        || fail "the downloaded agent does not run on this machine: ${reason:-it ended with code $?}"
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
        step=enroll
        # by environment: arguments can be read by every user of this machine
        # shellcheck disable=SC2086 # empty or one word
        GURURMM_SITE_KEY=$site_key "$program" "$@" enroll --server "$server" $allow_insecure \
            || fail "the server did not accept this machine; the reason stands above"
    fi

    # the program knows the unit that fits it
    if [ -n "$root" ]; then
        "$program" service unit >"$unit_dir/gururmm-agent.service"
        say "The GuruRMM agent is installed below $root; systemd was not touched."
        return 0
    fi
    step=service
    "$program" service install \
        || fail "the agent did not start. See: journalctl -u gururmm-agent -n 50"
    say "The GuruRMM agent is installed and running. See: systemctl status gururmm-agent"
}

gururmm_install "$@"
