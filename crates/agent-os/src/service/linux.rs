use std::path::{Path, PathBuf};

use super::command::{remove, run as systemctl, write};
use super::{ServiceError, State, unit};
use crate::Unsupported;
use crate::process::Systemd;

pub(super) const NAME: &str = "gururmm-agent";

const UNIT_FILE: &str = "/etc/systemd/system/gururmm-agent.service";

pub(super) fn place() -> PathBuf {
    PathBuf::from(unit::USUAL_PROGRAM)
}

pub(super) fn support() -> Result<(), Unsupported> {
    if Path::new("/run/systemd/system").is_dir() {
        return Ok(());
    }
    Err(Unsupported::because(
        "this machine does not run systemd; let its init system start `gururmm-agent run` and start it again when it ends",
    ))
}

pub(super) fn install(program: &Path, state_dir: Option<&Path>) -> Result<Option<Unsupported>, ServiceError> {
    support()?;
    // in a sandbox of which commands cannot get out, technicians could do nothing
    let lacking = Systemd::probe().err();
    let sandbox = if lacking.is_none() { unit::Sandbox::Strict } else { unit::Sandbox::None };
    write(Path::new(UNIT_FILE), &unit::text(program, state_dir, sandbox))?;
    systemctl("install", "systemctl", &["daemon-reload"])?;
    systemctl("enable", "systemctl", &["enable", "--quiet", NAME])?;
    systemctl("start", "systemctl", &["restart", NAME])?;
    Ok(lacking)
}

#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
pub(super) fn definition() -> Result<String, Unsupported> {
    Ok(unit::text(Path::new(unit::USUAL_PROGRAM), None, unit::Sandbox::Strict))
}

pub(super) fn uninstall() -> Result<(), ServiceError> {
    support()?;
    if state()? == State::NotInstalled {
        return Ok(());
    }
    systemctl("remove", "systemctl", &["disable", "--quiet", "--now", NAME])?;
    remove(Path::new(UNIT_FILE))?;
    systemctl("remove", "systemctl", &["daemon-reload"])?;
    Ok(())
}

pub(super) fn start() -> Result<(), ServiceError> {
    support()?;
    systemctl("start", "systemctl", &["start", NAME]).map(drop)
}

pub(super) fn stop() -> Result<(), ServiceError> {
    support()?;
    systemctl("stop", "systemctl", &["stop", NAME]).map(drop)
}

pub(super) fn state() -> Result<State, ServiceError> {
    support()?;
    let shown = systemctl("ask for", "systemctl", &["show", NAME, "--property=LoadState", "--property=ActiveState"])?;
    Ok(state_of(&shown))
}

pub(super) fn run(_work: fn() -> u8) -> Result<(), ServiceError> {
    Err(Unsupported::because("systemd starts the ordinary program: `gururmm-agent run`").into())
}

fn state_of(shown: &str) -> State {
    let is = |line: &str| shown.lines().any(|found| found == line);
    if !is("LoadState=loaded") {
        return State::NotInstalled;
    }
    let runs = ["active", "activating", "reloading", "deactivating"];
    if runs.iter().any(|state| is(&format!("ActiveState={state}"))) { State::Running } else { State::Stopped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_systemd_shows_is_understood() {
        assert_eq!(state_of("LoadState=not-found\nActiveState=inactive\n"), State::NotInstalled);
        assert_eq!(state_of("LoadState=loaded\nActiveState=inactive\n"), State::Stopped);
        assert_eq!(state_of("LoadState=loaded\nActiveState=failed\n"), State::Stopped);
        assert_eq!(state_of("LoadState=loaded\nActiveState=active\n"), State::Running);
    }
}
