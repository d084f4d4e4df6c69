//! What follows from a goodbye.

use std::time::Duration;

use gururmm_protocol::message::{Goodbye, GoodbyeCode};

use super::{End, excerpt};

/// The server must be updated, or the agent: neither is quick.
pub(super) const VERSION_WAIT: Duration = Duration::from_mins(10);
/// A person must look at it: two machines share an identity, or the identity is wrong.
const PERSON_WAIT: Duration = Duration::from_mins(5);
const PROTOCOL_WAIT: Duration = Duration::from_secs(30);
const BUSY_WAIT: Duration = Duration::from_secs(10);
/// Somebody is asked to let the machine in: it should not be long.
const HELD_WAIT: Duration = Duration::from_mins(1);
/// No server may keep an agent away for longer.
const WISH_MAX: Duration = Duration::from_hours(1);

/// Whoever answers at the server's address may wish for no more than a usual pause.
const UNPROVEN_WISH_MAX: Duration = Duration::from_mins(1);

/// Only a server that has `proven` itself can send an agent away for long, and only one that has `signed` that it removed it for good.
pub(super) fn end(goodbye: Goodbye, proven: bool, signed: bool) -> End {
    let message = excerpt(&goodbye.message);
    let wish = goodbye.reconnect_after_seconds.map(|seconds| Duration::from_secs(u64::from(seconds)).min(WISH_MAX));
    let wait = match goodbye.code {
        GoodbyeCode::Removed if proven && signed => return End::Removed(message),
        GoodbyeCode::Removed | GoodbyeCode::Refused | GoodbyeCode::Replaced => wish.or(Some(PERSON_WAIT)),
        GoodbyeCode::Version => wish.or(Some(VERSION_WAIT)),
        GoodbyeCode::Protocol => wish.or(Some(PROTOCOL_WAIT)),
        GoodbyeCode::Busy => wish.or(Some(BUSY_WAIT)),
        GoodbyeCode::Held => wish.or(Some(HELD_WAIT)),
        GoodbyeCode::Revoked => wish.or(Some(WISH_MAX)),
        GoodbyeCode::Shutdown | GoodbyeCode::Unknown => wish,
    };
    let wait = if proven { wait } else { wait.map(|wait| wait.min(UNPROVEN_WISH_MAX)) };
    End::Retry { reason: format!("the server ended the session: {message}"), wait }
}
