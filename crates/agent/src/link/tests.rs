//! The link against a small server of the tests' own, over a real socket.

use std::time::Duration;

use ed25519_dalek::SigningKey;
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use gururmm_clock::SystemClock;
use gururmm_ids::CommandId;
use gururmm_protocol::command::{CommandContext, CommandType, OnDisconnect, Order, SignedOrder};
use gururmm_protocol::frame;
use gururmm_protocol::handshake::{Side, Transcript, Word};
use gururmm_protocol::limits::RECORDS_IN_FLIGHT_MAX;
use gururmm_protocol::message::{AgentMessage, Challenge, Goodbye, GoodbyeCode, Hello, Proof, ServerMessage, Welcome};
use gururmm_protocol::record::Body;
use gururmm_protocol::secret::key_id;
use gururmm_protocol::{ProtocolVersion, SUBPROTOCOL};
use jiff::{SignedDuration, Timestamp};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

use super::*;
use crate::collector;
use crate::rest::RestLimits;
use crate::store::{Limits, Opened, create_anew};

const PATIENCE: Duration = Duration::from_secs(30);

/// One connection as the server sees it.
struct Peer {
    socket: WebSocketStream<TcpStream>,
    /// Of the last challenge.
    server_time: Timestamp,
}

impl Peer {
    async fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = timeout(PATIENCE, listener.accept()).await.expect("the agent connects").unwrap();
        #[expect(clippy::result_large_err, reason = "the library's signature")]
        let choose = |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
            assert_eq!(request.uri().path(), "/ws/agent");
            assert_eq!(request.headers()["sec-websocket-protocol"], SUBPROTOCOL);
            let chosen = HeaderValue::from_static(SUBPROTOCOL);
            response.headers_mut().insert("sec-websocket-protocol", chosen);
            Ok(response)
        };
        Self { socket: accept_hdr_async(stream, choose).await.unwrap(), server_time: Timestamp::UNIX_EPOCH }
    }

    async fn send(&mut self, message: &ServerMessage) {
        let text = serde_json::to_string(message).unwrap();
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// The next message, or `None` when the agent has left.
    async fn receive(&mut self) -> Option<AgentMessage> {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("the agent speaks or leaves")? {
                Ok(Message::Text(text)) => return Some(frame::decode_text(&text).unwrap()),
                Ok(Message::Binary(bytes)) => return Some(frame::decode_binary(&bytes).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    async fn hello(&mut self) -> Hello {
        let Some(AgentMessage::Hello(hello)) = self.receive().await else { panic!("no hello") };
        hello
    }

    async fn prove(&mut self, hello: &Hello, key: &SigningKey) {
        let challenge = challenge(hello, key);
        self.server_time = challenge.server_time;
        self.send(&ServerMessage::Challenge(challenge)).await;
    }

    /// The whole handshake, and what it has agreed on.
    async fn welcome_in_session(&mut self, key: &SigningKey) -> Transcript {
        let hello = self.hello().await;
        self.welcome_to(&hello, key, 0).await;
        transcript(&hello, self.server_time)
    }

    /// The whole handshake.
    async fn welcome(&mut self, key: &SigningKey, acknowledged: u64) -> Proof {
        let hello = self.hello().await;
        self.welcome_to(&hello, key, acknowledged).await
    }

    async fn welcome_to(&mut self, hello: &Hello, key: &SigningKey, acknowledged: u64) -> Proof {
        self.prove(hello, key).await;
        let Some(AgentMessage::Proof(proof)) = self.receive().await else { panic!("no proof") };
        let welcome = Welcome {
            server_time: now(),
            heartbeat_seconds: 30,
            metrics_seconds: 60,
            acknowledged,
            wan_address: None,
            wan_services: Vec::new(),
        };
        self.send(&ServerMessage::Welcome(welcome)).await;
        *proof
    }
}

fn now() -> Timestamp {
    use gururmm_clock::Clock as _;
    SystemClock.now()
}

fn challenge(hello: &Hello, key: &SigningKey) -> Challenge {
    let server_time = now();
    let transcript = transcript(hello, server_time);
    Challenge {
        version: ProtocolVersion::CURRENT,
        nonce: [6; 32],
        key_id: "k1".to_owned(),
        signature: transcript.sign(Side::Server, key),
        server_time,
    }
}

fn transcript(hello: &Hello, server_time: Timestamp) -> Transcript {
    Transcript {
        version: ProtocolVersion::CURRENT,
        agent_id: hello.agent_id,
        device_id: hello.device_id,
        agent_nonce: hello.nonce,
        server_nonce: [6; 32],
        server_time,
    }
}

/// A link with a real store, and the ends of its channels.
struct Fixture {
    listener: TcpListener,
    key: SigningKey,
    opened: Opened,
    events: mpsc::Receiver<Event>,
    stop: CancellationToken,
    end: JoinHandle<LinkEnd>,
    wished: watch::Receiver<Wishes>,
    held: Held,
    agent_id: gururmm_ids::AgentId,
    folder: tempfile::TempDir,
}

impl Fixture {
    fn start(timing: LinkTiming) -> Self {
        // a small window, so that a server that does not read is soon full
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(64 * 1024).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(8).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let key = SigningKey::from_bytes(&[1; 32]);
        let identity = crate::identity::example(&url, &key);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.db");
        create_anew(&path, identity.agent_id).unwrap();
        let opened = Store::open(&path, identity.agent_id, Limits::default(), CancellationToken::new()).unwrap();
        let (commands, events) = mpsc::channel(8);
        let (wishes, wished) = watch::channel(collector::until_told());
        let held = Held::default();
        let link = Link {
            address: identity.address().unwrap(),
            identity: Arc::new(identity.for_session().unwrap()),
            kept: crate::identity::Kept::new(folder.path().join("identity.json"), identity.clone()),
            run_id: gururmm_ids::RunId::generate(),
            timing,
            store: opened.store.clone(),
            rest: Rest::open(folder.path(), RestLimits::default()),
            clock: Arc::new(ServerClock::new(SystemClock::shared(), SignedDuration::ZERO)),
            held: held.clone(),
            commands,
            wishes,
            status: Arc::new(StatusFile::start(folder.path().join("status.json"), "none")),
            memory_lost: false,
        };
        let stop = CancellationToken::new();
        let end = tokio::spawn(link.run(stop.clone()));
        let agent_id = identity.agent_id;
        Self { listener, key, opened, events, stop, end, wished, held, agent_id, folder }
    }

    fn usual() -> Self {
        Self::start(LinkTiming::default())
    }

    fn store(&self) -> &Store {
        &self.opened.store
    }

    async fn event(&mut self) -> Event {
        timeout(PATIENCE, self.events.recv()).await.expect("the runner is told").unwrap()
    }

    fn order(&self) -> Order {
        Order {
            command_id: CommandId::generate(),
            agent_id: self.agent_id,
            command_type: CommandType::Shell,
            command: "true".to_owned(),
            interpreter: None,
            arguments: Vec::new(),
            environment: std::collections::BTreeMap::new(),
            context: CommandContext::System,
            timeout_seconds: 60,
            elevated: true,
            on_disconnect: OnDisconnect::Continue,
            issued_at: now(),
            expires_at: now(),
            nonce: [0; 16],
            key_id: key_id(&self.key.verifying_key()),
        }
    }
}

async fn record(peer: &mut Peer) -> u64 {
    loop {
        match peer.receive().await {
            Some(AgentMessage::Record(record)) => return record.sequence,
            Some(_) => {}
            None => panic!("the agent left"),
        }
    }
}

fn started() -> Body {
    Body::CommandStarted { command_id: CommandId::generate() }
}

#[tokio::test]
async fn a_server_with_another_key_learns_nothing() {
    let fixture = Fixture::usual();
    let mut peer = Peer::accept(&fixture.listener).await;
    let hello = peer.hello().await;
    assert!(!serde_json::to_string(&hello).unwrap().contains("grmm_agent_"));
    peer.prove(&hello, &SigningKey::from_bytes(&[9; 32])).await;
    assert_eq!(peer.receive().await, None);
}

#[tokio::test]
async fn a_command_that_ends_while_a_session_opens_is_still_known() {
    let fixture = Fixture::usual();
    let id = CommandId::generate();
    let held = Held::new(vec![id].into());
    // the store is busy, so that it cannot answer at once
    let disk = rusqlite::Connection::open(fixture.folder.path().join("agent.db")).unwrap();
    disk.execute_batch("BEGIN IMMEDIATE").unwrap();
    fixture.store().append(now(), Body::Unknown).await;
    let mut asking = Box::pin(talk::known_commands(fixture.store(), &held));
    assert_eq!((&mut asking).now_or_never(), None);
    disk.execute_batch("COMMIT").unwrap();
    // the answer is there and not yet taken
    fixture.store().settled().await;
    fixture.store().append(now(), Body::CommandStarted { command_id: id }).await;
    held.lock().clear();
    assert_eq!(asking.await, [id]);
}

#[tokio::test]
async fn a_recorded_challenge_is_refused_in_the_next_session() {
    let fixture = Fixture::usual();
    let mut first = Peer::accept(&fixture.listener).await;
    let recorded = challenge(&first.hello().await, &fixture.key);
    drop(first);
    let mut second = Peer::accept(&fixture.listener).await;
    second.hello().await;
    second.send(&ServerMessage::Challenge(recorded)).await;
    assert_eq!(second.receive().await, None);
}

#[tokio::test]
async fn records_flow_and_are_kept_until_acknowledged() {
    let mut fixture = Fixture::usual();
    fixture.store().append(now(), started()).await;
    let mut peer = Peer::accept(&fixture.listener).await;
    let proof = peer.welcome(&fixture.key, 0).await;
    assert_eq!(proof.spool_id, fixture.store().spool_id());
    assert_eq!(proof.commands.len(), 1);
    assert_eq!(record(&mut peer).await, 1);
    timeout(PATIENCE, fixture.wished.changed()).await.unwrap().unwrap();
    assert_eq!(fixture.wished.borrow().metrics_interval, Duration::from_mins(1));
    // the server is lost before it acknowledged: the record comes again, and only once more
    drop(peer);
    assert!(matches!(fixture.event().await, Event::ConnectionLost));
    let mut peer = Peer::accept(&fixture.listener).await;
    peer.welcome(&fixture.key, 0).await;
    assert_eq!(record(&mut peer).await, 1);
    peer.send(&ServerMessage::Ack { sequence: 1 }).await;
    fixture.store().append(now(), started()).await;
    assert_eq!(record(&mut peer).await, 2);
}

#[tokio::test]
async fn no_more_than_the_window_is_in_flight() {
    let fixture = Fixture::usual();
    let window = RECORDS_IN_FLIGHT_MAX as u64;
    for _ in 0..=window {
        fixture.store().append(now(), started()).await;
    }
    let mut peer = Peer::accept(&fixture.listener).await;
    peer.welcome(&fixture.key, 0).await;
    for sequence in 1..=window {
        assert_eq!(record(&mut peer).await, sequence);
    }
    // the next one waits for this: it can only come after
    peer.send(&ServerMessage::Ack { sequence: 1 }).await;
    assert_eq!(record(&mut peer).await, window + 1);
}

#[tokio::test]
async fn orders_reach_the_runner_only_with_the_servers_signature() {
    let mut fixture = Fixture::usual();
    let mut peer = Peer::accept(&fixture.listener).await;
    peer.welcome(&fixture.key, 0).await;
    let order = fixture.order();
    let forged = SignedOrder::sign(&fixture.order(), &SigningKey::from_bytes(&[9; 32])).unwrap();
    peer.send(&ServerMessage::CommandRun(forged)).await;
    let Some(AgentMessage::Error(error)) = peer.receive().await else { panic!("no refusal") };
    assert_eq!(error.code, "command_refused");
    peer.send(&ServerMessage::CommandRun(SignedOrder::sign(&order, &fixture.key).unwrap())).await;
    let Event::Order(received) = fixture.event().await else { panic!("no order") };
    assert_eq!(*received, order);
    peer.send(&ServerMessage::CommandCancel { command_id: order.command_id }).await;
    assert!(matches!(fixture.event().await, Event::Cancel(id) if id == order.command_id));
}

#[tokio::test]
async fn what_is_not_understood_is_ignored() {
    let fixture = Fixture::usual();
    let mut peer = Peer::accept(&fixture.listener).await;
    peer.welcome(&fixture.key, 0).await;
    for text in ["{\"type\":\"dance\"}", "{\"type\":7}", "nonsense"] {
        peer.socket.send(Message::text(text)).await.unwrap();
    }
    peer.socket.send(Message::binary(vec![0, 0, 0, 9, 77, 0, 0, 0, 0, 0, 0, 0])).await.unwrap();
    fixture.store().append(now(), started()).await;
    assert_eq!(record(&mut peer).await, 1);
}

#[tokio::test]
async fn a_silent_server_is_left() {
    let mut timing = LinkTiming::default();
    timing.session.silence = Duration::from_millis(300);
    timing.session.heartbeat = Duration::from_millis(50);
    let mut fixture = Fixture::start(timing);
    let mut peer = Peer::accept(&fixture.listener).await;
    peer.welcome(&fixture.key, 0).await;
    // not read from: not even a ping is answered
    assert!(matches!(fixture.event().await, Event::ConnectionLost));
    Peer::accept(&fixture.listener).await;
}

#[tokio::test]
async fn a_quiet_server_that_answers_pings_is_kept() {
    let mut timing = LinkTiming::default();
    timing.session.silence = Duration::from_secs(4);
    timing.session.heartbeat = Duration::from_millis(200);
    let mut fixture = Fixture::start(timing);
    let mut peer = Peer::accept(&fixture.listener).await;
    peer.welcome(&fixture.key, 0).await;
    for _ in 0..25 {
        assert_eq!(peer.receive().await, Some(AgentMessage::Heartbeat));
    }
    assert!(fixture.events.try_recv().is_err());
}

#[tokio::test]
async fn a_server_that_takes_nothing_is_left() {
    let timing = LinkTiming { write: Duration::from_millis(200), ..LinkTiming::default() };
    let mut fixture = Fixture::start(timing);
    let mut peer = Peer::accept(&fixture.listener).await;
    peer.welcome(&fixture.key, 0).await;
    // nothing that compresses, and together more than the buffers of a socket
    let mut noise = vec![0; 100_000];
    getrandom::fill(&mut noise).unwrap();
    for _ in 0..RECORDS_IN_FLIGHT_MAX {
        let output = gururmm_protocol::record::Output {
            command_id: CommandId::generate(),
            stream: gururmm_protocol::command::Stream::Stdout,
            offset: 0,
            data: noise.clone(),
        };
        fixture.store().append(now(), Body::CommandOutput(output)).await;
    }
    assert!(matches!(fixture.event().await, Event::ConnectionLost));
}

#[tokio::test]
async fn a_removed_agent_stops_for_good() {
    let fixture = Fixture::usual();
    let mut peer = Peer::accept(&fixture.listener).await;
    let session = peer.welcome_in_session(&fixture.key).await;
    let goodbye = Goodbye {
        code: GoodbyeCode::Removed,
        message: "removed".to_owned(),
        reconnect_after_seconds: None,
        signature: Some(session.sign_word(Word::Removed, &fixture.key)),
    };
    peer.send(&ServerMessage::Goodbye(goodbye)).await;
    let end = timeout(PATIENCE, fixture.end).await.unwrap().unwrap();
    assert_eq!(end, LinkEnd::Removed("removed".to_owned()));
}

#[tokio::test]
async fn a_new_key_is_stored_before_it_is_said_to_be_and_used_from_then_on() {
    let mut fixture = Fixture::usual();
    let mut peer = Peer::accept(&fixture.listener).await;
    let session = peer.welcome_in_session(&fixture.key).await;
    let new = |key: &str| {
        let signature = session.sign_word(Word::NewKey(key), &fixture.key);
        ServerMessage::KeyNew { agent_key: key.to_owned(), signature }
    };
    let forged = ServerMessage::KeyNew { agent_key: "grmm_agent_forged".to_owned(), signature: [7; 64] };
    peer.send(&forged).await;
    peer.send(&new("grmm_agent_new")).await;
    let Some(AgentMessage::KeyTaken { key_hash }) = peer.receive().await else { panic!("no answer") };
    assert_eq!(key_hash, gururmm_protocol::secret::hash("grmm_agent_new"));
    let stored = std::fs::read(fixture.folder.path().join("identity.json")).unwrap();
    assert!(String::from_utf8_lossy(&stored).contains("grmm_agent_new"));
    drop(peer);
    assert!(matches!(fixture.event().await, Event::ConnectionLost));
    let mut peer = Peer::accept(&fixture.listener).await;
    assert_eq!(peer.welcome(&fixture.key, 0).await.agent_key, "grmm_agent_new");
}

#[tokio::test]
async fn another_id_is_taken_when_the_server_has_signed_it() {
    let fixture = Fixture::usual();
    let agent_id = gururmm_ids::AgentId::generate();
    for is_signed in [false, true] {
        let mut peer = Peer::accept(&fixture.listener).await;
        let hello = peer.hello().await;
        peer.prove(&hello, &fixture.key).await;
        let Some(AgentMessage::Proof(_)) = peer.receive().await else { panic!("no proof") };
        let session = transcript(&hello, peer.server_time);
        let key = if is_signed { fixture.key.clone() } else { SigningKey::from_bytes(&[9; 32]) };
        let signature = session.sign_word(Word::NewId(agent_id), &key);
        peer.send(&ServerMessage::IdentityNew { agent_id, signature }).await;
    }
    assert_eq!(timeout(PATIENCE, fixture.end).await.unwrap().unwrap(), LinkEnd::Renamed(agent_id));
}

#[tokio::test]
async fn an_older_copy_of_the_disk_gets_a_new_spool() {
    let mut fixture = Fixture::usual();
    let mut peer = Peer::accept(&fixture.listener).await;
    let before = peer.welcome(&fixture.key, 5_000_000).await.spool_id;
    assert_eq!(peer.receive().await, None);
    let mut peer = Peer::accept(&fixture.listener).await;
    assert_ne!(peer.welcome(&fixture.key, 0).await.spool_id, before);
    assert!(matches!(fixture.event().await, Event::MemoryLost));
}

#[tokio::test]
async fn an_old_session_begins_anew_once_nothing_runs() {
    let mut timing = LinkTiming { freshen: Duration::from_nanos(1), ..LinkTiming::default() };
    timing.session.heartbeat = Duration::from_millis(20);
    let mut fixture = Fixture::start(timing);
    fixture.held.lock().push(CommandId::generate());
    let mut peer = Peer::accept(&fixture.listener).await;
    peer.welcome(&fixture.key, 0).await;
    for _ in 0..5 {
        assert_eq!(peer.receive().await, Some(AgentMessage::Heartbeat));
    }
    fixture.held.lock().clear();
    while peer.receive().await.is_some() {}
    assert!(matches!(fixture.event().await, Event::ConnectionLost));
    Peer::accept(&fixture.listener).await.welcome(&fixture.key, 0).await;
}

#[tokio::test]
async fn a_stop_delivers_what_is_left_and_closes() {
    let fixture = Fixture::usual();
    let mut peer = Peer::accept(&fixture.listener).await;
    peer.welcome(&fixture.key, 0).await;
    fixture.store().append(now(), started()).await;
    assert_eq!(record(&mut peer).await, 1);
    fixture.stop.cancel();
    assert_eq!(peer.receive().await, None);
    drop(peer);
    assert_eq!(timeout(PATIENCE, fixture.end).await.unwrap().unwrap(), LinkEnd::Stopped);
}

#[tokio::test]
async fn a_stop_waits_for_what_the_server_has_stored() {
    let fixture = Fixture::usual();
    let mut peer = Peer::accept(&fixture.listener).await;
    peer.welcome(&fixture.key, 0).await;
    let id = CommandId::generate();
    fixture.store().append(now(), Body::CommandStarted { command_id: id }).await;
    assert_eq!(record(&mut peer).await, 1);
    fixture.store().append(now(), Body::CommandStarted { command_id: id }).await;
    fixture.store().settled().await;
    fixture.stop.cancel();
    assert_eq!(record(&mut peer).await, 2);
    peer.send(&ServerMessage::Ack { sequence: 1 }).await;
    peer.send(&ServerMessage::Ack { sequence: 2 }).await;
    assert_eq!(peer.receive().await, None);
    assert_eq!(timeout(PATIENCE, fixture.end).await.unwrap().unwrap(), LinkEnd::Stopped);
    assert_eq!(fixture.opened.store.commands_with_records().await, []);
}
