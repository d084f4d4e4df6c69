//! What `ioreg` prints of a Mac's input devices.

/// Seconds since the last input: the smallest `HIDIdleTime`, which is in nanoseconds.
pub(super) fn hid_idle_seconds(text: &str) -> Option<u64> {
    let values = text.lines().filter_map(|line| {
        let (_, value) = line.split_once("\"HIDIdleTime\" = ")?;
        value.trim().parse::<u64>().ok()
    });
    values.min().map(|nanoseconds| nanoseconds / 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::hid_idle_seconds;

    #[test]
    fn the_idle_time_is_read_in_seconds() {
        let text = include_str!("../../fixtures/macos/ioreg-iohidsystem.txt");
        assert_eq!(hid_idle_seconds(text), Some(83));
        assert_eq!(hid_idle_seconds("+-o Root  <class IORegistryEntry>\n"), None);
        assert_eq!(hid_idle_seconds("\"HIDIdleTime\" = -1\n"), None);
    }
}
