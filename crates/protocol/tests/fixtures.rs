//! The messages of every released version, frozen: they must decode for ever, and the current version must still write them so.
//!
//! WHEN ADDING A MESSAGE: add a sample; the first run writes its file and fails, commit the file. Never edit a file that is there.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;

use ed25519_dalek::SigningKey;
use gururmm_ids::{AgentId, CommandId, DeviceId, RunId, SpoolId};
use gururmm_protocol::ProtocolVersion;
use gururmm_protocol::command::{CommandContext, CommandType, OnDisconnect, Order, Outcome, SignedOrder, Stream};
use gururmm_protocol::enroll::{EnrollRequest, EnrollResponse, UnenrollRequest};
use gururmm_protocol::facts::{Capability, Facts, Hardware, Os};
use gururmm_protocol::handshake::{Side, Transcript, Word, unenroll_bytes};
use gururmm_protocol::message::{
    AgentMessage, Challenge, ErrorMessage, Goodbye, GoodbyeCode, Hello, OutputPart, OutputRead, Proof, ServerMessage,
    Welcome,
};
use gururmm_protocol::metrics::{Disk, Metrics, Process};
use gururmm_protocol::network::{Interface, InterfaceAddress, NetworkState};
use gururmm_protocol::record::{Body, CommandResult, Output, Record};
use gururmm_protocol::secret::key_id;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

const ID: &str = "01900000-0000-7000-8000-00000000000";

fn id<T: std::str::FromStr>(last: u8) -> T
where
    T::Err: std::fmt::Debug,
{
    format!("{ID}{last}").parse().unwrap()
}

fn at() -> Timestamp {
    "2026-01-02T03:04:05.000006Z".parse().unwrap()
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

fn transcript() -> Transcript {
    Transcript {
        version: ProtocolVersion(1),
        agent_id: id(1),
        device_id: id(2),
        agent_nonce: [3; 32],
        server_nonce: [4; 32],
        server_time: at(),
    }
}

fn facts() -> Facts {
    Facts {
        hostname: "web-1".to_owned(),
        os: Os::Linux,
        os_name: "Debian GNU/Linux".to_owned(),
        os_version: "12 (bookworm)".to_owned(),
        kernel_version: Some("6.1.0".to_owned()),
        arch: "x86_64".to_owned(),
        agent_version: "0.1.0".to_owned(),
        capabilities: vec![
            Capability::supported("commands.shell"),
            Capability::unsupported("x", "There is no x here."),
        ],
        hardware: None,
    }
}

fn order() -> SignedOrder {
    signed(&plain_order())
}

fn signed(order: &Order) -> SignedOrder {
    SignedOrder::sign(order, &key()).unwrap()
}

fn script() -> Order {
    Order {
        command_type: CommandType::Script,
        interpreter: Some("perl".to_owned()),
        arguments: vec!["a b".to_owned()],
        environment: std::collections::BTreeMap::from([("WHO".to_owned(), "Technician One".to_owned())]),
        context: CommandContext::UserSession,
        elevated: false,
        ..plain_order()
    }
}

fn plain_order() -> Order {
    Order {
        command_id: id::<CommandId>(3),
        agent_id: id::<AgentId>(1),
        command_type: CommandType::Shell,
        command: "uname -a".to_owned(),
        interpreter: None,
        arguments: Vec::new(),
        environment: std::collections::BTreeMap::new(),
        context: CommandContext::System,
        timeout_seconds: 60,
        elevated: true,
        on_disconnect: OnDisconnect::Continue,
        issued_at: at(),
        expires_at: at(),
        nonce: [5; 16],
        key_id: key_id(&key().verifying_key()),
    }
}

fn metrics() -> Metrics {
    let process = Process {
        pid: 1,
        name: "init".to_owned(),
        user: Some("root".to_owned()),
        cpu_percent: 0.5,
        memory_bytes: 4096,
    };
    Metrics {
        interval_seconds: 60.0,
        cpu_percent: 12.5,
        load: Some([0.5, 0.25, 0.125]),
        memory_used_bytes: 1,
        memory_total_bytes: 2,
        swap_used_bytes: 3,
        swap_total_bytes: 4,
        disks: vec![Disk { mount: "/".to_owned(), used_bytes: 5, total_bytes: 6 }],
        network_rx_bytes: 7,
        network_tx_bytes: 8,
        uptime_seconds: 9,
        logged_in_user: Some("technician".to_owned()),
        user_idle_seconds: Some(10),
        top_cpu: vec![process.clone()],
        top_memory: vec![process],
    }
}

fn network() -> NetworkState {
    let address = |text: &str, prefix_length| InterfaceAddress { address: text.parse().unwrap(), prefix_length };
    NetworkState {
        interfaces: vec![Interface {
            name: "eth0".to_owned(),
            mac: Some("02:00:5e:00:53:01".to_owned()),
            is_up: true,
            addresses: vec![address("192.0.2.7", 24), address("2001:db8::7", 64)],
        }],
        wan_address: Some("198.51.100.7".parse().unwrap()),
    }
}

fn record(body: Body) -> AgentMessage {
    AgentMessage::Record(Box::new(Record { sequence: 7, recorded_at: at(), body }))
}

#[test]
fn what_agents_say() {
    let proof = Proof {
        agent_key: "grmm_agent_x".to_owned(),
        signature: transcript().sign(Side::Agent, &key()),
        facts: facts(),
        spool_id: id::<SpoolId>(5),
        commands: vec![id(3)],
        run_id: None,
    };
    let hello = Hello { version: ProtocolVersion(1), agent_id: id(1), device_id: id::<DeviceId>(2), nonce: [3; 32] };
    let output = Output { command_id: id(3), stream: Stream::Stderr, offset: 9, data: vec![0, 255, b'a'] };
    let result = CommandResult {
        command_id: id(3),
        outcome: Outcome::Failed,
        exit_code: Some(2),
        reason: Some("why".to_owned()),
        stdout_bytes: 1,
        stderr_bytes: 2,
    };
    frozen("agent_hello", &AgentMessage::Hello(hello));
    frozen("agent_proof", &AgentMessage::Proof(Box::new(proof)));
    frozen("agent_heartbeat", &AgentMessage::Heartbeat);
    frozen("agent_record_metrics", &record(Body::Metrics(Box::new(metrics()))));
    frozen("agent_record_network_state", &record(Body::NetworkState(network())));
    frozen("agent_record_command_started", &record(Body::CommandStarted { command_id: id(3) }));
    frozen("agent_record_command_output", &record(Body::CommandOutput(output)));
    frozen("agent_record_command_result", &record(Body::CommandResult(result)));
    frozen(
        "agent_error",
        &AgentMessage::Error(ErrorMessage { code: "disk_full".to_owned(), message: "The disk is full.".to_owned() }),
    );
}

#[test]
fn what_servers_say() {
    let challenge = Challenge {
        version: ProtocolVersion(1),
        nonce: [4; 32],
        key_id: "k1".to_owned(),
        signature: transcript().sign(Side::Server, &key()),
        server_time: at(),
    };
    let welcome = Welcome {
        server_time: at(),
        heartbeat_seconds: 30,
        metrics_seconds: 60,
        acknowledged: 6,
        wan_address: Some("198.51.100.7".parse().unwrap()),
        wan_services: vec!["https://ip.example.com/".to_owned()],
    };
    let goodbye = Goodbye {
        code: GoodbyeCode::Busy,
        message: "Later.".to_owned(),
        reconnect_after_seconds: Some(5),
        signature: None,
    };
    frozen("server_challenge", &ServerMessage::Challenge(challenge));
    frozen("server_welcome", &ServerMessage::Welcome(welcome));
    frozen("server_ack", &ServerMessage::Ack { sequence: 7 });
    frozen("server_command_run", &ServerMessage::CommandRun(order()));
    frozen("server_command_run_script", &ServerMessage::CommandRun(signed(&script())));
    frozen("server_command_cancel", &ServerMessage::CommandCancel { command_id: id(3) });
    let read = OutputRead { request: 7, command_id: id(3), stream: Stream::Stdout, offset: 1_048_576 };
    frozen("server_output_read", &ServerMessage::OutputRead(read));
    frozen("server_goodbye", &ServerMessage::Goodbye(goodbye));
    frozen(
        "server_error",
        &ServerMessage::Error(ErrorMessage { code: "malformed".to_owned(), message: "What?".to_owned() }),
    );
}

#[test]
fn what_says_who_an_agent_is() {
    let hardware = Hardware {
        uuid_hash: Some("0".repeat(64)),
        serial: Some("EX12345".to_owned()),
        manufacturer: Some("Example Computers".to_owned()),
        model: Some("Desk 400".to_owned()),
    };
    let proof = Proof {
        agent_key: "grmm_agent_x".to_owned(),
        signature: transcript().sign(Side::Agent, &key()),
        facts: Facts { hardware: Some(hardware), ..facts() },
        spool_id: id::<SpoolId>(5),
        commands: Vec::new(),
        run_id: Some(id::<RunId>(6)),
    };
    frozen("agent_proof_of_hardware", &AgentMessage::Proof(Box::new(proof)));
    let part = OutputPart { request: 7, data: b"the rest".to_vec(), end: Some(1_048_584) };
    frozen("agent_output_part", &AgentMessage::OutputPart(Box::new(part)));
    let gone = OutputPart { request: 8, data: Vec::new(), end: None };
    frozen("agent_output_part_gone", &AgentMessage::OutputPart(Box::new(gone)));
    frozen("agent_key_taken", &AgentMessage::KeyTaken { key_hash: [5; 32] });
    let signature = transcript().sign_word(Word::NewKey("grmm_agent_y"), &key());
    frozen("server_key_new", &ServerMessage::KeyNew { agent_key: "grmm_agent_y".to_owned(), signature });
    let signature = transcript().sign_word(Word::NewId(id(4)), &key());
    frozen("server_identity_new", &ServerMessage::IdentityNew { agent_id: id(4), signature });
    let removed = Goodbye {
        code: GoodbyeCode::Removed,
        message: "Removed.".to_owned(),
        reconnect_after_seconds: None,
        signature: Some(transcript().sign_word(Word::Removed, &key())),
    };
    frozen("server_goodbye_removed", &ServerMessage::Goodbye(removed));
}

#[test]
fn how_machines_come_and_go() {
    let request = EnrollRequest {
        site_key: "grmm_site_x".to_owned(),
        device_id: id(2),
        public_key: key().verifying_key().to_bytes(),
        facts: facts(),
    };
    let response = EnrollResponse {
        agent_id: id(1),
        agent_key: "grmm_agent_x".to_owned(),
        server_public_key: key().verifying_key().to_bytes(),
        server_key_id: "k1".to_owned(),
        site_name: "Main office".to_owned(),
        client_name: "Example".to_owned(),
        awaits_approval: false,
    };
    let signature = ed25519_dalek::Signer::sign(&key(), &unenroll_bytes(id(1), id(2), at())).to_bytes();
    frozen_text("enroll_request", &request);
    frozen_text("enroll_response", &response);
    frozen_text("unenroll_request", &UnenrollRequest { agent_id: id(1), device_id: id(2), at: at(), signature });
}

/// The frozen signed order still opens: neither domain nor bytes may change.
#[test]
fn a_signature_of_version_1_still_holds() {
    let text = std::fs::read_to_string(path("server_command_run")).unwrap();
    let ServerMessage::CommandRun(signed) = serde_json::from_str(&text).unwrap() else { panic!("another message") };
    assert_eq!(signed.open(&key().verifying_key()).unwrap().command, "uname -a");
}

/// Types and fields of later versions are read without complaint.
#[test]
fn the_future_is_ignored() {
    assert_eq!(serde_json::from_str::<AgentMessage>(r#"{"type":"teleport","x":[1]}"#).unwrap(), AgentMessage::Unknown);
    assert_eq!(serde_json::from_str::<ServerMessage>(r#"{"type":"teleport","x":{}}"#).unwrap(), ServerMessage::Unknown);
    let later = r#"{"type":"record","sequence":1,"recorded_at":"2026-01-01T00:00:00Z","kind":"dream","vivid":true}"#;
    let AgentMessage::Record(record) = serde_json::from_str(later).unwrap() else { panic!("another message") };
    assert_eq!(record.body, Body::Unknown);
    let ack = r#"{"type":"ack","sequence":7,"later":"field"}"#;
    assert_eq!(serde_json::from_str::<ServerMessage>(ack).unwrap(), ServerMessage::Ack { sequence: 7 });
    let goodbye = r#"{"type":"goodbye","code":"eclipse","message":"Dark."}"#;
    assert!(matches!(
        serde_json::from_str(goodbye).unwrap(),
        ServerMessage::Goodbye(Goodbye { code: GoodbyeCode::Unknown, .. })
    ));
}

fn frozen<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(name: &str, message: &T) {
    let frozen = frozen_text(name, message);
    assert_eq!(&serde_json::from_str::<T>(&frozen).unwrap(), message, "{name} decodes to something else");
}

fn frozen_text<T: Serialize + DeserializeOwned>(name: &str, message: &T) -> String {
    let written = format!("{}\n", serde_json::to_string_pretty(message).unwrap());
    let path = path(name);
    let Ok(frozen) = std::fs::read_to_string(&path) else {
        std::fs::write(&path, written).unwrap();
        panic!("{} is new: commit it", path.display());
    };
    assert_eq!(
        written, frozen,
        "{name} is written differently: agents and servers in the field would not understand it"
    );
    serde_json::from_str::<T>(&frozen).unwrap();
    frozen
}

fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "fixtures", "v1", &format!("{name}.json")].iter().collect()
}
