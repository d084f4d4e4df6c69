//! The measured processes.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use gururmm_simulator::http_client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Arguments;

const WAIT_MAX: Duration = Duration::from_mins(1);

/// A child that is stopped with its value.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn spawn(command: &mut Command) -> anyhow::Result<Self> {
        let child = command.stdin(Stdio::null()).env_remove("DATABASE_URL").spawn();
        Ok(Self(child.with_context(|| format!("cannot start {command:?}"))?))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(self.0.id().cast_signed());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).ok();
        self.0.wait().ok();
    }
}

/// A server, an agent and an administrator.
pub(crate) struct Product {
    pub(crate) origin: String,
    pub(crate) token: String,
    pub(crate) agent_id: String,
    pub(crate) agent: Process,
    pub(crate) server: Process,
    _folder: TempDir,
}

/// A folder the database's unprivileged user can reach.
pub(crate) fn folder() -> anyhow::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("grmm-bench").tempdir()?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
    Ok(folder)
}

pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Starts a server on a data directory; its console goes to a file there.
pub(crate) fn start_server(program: &Path, data: &Path, port: u16) -> anyhow::Result<Process> {
    let console = fs::File::create(console(data))?;
    let mut command = Command::new(program);
    command.arg("serve").arg("--data-dir").arg(data).args(["--listen", &format!("127.0.0.1:{port}")]);
    Process::spawn(command.stdout(console.try_clone()?).stderr(console))
}

fn console(data: &Path) -> PathBuf {
    data.with_extension("console")
}

/// Waits until the server answers that it is ready; says how long that took.
pub(crate) async fn ready(origin: &str) -> anyhow::Result<Duration> {
    let (began, client) = (Instant::now(), http_client()?);
    while !client.get(format!("{origin}/readyz")).send().await.is_ok_and(|answer| answer.status().is_success()) {
        ensure!(began.elapsed() < WAIT_MAX, "the server does not become ready");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(began.elapsed())
}

impl Product {
    /// Starts everything and waits until the agent is online.
    pub(crate) async fn start(arguments: &Arguments) -> anyhow::Result<Self> {
        let folder = folder()?;
        let (data, port) = (folder.path().join("data"), free_port()?);
        let origin = format!("http://127.0.0.1:{port}");
        let server = start_server(&arguments.server, &data, port)?;
        ready(&origin).await?;
        let printed = fs::read_to_string(console(&data))?;
        let setup_token = printed
            .split_once("token=")
            .and_then(|(_, rest)| rest.split_whitespace().next())
            .context("no set-up address was printed")?;
        let body = json!({ "token": setup_token, "name": "Technician One", "email": "technician.one@example.com", "password": "correct horse battery" });
        let login: Value = http_client()?
            .post(format!("{origin}/api/setup"))
            .json(&body)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        let token = login["token"].as_str().context("no token")?.to_owned();

        let state = folder.path().join("agent");
        let key = fs::read_to_string(data.join("local-site-key"))?;
        let agent = |words: &[&str]| {
            let mut command = Command::new(&arguments.agent);
            command.arg("--state-dir").arg(&state).args(words);
            command
        };
        let enrolled = agent(&["enroll", "--server", &origin]).env("GURURMM_SITE_KEY", key.trim()).output()?;
        ensure!(enrolled.status.success(), "{}", String::from_utf8_lossy(&enrolled.stderr));
        let log = fs::File::create(folder.path().join("agent.log"))?;
        let agent = Process::spawn(agent(&["run"]).stdout(log.try_clone()?).stderr(log))?;
        let agent_id = online(&origin, &token).await?;
        Ok(Self { origin, token, agent_id, agent, server, _folder: folder })
    }
}

async fn online(origin: &str, token: &str) -> anyhow::Result<String> {
    let (began, client) = (Instant::now(), http_client()?);
    loop {
        let agents: Value = client.get(format!("{origin}/api/agents")).bearer_auth(token).send().await?.json().await?;
        if agents["items"][0]["status"] == "online" {
            return Ok(agents["items"][0]["id"].as_str().context("an id")?.to_owned());
        }
        ensure!(began.elapsed() < WAIT_MAX, "the agent does not come online");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Resident memory of a process, MB (10⁶ bytes), from `/proc/<pid>/status`.
pub(crate) fn resident_mb(pid: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib * 1024.0 / 1e6)
}

/// CPU time of a process and of its children that have ended, seconds, from `/proc/<pid>/stat` (fields 14 to 17, 100 ticks a second).
pub(crate) fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, rest) = stat.rsplit_once(") ").context("no name in stat")?;
    let ticks: u64 = rest.split(' ').skip(11).take(4).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(ticks as f64 / 100.0)
}
