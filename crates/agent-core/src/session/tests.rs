use gururmm_protocol::command::{CommandContext, CommandType, OnDisconnect};
use gururmm_protocol::facts::Os;
use gururmm_protocol::message::{Goodbye, GoodbyeCode};
use gururmm_protocol::secret::key_id;

use super::*;

const T0: Duration = Duration::from_secs(1000);

struct Fixture {
    server: SigningKey,
    identity: Arc<Identity>,
    session: Session,
    nonce: Nonce,
}

impl Fixture {
    fn new() -> Self {
        let server = SigningKey::from_bytes(&[1; 32]);
        let identity = Arc::new(Identity {
            agent_id: AgentId::generate(),
            device_id: DeviceId::generate(),
            device_key: SigningKey::from_bytes(&[2; 32]),
            agent_key: "grmm_agent_secret".to_owned(),
            server_key: server.verifying_key(),
        });
        let holdings = Holdings {
            facts: Facts {
                hostname: "workstation".to_owned(),
                os: Os::Linux,
                os_name: String::new(),
                os_version: String::new(),
                kernel_version: None,
                arch: String::new(),
                agent_version: String::new(),
                capabilities: Vec::new(),
                hardware: None,
            },
            spool_id: SpoolId::generate(),
            commands: vec![CommandId::generate()],
            run_id: RunId::generate(),
        };
        let nonce = [3; 32];
        let (session, outputs) = Session::open(identity.clone(), Timing::default(), holdings, nonce, T0);
        assert!(matches!(&outputs[..], [Output::Send(AgentMessage::Hello(_))]));
        Self { server, identity, session, nonce }
    }

    fn transcript(&self, agent_nonce: Nonce) -> Transcript {
        Transcript {
            version: ProtocolVersion::CURRENT,
            agent_id: self.identity.agent_id,
            device_id: self.identity.device_id,
            agent_nonce,
            server_nonce: [4; 32],
            server_time: Timestamp::UNIX_EPOCH,
        }
    }

    /// What the server says of the agent's identity in this session, signed by this key.
    fn word(&self, word: Word<'_>, signer: &SigningKey) -> [u8; 64] {
        self.transcript(self.nonce).sign_word(word, signer)
    }

    fn challenge(&self, agent_nonce: Nonce, signer: &SigningKey) -> ServerMessage {
        let transcript = self.transcript(agent_nonce);
        ServerMessage::Challenge(Challenge {
            version: ProtocolVersion::CURRENT,
            nonce: [4; 32],
            key_id: "k1".to_owned(),
            signature: transcript.sign(Side::Server, signer),
            server_time: Timestamp::UNIX_EPOCH,
        })
    }

    fn hear(&mut self, message: ServerMessage) -> Vec<Output> {
        self.session.on_message(T0, 0.5, message)
    }

    fn opened() -> Self {
        let mut fixture = Self::new();
        let challenge = fixture.challenge(fixture.nonce, &fixture.server);
        let outputs = fixture.hear(challenge);
        assert!(matches!(&outputs[..], [Output::ServerTime(_), Output::Send(AgentMessage::Proof(_))]), "{outputs:?}");
        let outputs = fixture.hear(ServerMessage::Welcome(Welcome {
            server_time: Timestamp::UNIX_EPOCH,
            heartbeat_seconds: 30,
            metrics_seconds: 60,
            acknowledged: 7,
            wan_address: None,
            wan_services: vec!["https://ip.example.com/".to_owned(); WAN_SERVICES_MAX + 1],
        }));
        let wishes = Wishes {
            metrics_interval: Duration::from_mins(1),
            wan_address: None,
            wan_services: vec!["https://ip.example.com/".to_owned(); WAN_SERVICES_MAX],
        };
        let welcomed = Output::Welcomed { wishes, acknowledged: 7 };
        assert_eq!(outputs, [welcomed]);
        fixture
    }
}

fn goodbye(code: GoodbyeCode, after: Option<u32>) -> ServerMessage {
    ServerMessage::Goodbye(Goodbye { code, message: "bye".to_owned(), reconnect_after_seconds: after, signature: None })
}

fn is_retry(outputs: &[Output]) -> bool {
    matches!(outputs, [Output::End(End::Retry { .. })])
}

#[test]
fn a_server_with_another_key_learns_no_agent_key() {
    let mut fixture = Fixture::new();
    let challenge = fixture.challenge(fixture.nonce, &SigningKey::from_bytes(&[9; 32]));
    assert!(is_retry(&fixture.hear(challenge)));
    let again = fixture.challenge(fixture.nonce, &fixture.server);
    assert_eq!(fixture.hear(again), []);
}

#[test]
fn a_recorded_challenge_of_another_session_is_refused() {
    let mut fixture = Fixture::new();
    let replayed = fixture.challenge([8; 32], &fixture.server);
    assert!(is_retry(&fixture.hear(replayed)));
}

#[test]
fn a_version_this_agent_does_not_speak_ends_the_session() {
    let mut fixture = Fixture::new();
    let ServerMessage::Challenge(mut challenge) = fixture.challenge(fixture.nonce, &fixture.server) else {
        unreachable!()
    };
    challenge.version = ProtocolVersion(99);
    let outputs = fixture.hear(ServerMessage::Challenge(challenge));
    assert!(matches!(&outputs[..], [Output::End(End::Retry { wait: Some(_), .. })]));
}

#[test]
fn nothing_runs_before_the_welcome() {
    let mut fixture = Fixture::new();
    let cancel = ServerMessage::CommandCancel { command_id: CommandId::generate() };
    assert!(is_retry(&fixture.hear(cancel)));
}

#[test]
fn who_has_not_proven_itself_is_not_listened_to() {
    let error = |length: usize| ErrorMessage { code: "busy".to_owned(), message: "x".repeat(length) };
    let outputs = Fixture::new().hear(ServerMessage::Error(error(1_000_000)));
    let [Output::End(End::Retry { reason, .. })] = &outputs[..] else { panic!("{outputs:?}") };
    assert!(reason.len() < 500, "{}", reason.len());
    assert!(is_retry(&Fixture::new().hear(ServerMessage::Unknown)));
    assert!(is_retry(&Fixture::new().session.not_understood(T0, "nonsense")));
    let [Output::End(End::Retry { wait, .. })] = &Fixture::new().hear(goodbye(GoodbyeCode::Busy, Some(3600)))[..]
    else {
        panic!("no end")
    };
    assert!(wait.unwrap() <= Duration::from_mins(1));
}

#[test]
fn the_log_of_a_session_is_short() {
    let mut fixture = Fixture::opened();
    let error = ErrorMessage { code: "x".repeat(1000), message: "y".repeat(1_000_000) };
    let mut logged = 0;
    for _ in 0..1000 {
        let outputs = fixture.hear(ServerMessage::Error(error.clone()));
        logged +=
            outputs.iter().map(|output| if let Output::Warn(text) = output { text.len() } else { 0 }).sum::<usize>();
    }
    assert!(logged > 0 && logged < 50_000, "{logged}");
    assert!(fixture.session.is_open());
}

#[test]
fn only_a_proven_server_can_remove_an_agent() {
    assert!(is_retry(&Fixture::new().hear(goodbye(GoodbyeCode::Removed, None))));
    let removal = |signature| {
        let message = "bye".to_owned();
        ServerMessage::Goodbye(Goodbye {
            code: GoodbyeCode::Removed,
            message,
            reconnect_after_seconds: None,
            signature,
        })
    };
    assert!(is_retry(&Fixture::opened().hear(removal(None))), "somebody in between has no key");
    let mut fixture = Fixture::opened();
    let forged = fixture.word(Word::Removed, &SigningKey::from_bytes(&[9; 32]));
    assert!(is_retry(&fixture.hear(removal(Some(forged)))));
    let mut fixture = Fixture::opened();
    let signed = fixture.word(Word::Removed, &fixture.server);
    assert_eq!(fixture.hear(removal(Some(signed))), [Output::End(End::Removed("bye".to_owned()))]);
}

#[test]
fn a_new_key_counts_when_the_server_has_signed_it() {
    let mut fixture = Fixture::opened();
    let new_key = |key: &str, signature| ServerMessage::KeyNew { agent_key: key.to_owned(), signature };
    let signature = fixture.word(Word::NewKey("grmm_agent_new"), &fixture.server);
    assert!(matches!(&fixture.hear(new_key("grmm_agent_other", signature))[..], [Output::Warn(_)]));
    let taken = fixture.hear(new_key("grmm_agent_new", signature));
    assert_eq!(taken, [Output::NewKey("grmm_agent_new".to_owned())]);
    let again = fixture.hear(new_key("grmm_agent_new", signature));
    assert!(matches!(&again[..], [Output::Warn(_)]), "somebody in between has kept it");
    assert!(fixture.session.is_open());
}

#[test]
fn another_id_comes_in_place_of_the_welcome_and_signed() {
    let other = AgentId::generate();
    for is_signed in [true, false] {
        let mut fixture = Fixture::new();
        let challenge = fixture.challenge(fixture.nonce, &fixture.server);
        fixture.hear(challenge);
        let signer = if is_signed { fixture.server.clone() } else { SigningKey::from_bytes(&[9; 32]) };
        let signature = fixture.word(Word::NewId(other), &signer);
        let outputs = fixture.hear(ServerMessage::IdentityNew { agent_id: other, signature });
        assert_eq!(outputs == [Output::End(End::Renamed(other))], is_signed);
        assert_eq!(is_retry(&outputs), !is_signed);
    }
    let mut opened = Fixture::opened();
    let signature = opened.word(Word::NewId(other), &opened.server);
    assert!(is_retry(&opened.hear(ServerMessage::IdentityNew { agent_id: other, signature })), "it is too late");
}

#[test]
fn goodbyes_say_how_long_to_stay_away() {
    let wait = |code, after| match &Fixture::opened().hear(goodbye(code, after))[..] {
        [Output::End(End::Retry { wait, .. })] => *wait,
        other => panic!("{other:?}"),
    };
    assert_eq!(wait(GoodbyeCode::Shutdown, None), None);
    assert_eq!(wait(GoodbyeCode::Shutdown, Some(4)), Some(Duration::from_secs(4)));
    assert_eq!(wait(GoodbyeCode::Shutdown, Some(u32::MAX)), Some(Duration::from_hours(1)));
    assert!(wait(GoodbyeCode::Replaced, None) >= Some(Duration::from_mins(1)));
    assert!(wait(GoodbyeCode::Busy, None).is_some());
}

#[test]
fn heartbeats_go_out_and_silence_ends_the_session() {
    let mut fixture = Fixture::opened();
    assert_eq!(fixture.session.deadline(), T0 + Duration::from_secs(30));
    assert_eq!(fixture.session.tick(T0 + Duration::from_secs(29), 0.5), []);
    let beat = fixture.session.tick(T0 + Duration::from_secs(30), 1.0);
    assert_eq!(beat, [Output::Send(AgentMessage::Heartbeat), Output::Probe]);
    assert_eq!(fixture.session.deadline(), T0 + Duration::from_secs(63));
    assert!(is_retry(&fixture.session.tick(T0 + SILENCE_MAX, 0.5)));
    assert_eq!(fixture.session.tick(T0 + SILENCE_MAX * 2, 0.5), []);
}

#[test]
fn an_answered_ping_keeps_a_quiet_session() {
    let mut fixture = Fixture::opened();
    fixture.session.heard(T0 + Duration::from_secs(80));
    let outputs = fixture.session.tick(T0 + SILENCE_MAX, 0.5);
    assert!(!is_retry(&outputs), "{outputs:?}");
}

#[test]
fn a_handshake_that_hangs_ends() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.session.tick(T0, 0.5), []);
    assert!(is_retry(&fixture.session.tick(fixture.session.deadline(), 0.5)));
}

#[test]
fn the_window_closes_and_opens_with_acknowledgements() {
    let mut fixture = Fixture::opened();
    for sequence in 0..RECORDS_IN_FLIGHT_MAX as u64 {
        assert!(fixture.session.may_send());
        fixture.session.record_sent(10 + sequence * 2);
    }
    assert!(!fixture.session.may_send());
    assert_eq!(fixture.hear(ServerMessage::Ack { sequence: 11 }), [Output::Acknowledged(11)]);
    assert!(fixture.session.may_send());
    let beyond = fixture.hear(ServerMessage::Ack { sequence: 1_000_000 });
    assert!(matches!(beyond[..], [Output::Warn(_)]), "what was never sent is never dropped");
}

#[test]
fn a_wrongly_signed_order_is_refused_aloud() {
    let mut fixture = Fixture::opened();
    let order = Order {
        command_id: CommandId::generate(),
        agent_id: fixture.identity.agent_id,
        command_type: CommandType::Shell,
        command: "true".to_owned(),
        interpreter: None,
        arguments: Vec::new(),
        environment: std::collections::BTreeMap::new(),
        context: CommandContext::System,
        timeout_seconds: 1,
        elevated: true,
        on_disconnect: OnDisconnect::Continue,
        issued_at: Timestamp::UNIX_EPOCH,
        expires_at: Timestamp::UNIX_EPOCH,
        nonce: [0; 16],
        key_id: key_id(&fixture.server.verifying_key()),
    };
    let good = SignedOrder::sign(&order, &fixture.server).unwrap();
    let bad = SignedOrder::sign(&order, &SigningKey::from_bytes(&[9; 32])).unwrap();
    assert_eq!(fixture.hear(ServerMessage::CommandRun(good)), [Output::Order(Box::new(order))]);
    let outputs = fixture.hear(ServerMessage::CommandRun(bad));
    assert!(matches!(&outputs[..], [Output::Warn(_), Output::Send(AgentMessage::Error(_))]));
}

#[test]
fn unknown_messages_are_ignored() {
    let mut fixture = Fixture::opened();
    let message = gururmm_protocol::frame::decode_text("{\"type\":\"dance\",\"steps\":3}").unwrap();
    assert!(matches!(&fixture.hear(message)[..], [Output::Warn(_)]));
    assert!(fixture.session.is_open());
}
