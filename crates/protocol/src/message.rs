//! Control messages of both directions.

use std::borrow::Cow;
use std::net::IpAddr;

use gururmm_ids::{AgentId, CommandId, DeviceId, RunId, SpoolId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ProtocolVersion;
use crate::command::{SignedOrder, Stream};
use crate::facts::Facts;
use crate::frame::Decode;
use crate::record::{Body, Record};
use crate::secret::base64_bytes;

/// From the agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AgentMessage {
    /// First: who wants to connect.
    Hello(Hello),
    /// Answer to the challenge.
    Proof(Box<Proof>),
    /// Still here.
    Heartbeat,
    /// A spooled record.
    Record(Box<Record>),
    /// The new key is stored; the one before is of no use any more.
    KeyTaken {
        /// SHA-256 of the new key.
        #[serde(with = "base64_bytes")]
        key_hash: [u8; 32],
    },
    /// Answer to [`ServerMessage::OutputRead`].
    OutputPart(Box<OutputPart>),
    /// Something went wrong that the operator should know of.
    Error(ErrorMessage),
    /// A later version's message; ignored.
    #[serde(other)]
    Unknown,
}

/// From the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// Answer to the hello.
    Challenge(Challenge),
    /// The handshake is done.
    Welcome(Welcome),
    /// Everything of the current spool up to `sequence` is committed.
    Ack {
        /// The server's mark.
        sequence: u64,
    },
    /// Run a command.
    CommandRun(SignedOrder),
    /// End a command, with all its children; if it has not come yet, never start it.
    CommandCancel {
        /// Which.
        command_id: CommandId,
    },
    /// Tell what a command wrote beyond what is recorded. Answered with [`AgentMessage::OutputPart`], by agents with the capability `commands.rest`.
    OutputRead(OutputRead),
    /// From now on this is the agent's key. Both are good until the agent says that it has stored the new one.
    KeyNew {
        /// The key.
        agent_key: String,
        /// The server's signature of [`crate::handshake::Word::NewKey`].
        #[serde(with = "base64_bytes")]
        signature: [u8; 64],
    },
    /// Instead of a welcome: from now on this is the agent's id. It takes it and connects again.
    IdentityNew {
        /// The id of the record that the machine goes on with.
        agent_id: AgentId,
        /// The server's signature of [`crate::handshake::Word::NewId`].
        #[serde(with = "base64_bytes")]
        signature: [u8; 64],
    },
    /// The session ends; the code says why and what to do.
    Goodbye(Goodbye),
    /// Something was wrong with a message.
    Error(ErrorMessage),
    /// A later version's message; ignored.
    #[serde(other)]
    Unknown,
}

/// Which output is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputRead {
    /// Comes back in the answer.
    pub request: u64,
    /// Which command wrote it.
    pub command_id: CommandId,
    /// To which stream.
    pub stream: Stream,
    /// From which byte of that stream on; the first [`crate::limits::OUTPUT_MAX`] are not kept by the agent.
    pub offset: u64,
}

/// A piece of what a command wrote beyond what is recorded. It is stored nowhere on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputPart {
    /// Of the question.
    pub request: u64,
    /// At most [`crate::limits::REST_PIECE_MAX`] bytes from the asked byte on; none when there are none.
    #[serde(with = "base64_bytes")]
    pub data: Vec<u8>,
    /// Bytes of the stream up to the end of what is kept; null when nothing of it is kept any more.
    pub end: Option<u64>,
}

/// Who wants to connect. Carries no secret: the server has not proven itself yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The newest version the agent speaks.
    pub version: ProtocolVersion,
    /// The agent.
    pub agent_id: AgentId,
    /// The machine.
    pub device_id: DeviceId,
    /// The agent's nonce.
    #[serde(with = "base64_bytes")]
    pub nonce: [u8; 32],
}

/// The server proves itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// The version of this session: the newest that both speak.
    pub version: ProtocolVersion,
    /// The server's nonce.
    #[serde(with = "base64_bytes")]
    pub nonce: [u8; 32],
    /// Which key signed.
    pub key_id: String,
    /// The server's signature over the transcript.
    #[serde(with = "base64_bytes")]
    pub signature: [u8; 64],
    /// Server time at the signature.
    pub server_time: Timestamp,
}

/// The agent proves itself and says what it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// The per-agent key.
    pub agent_key: String,
    /// The device's signature over the transcript.
    #[serde(with = "base64_bytes")]
    pub signature: [u8; 64],
    /// The machine.
    pub facts: Facts,
    /// The life of the spool that records come from.
    pub spool_id: SpoolId,
    /// Every command the agent knows: waiting, running, or ended with records not yet acknowledged.
    #[serde(default)]
    pub commands: Vec<CommandId>,
    /// This run of the agent, from its start to its end: two that take turns are two machines with one identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
}

/// The session begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Welcome {
    /// Server time now.
    pub server_time: Timestamp,
    /// Seconds between heartbeats.
    pub heartbeat_seconds: u32,
    /// Seconds between metrics.
    pub metrics_seconds: u32,
    /// The server's mark for the spool named in the proof: everything up to here is committed.
    #[serde(default)]
    pub acknowledged: u64,
    /// The agent's WAN address as the server sees it; absent when the agent reaches the server from inside.
    #[serde(default)]
    pub wan_address: Option<IpAddr>,
    /// Addresses of look-up services that the agent asks for its WAN address when the server does not see it, in this order.
    /// Each answers `GET` with nothing but the address. Empty: none is asked.
    #[serde(default)]
    pub wan_services: Vec<String>,
}

/// The session ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goodbye {
    /// Why.
    pub code: GoodbyeCode,
    /// For a person.
    pub message: String,
    /// Seconds to stay away, when the server wishes so.
    #[serde(default)]
    pub reconnect_after_seconds: Option<u32>,
    /// With [`GoodbyeCode::Removed`]: the server's signature of [`crate::handshake::Word::Removed`].
    #[serde(default, with = "signature", skip_serializing_if = "Option::is_none")]
    pub signature: Option<[u8; 64]>,
}

/// A signature that may be absent.
mod signature {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use crate::secret::base64_bytes;

    #[expect(clippy::ref_option, reason = "serde passes the field so")]
    pub(super) fn serialize<S: Serializer>(signature: &Option<[u8; 64]>, serializer: S) -> Result<S::Ok, S::Error> {
        match signature {
            Some(bytes) => base64_bytes::serialize(bytes, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<[u8; 64]>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        let text = serde::de::value::StringDeserializer::<D::Error>::new(text);
        base64_bytes::deserialize(text).map(Some).map_err(D::Error::custom)
    }
}

/// Why a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodbyeCode {
    /// The server stops; come back.
    Shutdown,
    /// The same agent connected again; this connection is the old one.
    Replaced,
    /// The agent is not known, or was removed: stop for good, enrol anew.
    Removed,
    /// The agent may not work for now: it waits for somebody to let it in, or is quarantined. Come back.
    Held,
    /// The agent's key was revoked: this identity connects no more. Enrol anew.
    Revoked,
    /// Key, signature or device are wrong.
    Refused,
    /// The agent speaks no version the server speaks.
    Version,
    /// The agent broke the protocol.
    Protocol,
    /// Too much at once; come back later.
    Busy,
    /// A later version's reason; come back.
    #[serde(other)]
    Unknown,
}

/// Something was wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorMessage {
    /// Stable, snake_case.
    pub code: String,
    /// For a person.
    pub message: String,
}

impl Decode for ServerMessage {
    fn from_json(json: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(json)
    }
}

impl Decode for AgentMessage {
    /// Measurements are nearly all that agents say. A tagged type is read by way of a copy of everything, three times here, so they
    /// have a way of their own: what it cannot read goes the usual way, and gets its error there.
    fn from_json(json: &[u8]) -> serde_json::Result<Self> {
        measurement(json).map_or_else(|| serde_json::from_slice(json), |record| Ok(Self::Record(Box::new(record))))
    }
}

/// What tells a measurement from everything else, and what stands around it.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "type", borrow)]
    message: Cow<'a, str>,
    sequence: u64,
    recorded_at: Timestamp,
    #[serde(borrow)]
    kind: Cow<'a, str>,
}

fn measurement(json: &[u8]) -> Option<Record> {
    let head: Head<'_> = serde_json::from_slice(json).ok()?;
    if head.message != "record" || head.kind != "metrics" {
        return None;
    }
    let metrics = serde_json::from_slice(json).ok()?;
    Some(Record { sequence: head.sequence, recorded_at: head.recorded_at, body: Body::Metrics(Box::new(metrics)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both_ways(json: &str) -> Option<AgentMessage> {
        let usual = serde_json::from_str::<AgentMessage>(json).ok();
        assert_eq!(AgentMessage::from_json(json.as_bytes()).ok(), usual, "{json}");
        usual
    }

    #[test]
    fn a_measurement_reads_the_same_both_ways() {
        let line = include_str!("../fixtures/v1/agent_record_metrics.json");
        assert!(matches!(both_ways(line), Some(AgentMessage::Record(_))));
        assert!(measurement(line.as_bytes()).is_some(), "it goes its own way");
        let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
        // a tag at the end, a field of a later version
        let kind = value.as_object_mut().unwrap().remove("kind").unwrap();
        value["new_thing"] = serde_json::json!({ "kind": "x" });
        value["kind"] = kind;
        assert!(both_ways(&value.to_string()).is_some());
        for (field, wrong) in
            [("type", "dance"), ("kind", "dance"), ("sequence", "one"), ("recorded_at", "now"), ("disks", "none")]
        {
            let mut value = value.clone();
            value[field] = wrong.into();
            both_ways(&value.to_string());
        }
        for field in ["type", "kind", "sequence", "recorded_at", "cpu_percent"] {
            let mut value = value.clone();
            value.as_object_mut().unwrap().remove(field);
            both_ways(&value.to_string());
        }
    }
}
