//! How long a desktop session has been idle, as the desktop told logind.
//!
//! The hint is set by the desktop after its own time-out, and many never set it: a session whose hint was never touched is
//! unknown, not busy.

use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

/// Asks logind by its own program; nothing when there is no such session or logind does not know.
pub(super) fn idle_seconds(session: &str) -> Option<u64> {
    let output = Command::new("loginctl")
        .args(["show-session", session, "--property=IdleHint", "--property=IdleSinceHint"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    parse(&String::from_utf8_lossy(&output.stdout), now)
}

/// `IdleSinceHint` is microseconds since 1970; 0 when the hint was never set.
fn parse(text: &str, now: u64) -> Option<u64> {
    let field = |key: &str| text.lines().filter_map(|line| line.split_once('=')).find(|(name, _)| *name == key);
    let since: u64 = field("IdleSinceHint")?.1.parse().ok()?;
    if since == 0 {
        return None;
    }
    Some(if field("IdleHint")?.1 == "yes" { now.saturating_sub(since / 1_000_000) } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_hint_that_was_never_set_is_unknown() {
        assert_eq!(parse("IdleHint=no\nIdleSinceHint=0\n", 1_000), None);
        assert_eq!(parse("", 1_000), None);
    }

    #[test]
    fn an_idle_desktop_tells_since_when() {
        assert_eq!(parse("IdleHint=yes\nIdleSinceHint=900000000\n", 1_000), Some(100));
        assert_eq!(parse("IdleHint=no\nIdleSinceHint=900000000\n", 1_000), Some(0));
    }
}
