//! The metrics page in Prometheus' text format.

use std::fmt::{Display, Write as _};

use crate::app::AppState;

pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The page.
pub(super) async fn text(app: &AppState) -> String {
    let (in_use, open) = app.db.app_connections();
    let mut page = Page::default();
    page.family("gururmm_build_info", "gauge", "The running version; always 1.")
        .sample(concat!("{version=\"", env!("CARGO_PKG_VERSION"), "\"}"), 1);
    page.family("gururmm_uptime_seconds", "gauge", "Seconds since this process began to serve.")
        .sample("", app.started.elapsed().as_secs());
    page.family("gururmm_agents_connected", "gauge", "Agents connected to this process.")
        .sample("", app.gateway.connected());
    page.family("gururmm_database_connections", "gauge", "Database connections of request handlers.")
        .sample("{state=\"in_use\"}", in_use)
        .sample("{state=\"idle\"}", open.saturating_sub(in_use));
    if let Some(bytes) = resident_memory_bytes().await {
        page.family("process_resident_memory_bytes", "gauge", "Memory that this process holds.").sample("", bytes);
    }
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
    family: &'static str,
}

impl Page {
    fn family(&mut self, name: &'static str, kind: &str, help: &str) -> &mut Self {
        self.family = name;
        writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}").ok();
        self
    }

    fn sample(&mut self, labels: &str, value: impl Display) -> &mut Self {
        writeln!(self.text, "{}{labels} {value}", self.family).ok();
        self
    }
}

/// Only Linux tells it in a file; elsewhere the page leaves it out.
async fn resident_memory_bytes() -> Option<u64> {
    resident_bytes(&tokio::fs::read_to_string("/proc/self/status").await.ok()?)
}

fn resident_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_has_its_help_once_and_its_samples() {
        let mut page = Page::default();
        page.family("connections", "gauge", "Open ones.").sample("{state=\"idle\"}", 3).sample("", 4);
        let text =
            "# HELP connections Open ones.\n# TYPE connections gauge\nconnections{state=\"idle\"} 3\nconnections 4\n";
        assert_eq!(page.text, text);
    }

    #[test]
    fn resident_memory_is_read_from_the_kernels_status() {
        assert_eq!(resident_bytes("Name:\tgururmm-server\nVmHWM:\t  200 kB\nVmRSS:\t  123 kB\n"), Some(123 * 1024));
        assert_eq!(resident_bytes("Name:\tgururmm-server\n"), None);
    }
}
