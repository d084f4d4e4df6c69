//! A server that has proven itself, and then says anything: the agent's session never panics, says nothing after its end, and takes no
//! order that the server has not signed.
#![no_main]

use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use gururmm_agent_core::session::{Holdings, Identity, Output, Session, Timing};
use gururmm_ids::{AgentId, DeviceId, RunId, SpoolId};
use gururmm_protocol::ProtocolVersion;
use gururmm_protocol::facts::{Facts, Os};
use gururmm_protocol::frame::decode_text;
use gururmm_protocol::handshake::{Side, Transcript};
use gururmm_protocol::message::{Challenge, ServerMessage};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

const NONCE: [u8; 32] = [3; 32];

fuzz_target!(|text: &str| {
    let server = SigningKey::from_bytes(&[1; 32]);
    let identity = identity(&server);
    let (mut session, _) = Session::open(identity.clone(), Timing::default(), holdings(), NONCE, Duration::ZERO);
    session.on_message(Duration::ZERO, 0.5, challenge(&identity, &server));
    let mut is_over = false;
    for (seconds, line) in text.lines().enumerate() {
        let now = Duration::from_secs(seconds as u64);
        let mut outputs = session.tick(now, 0.5);
        if let Ok(message) = decode_text::<ServerMessage>(line) {
            outputs.extend(session.on_message(now, 0.5, message));
        }
        assert!(!is_over || outputs.is_empty(), "{outputs:?}");
        is_over |= outputs.iter().any(|output| matches!(output, Output::End(_)));
        assert!(!outputs.iter().any(|output| matches!(output, Output::Order(_))), "nobody has signed anything");
    }
});

fn identity(server: &SigningKey) -> Arc<Identity> {
    Arc::new(Identity {
        agent_id: AgentId::generate(),
        device_id: DeviceId::generate(),
        device_key: SigningKey::from_bytes(&[2; 32]),
        agent_key: "grmm_agent_secret".to_owned(),
        server_key: server.verifying_key(),
    })
}

fn holdings() -> Holdings {
    let facts = Facts {
        hostname: "workstation".to_owned(),
        os: Os::Linux,
        os_name: String::new(),
        os_version: String::new(),
        kernel_version: None,
        arch: String::new(),
        agent_version: String::new(),
        capabilities: Vec::new(),
        hardware: None,
    };
    Holdings { facts, spool_id: SpoolId::generate(), commands: Vec::new(), run_id: RunId::generate() }
}

fn challenge(identity: &Identity, server: &SigningKey) -> ServerMessage {
    let transcript = Transcript {
        version: ProtocolVersion::CURRENT,
        agent_id: identity.agent_id,
        device_id: identity.device_id,
        agent_nonce: NONCE,
        server_nonce: [4; 32],
        server_time: Timestamp::UNIX_EPOCH,
    };
    ServerMessage::Challenge(Challenge {
        version: ProtocolVersion::CURRENT,
        nonce: [4; 32],
        key_id: "k1".to_owned(),
        signature: transcript.sign(Side::Server, server),
        server_time: Timestamp::UNIX_EPOCH,
    })
}
