//! `gururmm-server audit …`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use gururmm_clock::SystemClock;
use gururmm_ids::OrgId;
use gururmm_server::lifecycle::OwnersDatabase;
use gururmm_server::platform::audit::verify;

use super::{Flags, load_and_log, print};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Say whether the audit log is what was told and signed, and name the first place where it is not; changes nothing
    Verify(Verify),
}

#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    flags: Flags,
    /// Only this organisation
    #[arg(long, value_name = "ID")]
    org: Option<OrgId>,
    /// The folder with the checkpoints, such as a copy that was kept elsewhere (default: where the server writes them)
    #[arg(long, value_name = "DIRECTORY")]
    checkpoints: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Verify(command) => verify_log(command).await,
    }
}

/// Succeeds when every log is whole.
async fn verify_log(command: &Verify) -> anyhow::Result<ExitCode> {
    let (_, config) = load_and_log(&command.flags)?;
    let folder = command.checkpoints.clone().unwrap_or_else(|| config.audit_checkpoints());
    let mut database = OwnersDatabase::open(&config).await?;
    let report = verify(&mut database.connection, &folder, command.org, SystemClock::shared().now()).await;
    database.close().await?;
    let report = report?;
    let text = if command.json { format!("{}\n", serde_json::to_string_pretty(&report)?) } else { report.text() };
    print(&text)?;
    Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
