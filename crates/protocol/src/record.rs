//! Records: what an agent keeps on disk until the server has committed it.
//!
//! A record is (spool, sequence): sequences grow within one life of the spool, though not without gaps (a crash of the agent
//! skips numbers). Its time is fixed once, when it is made, in server time. The server applies a record at most once — its mark
//! per agent is the highest sequence it has committed — and acknowledges by that mark, so a repeat is harmless. The agent sends
//! in order, so nothing below the mark can still be on its way.

use gururmm_ids::CommandId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::command::{Outcome, Stream};
use crate::metrics::Metrics;
use crate::network::NetworkState;
use crate::secret::base64_bytes;

/// One record on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its number within the spool, from 1.
    pub sequence: u64,
    /// When it was made, server time.
    pub recorded_at: Timestamp,
    /// What it says.
    #[serde(flatten)]
    pub body: Body,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    /// A measurement.
    Metrics(Box<Metrics>),
    /// The network state, because it changed or because the agent has just started.
    NetworkState(NetworkState),
    /// A command began.
    CommandStarted {
        /// Which.
        command_id: CommandId,
    },
    /// A command wrote something.
    CommandOutput(Output),
    /// A command ended; the last record of that command.
    CommandResult(CommandResult),
    /// A later version's record; skipped and acknowledged.
    #[serde(other)]
    Unknown,
}

/// A piece of output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Which command wrote it.
    pub command_id: CommandId,
    /// To which stream.
    pub stream: Stream,
    /// Bytes of that stream before this piece.
    pub offset: u64,
    /// The bytes, not necessarily UTF-8.
    #[serde(with = "base64_bytes")]
    pub data: Vec<u8>,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandResult {
    /// Which command.
    pub command_id: CommandId,
    /// How.
    pub outcome: Outcome,
    /// Exit code, when it exited by itself.
    #[serde(default)]
    pub exit_code: Option<i32>,
    /// Why, for a person, when the exit code does not tell.
    #[serde(default)]
    pub reason: Option<String>,
    /// Bytes the command wrote to standard output, sent or not.
    #[serde(default)]
    pub stdout_bytes: u64,
    /// Bytes the command wrote to standard error, sent or not.
    #[serde(default)]
    pub stderr_bytes: u64,
}
