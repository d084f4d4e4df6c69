//! A session of logind, entered by a unit of systemd that has the account of its person.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use nix::unistd::{Uid, User};

use super::Person;
use crate::Unsupported;
use crate::process::Systemd;

/// What programs of a desktop are told by it. Nothing else of a person's environment is another program's business.
const OF_DESKTOPS: [&str; 8] = [
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_CURRENT_DESKTOP",
    "XDG_SESSION_TYPE",
    "DESKTOP_SESSION",
    "DBUS_SESSION_BUS_ADDRESS",
    "LANG",
];
/// Longest value that is taken.
const VALUE_MAX: usize = 1024;
/// One of these has a program that shows windows.
const SHOWS_WINDOWS: [&str; 2] = ["DISPLAY", "WAYLAND_DISPLAY"];

pub(super) fn support() -> Result<(), Unsupported> {
    Systemd::probe()?.knows_credentials()
}

pub(super) fn active() -> Result<Person, Unsupported> {
    support()?;
    let uid = active_account(Path::new("/run/systemd/sessions"));
    let uid = uid.ok_or_else(|| Unsupported::because("nobody is logged in at this machine"))?;
    if uid.is_root() {
        return Err(Unsupported::because(
            "root is logged in at this machine, and what root may is not a person's: choose the context system",
        ));
    }
    let user = User::from_uid(uid).ok().flatten();
    let user =
        user.ok_or_else(|| Unsupported::because(format!("the account {uid}, which is logged in, is not known")))?;
    let runtime = format!("/run/user/{}", user.uid);
    let mut environment = desktop_environment(Path::new("/proc"), user.uid.as_raw());
    let mut tell = |name: &str, value: String| _ = environment.insert(name.to_owned(), value);
    tell("HOME", user.dir.display().to_string());
    tell("SHELL", user.shell.display().to_string());
    tell("USER", user.name.clone());
    tell("LOGNAME", user.name.clone());
    if Path::new(&runtime).is_dir() {
        environment.entry("DBUS_SESSION_BUS_ADDRESS".to_owned()).or_insert(format!("unix:path={runtime}/bus"));
        environment.insert("XDG_RUNTIME_DIR".to_owned(), runtime);
    }
    Ok(Person { uid: uid.as_raw(), home: user.dir, environment })
}

/// Whose session is the active one at this machine's screen or terminal, by the files from which logind restores itself. Who came over the
/// network does not sit at it.
fn active_account(sessions: &Path) -> Option<Uid> {
    let entries = fs::read_dir(sessions).ok()?.flatten();
    let texts = entries
        .filter(|entry| entry.path().extension().is_none())
        .filter_map(|entry| fs::read_to_string(entry.path()).ok());
    let uids = texts.filter_map(|text| {
        let field = |key: &str| text.lines().filter_map(|line| line.split_once('=')).find(|(name, _)| *name == key);
        let is = |key, value| field(key).is_some_and(|(_, found)| found == value);
        let is_here = is("CLASS", "user") && is("ACTIVE", "1") && !is("REMOTE", "1") && !is("STATE", "closing");
        field("UID").filter(|_| is_here)?.1.parse().ok()
    });
    uids.min().map(Uid::from_raw)
}

/// What a program of this account that shows windows was told; nothing when there is none.
fn desktop_environment(proc: &Path, uid: u32) -> BTreeMap<String, String> {
    let processes = fs::read_dir(proc).into_iter().flatten().flatten();
    let of_account = processes.filter(|entry| entry.metadata().is_ok_and(|folder| folder.uid() == uid));
    let told = of_account.filter_map(|entry| fs::read(entry.path().join("environ")).ok()).map(|bytes| wanted(&bytes));
    let mut showing = told.filter(|told| SHOWS_WINDOWS.iter().any(|name| told.contains_key(*name)));
    showing.next().unwrap_or_default()
}

fn wanted(environ: &[u8]) -> BTreeMap<String, String> {
    let entries = environ.split(|byte| *byte == 0).filter_map(|entry| std::str::from_utf8(entry).ok()?.split_once('='));
    // the person says what stands there
    let is_plain = |value: &str| value.len() <= VALUE_MAX && value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let wanted = entries.filter(|(name, value)| OF_DESKTOPS.contains(name) && is_plain(value));
    wanted.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sits_at_the_machine_is_told_from_who_came_over_the_network() {
        let folder = tempfile::tempdir().unwrap();
        let write = |id: &str, text: &str| fs::write(folder.path().join(id), text).unwrap();
        assert_eq!(active_account(folder.path()), None);
        write("1", "UID=1000\nUSER=a\nACTIVE=1\nREMOTE=1\nCLASS=user\n");
        write("2", "UID=1001\nACTIVE=0\nREMOTE=0\nCLASS=user\n");
        write("3", "UID=118\nACTIVE=1\nREMOTE=0\nCLASS=greeter\n");
        write("4.ref", "UID=1002\nACTIVE=1\nREMOTE=0\nCLASS=user\n");
        assert_eq!(active_account(folder.path()), None);
        write("5", "UID=1003\nACTIVE=1\nREMOTE=0\nSTATE=active\nCLASS=user\n");
        assert_eq!(active_account(folder.path()), Some(Uid::from_raw(1003)));
    }

    #[test]
    fn only_what_a_desktop_tells_its_programs_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let write = |pid: &str, environ: &str| {
            fs::create_dir(folder.path().join(pid)).unwrap();
            fs::write(folder.path().join(pid).join("environ"), environ).unwrap();
        };
        write("10", "HOME=/home/a\0LANG=C\0");
        write("12", "DISPLAY=:1\u{1b}[0m\0");
        write("11", "DISPLAY=:0\0XAUTHORITY=/run/x\0AWS_SECRET=1\0LANG=en_GB.UTF-8\0");
        let uid = fs::metadata(folder.path()).unwrap().uid();
        let told = desktop_environment(folder.path(), uid);
        let names: Vec<&str> = told.keys().map(String::as_str).collect();
        assert_eq!(names, ["DISPLAY", "LANG", "XAUTHORITY"]);
        assert!(desktop_environment(folder.path(), uid + 1).is_empty());
    }
}
