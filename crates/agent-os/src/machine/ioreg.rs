//! What `ioreg` prints of a Mac itself.

/// The registry's entry of the Mac.
pub(crate) struct PlatformExpert(String);

impl PlatformExpert {
    pub(super) fn new(text: String) -> Self {
        Self(text)
    }

    /// The value of this name: a text, or data that is one.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let key = format!("\"{name}\" = ");
        let value = self.0.lines().find_map(|line| line.split_once(&key))?.1;
        let text = value.trim_start_matches('<').strip_prefix('"')?;
        let (value, _) = text.split_once('"')?;
        (!value.is_empty()).then(|| value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        let text = include_str!("../../fixtures/macos/ioreg-platform.txt");
        let expert = PlatformExpert::new(text.to_owned());
        assert_eq!(expert.value("IOPlatformUUID").as_deref(), Some("01234567-89AB-CDEF-0123-456789ABCDEF"));
        assert_eq!(expert.value("manufacturer").as_deref(), Some("Example"));
        assert_eq!(expert.value("Nothing"), None);
        assert_eq!(PlatformExpert::new("+-o Root\n".to_owned()).value("IOPlatformUUID"), None);
    }
}
