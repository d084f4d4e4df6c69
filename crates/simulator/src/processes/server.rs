//! A server's home: where it lives, while it runs and while it does not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Process, clean, folder, free_port, until};
use crate::http_client;

/// Often enough that a measured start is not longer for it.
const READY_POLL: Duration = Duration::from_millis(2);
const POLL: Duration = Duration::from_millis(20);

/// Folder and port of a server.
pub struct ServerHome {
    program: PathBuf,
    folder: TempDir,
    port: u16,
}

/// Who completes the set-up.
pub struct Administrator<'a> {
    /// For logging in.
    pub email: &'a str,
    /// The same.
    pub password: &'a str,
}

impl ServerHome {
    /// A new home for the server `program`, on a port that nobody uses.
    pub fn new(program: &Path) -> anyhow::Result<Self> {
        Self::with_port(program, free_port()?)
    }

    /// The same on this port.
    pub fn with_port(program: &Path, port: u16) -> anyhow::Result<Self> {
        Ok(Self { program: program.to_owned(), folder: folder()?, port })
    }

    /// The folder around the data directory; who uses it may put files there.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The data directory, which the server makes.
    pub fn data_dir(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// The server's origin.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The command line of the server; nothing is configured but place and port.
    pub fn command(&self) -> Command {
        self.command_on(self.port)
    }

    /// The same on another port.
    pub fn command_on(&self, port: u16) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["serve", "--config", "/dev/null", "--data-dir"]).arg(self.data_dir());
        command.args(["--listen", &format!("127.0.0.1:{port}")]);
        clean(&mut command);
        command
    }

    /// A server to which a crowd may come from one machine.
    pub fn command_for_a_crowd(&self) -> Command {
        let mut command = self.command();
        command.env("GURURMM_RATE_LIMITS__ENROLL_PER_MINUTE", "10000000");
        command
    }

    /// Starts the server and waits until it is ready.
    pub async fn start(&self, command: Command) -> anyhow::Result<Process> {
        let console = self.console();
        // what an earlier run has printed is not true of this one
        fs::write(&console, "")?;
        let mut process = Process::start(command, &console)?;
        let (client, url) = (http_client()?, format!("{}/readyz", self.origin()));
        until("the server to be ready", READY_POLL, async || {
            process.require_running()?;
            let answer = client.get(&url).send().await;
            Ok(answer.is_ok_and(|answer| answer.status().is_success()).then_some(()))
        })
        .await
        .context("the server")?;
        Ok(process)
    }

    /// Completes the set-up with the address that the server prints; answers the administrator's token.
    pub async fn set_up(&self, administrator: &Administrator<'_>) -> anyhow::Result<String> {
        self.set_up_as(administrator, json!({})).await
    }

    /// The same with more of what the set-up may be told, such as `organisation`.
    pub async fn set_up_as(&self, administrator: &Administrator<'_>, more: Value) -> anyhow::Result<String> {
        let token = until("the set-up address", POLL, async || {
            let printed = fs::read_to_string(self.console())?;
            let rest = printed.split_once("token=").and_then(|(_, rest)| rest.split_once('\n'));
            Ok(rest.map(|(token, _)| token.to_owned()))
        })
        .await?;
        let Administrator { email, password } = administrator;
        let mut body = json!({ "token": token, "name": "Technician One", "email": email, "password": password });
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        let request = http_client()?.post(format!("{}/api/setup", self.origin())).json(&body);
        let login: Value = request.send().await?.json().await?;
        login["token"].as_str().map(str::to_owned).with_context(|| format!("the set-up was refused: {login}"))
    }

    /// The one-use key for this machine, which the server puts into its data directory once it is ready.
    pub async fn local_site_key(&self) -> anyhow::Result<String> {
        let path = self.data_dir().join("local-site-key");
        until("the key for this machine", POLL, async || {
            let key = fs::read_to_string(&path).unwrap_or_default();
            Ok((!key.is_empty()).then_some(key))
        })
        .await
    }

    fn console(&self) -> PathBuf {
        self.folder().join("server.console")
    }
}
