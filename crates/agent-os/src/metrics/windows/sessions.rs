//! Who is logged in: the active session, at the screen or over Remote Desktop, as the session manager knows it.

use windows::Win32::System::RemoteDesktop::{
    WTS_CONNECTSTATE_CLASS, WTS_INFO_CLASS, WTS_SESSION_INFOW, WTSActive, WTSEnumerateSessionsW, WTSFreeMemory,
    WTSGetActiveConsoleSessionId, WTSINFOW, WTSQuerySessionInformationW, WTSSessionInfo, WTSUserName,
};
use windows::core::PWSTR;

use super::super::{User, short};

/// 100 ns.
const TICKS_PER_SECOND: i64 = 10_000_000;

/// Services live in session 0, never a person.
const SERVICES: u32 = 0;

pub(super) fn logged_in_user() -> Option<User> {
    // SAFETY: takes no arguments
    let console = unsafe { WTSGetActiveConsoleSessionId() };
    let mut active: Vec<u32> =
        sessions().into_iter().filter(|(id, state)| *id != SERVICES && *state == WTSActive).map(|(id, _)| id).collect();
    // a person at the screen comes before one who came over the network
    active.sort_unstable_by_key(|id| (*id != console, *id));
    active.into_iter().find_map(|id| {
        // SAFETY: for this class the buffer is a text that ends with zero
        let name = query(id, WTSUserName, |buffer, _| unsafe { buffer.to_string() }.ok())??;
        (!name.is_empty()).then(|| User { name: short(&name), idle_seconds: idle_seconds(id) })
    })
}

fn sessions() -> Vec<(u32, WTS_CONNECTSTATE_CLASS)> {
    let (mut first, mut count) = (std::ptr::null_mut::<WTS_SESSION_INFOW>(), 0);
    // SAFETY: two valid places to write to; version 1 is the only one
    if unsafe { WTSEnumerateSessionsW(None, 0, 1, &raw mut first, &raw mut count) }.is_err() || first.is_null() {
        return Vec::new();
    }
    // SAFETY: the call has filled as many entries as it says
    let entries = unsafe { std::slice::from_raw_parts(first, count as usize) };
    let sessions = entries.iter().map(|entry| (entry.SessionId, entry.State)).collect();
    // SAFETY: the call before allocated it, and nothing uses it any more
    unsafe { WTSFreeMemory(first.cast()) };
    sessions
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
