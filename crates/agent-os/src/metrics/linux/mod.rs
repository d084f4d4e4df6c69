//! Linux: everything from `/proc` and `/sys`, read by hand to keep no process table.

mod counters;
mod disks;
mod idle_hint;
mod network;
mod processes;
mod sessions;

use std::fs;
use std::time::Duration;

use gururmm_protocol::metrics::Metrics;

use super::User;
use crate::Unsupported;
use counters::{CpuTimes, cpu_times, load, memory, uptime_seconds};

#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
pub(super) fn idle_support() -> Result<(), Unsupported> {
    Ok(())
}

pub(super) struct Platform {
    cpu: CpuTimes,
    network: network::Totals,
    processes: processes::Processes,
}

impl Platform {
    pub(super) fn start() -> Self {
        Self { cpu: CpuTimes::default(), network: network::Totals::default(), processes: processes::Processes::new() }
    }

    pub(super) fn sample(&mut self, interval: Duration) -> Metrics {
        let cpu = cpu_times(&read("/proc/stat"));
        let cpu_percent = cpu.percent_since(self.cpu);
        self.cpu = cpu;
        let memory = memory(&read("/proc/meminfo"));
        let totals = network::totals();
        let (network_rx_bytes, network_tx_bytes) = totals.since(&self.network);
        self.network = totals;
        let (top_cpu, top_memory) = self.processes.sample(interval);
        let (logged_in_user, user_idle_seconds) = User::split(sessions::logged_in_user());
        Metrics {
            interval_seconds: interval.as_secs_f64(),
            cpu_percent,
            load: load(&read("/proc/loadavg")),
            memory_used_bytes: memory.total.saturating_sub(memory.available),
            memory_total_bytes: memory.total,
            swap_used_bytes: memory.swap_total.saturating_sub(memory.swap_free),
            swap_total_bytes: memory.swap_total,
            disks: disks::disks(&read("/proc/self/mountinfo")),
            network_rx_bytes,
            network_tx_bytes,
            uptime_seconds: uptime_seconds(&read("/proc/uptime")),
            logged_in_user,
            user_idle_seconds,
            top_cpu,
            top_memory,
        }
    }
}

/// A file of the kernel; empty when it cannot be read, as in a narrow container.
fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
