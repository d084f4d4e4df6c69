//! The real programs in a test, which fails by panicking.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gururmm_server_testkit::{ApiClient, EMAIL, PASSWORD, wait_for};
use gururmm_simulator::processes::{self, Administrator, Process};
use serde_json::{Value, json};

/// A program of this workspace, as the test run has built it.
pub(crate) fn program(name: &str) -> PathBuf {
    let deps = std::env::current_exe().unwrap();
    let path = deps.ancestors().nth(2).unwrap().join(name);
    assert!(path.exists(), "{} is missing: `cargo build -p gururmm-server -p gururmm-agent` makes it", path.display());
    path
}

/// A server of this workspace.
pub(crate) struct ServerHome(processes::ServerHome);

impl ServerHome {
    pub(crate) fn new() -> Self {
        Self(processes::ServerHome::new(&program("gururmm-server")).unwrap())
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.folder()
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.port()
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.0.data_dir()
    }

    pub(crate) fn origin(&self) -> String {
        self.0.origin()
    }

    /// The command line of a server here; heartbeats are quick, so that silence is noticed soon.
    pub(crate) fn command(&self) -> Command {
        self.command_on(self.port())
    }

    /// The same on another port.
    pub(crate) fn command_on(&self, port: u16) -> Command {
        let mut command = self.0.command_on(port);
        command.env("GURURMM_HEARTBEAT_SECONDS", "1").env("GURURMM_LOG", "info");
        command
    }

    /// Starts the server and waits until it is ready.
    pub(crate) async fn start(&self) -> Process {
        self.0.start(self.command()).await.unwrap()
    }

    /// Completes the set-up with the address that the server has printed.
    pub(crate) async fn administrator(&self) -> ApiClient {
        let token = self.0.set_up(&Administrator { email: EMAIL, password: PASSWORD }).await.unwrap();
        ApiClient::new(&self.origin(), Some(token))
    }
}

/// An agent of this workspace.
pub(crate) struct AgentHome(processes::AgentHome);

impl AgentHome {
    /// Enrols with the one-use key that the server has put into its data directory.
    pub(crate) async fn enrol(server: &ServerHome, origin: &str) -> Self {
        Self::enrol_with_key(origin, &server.0.local_site_key().await.unwrap())
    }

    /// Enrols with this key.
    pub(crate) fn enrol_with_key(origin: &str, key: &str) -> Self {
        Self(processes::AgentHome::enrol(&program("gururmm-agent"), origin, key).unwrap())
    }

    /// What stands in its identity file.
    pub(crate) fn identity(&self) -> Value {
        serde_json::from_slice(&fs::read(self.0.state_dir().join("identity.json")).unwrap()).unwrap()
    }

    /// What it says of itself.
    pub(crate) fn status(&self) -> Value {
        let output = self.0.command().args(["status", "--json"]).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs the agent.
    pub(crate) fn run(&self) -> Process {
        self.0.run().unwrap()
    }
}

/// The only machine, once it has this status.
pub(crate) async fn machine(admin: &ApiClient, status: &str) -> String {
    wait_for(&format!("the machine to be {status}"), async || {
        let agents = admin.get("/agents").await.ok();
        let agent = &agents["items"][0];
        (agent["status"] == status).then(|| agent["id"].as_str().unwrap().to_owned())
    })
    .await
}

/// Runs a command; answers its id.
pub(crate) async fn run(admin: &ApiClient, agent: &str, command: &str) -> String {
    let body = json!({ "command": command, "timeout_seconds": 600 });
    admin.post(&format!("/agents/{agent}/command"), body).await.accepted()["id"].as_str().unwrap().to_owned()
}

/// The command, once this holds for it.
pub(crate) async fn command_when(admin: &ApiClient, id: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    wait_for(what, async || {
        let answer = admin.get(&format!("/commands/{id}")).await;
        (answer.status == 200 && holds(&answer.json)).then_some(answer.json)
    })
    .await
}

/// So many lines, each of the word and its number.
pub(crate) fn lines(word: &str, count: u32) -> String {
    (1..=count).fold(String::new(), |text, number| text + &format!("{word} {number}\n"))
}

/// Whether a process exists and is no zombie.
pub(crate) fn is_alive(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// A pid that a command has written into a file.
pub(crate) async fn pid_in(path: &Path) -> i32 {
    wait_for("a pid", async || fs::read_to_string(path).ok()?.trim().parse().ok()).await
}
