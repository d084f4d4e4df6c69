//! What is said at the end.

use std::io::Write as _;
use std::time::Duration;

use anyhow::bail;
use gururmm_simulator::fleet::{Summary, Verdict};

use crate::commands::Ends;
use crate::health::{Health, complaints};

/// Of the commands that the server took, so many must complete.
const SUCCESS_MIN: f64 = 0.99;

#[derive(Default)]
pub(crate) struct Report {
    /// What broke, and how long until all was well.
    pub(crate) outages: Vec<(&'static str, Duration)>,
    pub(crate) health: Vec<Health>,
    pub(crate) commands: Ends,
    pub(crate) summary: Option<Summary>,
    pub(crate) verdict: Option<Verdict>,
}

impl Report {
    pub(crate) fn print(&self) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        for (name, took) in &self.outages {
            writeln!(out, "{name:<34} all well after {:.1} s", took.as_secs_f64())?;
        }
        let highest = |value: fn(&Health) -> f64| self.health.iter().map(value).fold(0.0, f64::max);
        if let Some(first) = self.health.first() {
            let (memory, files) = (highest(|look| look.memory_mb), highest(|look| look.files));
            writeln!(out, "memory       {:.1} MB at first, at most {memory:.1} MB", first.memory_mb)?;
            writeln!(out, "open files   {} at first, at most {files}", first.files)?;
        }
        let Ends { accepted, refused, completed, others } = self.commands;
        writeln!(
            out,
            "commands     {accepted} accepted, {completed} completed, {others} otherwise; {refused} refused"
        )?;
        if let Some(summary) = &self.summary {
            writeln!(out, "connections  {} handshakes, {} ended", summary.handshakes, summary.lost_connections)?;
        }
        if let Some(verdict) = &self.verdict {
            writeln!(
                out,
                "measurements {} made, {} acknowledged, {} stored, {} lost, {} doubled",
                verdict.measured, verdict.acknowledged, verdict.stored, verdict.lost, verdict.doubled
            )?;
        }
        Ok(())
    }

    /// An error that names everything that was not as it must be.
    pub(crate) fn require_good(&self) -> anyhow::Result<()> {
        let mut wrong = complaints(&self.health);
        if self.commands.accepted == 0 || self.commands.success() < SUCCESS_MIN {
            wrong.push(format!("only {:.2} % of the commands completed", self.commands.success() * 100.0));
        }
        match &self.verdict {
            Some(verdict) if verdict.is_clean() && verdict.measured == verdict.stored => {}
            Some(verdict) => wrong.push(format!("the books differ: {verdict:?}")),
            None => wrong.push("the books were not compared".to_owned()),
        }
        if !wrong.is_empty() {
            bail!("{}", wrong.join("; "));
        }
        Ok(())
    }
}

/// Tells whoever watches.
pub(crate) fn say(text: &str) {
    // a terminal that is gone is no reason to stop
    writeln!(std::io::stderr(), "{text}").ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Report {
        let verdict = Verdict { measured: 9, acknowledged: 9, stored: 9, ..Verdict::default() };
        let commands = Ends { accepted: 100, completed: 99, others: 1, refused: 7 };
        Report { commands, verdict: Some(verdict), ..Report::default() }
    }

    #[test]
    fn a_good_run_passes_and_every_fault_is_named() {
        assert!(good().require_good().is_ok());
        let complaint = |report: Report| report.require_good().unwrap_err().to_string();
        let lost = Report { verdict: Some(Verdict { stored: 8, ..good().verdict.unwrap() }), ..good() };
        assert!(complaint(lost).contains("the books differ"));
        let failed = Report { commands: Ends { completed: 98, ..good().commands }, ..good() };
        assert_eq!(complaint(failed), "only 98.00 % of the commands completed");
        assert!(complaint(Report::default()).contains("not compared"));
    }
}
