//! What an order must satisfy besides its signature.

use gururmm_protocol::command::{self, CommandContext, CommandType, Order, Outcome};
use gururmm_protocol::limits::{COMMAND_TEXT_MAX, COMMAND_TIMEOUT_SECONDS};
use jiff::Timestamp;

use super::Ending;

/// Why `order` will not run, or `None`.
pub(super) fn refusal(now: Timestamp, order: &Order, not_before: Option<Timestamp>) -> Option<Ending> {
    if let Some(expired) = expiry(now, order) {
        return Some(expired);
    }
    let reason = if not_before.is_some_and(|limit| order.issued_at < limit) {
        "the agent no longer knows whether it ran commands of that time; send it again".to_owned()
    } else if order.command_type == CommandType::Unknown {
        "this agent does not know this type of command; update the agent".to_owned()
    } else if order.context == CommandContext::Unknown {
        "this agent does not know this context; update the agent".to_owned()
    } else if let Some(fault) = command::parameters_fault(&order.arguments, &order.environment) {
        fault
    } else if order.command.trim().is_empty() {
        "the command is empty".to_owned()
    } else if order.command.len() > COMMAND_TEXT_MAX {
        format!("the command is longer than {COMMAND_TEXT_MAX} bytes")
    } else if order.command.contains('\0') {
        "the command contains a zero byte".to_owned()
    } else if !COMMAND_TIMEOUT_SECONDS.contains(&order.timeout_seconds) {
        format!(
            "the time limit must be between {} and {} seconds",
            COMMAND_TIMEOUT_SECONDS.start(),
            COMMAND_TIMEOUT_SECONDS.end()
        )
    } else {
        return None;
    };
    Some(Ending::new(Outcome::Failed, &reason))
}

/// How an order ends that can no longer start, or `None`.
pub(super) fn expiry(now: Timestamp, order: &Order) -> Option<Ending> {
    (now >= order.expires_at).then(|| Ending::new(Outcome::Expired, "it expired before it could start"))
}
