//! What an agent and a server say to each other.
//!
//! One WebSocket (`GET /ws/agent`, sub-protocol [`SUBPROTOCOL`]) carries JSON control messages tagged by `type`: text frames up
//! to [`limits::COMPRESS_ABOVE`], above that a binary frame of kind `json+zstd` ([`frame`]). Evolution is additive: later
//! fields have defaults, unknown types decode to `Unknown` and are ignored, names are never reused, and the messages of
//! every released version in `fixtures/` decode for ever.
//!
//! The handshake ([`handshake`]) proves both sides before either says anything of worth:
//!
//! ```text
//! agent  → hello      ids, versions, nonce
//! server → challenge  nonce, time, signature of the server's key   (the agent checks it and goes on, or leaves)
//! agent  → proof      agent key, signature of the device's key, facts, what it runs
//! server → welcome    intervals; from here on records, commands and acknowledgements flow
//! ```

pub mod command;
pub mod enroll;
pub mod facts;
pub mod frame;
pub mod handshake;
pub mod limits;
pub mod message;
pub mod metrics;
pub mod network;
pub mod record;
pub mod secret;

/// The WebSocket sub-protocol of version 1.
pub const SUBPROTOCOL: &str = "gururmm.v1";

/// A version of this protocol.
///
/// History, one line each:
/// * 1: hello/challenge/proof/welcome, heartbeat, metrics, network state, commands, acknowledgements.
///
/// WHEN ADDING A VERSION: add its line above, freeze `fixtures/v<N>`, and keep the server speaking the last three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct ProtocolVersion(pub u32);

impl ProtocolVersion {
    /// The version this build speaks.
    pub const CURRENT: Self = Self(1);
    /// The oldest version this build still speaks.
    pub const OLDEST: Self = Self(1);

    /// Whether this build speaks `self`.
    pub fn is_spoken(self) -> bool {
        (Self::OLDEST..=Self::CURRENT).contains(&self)
    }
}
