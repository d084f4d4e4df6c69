#![expect(unsafe_code, reason = "sessions and tokens have no safe wrapper")]
//! Sessions of Windows, which only the system itself may enter: the agent as its service is that.

use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::sync::Arc;

use windows::Win32::Foundation::{ERROR_NO_TOKEN, ERROR_PRIVILEGE_NOT_HELD, HANDLE};
use windows::Win32::System::RemoteDesktop::{
    WTS_SESSION_INFOW, WTSActive, WTSEnumerateSessionsW, WTSFreeMemory, WTSGetActiveConsoleSessionId, WTSQueryUserToken,
};

use crate::Unsupported;

/// Services live in session 0, never a person.
const SERVICES: u32 = 0;
/// No session is at the screen.
const NONE: u32 = u32::MAX;

/// A person who is logged in at the machine.
#[derive(Clone, Debug)]
pub struct Person {
    token: Arc<OwnedHandle>,
}

impl Person {
    /// What programs are started with as this person, in their session.
    pub(crate) fn token(&self) -> HANDLE {
        HANDLE(self.token.as_raw_handle())
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
pub(super) fn support() -> Result<(), Unsupported> {
    Ok(())
}

pub(super) fn person() -> Result<Person, Unsupported> {
    let nobody = || Unsupported::because("nobody is logged in at this machine");
    let found = active_ids().into_iter().find_map(|session| token_of(session).transpose());
    found.unwrap_or_else(|| Err(nobody()))
}

/// The person of a session, if there is one: the screen before a log-in has none.
fn token_of(session: u32) -> Result<Option<Person>, Unsupported> {
    let mut token = HANDLE::default();
    // SAFETY: a valid place to write to
    match unsafe { WTSQueryUserToken(session, &raw mut token) } {
        // SAFETY: the handle was just made and belongs to nobody else
        Ok(()) => Ok(Some(Person { token: Arc::new(unsafe { OwnedHandle::from_raw_handle(token.0) }) })),
        Err(error) if error.code() == ERROR_NO_TOKEN.to_hresult() => Ok(None),
        Err(error) if error.code() == ERROR_PRIVILEGE_NOT_HELD.to_hresult() => {
            Err(Unsupported::because("only the agent's service runs commands in the session of a person"))
        }
        Err(error) => Err(Unsupported::because(format!("the session of the person cannot be entered: {error}"))),
    }
}

/// The session at the screen, if there is a screen, and then the active ones, such as those that came over the network.
pub(crate) fn active_ids() -> Vec<u32> {
    // SAFETY: takes no arguments
    let console = unsafe { WTSGetActiveConsoleSessionId() };
    let at_screen = [console].into_iter().filter(|id| *id != NONE && *id != SERVICES);
    let mut others = active();
    others.retain(|id| *id != console);
    others.sort_unstable();
    at_screen.chain(others).collect()
}

fn active() -> Vec<u32> {
    let (mut first, mut count) = (std::ptr::null_mut::<WTS_SESSION_INFOW>(), 0);
    // SAFETY: two valid places to write to; version 1 is the only one
    if unsafe { WTSEnumerateSessionsW(None, 0, 1, &raw mut first, &raw mut count) }.is_err() || first.is_null() {
        return Vec::new();
    }
    // SAFETY: the call has filled as many entries as it says
    let entries = unsafe { std::slice::from_raw_parts(first, count as usize) };
    let active = entries.iter().filter(|entry| entry.SessionId != SERVICES && entry.State == WTSActive);
    let ids = active.map(|entry| entry.SessionId).collect();
    // SAFETY: the call before allocated it, and nothing uses it any more
    unsafe { WTSFreeMemory(first.cast()) };
    ids
}
