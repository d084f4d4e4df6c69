//! `gururmm-server doctor`: looks at everything that a start needs, and changes nothing.
//!
//! A *check* names one such thing and says whether it is fine, odd (the server starts, but look at it) or broken (it does not start, or not
//! for long). Each stands on its own, so that one visit tells of everything at once.

mod checks;
mod machine;

use std::fmt::Write as _;

use serde::Serialize;

use crate::config::{Config, ConfigError};

/// How it stands with one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing to do.
    Ok,
    /// The server starts; look at it all the same.
    Warning,
    /// The server cannot start, or not work for long.
    Error,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// Which thing.
    pub check: &'static str,
    /// How it stands.
    pub verdict: Verdict,
    /// What was seen and, unless it is fine, what to do.
    pub message: String,
}

impl Check {
    fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Ok, message: message.into() }
    }

    fn warning(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Warning, message: message.into() }
    }

    fn error(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Error, message: message.into() }
    }
}

/// Everything that was found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Whether the server can start.
    pub ok: bool,
    /// One by one.
    pub checks: Vec<Check>,
}

impl Report {
    fn of(checks: Vec<Check>) -> Self {
        Self { ok: checks.iter().all(|check| check.verdict < Verdict::Error), checks }
    }

    /// The report as lines for a person.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for Check { check, verdict, message } in &self.checks {
            let mark = match verdict {
                Verdict::Ok => "ok",
                Verdict::Warning => "warning",
                Verdict::Error => "ERROR",
            };
            writeln!(text, "{mark:<8} {check:<15} {message}").ok();
        }
        text
    }
}

/// Looks at everything. Without a configuration there is nothing else to look at.
pub async fn examine(config: Result<&Config, &ConfigError>) -> Report {
    let config = match config {
        Ok(config) => config,
        Err(error) => return Report::of(vec![Check::error("configuration", error.to_string())]),
    };
    let mut found = checks::configuration(config);
    found.push(machine::data_dir(&config.data_dir));
    found.push(machine::disk_space(&config.data_dir));
    found.push(checks::database(config).await);
    found.push(checks::server_key(config));
    found.push(checks::audit_key(config));
    found.push(machine::audit_checkpoints(&config.audit_checkpoints()));
    found.push(checks::port(config).await);
    found.extend(checks::metrics_port(config).await);
    found.push(checks::public_url(config).await);
    found.push(checks::hosts(config));
    found.push(machine::clock(&config.data_dir));
    found.push(machine::open_files(config.connections_max));
    Report::of(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_error_is_enough_and_a_warning_is_none() {
        let report = Report::of(vec![Check::ok("port", "free"), Check::warning("clock", "odd")]);
        assert!(report.ok);
        assert_eq!(report.text(), "ok       port            free\nwarning  clock           odd\n");
        assert!(!Report::of(vec![Check::ok("port", "free"), Check::error("clock", "wrong")]).ok);
    }
}
