//! What both sides sign to prove who they are.
//!
//! The transcript binds both nonces, both ids, the server's time and the protocol version; each direction has its own domain,
//! so a signature of one side can never serve as the other's, nor a recorded one in another session.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use gururmm_ids::{AgentId, DeviceId};
use jiff::Timestamp;

use crate::ProtocolVersion;

/// 256 random bits that make a session unique.
pub type Nonce = [u8; 32];

/// Who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The agent, with its device key.
    Agent,
    /// The server, with its signing key.
    Server,
}

/// What a server says of an agent's identity. It ends or changes what the agent is, so the proof at the beginning of the session is not
/// enough: each is signed by itself, for this session alone.
#[derive(Clone, Copy, Debug)]
pub enum Word<'a> {
    /// The agent was removed: it stops for good.
    Removed,
    /// From now on this is its key.
    NewKey(&'a str),
    /// From now on this is its id: the machine goes on with a record that it had before.
    NewId(AgentId),
}

/// Everything that one handshake agrees on.
#[derive(Clone, Debug)]
pub struct Transcript {
    /// The negotiated version.
    pub version: ProtocolVersion,
    /// The agent that connects.
    pub agent_id: AgentId,
    /// The machine it runs on.
    pub device_id: DeviceId,
    /// The agent's nonce.
    pub agent_nonce: Nonce,
    /// The server's nonce.
    pub server_nonce: Nonce,
    /// Server time at the challenge: by it the agent judges whether orders have expired.
    pub server_time: Timestamp,
}

impl Transcript {
    /// The bytes that `side` signs.
    fn bytes(&self, side: Side) -> Vec<u8> {
        self.bytes_in(match side {
            Side::Agent => b"gururmm.handshake.v1.agent\0",
            Side::Server => b"gururmm.handshake.v1.server\0",
        })
    }

    /// All fields have a fixed length, so no two transcripts share bytes.
    fn bytes_in(&self, domain: &[u8]) -> Vec<u8> {
        [
            domain,
            &self.version.0.to_be_bytes(),
            self.agent_id.as_uuid().as_bytes(),
            self.device_id.as_uuid().as_bytes(),
            &self.agent_nonce,
            &self.server_nonce,
            &self.server_time.as_nanosecond().to_be_bytes(),
        ]
        .concat()
    }

    /// Signs as `side`.
    pub fn sign(&self, side: Side, key: &SigningKey) -> [u8; 64] {
        key.sign(&self.bytes(side)).to_bytes()
    }

    /// Signs a word of this session.
    pub fn sign_word(&self, word: Word<'_>, key: &SigningKey) -> [u8; 64] {
        key.sign(&self.word_bytes(word)).to_bytes()
    }

    /// Whether the server said this word in this session.
    pub fn is_word_of(&self, word: Word<'_>, key: &VerifyingKey, signature: &[u8; 64]) -> bool {
        key.verify_strict(&self.word_bytes(word), &Signature::from_bytes(signature)).is_ok()
    }

    fn word_bytes(&self, word: Word<'_>) -> Vec<u8> {
        let mut bytes = self.bytes_in(b"gururmm.word.v1.server\0");
        match word {
            Word::Removed => bytes.extend(b"removed\0"),
            Word::NewKey(key) => bytes.extend([b"new_key\0", key.as_bytes()].concat()),
            Word::NewId(id) => bytes.extend([b"new_id\0".as_slice(), id.as_uuid().as_bytes()].concat()),
        }
        bytes
    }

    /// Whether `signature` is `side`'s over this transcript.
    pub fn is_signed_by(&self, side: Side, key: &VerifyingKey, signature: &[u8; 64]) -> bool {
        key.verify_strict(&self.bytes(side), &Signature::from_bytes(signature)).is_ok()
    }
}

/// What an agent signs to leave: the server removes exactly this agent, once, near this time.
pub fn unenroll_bytes(agent_id: AgentId, device_id: DeviceId, at: Timestamp) -> Vec<u8> {
    [
        b"gururmm.unenroll.v1\0".as_slice(),
        agent_id.as_uuid().as_bytes(),
        device_id.as_uuid().as_bytes(),
        &at.as_second().to_be_bytes(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transcript() -> Transcript {
        Transcript {
            version: ProtocolVersion::CURRENT,
            agent_id: AgentId::generate(),
            device_id: DeviceId::generate(),
            agent_nonce: [1; 32],
            server_nonce: [2; 32],
            server_time: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_signature_holds_for_one_side_and_one_session() {
        let key = SigningKey::from_bytes(&[3; 32]);
        let first = transcript();
        let signature = first.sign(Side::Agent, &key);
        assert!(first.is_signed_by(Side::Agent, &key.verifying_key(), &signature));
        assert!(!first.is_signed_by(Side::Server, &key.verifying_key(), &signature));

        let replayed = Transcript { server_nonce: [9; 32], ..first.clone() };
        assert!(!replayed.is_signed_by(Side::Agent, &key.verifying_key(), &signature));
        let elsewhere = Transcript { device_id: DeviceId::generate(), ..first.clone() };
        assert!(!elsewhere.is_signed_by(Side::Agent, &key.verifying_key(), &signature));
        let downgraded = Transcript { version: ProtocolVersion(0), ..first.clone() };
        assert!(!downgraded.is_signed_by(Side::Agent, &key.verifying_key(), &signature));
        let set_back = Transcript { server_time: Timestamp::from_second(-1).unwrap(), ..first };
        assert!(!set_back.is_signed_by(Side::Agent, &key.verifying_key(), &signature));
    }

    #[test]
    fn a_word_holds_for_one_session_and_itself() {
        let key = SigningKey::from_bytes(&[3; 32]);
        let session = transcript();
        let id = AgentId::generate();
        let words = [Word::Removed, Word::NewKey("a"), Word::NewKey("b"), Word::NewId(id)];
        for (said, word) in words.iter().enumerate() {
            let signature = session.sign_word(*word, &key);
            for (heard, other) in words.iter().enumerate() {
                assert_eq!(session.is_word_of(*other, &key.verifying_key(), &signature), said == heard);
            }
            let other = Transcript { agent_nonce: [8; 32], ..session.clone() };
            assert!(!other.is_word_of(*word, &key.verifying_key(), &signature));
            assert!(!session.is_signed_by(Side::Server, &key.verifying_key(), &signature));
        }
    }
}
