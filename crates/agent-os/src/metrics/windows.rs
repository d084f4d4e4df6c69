#![expect(unsafe_code, reason = "processor times and sessions have no safe wrapper")]

use std::time::Duration;

use gururmm_protocol::metrics::Metrics;
use windows::Win32::Foundation::FILETIME;
use windows::Win32::System::RemoteDesktop::{
    WTS_CONNECTSTATE_CLASS, WTS_INFO_CLASS, WTSActive, WTSConnectState, WTSFreeMemory, WTSGetActiveConsoleSessionId,
    WTSQuerySessionInformationW, WTSUserName,
};
use windows::Win32::System::Threading::GetSystemTimes;
use windows::core::PWSTR;

use super::surveyed::{Own, Survey};

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
        self.survey.sample(interval, Own { cpu_percent, load: None, logged_in_user: logged_in_user() })
    }
}

fn cpu_times() -> Option<CpuTimes> {
    let (mut idle, mut kernel, mut user) = (FILETIME::default(), FILETIME::default(), FILETIME::default());
    // SAFETY: three valid places to write to
    unsafe { GetSystemTimes(Some(&raw mut idle), Some(&raw mut kernel), Some(&raw mut user)) }.ok()?;
    let ticks = |time: FILETIME| (u64::from(time.dwHighDateTime) << 32) | u64::from(time.dwLowDateTime);
    // kernel time includes idle time
    Some(CpuTimes { idle: ticks(idle), all: ticks(kernel) + ticks(user) })
}

/// Who sits at the console.
fn logged_in_user() -> Option<String> {
    // SAFETY: takes no arguments
    let session = unsafe { WTSGetActiveConsoleSessionId() };
    let is_active = query(session, WTSConnectState, |buffer, bytes| {
        // SAFETY: for this class the buffer is one such value, when it is that long
        bytes >= size_of::<WTS_CONNECTSTATE_CLASS>()
            && unsafe { buffer.0.cast::<WTS_CONNECTSTATE_CLASS>().read_unaligned() } == WTSActive
    })?;
    // SAFETY: for this class the buffer is a text that ends with zero
    let name = query(session, WTSUserName, |buffer, _| unsafe { buffer.to_string() }.ok())??;
    (is_active && !name.is_empty()).then_some(name)
}

fn query<T>(session: u32, what: WTS_INFO_CLASS, read: impl FnOnce(PWSTR, usize) -> T) -> Option<T> {
    let (mut buffer, mut bytes) = (PWSTR::null(), 0);
    // SAFETY: two valid places to write to
    unsafe { WTSQuerySessionInformationW(None, session, what, &raw mut buffer, &raw mut bytes) }.ok()?;
    let value = (!buffer.is_null()).then(|| read(buffer, bytes as usize));
    // SAFETY: the call before allocated it, and nothing uses it any more
    unsafe { WTSFreeMemory(buffer.0.cast()) };
    value
}
