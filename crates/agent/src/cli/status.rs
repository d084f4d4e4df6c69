use std::io::ErrorKind;
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use gururmm_agent_os::lock;
use gururmm_agent_os::paths::Paths;
use gururmm_ids::AgentId;
use gururmm_observe::Printable;
use jiff::Timestamp;
use serde::Serialize;

use crate::identity::{Identity, IdentityError};
use crate::{console, status, store};

#[derive(Args)]
pub(super) struct ShowStatus {
    /// As JSON, for scripts.
    #[arg(long)]
    json: bool,
}

/// Everything `status` tells.
#[derive(Serialize)]
struct Report {
    version: &'static str,
    enrolled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    enrolment: Option<Enrolment>,
    running: bool,
    connected: bool,
    connected_since: Option<Timestamp>,
    last_error: Option<String>,
    last_error_at: Option<Timestamp>,
    /// Records that wait for the server.
    spool_records: Option<u64>,
    containment: Option<String>,
}

#[derive(Serialize)]
struct Enrolment {
    server: String,
    agent_id: AgentId,
    site: String,
    client: String,
    enrolled_at: Timestamp,
    removed_at: Option<Timestamp>,
}

impl ShowStatus {
    pub(super) fn execute(self, paths: &Paths) -> anyhow::Result<ExitCode> {
        let report = report(paths)?;
        if self.json {
            console::say(&serde_json::to_string_pretty(&report)?);
        } else {
            print(&report);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn report(paths: &Paths) -> anyhow::Result<Report> {
    let identity = match Identity::load(&paths.identity()) {
        Err(IdentityError::File(error)) if error.kind() == ErrorKind::PermissionDenied => {
            bail!("{error}: only an administrator of this machine may look; try again with sudo");
        }
        other => other?,
    };
    let running = paths.lock().exists() && lock::acquire(&paths.lock())?.is_none();
    let status = status::load(&paths.status()).unwrap_or_default();
    let connected_since = status.connected_since.filter(|_| running);
    Ok(Report {
        version: crate::version::VERSION,
        enrolled: identity.is_some(),
        enrolment: identity.map(|identity| Enrolment {
            server: identity.server_url,
            agent_id: identity.agent_id,
            site: identity.site_name,
            client: identity.client_name,
            enrolled_at: identity.enrolled_at,
            removed_at: identity.removed_at,
        }),
        running,
        connected: connected_since.is_some(),
        connected_since,
        last_error: status.last_error,
        last_error_at: status.last_error_at,
        spool_records: paths.database().exists().then(|| store::depth(&paths.database())).flatten(),
        containment: Some(status.containment).filter(|text| !text.is_empty()),
    })
}

fn print(report: &Report) {
    let line = |label: &str, value: &str| console::say(&format!("{label:<12}{}", Printable(value)));
    line("Version", report.version);
    let Some(enrolment) = &report.enrolment else {
        line("Enrolled", "no; run `gururmm-agent enroll --server URL --site-key KEY`");
        return;
    };
    line("Enrolled", &format!("yes, since {}", enrolment.enrolled_at));
    line("Server", &enrolment.server);
    line("Site", &format!("{} ({})", enrolment.site, enrolment.client));
    line("Agent", &enrolment.agent_id.to_string());
    if let Some(removed_at) = enrolment.removed_at {
        line("Removed", &format!("by the server at {removed_at}; run `gururmm-agent unenroll`"));
    }
    match (report.running, report.connected_since) {
        (true, Some(since)) => line("Connection", &format!("connected since {since}")),
        (true, None) => line("Connection", "running, not connected"),
        (false, _) => line("Connection", "the agent does not run"),
    }
    if let (Some(error), Some(at)) = (&report.last_error, report.last_error_at) {
        line("Last error", &format!("{error} ({at})"));
    }
    if let Some(records) = report.spool_records {
        line("Waiting", &format!("{records} records"));
    }
}
