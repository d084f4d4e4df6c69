#!/usr/bin/env bash
# Proves on Linux what can be proved about the other platforms:
#   * the installer for Linux, run in a scratch root;
#   * the Windows agent: cross-built with Debian's Rust (its sources let the standard library be built for Windows) and
#     run under Wine. Wine 8 lacks two things that Rust programs need; scripts/wine/*.c stand in for them in tests only.
# Usage: scripts/test-platforms.sh [install|windows]    (both without an argument)
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/gururmm"
readonly WINDOWS_TARGET=x86_64-pc-windows-gnu
readonly WINDOWS_BUILD="$CACHE/target-windows"
readonly EXE="$WINDOWS_BUILD/$WINDOWS_TARGET/release/gururmm-agent.exe"

export WINEPREFIX="$CACHE/wine" WINEDEBUG=-all WINEDLLOVERRIDES='mscoree=;mshtml='

fail() {
    printf 'test-platforms: %s\n' "$*" >&2
    exit 1
}

pass() {
    printf 'ok  %s\n' "$*"
}

need() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null || fail "$program is missing: run scripts/bootstrap.sh platforms"
    done
}

build_windows_agent() {
    [[ -x /usr/bin/cargo && -x /usr/bin/rustc ]] || fail "Debian's cargo-web and rustc-web are missing: run scripts/bootstrap.sh platforms"
    printf -- '--- build the agent for %s\n' "$WINDOWS_TARGET"
    env -u RUSTUP_TOOLCHAIN -u RUSTC -u CARGO PATH="/usr/bin:$PATH" RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$WINDOWS_BUILD" \
        /usr/bin/cargo build --locked -Zbuild-std --release -p gururmm-agent --target "$WINDOWS_TARGET"
    [[ -s $EXE ]] || fail "$EXE was not built"
    pass "$(basename "$EXE") is built ($(du -h --apparent-size "$EXE" | cut -f1))"
}

# The prefix is made under another name and renamed, so that an interrupted run leaves nothing half-made.
prepare_wine() {
    local stamp
    stamp="$(cat scripts/wine/*.c scripts/test-platforms.sh | sha256sum | cut -d' ' -f1) $(wine --version 2>/dev/null)"
    if [[ -e $WINEPREFIX/prepared && $(<"$WINEPREFIX/prepared") == "$stamp" ]]; then
        return
    fi
    printf -- '--- prepare Wine in %s\n' "$WINEPREFIX"
    local final=$WINEPREFIX shims
    export WINEPREFIX="$final.new"
    rm -rf "$final" "$WINEPREFIX"
    mkdir -p "$WINEPREFIX"
    shims=$(mktemp -d)
    x86_64-w64-mingw32-gcc -O2 -shared -s -o "$shims/bcryptprimitives.dll" scripts/wine/bcryptprimitives.c -ladvapi32
    x86_64-w64-mingw32-gcc -O2 -shared -s -o "$shims/pdh.dll" scripts/wine/pdh.c
    timeout 300 wineboot --init
    timeout 120 wineserver -w
    cp "$shims"/*.dll "$WINEPREFIX/drive_c/windows/system32/"
    rm -rf "$shims"
    timeout 120 wine reg add 'HKCU\Software\Wine\DllOverrides' /v pdh /d native /f >/dev/null
    timeout 120 wine winecfg /v win10
    timeout 120 wineserver -k || true
    printf '%s' "$stamp" >"$WINEPREFIX/prepared"
    mv "$WINEPREFIX" "$final"
    export WINEPREFIX="$final"
}

agent() {
    timeout 120 wine "$EXE" "$@" </dev/null
}

test_windows_agent() {
    local wanted got
    wanted="gururmm-agent $(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)"
    got=$(agent --version | tr -d '\r')
    [[ $got == "$wanted" ]] || fail "--version printed '$got' instead of '$wanted'"
    pass "gururmm-agent.exe --version: $got"

    got=$(agent status --json | tr -d '\r') || true
    node -e '
        const status = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
        if (status.enrolled !== false) throw new Error("a fresh machine is not enrolled: " + JSON.stringify(status));
    ' <<<"$got" || fail "status --json printed: $got"
    pass "gururmm-agent.exe status --json: $got"
}

windows() {
    need x86_64-w64-mingw32-gcc wine wineserver wineboot node
    build_windows_agent
    prepare_wine
    trap 'timeout 30 wineserver -k || true' EXIT
    test_windows_agent
}

main() {
    case ${1:-all} in
        install) scripts/test-install.sh ;;
        windows) windows ;;
        all)
            scripts/test-install.sh
            windows
            ;;
        *) fail 'usage: scripts/test-platforms.sh [install|windows]' ;;
    esac
}

main "$@"
