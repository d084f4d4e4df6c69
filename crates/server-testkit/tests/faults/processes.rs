//! Real processes, ended with their values.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use gururmm_server_testkit::{ApiClient, EMAIL, PASSWORD, wait_for};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A program of this workspace, as the test run has built it.
pub(crate) fn program(name: &str) -> PathBuf {
    let deps = std::env::current_exe().unwrap();
    let path = deps.ancestors().nth(2).unwrap().join(name);
    assert!(
        path.exists(),
        "{} is missing: run the tests of the whole workspace: `cargo test --workspace`",
        path.display()
    );
    path
}

/// A port nobody uses. Another program may take it before we do; then the test fails and says so.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A folder that the database's unprivileged user can reach.
pub(crate) fn folder() -> TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::Builder::new().prefix("grmm").tempdir_in("/tmp").unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// A child process that does not outlive its value.
pub(crate) struct Process(Option<Child>);

impl Process {
    /// `kill -9`: no warning, no cleaning up.
    pub(crate) fn kill(mut self) {
        let mut child = self.0.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let Some(mut child) = self.0.take() else { return };
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id().cast_signed()), nix::sys::signal::Signal::SIGTERM)
            .ok();
        for _ in 0..300 {
            if child.try_wait().is_ok_and(|status| status.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        child.kill().ok();
        child.wait().ok();
    }
}

/// Where a server lives, while it runs and while it does not.
pub(crate) struct ServerHome {
    pub(crate) folder: TempDir,
    pub(crate) port: u16,
}

impl ServerHome {
    pub(crate) fn new() -> Self {
        Self { folder: folder(), port: free_port() }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The command line of a server here; heartbeats are quick, so that silence is noticed soon.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(program("gururmm-server"));
        command
            .arg("serve")
            .arg("--data-dir")
            .arg(self.data_dir())
            .args(["--listen", &format!("127.0.0.1:{}", self.port)]);
        command
            .env_remove("DATABASE_URL")
            .env("GURURMM_HEARTBEAT_SECONDS", "1")
            .env("GURURMM_LOG", "info")
            .stdin(Stdio::null());
        command
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the server and waits until it is ready.
    pub(crate) async fn start(&self) -> Process {
        let output = fs::File::create(self.log("server.out")).unwrap();
        let errors = fs::File::options().create(true).append(true).open(self.log("server.log")).unwrap();
        let process = Process(Some(self.command().stdout(output).stderr(errors).spawn().unwrap()));
        let nobody = ApiClient::new(&self.origin(), None);
        wait_for("the server to be ready", async || {
            let answer = nobody.request(reqwest::Method::GET, "/readyz").send().await;
            answer.is_ok_and(|answer| answer.status().is_success()).then_some(())
        })
        .await;
        process
    }

    /// Completes the set-up with the address that the server has printed.
    pub(crate) async fn administrator(&self) -> ApiClient {
        let token = wait_for("the set-up address", async || {
            let printed = fs::read_to_string(self.log("server.out")).unwrap();
            printed.split_once("token=").and_then(|(_, rest)| rest.split_once('\n')).map(|(token, _)| token.to_owned())
        })
        .await;
        let body = json!({ "token": token, "name": "Technician One", "email": EMAIL, "password": PASSWORD });
        let login = ApiClient::new(&self.origin(), None).post("/setup", body).await.created();
        ApiClient::new(&self.origin(), login["token"].as_str().map(str::to_owned))
    }
}

/// Where an agent lives, while it runs and while it does not.
pub(crate) struct AgentHome {
    folder: TempDir,
}

impl AgentHome {
    /// Enrols with the one-use key that the server has put into its data directory.
    pub(crate) fn enrol(server: &ServerHome, origin: &str) -> Self {
        let home = Self { folder: folder() };
        let key = fs::read_to_string(server.data_dir().join("local-site-key")).unwrap();
        let enrolled =
            home.command(&["enroll", "--server", origin]).env("GURURMM_SITE_KEY", key.trim()).output().unwrap();
        assert!(enrolled.status.success(), "{}", String::from_utf8_lossy(&enrolled.stderr));
        home
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("gururmm-agent"));
        command.arg("--state-dir").arg(self.folder.path().join("state")).args(arguments).stdin(Stdio::null());
        command
    }

    /// Runs the agent.
    pub(crate) fn run(&self) -> Process {
        let log = fs::File::options().create(true).append(true).open(self.folder.path().join("agent.log")).unwrap();
        let errors = log.try_clone().unwrap();
        Process(Some(self.command(&["run"]).stdout(log).stderr(errors).spawn().unwrap()))
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

/// Whether a process exists and is no zombie.
pub(crate) fn is_alive(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// A pid that a command has written into a file.
pub(crate) async fn pid_in(path: &Path) -> i32 {
    wait_for("a pid", async || fs::read_to_string(path).ok()?.trim().parse().ok()).await
}
