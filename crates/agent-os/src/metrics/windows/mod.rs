#![expect(unsafe_code, reason = "processor times and sessions have no safe wrapper")]

mod sessions;

use std::time::Duration;

use gururmm_protocol::metrics::Metrics;
use windows::Win32::Foundation::FILETIME;
use windows::Win32::System::Threading::GetSystemTimes;

use super::surveyed::{Own, Survey};
use crate::Unsupported;

/// Interfaces that carry the bytes of others again.
const VIRTUAL: [&str; 6] = ["Loopback", "vEthernet", "isatap", "Teredo", "6to4", "Local Area Connection*"];

pub(super) struct Platform {
    survey: Survey,
    cpu: CpuTimes,
}

/// 100 ns of all processors since boot.
#[derive(Clone, Copy, Default)]
struct CpuTimes {
    idle: u64,
    all: u64,
}

impl Platform {
    pub(super) fn start() -> Self {
        let is_physical = |name: &str| !VIRTUAL.iter().any(|prefix| name.starts_with(prefix));
        Self { survey: Survey::start(is_physical), cpu: CpuTimes::default() }
    }

    pub(super) fn sample(&mut self, interval: Duration) -> Metrics {
        let now = cpu_times().unwrap_or(self.cpu);
        let all = now.all.saturating_sub(self.cpu.all);
        let idle = now.idle.saturating_sub(self.cpu.idle).min(all);
        self.cpu = now;
        let cpu_percent = if all == 0 { 0.0 } else { ((all - idle) as f64 / all as f64 * 100.0) as f32 };
        self.survey.sample(interval, Own { cpu_percent, load: None, user: sessions::logged_in_user() })
    }
}

pub(super) fn idle_support() -> Result<(), Unsupported> {
    Err(Unsupported::because(
        "Windows tells the last input of remote sessions only, not of the person at the computer itself",
    ))
}

fn cpu_times() -> Option<CpuTimes> {
    let (mut idle, mut kernel, mut user) = (FILETIME::default(), FILETIME::default(), FILETIME::default());
    // SAFETY: three valid places to write to
    unsafe { GetSystemTimes(Some(&raw mut idle), Some(&raw mut kernel), Some(&raw mut user)) }.ok()?;
    let ticks = |time: FILETIME| (u64::from(time.dwHighDateTime) << 32) | u64::from(time.dwLowDateTime);
    // kernel time includes idle time
    Some(CpuTimes { idle: ticks(idle), all: ticks(kernel) + ticks(user) })
}
