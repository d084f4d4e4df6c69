use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::command::{remove, run as launchctl, write};
use super::{ServiceError, State, plist};
use crate::Unsupported;

pub(super) const NAME: &str = "org.gururmm.agent";

const PLIST_FILE: &str = "/Library/LaunchDaemons/org.gururmm.agent.plist";
const TARGET: &str = "system/org.gururmm.agent";
const LOG_DIR: &str = "/Library/Logs/GuruRMM";

const PROGRAM: &str = "/usr/local/bin/gururmm-agent";

pub(super) fn place() -> PathBuf {
    PathBuf::from(PROGRAM)
}

#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
pub(super) fn support() -> Result<(), Unsupported> {
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
pub(super) fn definition() -> Result<String, Unsupported> {
    Ok(plist::text(Path::new(PROGRAM), None))
}

pub(super) fn install(program: &Path, state_dir: Option<&Path>) -> Result<Option<Unsupported>, ServiceError> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o750).create(LOG_DIR);
    made.map_err(|source| ServiceError::File { path: LOG_DIR.into(), source })?;
    take_out("replace")?;
    write(Path::new(PLIST_FILE), &plist::text(program, state_dir))?;
    launchctl("install", "launchctl", &["bootstrap", "system", PLIST_FILE])?;
    launchctl("start", "launchctl", &["kickstart", TARGET]).map(|_| None)
}

pub(super) fn uninstall() -> Result<(), ServiceError> {
    take_out("remove")?;
    remove(Path::new(PLIST_FILE)).map(drop)
}

pub(super) fn start() -> Result<(), ServiceError> {
    if shown().is_none() && Path::new(PLIST_FILE).exists() {
        launchctl("start", "launchctl", &["bootstrap", "system", PLIST_FILE])?;
    }
    launchctl("start", "launchctl", &["kickstart", TARGET]).map(drop)
}

/// A daemon that is only killed comes back by `KeepAlive`: it is taken out, and its list stays.
pub(super) fn stop() -> Result<(), ServiceError> {
    take_out("stop")
}

#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
pub(super) fn state() -> Result<State, ServiceError> {
    Ok(match shown() {
        Some(text) if plist::is_running(&text) => State::Running,
        None if !Path::new(PLIST_FILE).exists() => State::NotInstalled,
        Some(_) | None => State::Stopped,
    })
}

/// What launchd says of the daemon; nothing when it does not know it.
fn shown() -> Option<String> {
    launchctl("ask for", "launchctl", &["print", TARGET]).ok()
}

fn take_out(action: &'static str) -> Result<(), ServiceError> {
    if shown().is_none() {
        return Ok(());
    }
    launchctl(action, "launchctl", &["bootout", TARGET]).map(drop)
}

pub(super) fn run(_work: fn() -> u8) -> Result<(), ServiceError> {
    Err(Unsupported::because("launchd starts the ordinary program: `gururmm-agent run`").into())
}
