#!/usr/bin/env bash
# Installs what the recipes need and is not here yet. Never asks; says nothing when all is there.
# Usage: scripts/bootstrap.sh run|test|check|bench|dist|fuzz|fuzz-api|platforms...
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# debootstrap and others lie where only root looks
PATH="$PATH:/usr/sbin:/sbin"

readonly NODE_MINIMUM=20.19.0
readonly CARGO_MINIMUM=1.95.0
readonly POSTGRES_MINIMUM=15
# Versions that build with CARGO_MINIMUM; whatever is installed already will do.
readonly NEXTEST=0.9.151
readonly DENY=0.20.2
readonly ZIG=0.17.0
readonly ZIGBUILD=0.24.0
# On a freshly booted machine the system's own updates hold apt's lock for minutes.
readonly APT=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)

fail() {
    printf 'bootstrap: %s\n' "$*" >&2
    exit 1
}

say() {
    printf 'bootstrap: %s\n' "$*"
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

can_ask_for_a_password() {
    : </dev/tty
} 2>/dev/null

as_root() {
    if [[ $(id -u) == 0 ]]; then
        "$@"
    elif have sudo && { sudo -n true 2>/dev/null || can_ask_for_a_password; }; then
        sudo "$@"
    else
        fail "root must install these packages first: apt-get install ${missing[*]}"
    fi
}

missing=()

# want PACKAGE TEST...: the package is missing unless the test succeeds
want() {
    local package=$1
    shift
    [[ " ${missing[*]} " == *" $package "* ]] || "$@" >/dev/null 2>&1 || missing+=("$package")
}

any_file() {
    local path
    for path in "$@"; do
        [[ -e $path ]] && return 0
    done
    return 1
}

# Files of one name come from different packages: /usr/bin/rustc is Debian's old Rust or its current one.
is_installed() {
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# The version that apt would install, without what the distribution adds to it.
candidate() {
    have apt-cache || return 0
    apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9]*:\)\{0,1\}\([0-9.]*\).*/\2/p'
}

# The same places that the server looks in (crates/embedded-postgres/src/binaries.rs).
has_postgres() {
    local server version
    for server in /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres /usr/libexec/postgresql*/postgres \
        /opt/homebrew/opt/postgresql*/bin/postgres /usr/local/opt/postgresql*/bin/postgres "$(command -v postgres)"; do
        [[ -x $server && -x ${server%/*}/initdb && -x ${server%/*}/pg_dump ]] || continue
        read -r _ _ version _ <<<"$("$server" --version)"
        at_least "$version" "$POSTGRES_MINIMUM" && return 0
    done
    return 1
}

has_chromium() {
    have chromium || have chromium-browser || have google-chrome || have google-chrome-stable
}

want_for_build() {
    want gcc have cc
    want libc6-dev any_file /usr/include/stdio.h /opt/homebrew /Library/Developer
    want ca-certificates any_file /etc/ssl/certs/ca-certificates.crt /etc/ssl/cert.pem /etc/pki/tls/certs/ca-bundle.crt
    want postgresql has_postgres
    if ! have cargo && debian_offers_rust; then
        missing+=(rustc-web cargo-web)
    fi
}

# Debian 12 and later carry a second, current Rust for building browsers.
debian_offers_rust() {
    local version
    version=$(candidate cargo-web)
    [[ -n $version ]] && at_least "$version" "$CARGO_MINIMUM"
}

want_for_dist() {
    want git have git
    want rustc-web is_installed rustc-web
    want cargo-web is_installed cargo-web
    want rust-web-src any_file /usr/lib/rustlib/src/rust/library/Cargo.toml
    want gcc-mingw-w64-x86-64-win32 have x86_64-w64-mingw32-gcc
    want gcc-mingw-w64-i686-win32 have i686-w64-mingw32-gcc
    want llvm any_file /usr/bin/llvm-lipo*
    want python3-venv python3 -c 'import ensurepip, venv'
}

want_for_platforms() {
    want_for_dist
    want curl have curl
    want qemu-user-static have qemu-aarch64-static
    want debootstrap have debootstrap
    want systemd-container have systemd-nspawn
    want wine have wine
    want wine64 any_file /usr/lib/wine/wine64 /usr/bin/wine64
}

# Debian's package makes and starts a cluster of its own unless told otherwise; GuruRMM has no use for it.
forbid_postgres_cluster() {
    local conf=/etc/postgresql-common/createcluster.conf
    grep -qs '^[[:space:]]*create_main_cluster' "$conf" && return
    as_root mkdir -p "${conf%/*}"
    printf 'create_main_cluster = false\n' | as_root tee -a "$conf" >/dev/null
}

require_postgres_candidate() {
    local version
    version=$(candidate postgresql)
    [[ -z $version ]] || at_least "$version" "$POSTGRES_MINIMUM" || fail "this system offers PostgreSQL $version, and" \
        "$POSTGRES_MINIMUM or newer is needed: see https://www.postgresql.org/download/"
}

install_missing() {
    ((${#missing[@]} == 0)) && return
    have apt-get || fail "please install what these Debian packages hold, then try again: ${missing[*]}"
    say "installing ${missing[*]}"
    # one broken source of something else is no reason to give up: whether the packages are to be had, the next step says
    as_root "${APT[@]}" update || say 'apt-get update failed; going on with what is known'
    if [[ " ${missing[*]} " == *" postgresql "* ]]; then
        require_postgres_candidate
        forbid_postgres_cluster
    fi
    as_root "${APT[@]}" install -y --no-install-recommends -o Dpkg::Options::=--force-confold "${missing[@]}" </dev/null ||
        fail "could not install ${missing[*]}; its messages are above"
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
    say "compiling $1 (once)"
    cargo install --locked --quiet --version "$2" "$1"
}

require_lints() {
    if ! have cargo-clippy || ! have cargo-fmt; then
        fail 'clippy or rustfmt is missing: rustup component add clippy rustfmt'
    fi
}

# zig links what gcc cannot: musl for two processors, and macOS. From PyPI, in a folder of its own.
fetch_zig() {
    local cross="${XDG_CACHE_HOME:-$HOME/.cache}/gururmm/cross" stamp="$ZIG $ZIGBUILD"
    [[ -e $cross/versions && $(<"$cross/versions") == "$stamp" ]] && return
    say "fetching zig $ZIG and cargo-zigbuild $ZIGBUILD"
    rm -rf "$cross"
    python3 -m venv "$cross"
    "$cross/bin/pip" install --quiet --disable-pip-version-check --no-deps "ziglang==$ZIG" "cargo-zigbuild==$ZIGBUILD"
    printf '%s' "$stamp" >"$cross/versions"
}

# From PyPI, in a folder of its own; each file must be one of those that the list names by its SHA-256.
fetch_schemathesis() {
    local list=scripts/schemathesis/requirements.txt venv="${XDG_CACHE_HOME:-$HOME/.cache}/gururmm/schemathesis"
    cmp --quiet "$list" "$venv/requirements.txt" && return
    say "fetching $(grep --max-count=1 '^schemathesis==' "$list" | cut -d' ' -f1)"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --requirement "$list"
    cp "$list" "$venv/"
}

# fetch_yardstick PACKAGE FOLDER: what `make bench` measures beside us. Unpacked, not installed: the package would start a service.
fetch_yardstick() {
    local name=$1 yardsticks="${CARGO_TARGET_DIR:-target}/yardsticks" folder
    if have "$name" || [[ -x $yardsticks/$name ]]; then
        return
    fi
    if ! have apt-get || ! have dpkg-deb; then
        fail "$name is missing: put it into the PATH"
    fi
    say "fetching $name"
    missing=("$name")
    [[ -n $(candidate "$name") ]] || as_root "${APT[@]}" update
    folder=$(mktemp -d)
    (cd "$folder" && apt-get -qq -o APT::Sandbox::User="$(id -un)" download "$name" && dpkg-deb --extract ./*.deb .)
    mkdir -p "$yardsticks"
    mv "$folder/$2/$name" "$yardsticks/"
    rm -r "$folder"
}

# Cargo knows a file by its place in the clone and its time, so another clone's older build would count as built from this one.
claim_build_folder() {
    local stamp="${CARGO_TARGET_DIR:-target}/.clone"
    [[ -e $stamp && $(<"$stamp") == "$PWD" ]] && return
    find crates xtask dashboard/dist -type f -exec touch --no-create {} + 2>/dev/null || true
    mkdir -p "$(dirname "$stamp")"
    printf '%s' "$PWD" >"$stamp"
}

want_packages_for() {
    want_for_build
    case $1 in
        run | check) ;;
        test)
            want chromium has_chromium
            want procps have ps
            ;;
        bench)
            want_for_dist
            want wrk have wrk
            ;;
        dist) want_for_dist ;;
        fuzz) want g++ have g++ ;;
        fuzz-api) want python3-venv python3 -c 'import ensurepip, venv' ;;
        platforms) want_for_platforms ;;
        *) fail 'usage: scripts/bootstrap.sh run|test|check|bench|dist|fuzz|fuzz-api|platforms...' ;;
    esac
}

prepare_for() {
    case $1 in
        test) want_cargo_program cargo-nextest "$NEXTEST" ;;
        check)
            require_lints
            want_cargo_program cargo-deny "$DENY"
            ;;
        bench)
            fetch_zig
            fetch_yardstick prometheus-node-exporter usr/bin
            fetch_yardstick nats-server usr/sbin
            ;;
        dist | platforms) fetch_zig ;;
        fuzz-api) fetch_schemathesis ;;
    esac
}

main() {
    local recipe
    (($# > 0)) || fail 'usage: scripts/bootstrap.sh run|test|check|bench|dist|fuzz|fuzz-api|platforms...'
    [[ -n ${HOME:-} ]] || fail 'HOME is not set: builds are kept below it'
    # rustup is there before a new shell knows
    PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
    for recipe in "$@"; do
        want_packages_for "$recipe"
    done
    install_missing
    require_cargo
    require_node
    claim_build_folder
    for recipe in "$@"; do
        prepare_for "$recipe"
    done
}

main "$@"
