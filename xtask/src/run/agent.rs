//! This machine's own agent.

use std::{
    fs,
    net::IpAddr,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
};

use anyhow::{Result, bail};

use super::children::{self, Child};
use crate::process;

/// The agent's exit codes (`crates/agent/src/cli/mod.rs`).
const NOT_ENROLLED: i32 = 4;
const REMOVED: i32 = 78;

/// Where this machine's agent lives and which server is its own.
pub(crate) struct LocalAgent {
    program: PathBuf,
    state_dir: PathBuf,
    /// The one-use key that the server makes for this machine, and renews at each start until somebody has used it.
    key_file: PathBuf,
    origin: String,
    /// Keys may travel in the clear to an address of this machine, which the agent cannot know to be one.
    allow_insecure: bool,
}

/// Where a server that listens so is reached from this machine.
pub(crate) fn origin(listen: IpAddr, port: u16) -> String {
    let host = match listen {
        _ if is_local(listen) => "localhost".to_owned(),
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    format!("http://{host}:{port}")
}

fn is_local(listen: IpAddr) -> bool {
    listen.is_loopback() || listen.is_unspecified()
}

impl LocalAgent {
    pub(crate) fn new(release: &Path, data_dir: &Path, listen: IpAddr, port: u16) -> Self {
        Self {
            program: release.join("gururmm-agent"),
            state_dir: data_dir.join("agent"),
            key_file: data_dir.join("local-site-key"),
            origin: origin(listen, port),
            allow_insecure: !is_local(listen),
        }
    }

    /// Enrols this machine, unless that has happened, and starts the agent. The server must be ready: the key is there then.
    pub(crate) fn start(&self) -> Result<Child> {
        if !self.state_dir.join("identity.json").exists() {
            self.enrol()?;
        }
        let mut run = children::program(&self.program);
        run.arg("--state-dir").arg(&self.state_dir).arg("run");
        Child::start("the agent", run)
    }

    fn enrol(&self) -> Result<()> {
        let key = fs::read_to_string(&self.key_file).unwrap_or_default();
        if key.trim().is_empty() {
            bail!("this machine is not enrolled, and the key that the server made for it is used up");
        }
        let mut enroll = Command::new(&self.program);
        process::clean(&mut enroll).current_dir("/").arg("--state-dir").arg(&self.state_dir);
        enroll.args(["enroll", "--server", &self.origin]).env("GURURMM_SITE_KEY", key.trim());
        if self.allow_insecure {
            enroll.arg("--allow-insecure");
        }
        process::run(enroll)?;
        // it was good for one use
        fs::remove_file(&self.key_file).ok();
        Ok(())
    }

    /// What the end of the agent means to the person before the terminal.
    pub(crate) fn explain(&self, status: ExitStatus) -> String {
        match status.code() {
            Some(REMOVED) => format!("This machine was removed from the server. {}", self.how_to_enrol()),
            Some(NOT_ENROLLED) => format!("This machine is not enrolled. {}", self.how_to_enrol()),
            _ => format!("The agent has ended ({status}). The server goes on; `make run` starts the agent again."),
        }
    }

    pub(crate) fn how_to_enrol(&self) -> String {
        let agent = format!("{} --state-dir {}", quoted(&self.program), quoted(&self.state_dir));
        let insecure = if self.allow_insecure { " --allow-insecure" } else { "" };
        format!(
            "The server goes on. To enrol this machine, make a key in the dashboard (\"Add a machine\"), then\n\n    \
             {agent} unenroll --force\n    \
             {agent} enroll --server {} --site-key KEY{insecure}\n\nand start `make run` again.",
            self.origin
        )
    }
}

/// As a shell reads it.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// An agent that writes down how it was called.
    fn fake(dir: &Path, code: u8) -> LocalAgent {
        let program = dir.join("gururmm-agent");
        let record = format!("#!/bin/sh\necho \"$GURURMM_SITE_KEY $*\" >> '{}/calls'\nexit {code}\n", dir.display());
        fs::write(&program, record).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        LocalAgent::new(dir, dir, [127, 0, 0, 1].into(), 3002)
    }

    fn calls(dir: &Path) -> String {
        fs::read_to_string(dir.join("calls")).unwrap_or_default().replace(&*dir.to_string_lossy(), "DIR")
    }

    #[test]
    fn a_machine_is_enrolled_once_with_the_key_that_is_then_gone() {
        let dir = tempfile::tempdir().unwrap();
        let agent = fake(dir.path(), 0);
        fs::write(dir.path().join("local-site-key"), "grmm_site_example\n").unwrap();
        drop(agent.start().unwrap());
        assert!(
            calls(dir.path())
                .starts_with("grmm_site_example --state-dir DIR/agent enroll --server http://localhost:3002\n"),
            "{}",
            calls(dir.path())
        );
        assert!(!dir.path().join("local-site-key").exists());
    }

    #[test]
    fn a_used_key_is_an_error_with_a_way_out_and_no_end_of_the_server() {
        let dir = tempfile::tempdir().unwrap();
        let agent = fake(dir.path(), 1);
        assert!(agent.start().is_err(), "there is no key");
        assert_eq!(calls(dir.path()), "");
        fs::write(dir.path().join("local-site-key"), "grmm_site_used").unwrap();
        assert!(agent.start().is_err(), "the server refuses the key");
        assert!(agent.how_to_enrol().contains("/gururmm-agent' --state-dir"), "{}", agent.how_to_enrol());
    }

    #[test]
    fn an_address_of_this_machine_is_enrolled_at_although_it_is_plain() {
        let agent = LocalAgent::new(Path::new("/r"), Path::new("/d"), [192, 0, 2, 1].into(), 80);
        assert!(agent.how_to_enrol().contains("--server http://192.0.2.1:80 --site-key KEY --allow-insecure"));
        let agent = LocalAgent::new(Path::new("/r"), Path::new("/d"), [0, 0, 0, 0].into(), 80);
        assert!(agent.how_to_enrol().contains("--server http://localhost:80 --site-key KEY\n"));
    }
}
