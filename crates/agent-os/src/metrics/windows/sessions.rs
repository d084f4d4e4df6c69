//! Who is logged in: the active session, at the screen or over Remote Desktop, as the session manager knows it.

use windows::Win32::System::RemoteDesktop::{
    WTS_INFO_CLASS, WTSFreeMemory, WTSINFOW, WTSQuerySessionInformationW, WTSSessionInfo, WTSUserName,
};
use windows::core::PWSTR;

use super::super::{User, short};
use crate::session::active_ids;

/// 100 ns.
const TICKS_PER_SECOND: i64 = 10_000_000;

pub(super) fn logged_in_user() -> Option<User> {
    active_ids().into_iter().find_map(|id| {
        // SAFETY: for this class the buffer is a text that ends with zero
        let name = query(id, WTSUserName, |buffer, _| unsafe { buffer.to_string() }.ok())??;
        (!name.is_empty()).then(|| User { name: short(&name), idle_seconds: idle_seconds(id) })
    })
}

/// The session manager does not know the last input of every session: then it says 0.
fn idle_seconds(session: u32) -> Option<u64> {
    let info = query(session, WTSSessionInfo, |buffer, bytes| {
        // SAFETY: for this class the buffer is one such value, when it is that long
        (bytes >= size_of::<WTSINFOW>()).then(|| unsafe { buffer.0.cast::<WTSINFOW>().read_unaligned() })
    })??;
    if info.LastInputTime == 0 || info.CurrentTime == 0 {
        return None;
    }
    u64::try_from((info.CurrentTime - info.LastInputTime) / TICKS_PER_SECOND).ok()
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
