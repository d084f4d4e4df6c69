//! A session of logind, entered by a unit of systemd that has the account of its person.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User};

use crate::Unsupported;
use crate::process::Systemd;

/// A person who is logged in at the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The number of their account: a name may look like another's number.
    pub uid: u32,
    /// Their home.
    pub home: PathBuf,
    /// What programs of their session find in their environment: home, display, bus.
    pub environment: BTreeMap<String, String>,
}

pub(super) fn support() -> Result<(), Unsupported> {
    Systemd::probe()?.knows_credentials()
}

pub(super) fn person() -> Result<Person, Unsupported> {
    support()?;
    let session = active_session(Path::new("/run/systemd/sessions"));
    let session = session.ok_or_else(|| Unsupported::because("nobody is logged in at this machine"))?;
    let uid = session.uid;
    if uid.is_root() {
        return Err(Unsupported::because(
            "root is logged in at this machine, and what root may is not a person's: choose the context system",
        ));
    }
    let user = User::from_uid(uid).ok().flatten();
    let user =
        user.ok_or_else(|| Unsupported::because(format!("the account {uid}, which is logged in, is not known")))?;
    let mut environment = desktop(Path::new(&format!("/run/user/{uid}")), session.display);
    let mut tell = |name: &str, value: String| _ = environment.insert(name.to_owned(), value);
    tell("HOME", user.dir.display().to_string());
    tell("SHELL", user.shell.display().to_string());
    tell("USER", user.name.clone());
    tell("LOGNAME", user.name);
    Ok(Person { uid: uid.as_raw(), home: user.dir, environment })
}

/// Who sits at the machine, and in front of which display.
#[derive(Debug, PartialEq, Eq)]
struct Session {
    uid: Uid,
    display: Option<String>,
}

/// The active session at this machine's screen or terminal, by the files from which logind restores itself. Who came over the network does
/// not sit at it.
fn active_session(sessions: &Path) -> Option<Session> {
    let entries = fs::read_dir(sessions).ok()?.flatten();
    let texts = entries
        .filter(|entry| entry.path().extension().is_none())
        .filter_map(|entry| fs::read_to_string(entry.path()).ok());
    let sessions = texts.filter_map(|text| {
        let field = |key: &str| text.lines().filter_map(|line| line.split_once('=')).find(|(name, _)| *name == key);
        let is = |key, value| field(key).is_some_and(|(_, found)| found == value);
        let is_here = is("CLASS", "user") && is("ACTIVE", "1") && !is("REMOTE", "1") && !is("STATE", "closing");
        let uid = field("UID").filter(|_| is_here)?.1.parse().ok()?;
        let display = field("DISPLAY").map(|(_, display)| display.to_owned()).filter(|display| !display.is_empty());
        Some(Session { uid: Uid::from_raw(uid), display })
    });
    sessions.min_by_key(|session| session.uid.as_raw())
}

/// What programs of a desktop find in their environment: the display, and what lies in the folder that logind makes for a person.
fn desktop(runtime: &Path, display: Option<String>) -> BTreeMap<String, String> {
    let mut environment: BTreeMap<String, String> =
        display.into_iter().map(|display| ("DISPLAY".to_owned(), display)).collect();
    let Ok(entries) = fs::read_dir(runtime) else { return environment };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let is_socket = |name: &String| name.strip_prefix("wayland-").is_some_and(|number| number.parse::<u8>().is_ok());
    if let Some(socket) = names.filter(is_socket).min() {
        environment.insert("WAYLAND_DISPLAY".to_owned(), socket);
    }
    let runtime = runtime.display().to_string();
    environment.insert("DBUS_SESSION_BUS_ADDRESS".to_owned(), format!("unix:path={runtime}/bus"));
    environment.insert("XDG_RUNTIME_DIR".to_owned(), runtime);
    environment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sits_at_the_machine_is_told_from_who_came_over_the_network() {
        let folder = tempfile::tempdir().unwrap();
        let write = |id: &str, text: &str| fs::write(folder.path().join(id), text).unwrap();
        assert_eq!(active_session(folder.path()), None);
        write("1", "UID=1000\nUSER=a\nACTIVE=1\nREMOTE=1\nCLASS=user\n");
        write("2", "UID=1001\nACTIVE=0\nREMOTE=0\nCLASS=user\n");
        write("3", "UID=118\nACTIVE=1\nREMOTE=0\nCLASS=greeter\n");
        write("4.ref", "UID=1002\nACTIVE=1\nREMOTE=0\nCLASS=user\n");
        assert_eq!(active_session(folder.path()), None);
        write("5", "UID=1003\nACTIVE=1\nREMOTE=0\nSTATE=active\nCLASS=user\nDISPLAY=:0\n");
        let display = Some(":0".to_owned());
        assert_eq!(active_session(folder.path()), Some(Session { uid: Uid::from_raw(1003), display }));
    }

    #[test]
    fn a_desktop_is_found_by_its_display_its_socket_and_its_bus() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["wayland-1", "wayland-0", "wayland-0.lock", "wayland-x", "bus"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let told = desktop(folder.path(), Some(":1".to_owned()));
        let runtime = folder.path().to_str().unwrap();
        assert_eq!(told["WAYLAND_DISPLAY"], "wayland-0");
        assert_eq!((told["DISPLAY"].as_str(), told["XDG_RUNTIME_DIR"].as_str()), (":1", runtime));
        assert_eq!(desktop(&folder.path().join("none"), None), BTreeMap::new());
    }
}
