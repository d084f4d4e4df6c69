use std::process::ExitCode;

use clap::Args;
use gururmm_agent_os::paths::Paths;

use crate::console;
use crate::selftest::{self, Verdict};

#[derive(Args)]
pub(super) struct Selftest {
    /// As JSON, for scripts.
    #[arg(long)]
    json: bool,
}

impl Selftest {
    pub(super) fn execute(self, paths: &Paths) -> anyhow::Result<ExitCode> {
        let report = super::runtime()?.block_on(selftest::run(paths));
        if self.json {
            console::say(&serde_json::to_string_pretty(&report)?);
        } else {
            report.print();
        }
        Ok(if report.checks.iter().any(|check| check.verdict == Verdict::Failed) {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }
}
