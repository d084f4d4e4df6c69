//! What an install report is, and what of it is kept.

use gururmm_ids::{ClientId, InstallReportId, SiteId, SiteKeyId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::time::Time;
use crate::platform::validate::visible;

/// Characters of the names of things.
const WORD_MAX: usize = 100;
/// Characters of the message.
const MESSAGE_MAX: usize = 1_000;
/// Characters of the log, the last ones.
const LOG_MAX: usize = 8_000;

/// What an installation that failed has told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InstallReport {
    /// Its id.
    pub id: InstallReportId,
    /// The client of the site key.
    pub client_id: ClientId,
    /// That client's name.
    pub client_name: String,
    /// The site of the site key.
    pub site_id: SiteId,
    /// That site's name.
    pub site_name: String,
    /// The site key; null when it is gone.
    pub site_key_id: Option<SiteKeyId>,
    /// That key's name.
    pub site_key_name: Option<String>,
    /// When it came.
    pub reported_at: Time,
    /// What the machine calls itself.
    pub hostname: String,
    /// Its system.
    pub os: String,
    /// Its processor's architecture.
    pub arch: String,
    /// The version of what was installed.
    pub agent_version: String,
    /// At what it failed, such as `download` or `enroll`.
    pub step: String,
    /// Why, in a sentence.
    pub message: String,
    /// The end of what was written meanwhile.
    pub log: Option<String>,
    /// From where it came.
    pub ip: String,
}

/// A name as it may be stored.
pub(super) fn word(text: &str) -> String {
    without_keys(&visible(text.trim()).take(WORD_MAX).collect::<String>())
}

/// A sentence as it may be stored.
pub(super) fn message(text: &str) -> String {
    without_keys(&visible(text.trim()).take(MESSAGE_MAX).collect::<String>())
}

/// Several lines as they may be stored: the end of them, where the reason is.
pub(super) fn log(text: &str) -> Option<String> {
    let lines: Vec<String> = text.lines().map(|line| visible(line).collect()).collect();
    let text = without_keys(lines.join("\n").trim());
    let skipped = text.chars().count().saturating_sub(LOG_MAX);
    let end: String = text.chars().skip(skipped).collect();
    Some(end).filter(|text| !text.is_empty())
}

/// The text without what looks like one of our keys or tokens.
fn without_keys(text: &str) -> String {
    let mut rest = text;
    let mut clean = String::with_capacity(text.len());
    while let Some(at) = rest.find("grmm_") {
        let (before, key) = rest.split_at(at);
        let end = key.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.')).unwrap_or(key.len());
        clean.push_str(before);
        clean.push_str("(a key)");
        rest = &key[end..];
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_kept() {
        let key = "grmm_site_AbC-_d0123456789.xyz_-";
        for text in [format!("used {key} in vain"), format!("{key}\n{key}"), format!("(\"{key}\")"), key.to_owned()] {
            for kept in [message(&text), log(&text).unwrap()] {
                assert!(!kept.contains("AbC") && !kept.contains("xyz"), "{kept}");
            }
        }
        assert_eq!(message("used grmm_site_abc in vain"), "used (a key) in vain");
        assert_eq!(message("nothing to hide"), "nothing to hide");
    }

    #[test]
    fn a_report_is_bounded_and_hides_nothing() {
        assert_eq!(word(&"x".repeat(9_999)).len(), WORD_MAX);
        assert_eq!(message(&"é".repeat(9_999)).chars().count(), MESSAGE_MAX);
        let long = log(&format!("begin\n{}\nend", "y".repeat(20_000))).unwrap();
        assert!(long.ends_with("\nend") && long.chars().count() == LOG_MAX, "the end is kept");
        assert_eq!(log("a\u{1b}[31m\u{202e}b\0\n\n"), Some("a[31mb".to_owned()));
        assert_eq!(log(" \n "), None);
    }

    /// A key that the end of the log cuts in two leaves its second half.
    #[test]
    fn a_key_at_the_edge_is_not_kept_in_part() {
        let text = format!("grmm_site_{}{}", "Q".repeat(40), " z".repeat(LOG_MAX / 2));
        assert!(!log(&text).unwrap().contains('Q'));
        let text = format!("{} grmm_site_{}", "z".repeat(MESSAGE_MAX - 20), "Q".repeat(60));
        assert!(!message(&text).contains('Q'), "not even the beginning");
    }
}
