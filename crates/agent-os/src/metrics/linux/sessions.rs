//! Who is logged in, and for how long nothing was touched: the active session of a person, as systemd or else utmp know it.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::super::{User, short};
use super::idle_hint;

pub(super) fn logged_in_user() -> Option<User> {
    from_systemd().or_else(from_utmp).filter(|user| !user.name.is_empty())
}

/// What a session says of itself. Local ones sort before those over the network, by name.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Session {
    is_remote: bool,
    user: String,
    tty: Option<String>,
    id: String,
}

/// `/run/systemd/sessions/*` are the files from which logind restores itself; reading them needs no D-Bus.
fn from_systemd() -> Option<User> {
    let entries = fs::read_dir("/run/systemd/sessions").ok()?.flatten();
    // a person at the screen comes before one who came over the network
    let session = entries
        .filter(|entry| entry.path().extension().is_none())
        .filter_map(|entry| session(entry.file_name().to_str()?, &fs::read_to_string(entry.path()).ok()?))
        .min()?;
    let idle_seconds = match &session.tty {
        Some(tty) => terminal_idle_seconds(tty),
        None => idle_hint::idle_seconds(&session.id),
    };
    Some(User { name: short(&session.user), idle_seconds })
}

fn session(id: &str, text: &str) -> Option<Session> {
    let field = |key: &str| text.lines().filter_map(|line| line.split_once('=')).find(|(name, _)| *name == key);
    let is = |key, value| field(key).is_some_and(|(_, found)| found == value);
    if !is("CLASS", "user") || is("STATE", "closing") || !(is("ACTIVE", "1") || is("REMOTE", "1")) {
        return None;
    }
    // a desktop's session names the terminal that it was started from, which nobody touches
    let is_desktop = is("TYPE", "x11") || is("TYPE", "wayland");
    let tty = field("TTY").map(|(_, tty)| tty.to_owned()).filter(|tty| !is_desktop && !tty.is_empty());
    Some(Session { is_remote: is("REMOTE", "1"), user: field("USER")?.1.to_owned(), tty, id: id.to_owned() })
}

fn from_utmp() -> Option<User> {
    let bytes = fs::read("/var/run/utmp").ok()?;
    let (name, tty) = user_of_utmp(&bytes, size_of::<libc::utmpx>())?;
    Some(User { name: short(&name), idle_seconds: terminal_idle_seconds(&tty) })
}

/// Records of fixed size: kind (i16) at 0, terminal (32 bytes) at 8, user name (32 bytes) at 44, both zero-padded.
fn user_of_utmp(bytes: &[u8], record: usize) -> Option<(String, String)> {
    const USER_PROCESS: i16 = 7;
    bytes.chunks_exact(record).find_map(|entry| {
        let text = |from: usize| {
            let field = entry.get(from..from + 32)?.split(|byte| *byte == 0).next()?;
            Some(String::from_utf8_lossy(field).into_owned())
        };
        let kind = i16::from_ne_bytes([entry[0], entry[1]]);
        let name = text(44)?;
        (kind == USER_PROCESS && !name.is_empty()).then(|| Some((name, text(8)?)))?
    })
}

/// The kernel moves a terminal's access time at each input, in steps of eight seconds.
fn terminal_idle_seconds(tty: &str) -> Option<u64> {
    let name = tty.strip_prefix("/dev/").unwrap_or(tty);
    // utmp is written by others: nothing but a terminal's name
    if name.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
        return None;
    }
    let touched = fs::metadata(Path::new("/dev").join(name)).ok()?.atime();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    Some(now.saturating_sub(u64::try_from(touched).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERSON: &str =
        "UID=1000\nUSER=technician\nACTIVE=1\nSTATE=active\nREMOTE=0\nTYPE=tty\nCLASS=user\nTTY=tty2\n";

    #[test]
    fn only_people_count() {
        let found = session("7", PERSON).unwrap();
        assert_eq!((found.user.as_str(), found.tty.as_deref()), ("technician", Some("tty2")));
        assert_eq!(session("7", &PERSON.replace("CLASS=user", "CLASS=greeter")), None);
        assert_eq!(session("7", &PERSON.replace("STATE=active", "STATE=closing")), None);
    }

    #[test]
    fn a_desktop_is_not_judged_by_the_terminal_that_started_it() {
        assert_eq!(session("7", &PERSON.replace("TYPE=tty", "TYPE=wayland")).unwrap().tty, None);
    }

    #[test]
    fn who_sits_at_the_screen_comes_first() {
        let here = session("9", PERSON).unwrap();
        let away = session("1", &PERSON.replace("REMOTE=0", "REMOTE=1").replace("USER=technician", "USER=a")).unwrap();
        assert!(here < away);
    }

    #[test]
    fn utmp_records_name_their_user_and_terminal() {
        let mut bytes = vec![0; 384 * 2];
        bytes[384] = 7;
        bytes[384 + 8..384 + 13].copy_from_slice(b"pts/3");
        bytes[384 + 44..384 + 48].copy_from_slice(b"anna");
        assert_eq!(user_of_utmp(&bytes, 384), Some(("anna".to_owned(), "pts/3".to_owned())));
        assert_eq!(user_of_utmp(&bytes[..384], 384), None);
    }

    #[test]
    fn only_terminals_are_looked_at() {
        assert_eq!(terminal_idle_seconds("../etc/passwd"), None);
        assert_eq!(terminal_idle_seconds("pts/no-such-terminal"), None);
        assert!(terminal_idle_seconds("null").is_some());
    }
}
