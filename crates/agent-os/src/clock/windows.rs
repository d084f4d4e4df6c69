#![expect(unsafe_code, reason = "the tick count has no safe wrapper")]

use std::time::Duration;

use windows::Win32::System::SystemInformation::GetTickCount64;

/// Time since the machine started, suspended time included.
pub fn since_boot() -> Duration {
    // SAFETY: takes no arguments and cannot fail
    Duration::from_millis(unsafe { GetTickCount64() })
}
