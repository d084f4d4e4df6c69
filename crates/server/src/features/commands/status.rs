//! Where commands stand, and where they may go from there.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a command stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommandStatus {
    /// Waits for a second person.
    AwaitingApproval,
    /// That person said no.
    Rejected,
    /// Waits for its turn, or for its machine.
    Queued,
    /// Runs.
    Running,
    /// Exited with 0.
    Completed,
    /// Exited otherwise, or could not start.
    Failed,
    /// Ran into its time limit and was ended.
    Timeout,
    /// Was lost: its agent or machine stopped while it ran.
    Interrupted,
    /// Was cancelled.
    Cancelled,
    /// Its machine did not come in time.
    Expired,
}

impl CommandStatus {
    /// The status of this name; `interrupted` for one that is none, which the table's check makes impossible.
    pub fn name_of(text: &str) -> &'static str {
        serde_json::from_value::<Self>(text.into()).unwrap_or(Self::Interrupted).as_str()
    }

    /// The name in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingApproval => "awaiting_approval",
            Self::Rejected => "rejected",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Whether a command may go from this status to another one. What its agent has reported stands for ever; an end that the server
    /// assumed gives way to the agent, if the agent ever got the order. The database keeps to the same (`commands_lawful`).
    pub const fn may_become(self, next: Self, end: End) -> bool {
        match (self, next) {
            (_, Self::AwaitingApproval) => false,
            (Self::AwaitingApproval, next) => {
                matches!(next, Self::Queued | Self::Rejected | Self::Cancelled | Self::Expired)
            }
            (_, Self::Queued | Self::Rejected) => false,
            (Self::Queued, _) => true,
            (Self::Running, next) => !matches!(next, Self::Running),
            (_, _) => matches!(end, End::Assumed),
        }
    }
}

/// Who has said that a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nobody: it is open.
    None,
    /// Its agent, or the server of a command that no agent ever got.
    Certain,
    /// The server, which did not hear of it any more.
    Assumed,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [CommandStatus; 10] = [
        CommandStatus::AwaitingApproval,
        CommandStatus::Rejected,
        CommandStatus::Queued,
        CommandStatus::Running,
        CommandStatus::Completed,
        CommandStatus::Failed,
        CommandStatus::Timeout,
        CommandStatus::Interrupted,
        CommandStatus::Cancelled,
        CommandStatus::Expired,
    ];

    #[test]
    fn a_certain_end_is_the_last_and_nothing_waits_again() {
        for from in ALL {
            let waits_again = from.may_become(CommandStatus::Queued, End::Assumed);
            assert_eq!(waits_again, from == CommandStatus::AwaitingApproval, "{from:?}");
            let is_open =
                matches!(from, CommandStatus::AwaitingApproval | CommandStatus::Queued | CommandStatus::Running);
            let end = if is_open { End::None } else { End::Certain };
            let next = ALL.into_iter().filter(|next| from.may_become(*next, end)).count();
            assert_eq!(next > 0, is_open, "{from:?}");
        }
    }
}
