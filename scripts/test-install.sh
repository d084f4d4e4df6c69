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
    service) [ "$2" = unit ] && echo 'a unit' ;;
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
    write_sum
}

write_sum() {
    sha256sum "$work/www/agent" | sed 's/ .*/  gururmm-agent/' >"$work/www/agent.sha256"
}

# An agent that ends at once, like one whose C library is missing.
write_broken_agent() {
    printf '#!/bin/sh\n%s\n' "$1" >"$work/www/agent"
    write_sum
}

# Below /none it has no agent for anything, like a real server; below any other folder it is no GuruRMM server.
start_web() {
    # shellcheck disable=SC2016 # JavaScript
    node -e '
        const { createServer } = require("node:http");
        const { readFileSync, writeFileSync, renameSync } = require("node:fs");
        const www = process.argv[1];
        const server = createServer((request, response) => {
            const path = /^(\/\w+)?\/downloads\/agent\/(linux\/(?:x86_64|aarch64))(\.sha256)?$/;
            const [, place, platform, sum = ""] = path.exec(request.url) ?? [];
            if (platform && !place) return response.end(readFileSync(`${www}/agent${sum}`));
            if (place !== "/none") return response.writeHead(404).end("<html>Nothing is here.</html>\n");
            const detail = `This server has no agent for ${platform}. Its operator can add one.`;
            const problem = { type: "about:blank", title: "Not Found", status: 404, detail, code: "agent_program_not_found" };
            response.writeHead(404, { "content-type": "application/problem+json" }).end(JSON.stringify(problem));
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
    if command -v systemd-analyze >/dev/null; then
        sed 's|^ExecStart=.*|ExecStart=/bin/true|' packaging/linux/gururmm-agent.service >"$work/gururmm-agent.service"
        systemd-analyze verify "$work/gururmm-agent.service" >"$work/output" 2>&1 || fail 'systemd does not accept the unit'
        [[ ! -s $work/output ]] || fail 'systemd warns about the unit'
    fi
    pass 'systemd accepts the unit'
}

test_install() {
    local root="$work/root" agent="$work/root/usr/local/bin/gururmm-agent" state="$work/root/var/lib/gururmm"
    install "$root" --server "$origin" --site-key "$KEY" || fail 'a first installation failed'
    cmp -s "$agent" "$work/www/agent" || fail 'the program is another one'
    [[ $(stat -c %a "$agent") == 755 ]] || fail 'the program has the wrong mode'
    [[ $(<"$state/identity.json") == "enroll --server $origin" ]] || fail "enrolled with: $(<"$state/identity.json")"
    [[ $(<"$root/etc/systemd/system/gururmm-agent.service") == 'a unit' ]] || fail "the unit is not the program's"
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

# server_key NUMBER: the public key of a made-up server, as the agent keeps it.
server_key() {
    node -p 'Buffer.alloc(32, Number(process.argv[1])).toString("base64")' "$1"
}

# site_key NUMBER: a site key of that server.
site_key() {
    # shellcheck disable=SC2016 # JavaScript
    node -p '
        const fingerprint = require("node:crypto").createHash("sha256").update(Buffer.alloc(32, Number(process.argv[1])));
        `grmm_site_${Buffer.alloc(32, 1).toString("base64url")}.${fingerprint.digest().subarray(0, 16).toString("base64url")}`
    ' "$1"
}

# write_identity STATE NUMBER [REMOVED_AT]: the identity file of a machine that is enrolled with that server.
write_identity() {
    cat >"$1/identity.json" <<IDENTITY
{
  "version": 1,
  "server_url": "https://old.example.com",
  "server_public_key": "$(server_key "$2")",
  "server_key_id": "k1",
  "client_name": "A \"server_public_key\": \"and\" \"removed_at\": \"of a joker\"",
  "removed_at": ${3:-null}
}
IDENTITY
}

everything_below() {
    find "$1" -type f -exec sha256sum {} + | sort
}

test_other_server() {
    local root="$work/other" state="$work/other/var/lib/gururmm" field number before
    for field in 'server_url: String' 'server_public_key: \[u8; 32\]' 'removed_at: Option<Timestamp>'; do
        grep -q "^    .*\b$field,\$" crates/agent/src/identity.rs || fail "the identity file has no $field any more"
    done
    install "$root" --site-key "$KEY" || fail 'an installation failed'

    # the fingerprints of 8 and 29 hold both characters in which base64url is another base64
    for number in 7 8 29; do
        write_identity "$state" "$number"
        echo '# older' >>"$root/usr/local/bin/gururmm-agent"
        install "$root" --site-key "$(site_key "$number")" || fail 'a site key of the same server was refused'
        cmp -s "$root/usr/local/bin/gururmm-agent" "$work/www/agent" || fail 'the program was not updated'
    done
    [[ $(wc -l <"$state/enrolments") == 1 ]] || fail 'the machine was enrolled twice'
    pass 'a site key of the same server updates and keeps the identity'

    echo '# older' >>"$root/usr/local/bin/gururmm-agent"
    before=$(everything_below "$root")
    refused 'a site key of another server' "enrolled with https://old.example.com,.*gururmm-agent .*unenroll --force" \
        "$root" --site-key "$(site_key 9)"
    refused 'half a site key on an enrolled machine' 'no site key' "$root" --site-key "$(site_key 29 | head -c 60)"
    [[ $(everything_below "$root") == "$before" ]] || fail 'something was changed'
    install "$root" || fail 'an update without a site key failed'

    write_identity "$state" 7 '"2026-01-01T00:00:00Z"'
    touch "$state/removed"
    install "$root" --site-key "$KEY" || fail 'a machine that the other server removed was refused'
    [[ $(wc -l <"$state/enrolments") == 2 ]] || fail 'the removed machine was not enrolled anew'
    pass 'a machine that another server removed is enrolled anew'
}

# Everything that the installer needs, but nothing to download with.
make_tools() {
    local tool
    mkdir "$work/tools"
    for tool in sh env sed grep id uname mktemp mkdir rm mv cat chmod cut tr od sha256sum base64; do
        ln -s "$(command -v "$tool")" "$work/tools/$tool"
    done
}

test_downloaders() {
    make_tools
    PATH=$work/tools refused 'a machine without curl and wget' 'install curl' "$work/g" --site-key "$KEY"
    printf '#!/bin/sh\necho "wget: unrecognized option: version" >&2\necho "BusyBox v1.36.1 multi-call binary." >&2\nexit 1\n' \
        >"$work/tools/wget"
    chmod 755 "$work/tools/wget"
    PATH=$work/tools refused 'a wget that is not of GNU' 'install curl' "$work/g" --site-key "$KEY"
    [[ ! -e $work/g ]] || fail 'something was installed'
    refused 'a server without an agent for this machine' 'The server says: This server has no agent for linux/.*add one\.$' \
        "$work/g" --server "$origin/none" --site-key "$KEY"
    refused 'a server that is another' '(HTTP status 404).*reach the server, and has the server an agent' \
        "$work/g" --server "$origin/another" --site-key "$KEY"

    wget --version 2>/dev/null | grep -q 'GNU Wget' || return 0
    ln -sf "$(command -v wget)" "$work/tools/wget"
    PATH=$work/tools install "$work/wget" --site-key "$KEY" || fail 'an installation with wget failed'
    cmp -s "$work/wget/usr/local/bin/gururmm-agent" "$work/www/agent" || fail 'wget brought another program'
    PATH=$work/tools refused 'with wget, the same server' 'The server says: This server has no agent' \
        "$work/g" --server "$origin/none" --site-key "$KEY"
    pass 'GNU Wget does as well as curl'
}

test_broken_agent() {
    # shellcheck disable=SC2016 # for the agent
    write_broken_agent 'echo "$0: version GLIBC_2.99 not found" >&2; exit 1'
    refused 'an agent for a newer C library' 'does not run on this machine: .*GLIBC_2.99 not found' "$work/h" --site-key "$KEY"
    # shellcheck disable=SC2016 # for the agent
    write_broken_agent 'kill -KILL $$'
    refused 'an agent that crashes' 'does not run on this machine: .*137' "$work/h" --site-key "$KEY"
    [[ -z $(find "$work/h" -type f) ]] || fail 'an agent that does not run was left'
    write_agent
}

main() {
    mkdir "$work/www"
    write_agent
    start_web
    test_syntax
    test_install
    test_other_server
    test_downloaders
    test_broken_agent
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
