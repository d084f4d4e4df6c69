//! What `ioreg` prints of a Mac itself.

/// The value of `IOPlatformUUID`.
pub(super) fn platform_uuid(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.split_once("\"IOPlatformUUID\" = \""))?;
    let (value, _) = line.1.split_once('"')?;
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uuid_is_read() {
        let text = include_str!("../../fixtures/macos/ioreg-platform.txt");
        assert_eq!(platform_uuid(text).as_deref(), Some("01234567-89AB-CDEF-0123-456789ABCDEF"));
        assert_eq!(platform_uuid("+-o Root\n"), None);
    }
}
