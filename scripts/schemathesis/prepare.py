"""Sets a fresh server up by its API, as a person would: an owner, a viewer, a role, a client with a site, a machine, a command.

Called with the server's origin, its set-up token, the agent's program, and a folder; prints the tokens of the owner's and of
the viewer's session, and writes the ids of what it has made into the folder, as schemathesis.toml asks for them. The machine is a real agent of a moment, so that there are measurements; it
has ended when this program does, for no command of a stranger may run here.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

WAIT_SECONDS = 60
ORIGIN, SETUP_TOKEN, AGENT, FOLDER = sys.argv[1:]


def ask(method: str, path: str, body: dict | None = None, token: str | None = None) -> dict:
    """Asks the API; an error is the script's end."""
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{ORIGIN}/api{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        sys.exit(f"{method} {path}: {error.read().decode()}")


def measured(token: str) -> str:
    """The id of the machine, once it has told about itself."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        machines = ask("GET", "/agents", token=token)["items"]
        if machines:
            agent = machines[0]["id"]
            if ask("GET", f"/agents/{agent}/metrics", token=token)["items"]:
                return agent
        time.sleep(0.2)
    sys.exit("the machine sent no measurement")


def main() -> None:
    owner = {"name": "Technician One", "email": "technician.one@example.com", "password": "correct horse battery staple"}
    token = ask("POST", "/setup", owner | {"token": SETUP_TOKEN})["token"]
    client = ask("POST", "/clients", {"name": "Example client"}, token)["id"]
    site = ask("POST", "/sites", {"name": "Example site", "client_id": client}, token)["id"]
    key = ask("POST", "/site-keys", {"name": "Example key", "site_id": site}, token)
    with tempfile.TemporaryDirectory() as state:
        program = [AGENT, "--state-dir", state]
        enrolment = os.environ | {"GURURMM_SITE_KEY": key["key"]}
        subprocess.run([*program, "enroll", "--server", ORIGIN], env=enrolment, check=True, stdout=sys.stderr)
        with subprocess.Popen([*program, "run"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
            try:
                agent = measured(token)
            finally:
                running.terminate()
    command = ask("POST", f"/agents/{agent}/command", {"command_type": "shell", "command": "true"}, token)
    role = ask("POST", "/roles", {"name": "Example role", "permissions": ["agents.view"]}, token)["id"]
    field = ask("POST", "/custom-fields", {"name": "Example field", "kind": "choice", "choices": ["Gold", "Silver"]}, token)["id"]
    view = ask("POST", "/saved-views", {"name": "Example view"}, token)["id"]
    invitation = ask("POST", "/invitations", {"email": "technician.two@example.com", "grants": [{"built_in": "viewer"}]}, token)
    joining = {"token": invitation["token"], "name": "Technician Two", "password": "another horse battery staple"}
    viewer = ask("POST", "/auth/register", joining)
    ids = {"agent": agent, "client": client, "site": site, "site-key": key["site_key"]["id"], "command": command["id"],
           "custom-field": field, "saved-view": view, "role": role, "user": viewer["user"]["id"]}
    for name, value in ids.items():
        Path(FOLDER, f"{name}.txt").write_text(f'"{value}"\n')
    print(token, viewer["token"])


main()
