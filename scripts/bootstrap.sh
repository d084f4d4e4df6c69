#!/usr/bin/env bash
# Installs what the recipe needs and is not here yet. Never asks; says nothing when all is there.
# Usage: scripts/bootstrap.sh run|test|platforms
set -euo pipefail

readonly NODE_MINIMUM=20.19.0
readonly CARGO_MINIMUM=1.95.0

fail() {
    printf 'bootstrap: %s\n' "$*" >&2
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# at_least HAVE WANTED, both like 1.2.3
at_least() {
    local -a have_parts wanted_parts
    IFS=. read -ra have_parts <<<"$1"
    IFS=. read -ra wanted_parts <<<"$2"
    local index
    for index in 0 1 2; do
        local left=${have_parts[index]:-0} right=${wanted_parts[index]:-0}
        left=${left%%[!0-9]*} right=${right%%[!0-9]*}
        ((10#${left:-0} > 10#${right:-0})) && return 0
        ((10#${left:-0} < 10#${right:-0})) && return 1
    done
    return 0
}

as_root() {
    if [[ $(id -u) == 0 ]]; then
        "$@"
    elif have sudo; then
        sudo -n "$@" 2>/dev/null || sudo "$@"
    else
        fail "these packages must be installed by root: ${missing[*]}"
    fi
}

missing=()

# want PACKAGE TEST...: the package is missing unless the test succeeds
want() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

any_file() {
    local path
    for path in "$@"; do
        [[ -e $path ]] && return 0
    done
    return 1
}

has_postgres() {
    any_file /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb /usr/libexec/postgresql*/initdb \
        /opt/homebrew/opt/postgresql*/bin/initdb || have initdb
}

has_chromium() {
    have chromium || have chromium-browser || have google-chrome || have google-chrome-stable
}

want_for_build() {
    want gcc have cc
    want libc6-dev any_file /usr/include/stdio.h /opt/homebrew /Library/Developer
    want make have make
    want pkg-config have pkg-config
    want git have git
    want curl have curl
    want ca-certificates any_file /etc/ssl/certs/ca-certificates.crt /etc/ssl/cert.pem /etc/pki/tls/certs/ca-bundle.crt
    want postgresql has_postgres
    if ! have cargo && debian_offers_rust; then
        missing+=(rustc-web cargo-web)
    fi
}

# Debian 12 and later carry a second, current Rust for building browsers.
debian_offers_rust() {
    have apt-cache || return 1
    local version
    version=$(apt-cache policy cargo-web 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9.]*\).*/\1/p')
    [[ -n $version ]] && at_least "$version" "$CARGO_MINIMUM"
}

want_for_platforms() {
    want rustc-web any_file /usr/bin/rustc
    want cargo-web any_file /usr/bin/cargo
    want rust-web-src any_file /usr/lib/rustlib/src/rust/library/Cargo.toml
    want gcc-mingw-w64-x86-64-win32 have x86_64-w64-mingw32-gcc
    want wine have wine
    want wine64 any_file /usr/lib/wine/wine64 /usr/bin/wine64
}

# Debian's package makes and starts a cluster of its own unless told otherwise; GuruRMM has no use for it.
forbid_postgres_cluster() {
    local conf=/etc/postgresql-common/createcluster.conf
    [[ -e $conf ]] && return
    as_root mkdir -p /etc/postgresql-common
    printf 'create_main_cluster = false\n' | as_root tee "$conf" >/dev/null
}

install_missing() {
    ((${#missing[@]} == 0)) && return
    have apt-get || fail "please install what these Debian packages hold, then try again: ${missing[*]}"
    printf 'bootstrap: installing %s\n' "${missing[*]}"
    [[ " ${missing[*]} " == *" postgresql "* ]] && forbid_postgres_cluster
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Options::=--force-confold "${missing[@]}" </dev/null
}

require_node() {
    local advice="Install Node.js $NODE_MINIMUM or newer from https://nodejs.org/en/download"
    if ! have node || ! have npm; then
        fail "Node.js is missing. $advice"
    fi
    local version
    version=$(node --version)
    at_least "${version#v}" "$NODE_MINIMUM" || fail "Node.js $version is too old. $advice"
}

require_cargo() {
    local advice="Install Rust $CARGO_MINIMUM or newer from https://rustup.rs"
    have cargo || fail "cargo is missing. $advice"
    local version
    read -r _ version _ <<<"$(cargo --version)"
    at_least "$version" "$CARGO_MINIMUM" || fail "cargo $version is too old. $advice (or: rustup update stable)"
}

# Compiled once, kept in ~/.cargo/bin.
want_cargo_program() {
    have "$1" && return
    printf 'bootstrap: compiling %s (once)\n' "$1"
    cargo install --locked --quiet "$1"
}

main() {
    case ${1:-} in
        run) want_for_build ;;
        test)
            want_for_build
            want chromium has_chromium
            ;;
        platforms)
            want_for_build
            want_for_platforms
            ;;
        *) fail "usage: scripts/bootstrap.sh run|test|platforms" ;;
    esac
    [[ -d $HOME/.cargo/bin ]] && PATH=$PATH:$HOME/.cargo/bin
    install_missing
    require_cargo
    require_node
    if [[ $1 == test ]]; then
        if ! have cargo-clippy || ! have cargo-fmt; then
            fail 'clippy or rustfmt is missing: rustup component add clippy rustfmt'
        fi
        want_cargo_program cargo-nextest
        want_cargo_program cargo-deny
    fi
}

main "$@"
