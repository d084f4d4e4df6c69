#!/usr/bin/env bash
# Asks a real server everything that its document allows and much that it forbids, as nobody, as a viewer and as an owner. What must be true
# of the answers stands in scripts/schemathesis/schemathesis.toml. The same requests each time. Usage: scripts/schemathesis.sh
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/gururmm"
readonly RELEASE="${CARGO_TARGET_DIR:-$CACHE/target}/release"
readonly WAIT_SECONDS=60
# The network that all requests come from may try as often as it likes: what lies behind the limits is to be reached.
readonly UNLIMITED=(GURURMM_RATE_LIMITS__LOGIN_PER_MINUTE=1000000 GURURMM_RATE_LIMITS__LOGIN_PER_ACCOUNT_PER_MINUTE=1000000
    GURURMM_RATE_LIMITS__LOGIN_PER_ACCOUNT_PER_HOUR=1000000 GURURMM_RATE_LIMITS__ENROLL_PER_MINUTE=1000000)

work=$(mktemp -d)
readonly work
# the embedded database has a user of its own when root runs this
chmod 755 "$work"
server=''

clean_up() {
    if [[ -n $server ]]; then
        kill "$server" 2>/dev/null || true
        wait "$server" || true
    fi
    rm -rf "$work"
}
trap clean_up EXIT

fail() {
    printf 'schemathesis: %s\n' "$*" >&2
    [[ ! -e $work/log ]] || tail -n 20 "$work/log" | sed 's/^/    | /' >&2
    exit 1
}

# What the machine is set to is no matter of the test.
forget_settings() {
    local name
    while read -r name; do
        case $name in
            GURURMM_* | PG* | DATABASE_URL | NOTIFY_SOCKET) unset "$name" ;;
        esac
    done < <(compgen -e)
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start_server() {
    local port deadline=$((SECONDS + WAIT_SECONDS))
    port=$(free_port)
    export FUZZ_ORIGIN="http://127.0.0.1:$port"
    env "${UNLIMITED[@]}" GURURMM_METRICS_SECONDS=1 "$RELEASE/gururmm-server" serve --config /dev/null --data-dir "$work/data" \
        --listen "127.0.0.1:$port" --public-url "$FUZZ_ORIGIN" >"$work/console" 2>"$work/log" &
    server=$!
    until grep -q 'setup#token=' "$work/console"; do
        kill -0 "$server" 2>/dev/null || fail 'the server ended'
        ((SECONDS < deadline)) || fail 'the server does not start'
        sleep 0.1
    done
}

prepare() {
    cp scripts/schemathesis/schemathesis.toml "$work/"
    python3 scripts/schemathesis/prepare.py "$FUZZ_ORIGIN" "$(sed -n 's/.*setup#token=//p' "$work/console")" \
        "$RELEASE/gururmm-agent" "$work" >"$work/tokens" || fail 'the server could not be set up'
}

# ask WHO [ARGUMENT]...
ask() {
    printf -- '--- schemathesis as %s\n' "$1"
    shift
    "$CACHE/schemathesis/bin/schemathesis" --config-file "$work/schemathesis.toml" run openapi/api.json "$@" ||
        fail 'an answer is not what the document says: see above'
}

main() {
    local owner viewer
    forget_settings
    [[ -x $RELEASE/gururmm-server && -x $RELEASE/gururmm-agent ]] || fail 'build first: cargo build --release -p gururmm-server -p gururmm-agent'
    start_server
    prepare
    ask nobody --phases examples,coverage,fuzzing
    read -r owner viewer <"$work/tokens"
    ask viewer --phases examples,coverage --header "Authorization: Bearer $viewer"
    ask owner --header "Authorization: Bearer $owner"
    if grep -E ' (ERROR|panicked)' "$work/log"; then
        fail 'the server logged an error'
    fi
    kill "$server"
    wait "$server" || fail 'the server did not stop in order'
    server=''
}

main "$@"
