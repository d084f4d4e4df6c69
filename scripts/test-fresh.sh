#!/usr/bin/env bash
# The newcomer: a fresh Debian in a container with nothing but Rust, Node.js and make, and the caches of cargo and npm filled.
# In it `make run` until this machine is online, then `make test`; both a second time, when nothing may be done again. Prints the
# lines of the table "Times" in docs/PERFORMANCE.md. Run by root; takes about an hour and 25 GB.
# Usage: scripts/test-fresh.sh prepare|root|user|all
#   prepare   only make the system and see that Rust, Node.js and make work in it, for both users
#   FRESH_ROOT=DIR      a Debian 12 made before, which is copied and not changed (default: made by debootstrap, kept in the cache)
#   FRESH_WORK=DIR      where the copies go (default: below /var/tmp)
#   FRESH_OPTIONS='…'   more options for systemd-nspawn
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly ROOT="${FRESH_ROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/gururmm/debian-12}"
readonly WORK="${FRESH_WORK:-/var/tmp/gururmm-fresh}"
# What a machine may need to reach the network, handed on when it is set here.
readonly NETWORK=(http_proxy https_proxy no_proxy SSL_CERT_FILE NODE_EXTRA_CA_CERTS CARGO_HTTP_CAINFO)
readonly INSIDE_PATH=/opt/rust/bin:/opt/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

rows=()

fail() {
    printf 'test-fresh: %s\n' "$*" >&2
    exit 1
}

say() {
    printf -- '--- %s\n' "$*"
}

require() {
    [[ $(id -u) == 0 ]] || fail 'only root can make containers'
    local program
    for program in debootstrap systemd-nspawn cargo node npm git; do
        command -v "$program" >/dev/null || fail "$program is missing (apt-get install debootstrap systemd-container)"
    done
}

make_root() {
    [[ -e $ROOT/etc/debian_version ]] && return
    say "debootstrap in $ROOT"
    rm -rf "$ROOT.new"
    mkdir -p "$(dirname "$ROOT")"
    debootstrap --variant=minbase --include=ca-certificates,make,sudo bookworm "$ROOT.new"
    mv "$ROOT.new" "$ROOT"
}

# The program and npm, as an unpacked download from nodejs.org has them.
copy_node() {
    local target=$1/opt/node npm
    npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
    mkdir -p "$target/bin" "$target/lib/node_modules"
    cp --dereference "$(command -v node)" "$target/bin/node"
    cp --archive "$npm" "$target/lib/node_modules/npm"
    ln -s ../lib/node_modules/npm/bin/npm-cli.js "$target/bin/npm"
    ln -s ../lib/node_modules/npm/bin/npx-cli.js "$target/bin/npx"
}

# Downloads, not what was made from them.
copy_caches() {
    local home=$1 cargo=${CARGO_HOME:-$HOME/.cargo} part
    mkdir -p "$home/.cargo/registry"
    for part in index cache; do
        [[ ! -d $cargo/registry/$part ]] || cp --archive "$cargo/registry/$part" "$home/.cargo/registry/"
    done
    [[ ! -d $HOME/.npm ]] || cp --archive "$HOME/.npm" "$home/"
}

# What is committed and what is not yet, without results.
copy_clone() {
    mkdir -p "$1"
    git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from=- --ignore-failed-read | tar --extract --directory="$1"
}

# fresh_machine USER: a copy of the root in which USER has just cloned the repository
fresh_machine() {
    local user=$1 machine=$WORK/$1 home=/root
    say "a fresh machine for $user in $machine"
    rm -rf "$machine"
    mkdir -p "$WORK"
    cp --archive --reflink=auto "$ROOT" "$machine"
    cp --archive --dereference "$(rustc --print sysroot)" "$machine/opt/rust"
    copy_node "$machine"
    if [[ $user != root ]]; then
        home=/home/$user
        inside root "useradd --create-home --shell /bin/bash $user"
        inside root 'command -v sudo >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends sudo; }'
        printf '%s ALL=(ALL) NOPASSWD: ALL\n' "$user" >"$machine/etc/sudoers.d/newcomer"
    fi
    copy_caches "$machine$home"
    copy_clone "$machine$home/gururmm"
    cp scripts/test-fresh/inside.sh scripts/test-fresh/online.mjs "$machine/opt/"
    inside root "chown -R $user: $home"
}

# inside USER SCRIPT: runs it in the machine that `fresh_machine` made last
inside() {
    local user=$1 home=/root name options=()
    [[ $user == root ]] || home=/home/$user
    for name in "${NETWORK[@]}"; do
        [[ -n ${!name:-} ]] || continue
        options+=(--setenv="$name=${!name}")
        [[ ! -f ${!name} ]] || options+=(--bind-ro="${!name}")
    done
    # shellcheck disable=SC2206  # several options in one variable
    options+=(${FRESH_OPTIONS:-})
    systemd-nspawn --quiet --directory="$machine" --as-pid2 --register=no --keep-unit --user="$user" --setenv=HOME="$home" \
        --setenv=PATH="$INSIDE_PATH" "${options[@]}" /bin/bash -euc "$2" </dev/null
}

# measure USER LABEL: both recipes twice
measure() {
    local user=$1 label=$2 machine=$WORK/$1 home=/root times
    [[ $user == root ]] || home=/home/$user
    fresh_machine "$user"
    # shellcheck disable=SC2016  # for the shell inside
    inside "$user" 'cd ~/gururmm && bash /opt/inside.sh'
    times="$machine$home/newcomer-times"
    rows+=("| \`make run\` until the machine is online, $label | $(value "$times" run-cold) | $(value "$times" run-warm) |")
    rows+=("| \`make test\`, $label | $(value "$times" test-cold) | $(value "$times" test-warm) |")
}

value() {
    sed -n "s/^$2 //p" "$1"
}

prepare() {
    local user machine
    for user in root newcomer; do
        machine=$WORK/$user
        fresh_machine "$user"
        # shellcheck disable=SC2016  # for the shell inside
        inside "$user" 'cd ~/gururmm && id -un && cargo --version && node --version && npm --version && make help >/dev/null && ! command -v postgres'
    done
    say 'both machines work'
}

main() {
    require
    make_root
    case ${1:-} in
        prepare) prepare ;;
        root) measure root root ;;
        user) measure newcomer 'user with sudo' ;;
        all)
            measure root root
            measure newcomer 'user with sudo'
            ;;
        *) fail 'usage: scripts/test-fresh.sh prepare|root|user|all' ;;
    esac
    if ((${#rows[@]} > 0)); then
        printf '\n%s, %s cores, %s\n' "$(date --utc +%F)" "$(nproc)" "$(sed -n 's/^MemTotal: *//p' /proc/meminfo)"
        printf '%s\n' "${rows[@]}"
    fi
}

main "$@"
