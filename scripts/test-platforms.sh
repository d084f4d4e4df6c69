#!/usr/bin/env bash
# Proves on Linux what can be proved about the other platforms, with the programs that `make dist` ships:
#   * install   the installer for Linux, in a scratch root;
#   * windows   the Windows agent under Wine: enrolment, metrics, commands, its service. Wine 8 lacks two things that Rust programs
#               need; scripts/wine/*.c stand in for them in tests only. The agent for Windows 7 starts there too;
#   * systemd   the static Linux agent as a service, in a Debian that boots in a container;
#   * arm64     the one for 64-bit ARM, under an emulated processor;
#   * macos     the universal program: what its headers say. Nothing here can run it.
# Usage: scripts/test-platforms.sh [install|windows|systemd|arm64|macos]...    (all without an argument)
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# debootstrap and others lie where only root looks
PATH="$PATH:/usr/sbin:/sbin"

readonly CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/gururmm"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$CACHE/target}"
readonly RELEASE="$CARGO_TARGET_DIR/release"
readonly LATEST="$PWD/dist/gururmm-agent-latest"
# A Debian with systemd, made once and copied for each run.
readonly BOOTABLE="$CACHE/debian-12-systemd-pam"

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

as_root() {
    if [[ $(id -u) == 0 ]]; then
        "$@"
    else
        sudo "$@"
    fi
}

dist() {
    local targets=$*
    cargo xtask dist --target "$targets"
}

# scenario NAME [VARIABLE=VALUE|PROGRAM]...: a file of e2e/platforms against the real server, by way of what is named
scenario() {
    local name=$1
    shift
    printf -- '--- %s\n' "$name"
    (cd e2e && "$@" env GURURMM_E2E_SERVER="$RELEASE/gururmm-server" GURURMM_E2E_AGENT="$RELEASE/gururmm-agent" PATH="$PATH" \
        npm run --silent platform -- "platforms/$name.mjs") || fail "$name: see above; the logs are in e2e/artefacts"
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

# says PROGRAM ARGUMENTS...: what a Windows program prints
says() {
    timeout 120 wine "$@" </dev/null | tr -d '\r'
}

test_versions() {
    local variant wanted got
    wanted="gururmm-agent $(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)+"
    for variant in windows-x86_64 windows-x86_64-win7; do
        got=$(says "$LATEST-$variant.exe" --version)
        [[ $got == "$wanted"* ]] || fail "$variant --version printed '$got' instead of '$wanted'"
        pass "$variant: $got"
    done
}

windows() {
    need x86_64-w64-mingw32-gcc wine wineserver wineboot node
    dist windows-x86_64 windows-x86_64-win7
    prepare_wine
    trap 'timeout 30 wineserver -k || true' EXIT
    test_versions
    scenario wine env GURURMM_WINDOWS_AGENT="$LATEST-windows-x86_64.exe"
}

make_bootable() {
    [[ -e $BOOTABLE/etc/debian_version ]] && return
    printf -- '--- debootstrap in %s\n' "$BOOTABLE"
    as_root rm -rf "$BOOTABLE.new"
    mkdir -p "$CACHE"
    as_root debootstrap --variant=minbase --include=systemd,systemd-sysv,libpam-systemd,dbus,procps,util-linux bookworm "$BOOTABLE.new" >"$CACHE/debootstrap.log" 2>&1 ||
        fail "debootstrap failed: $(tail -3 "$CACHE/debootstrap.log")"
    as_root mv "$BOOTABLE.new" "$BOOTABLE"
}

systemd() {
    need debootstrap systemd-nspawn nsenter node
    dist linux-x86_64
    make_bootable
    local root outcome=0
    root=$(mktemp -d /var/tmp/gururmm-systemd.XXXXXX)
    as_root cp --archive --reflink=auto "$BOOTABLE/." "$root/"
    # containers are root's to make
    (scenario systemd as_root env GURURMM_SYSTEMD_ROOT="$root" GURURMM_LINUX_AGENT="$LATEST-linux-x86_64") || outcome=$?
    as_root rm -rf --one-file-system "$root"
    return "$outcome"
}

arm64() {
    need qemu-aarch64-static node
    dist linux-aarch64
    scenario arm64 env GURURMM_ARM64_AGENT="$LATEST-linux-aarch64"
}

macos() {
    local objdump headers libraries
    objdump=$(compgen -c llvm-objdump | head -1)
    need "${objdump:-llvm-objdump}"
    dist macos-universal
    headers=$("$objdump" --macho --arch=all --private-headers "$LATEST-macos-universal")
    [[ $(grep -c '^ *MH_MAGIC_64' <<<"$headers") == 2 ]] || fail 'the universal program has not two parts'
    grep -qE 'ARM64 ' <<<"$headers" || fail 'there is no part for ARM'
    grep -qE 'X86_64 ' <<<"$headers" || fail 'there is no part for Intel'
    [[ $(grep -cE '^ *minos 11\.0' <<<"$headers") == 2 ]] || fail 'it asks for a newer macOS than 11'
    libraries=$(sed -n 's/^ *name \(\/.*\) (offset.*/\1/p' <<<"$headers" | sort -u)
    if grep -vE '^/(usr/lib|System/Library)/' <<<"$libraries" | grep -v '^/usr/lib/dyld$'; then
        fail 'it needs a library that is not part of macOS'
    fi
    pass "macOS: one program for both processors, for macOS 11 and later; it needs $(wc -l <<<"$libraries") libraries of the system"
}

main() {
    local part
    (($# > 0)) || set -- install windows systemd arm64 macos
    for part in "$@"; do
        case $part in
            install) scripts/test-install.sh ;;
            macos) macos ;;
            windows | systemd | arm64)
                cargo xtask product
                "$part"
                ;;
            *) fail 'usage: scripts/test-platforms.sh [install|windows|systemd|arm64|macos]...' ;;
        esac
    done
}

main "$@"
