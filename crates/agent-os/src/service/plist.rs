//! What launchd reads and prints: the launch daemon's property list, and the state of a daemon.

use std::path::Path;

const PLIST: &str = include_str!("../../../../packaging/macos/org.gururmm.agent.plist");
const USUAL_PROGRAM: &str = "<string>/usr/local/bin/gururmm-agent</string>";

/// The list for a program at this place, with its state elsewhere if that is wished.
pub(super) fn text(program: &Path, state_dir: Option<&Path>) -> String {
    let entry = |text: &str| format!("<string>{}</string>", escaped(text));
    let mut words = vec![entry(&program.display().to_string())];
    if let Some(folder) = state_dir {
        words.push(entry("--state-dir"));
        words.push(entry(&folder.display().to_string()));
    }
    PLIST.replace(USUAL_PROGRAM, &words.join("\n\t\t"))
}

/// Whether `launchctl print` shows a running daemon.
pub(super) fn is_running(printed: &str) -> bool {
    printed.lines().any(|line| line.trim() == "state = running")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_program_gets_the_packaged_list() {
        assert_eq!(text(Path::new("/usr/local/bin/gururmm-agent"), None), PLIST);
    }

    #[test]
    fn a_running_daemon_is_told_from_one_that_waits() {
        let printed = include_str!("../../fixtures/macos/launchctl-print.txt");
        assert!(is_running(printed));
        assert!(!is_running(&printed.replace("state = running", "state = not running")));
    }

    #[test]
    fn another_place_is_named_in_valid_xml() {
        let list = text(Path::new("/opt/R&D/agent"), Some(Path::new("/srv/state")));
        let words =
            "<string>/opt/R&amp;D/agent</string>\n\t\t<string>--state-dir</string>\n\t\t<string>/srv/state</string>";
        assert!(list.contains(words), "{list}");
    }
}
