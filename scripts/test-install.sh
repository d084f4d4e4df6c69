#!/usr/bin/env bash
# Runs packaging/install.sh in a scratch root against a small web server, with a stand-in for the agent that writes down
# how it was called. The real agent is enrolled by the browser tests; here it is about the installer.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly KEY=grmm_site_example
work=$(mktemp -d)
readonly work
web=''

clean_up() {
    [[ -z $web ]] || kill "$web" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

fail() {
    printf 'test-install: %s\n' "$*" >&2
    [[ ! -e $work/output ]] || sed 's/^/    | /' "$work/output" >&2
    exit 1
}

pass() {
    printf 'ok  install.sh: %s\n' "$*"
}

# The stand-in: `enroll` needs the key in its environment and nowhere else.
write_agent() {
    cat >"$work/www/agent" <<'AGENT'
#!/bin/sh
state=/nowhere
[ "$1" != --state-dir ] || { state=$2; shift 2; }
case $1 in
    --version) echo 'gururmm-agent 0.0.0' ;;
    status)
        if [ -e "$state/removed" ]; then
            echo '{"enrolled": true, "enrolment": {"removed_at": "2026-01-01T00:00:00Z"}}'
        elif [ -e "$state/identity.json" ]; then
            echo '{"enrolled": true, "enrolment": {"removed_at": null}}'
        else
            echo '{"enrolled": false}'
        fi
        ;;
    unenroll) rm "$state/removed" "$state/identity.json" ;;
    enroll)
        # its own text must not hold the key, or the search for it would find it here
        [ "$GURURMM_SITE_KEY" = "$(printf '%s_%s_%s' grmm site example)" ] || exit 1
        mkdir -p "$state"
        echo "$@" >"$state/identity.json"
        echo enrolled >>"$state/enrolments"
        ;;
esac
AGENT
    sha256sum "$work/www/agent" | sed 's/ .*/  gururmm-agent/' >"$work/www/agent.sha256"
}

start_web() {
    # shellcheck disable=SC2016 # JavaScript
    node -e '
        const { createServer } = require("node:http");
        const { readFileSync, writeFileSync, renameSync } = require("node:fs");
        const www = process.argv[1];
        const server = createServer((request, response) => {
            const found = /^\/downloads\/agent\/linux\/(x86_64|aarch64)(\.sha256)?$/.exec(request.url);
            if (!found) return response.writeHead(404).end();
            response.end(readFileSync(`${www}/agent${found[2] ?? ""}`));
        });
        server.listen(0, "127.0.0.1", () => {
            writeFileSync(`${www}/port.new`, String(server.address().port));
            renameSync(`${www}/port.new`, `${www}/port`);
        });
    ' "$work/www" &
    web=$!
    local deadline=$((SECONDS + 60))
    until [[ -e $work/www/port ]]; do
        ((SECONDS < deadline)) || fail 'the web server did not start'
        sleep 0.05
    done
    origin="http://127.0.0.1:$(<"$work/www/port")"
}

# install ROOT ARGUMENT...
install() {
    local root=$1
    shift
    sed "s|__SERVER_ORIGIN__|$origin|g" packaging/install.sh | env -u GURURMM_SITE_KEY GURURMM_ROOT="$root" sh -s -- "$@" >"$work/output" 2>&1
}

refused() {
    local what=$1 wanted=$2
    shift 2
    if install "$@"; then
        fail "$what: it was installed"
    fi
    grep -q -- "$wanted" "$work/output" || fail "$what: no word about '$wanted'"
    pass "$what is refused"
}

test_syntax() {
    local shell
    for shell in sh dash bash 'busybox sh'; do
        command -v "${shell%% *}" >/dev/null || continue
        $shell -n packaging/install.sh || fail "$shell does not understand it"
    done
    [[ $(tail -n 1 packaging/install.sh) == 'gururmm_install "$@"' ]] || fail 'the call must be the last line'
    local half
    half=$(head -c "$(($(wc -c <packaging/install.sh) - 40))" packaging/install.sh)
    if GURURMM_ROOT="$work/half" sh -c "$half" >/dev/null 2>&1 && [[ -e $work/half ]]; then
        fail 'half a download did something'
    fi
    pass 'every shell understands it, and half of it does nothing'
    diff <(sed -n "/<<'UNIT'/,/^UNIT$/p" packaging/install.sh | sed '1d;$d') packaging/linux/gururmm-agent.service \
        || fail 'the unit inside differs from packaging/linux/gururmm-agent.service'
    if command -v systemd-analyze >/dev/null; then
        sed 's|^ExecStart=.*|ExecStart=/bin/true|' packaging/linux/gururmm-agent.service >"$work/gururmm-agent.service"
        systemd-analyze verify "$work/gururmm-agent.service" >"$work/output" 2>&1 || fail 'systemd does not accept the unit'
        [[ ! -s $work/output ]] || fail 'systemd warns about the unit'
    fi
    pass 'the unit inside is the one in packaging/linux'
}

test_install() {
    local root="$work/root" agent="$work/root/usr/local/bin/gururmm-agent" state="$work/root/var/lib/gururmm"
    install "$root" --server "$origin" --site-key "$KEY" || fail 'a first installation failed'
    cmp -s "$agent" "$work/www/agent" || fail 'the program is another one'
    [[ $(stat -c %a "$agent") == 755 ]] || fail 'the program has the wrong mode'
    [[ $(<"$state/identity.json") == "enroll --server $origin" ]] || fail "enrolled with: $(<"$state/identity.json")"
    [[ -s $root/etc/systemd/system/gururmm-agent.service ]] || fail 'the unit is missing'
    ! grep -rq "$KEY" "$root" || fail 'the key was left in a file'
    [[ $(find "$root/usr/local/bin" -type f | wc -l) == 1 ]] || fail 'a temporary file was left'
    pass 'installs and enrols; the key is in no argument and no file'

    install "$root" || fail 'a second installation failed'
    [[ $(wc -l <"$state/enrolments") == 1 ]] || fail 'the machine was enrolled twice'
    pass 'run again it updates and keeps the identity'

    touch "$state/removed"
    install "$root" --site-key "$KEY" --allow-insecure || fail 'an installation after a removal failed'
    [[ $(wc -l <"$state/enrolments") == 2 ]] || fail 'the removed machine was not enrolled anew'
    [[ $(<"$state/identity.json") == "enroll --server $origin --allow-insecure" ]] || fail "enrolled with: $(<"$state/identity.json")"
    pass 'a machine that the server removed is enrolled anew'
}

main() {
    mkdir "$work/www"
    write_agent
    start_web
    test_syntax
    test_install
    refused 'a missing key' 'site key' "$work/a"
    refused 'a wrong key' 'did not accept' "$work/b" --site-key wrong
    refused 'an unknown argument' 'unknown argument' "$work/c" --sitekey x
    refused 'an address without scheme' "server's address" "$work/d" --server rmm.example.com --site-key "$KEY"
    local clear
    for clear in rmm.example.com 127.0.0.1.example.com localhost.example.com localhost@rmm.example.com '[2001:db8::1]:80'; do
        refused "http://$clear" '--allow-insecure' "$work/clear" --server "http://$clear" --site-key "$KEY"
        [[ ! -e $work/clear ]] || fail "something of http://$clear was installed"
    done
    refused 'an unreachable server in the clear, once allowed,' 'download of' "$work/clear" --server http://rmm.invalid --allow-insecure \
        --site-key "$KEY"
    refused 'a server that is not there' 'download of' "$work/e" --server http://127.0.0.1:1 --site-key "$KEY"
    printf 'damage' >>"$work/www/agent"
    refused 'a damaged download' 'damaged' "$work/f" --site-key "$KEY"
    [[ -z $(find "$work/f" -type f) ]] || fail 'a damaged download left a file'
}

main "$@"
