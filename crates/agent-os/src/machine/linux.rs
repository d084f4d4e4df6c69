use std::fs;

use crate::Unsupported;

/// The first is systemd's; without systemd D-Bus keeps one.
const FILES: [&str; 2] = ["/etc/machine-id", "/var/lib/dbus/machine-id"];

pub(super) fn id() -> Result<String, Unsupported> {
    first_of(&FILES).ok_or_else(|| Unsupported::because("this system has no machine-id"))
}

/// An image that was not started yet says `uninitialized`.
fn first_of(files: &[&str]) -> Option<String> {
    let id = |file: &&str| fs::read_to_string(file).ok().map(|text| text.trim().to_owned());
    files.iter().filter_map(id).find(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_file_with_an_id_counts() {
        let folder = tempfile::tempdir().unwrap();
        let [fresh, kept] = ["fresh", "kept"].map(|name| folder.path().join(name).display().to_string());
        fs::write(&fresh, "uninitialized\n").unwrap();
        fs::write(&kept, "0123456789abcdef0123456789abcdef\n").unwrap();
        assert_eq!(first_of(&["/nowhere", &fresh, &kept]).unwrap(), "0123456789abcdef0123456789abcdef");
        assert_eq!(first_of(&["/nowhere", &fresh]), None);
    }
}
