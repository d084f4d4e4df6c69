//! Who is logged in: the active session of a person, as systemd or else utmp know it.

use std::fs;

use super::super::short;

pub(super) fn logged_in_user() -> Option<String> {
    from_systemd().or_else(from_utmp).map(|user| short(&user)).filter(|user| !user.is_empty())
}

/// `/run/systemd/sessions/*` are the files from which logind restores itself; reading them needs no D-Bus.
fn from_systemd() -> Option<String> {
    let mut found: Vec<_> = fs::read_dir("/run/systemd/sessions")
        .ok()?
        .flatten()
        .filter(|entry| entry.path().extension().is_none())
        .filter_map(|entry| user_of_session(&fs::read_to_string(entry.path()).ok()?))
        .collect();
    // a person at the screen comes before one who came over the network
    found.sort();
    found.into_iter().next().map(|(_, user)| user)
}

/// Whether the session is remote, and its user.
fn user_of_session(text: &str) -> Option<(bool, String)> {
    let field = |key: &str| text.lines().filter_map(|line| line.split_once('=')).find(|(name, _)| *name == key);
    let is = |key, value| field(key).is_some_and(|(_, found)| found == value);
    if !is("CLASS", "user") || is("STATE", "closing") || !(is("ACTIVE", "1") || is("REMOTE", "1")) {
        return None;
    }
    Some((is("REMOTE", "1"), field("USER")?.1.to_owned()))
}

fn from_utmp() -> Option<String> {
    let bytes = fs::read("/var/run/utmp").ok()?;
    user_of_utmp(&bytes, size_of::<libc::utmpx>())
}

/// Records of fixed size: kind (i16) at 0, user name (32 bytes, zero-padded) at 44.
fn user_of_utmp(bytes: &[u8], record: usize) -> Option<String> {
    const USER_PROCESS: i16 = 7;
    bytes.chunks_exact(record).find_map(|entry| {
        let kind = i16::from_ne_bytes([entry[0], entry[1]]);
        let name = entry.get(44..76)?.split(|byte| *byte == 0).next()?;
        (kind == USER_PROCESS && !name.is_empty()).then(|| String::from_utf8_lossy(name).into_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_people_count() {
        let person = "UID=1000\nUSER=technician\nACTIVE=1\nSTATE=active\nREMOTE=0\nCLASS=user\n";
        assert_eq!(user_of_session(person), Some((false, "technician".to_owned())));
        assert_eq!(user_of_session(&person.replace("CLASS=user", "CLASS=greeter")), None);
        assert_eq!(user_of_session(&person.replace("STATE=active", "STATE=closing")), None);
    }

    #[test]
    fn utmp_records_name_their_user() {
        let mut bytes = vec![0; 384 * 2];
        bytes[384] = 7;
        bytes[384 + 44..384 + 48].copy_from_slice(b"anna");
        assert_eq!(user_of_utmp(&bytes, 384).as_deref(), Some("anna"));
        assert_eq!(user_of_utmp(&bytes[..384], 384), None);
    }
}
