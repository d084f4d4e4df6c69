#!/usr/bin/env bash
# What the newcomer does, in the clone: `make run` until this machine is online, then `make test`; and both once more. Writes
# `run-cold 321 s` and the like to ~/newcomer-times, which outlives the container (its /tmp does not).
set -euo pipefail

readonly ORIGIN=http://localhost:3001
readonly TIMES=$HOME/newcomer-times
# what is printed when something is made or installed that was there already
readonly REDONE='Compiling |npm ci|: build$|^bootstrap: '

fail() {
    printf 'newcomer: %s\n' "$*" >&2
    exit 1
}

took() {
    printf '%s %s s\n' "$1" "$((SECONDS - $2))" | tee -a "$TIMES"
}

require_nothing_redone() {
    ! grep -nE "$REDONE" "$1" || fail "the second time did work again; see above"
}

# run NAME: starts everything, waits until this machine is online, stops it as a person does
run() {
    local began=$SECONDS log=/tmp/$1.log make
    printf -- '--- make run (%s)\n' "$1"
    make run >"$log" 2>&1 &
    make=$!
    if ! node /opt/online.mjs "$ORIGIN" "$log" "$make"; then
        tail -50 "$log" >&2
        fail "make run did not bring this machine online"
    fi
    took "$1" "$began"
    kill -TERM "$make"
    wait "$make" || true
    ! (exec 3<>/dev/tcp/localhost/3001) 2>/dev/null || fail 'make run was stopped and the server goes on'
}

tests() {
    local began=$SECONDS log=/tmp/$1.log
    printf -- '--- make test (%s)\n' "$1"
    if ! make test >"$log" 2>&1; then
        tail -150 "$log" >&2
        fail "make test failed"
    fi
    took "$1" "$began"
}

main() {
    : >"$TIMES"
    run run-cold
    tests test-cold
    run run-warm
    require_nothing_redone /tmp/run-warm.log
    tests test-warm
    require_nothing_redone /tmp/test-warm.log
}

main "$@"
