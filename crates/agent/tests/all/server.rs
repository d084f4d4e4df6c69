//! A server in miniature, for the agent's program: it enrols, proves itself and says what a test wants.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use gururmm_ids::{AgentId, CommandId};
use gururmm_protocol::ProtocolVersion;
use gururmm_protocol::command::{CommandContext, CommandType, OnDisconnect, Order, SignedOrder};
use gururmm_protocol::enroll::{EnrollRequest, EnrollResponse, InstallReportRequest, UnenrollRequest};
use gururmm_protocol::frame;
use gururmm_protocol::handshake::{Side, Transcript, Word, unenroll_bytes};
use gururmm_protocol::message::{AgentMessage, Challenge, Goodbye, GoodbyeCode, Hello, ServerMessage, Welcome};
use gururmm_protocol::record::{Body, CommandResult};
use gururmm_protocol::secret::{Fingerprint, key_id, site_key};
use jiff::{SignedDuration, Timestamp};
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Message, WebSocket, accept_hdr};

const PATIENCE: Duration = Duration::from_mins(1);

/// What the server says after the welcome of each connection.
#[derive(Clone)]
pub(crate) enum Then {
    Nothing,
    /// The agent was removed.
    Remove,
    /// Run these: the very same orders on each connection.
    Orders(Vec<SignedOrder>),
    /// Run this, signed once a record has come: so the agent has heard the welcome before.
    OrderLater(String),
}

/// What came from agents.
#[derive(Debug)]
pub(crate) enum Came {
    Enrolment,
    Unenrolment,
    Connection,
    Result(CommandResult),
    Report(InstallReportRequest),
}

/// The server; its threads end with the test.
pub(crate) struct Server {
    pub(crate) origin: String,
    key: SigningKey,
    agent_id: AgentId,
    then: Arc<Mutex<Then>>,
    came: Receiver<Came>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (key, agent_id) = (SigningKey::from_bytes(&[1; 32]), AgentId::generate());
        let device = Arc::default();
        let then = Arc::new(Mutex::new(Then::Nothing));
        let (sender, came) = mpsc::channel();
        let desk = Desk { key: key.clone(), agent_id, device, then: then.clone(), came: sender };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let desk = desk.clone();
                // who breaks off in the middle is no concern of the test
                std::thread::spawn(move || desk.serve(stream));
            }
        });
        Self { origin, key, agent_id, then, came }
    }

    pub(crate) fn site_key(&self) -> String {
        site_key(&[3; 32], &Fingerprint::of(&self.key.verifying_key()))
    }

    pub(crate) fn then(&self, then: Then) {
        *self.then.lock().unwrap() = then;
    }

    pub(crate) fn order(&self, command: &str) -> SignedOrder {
        order(self.agent_id, command, &self.key)
    }

    /// Waits for something to come; what comes before is passed over.
    pub(crate) fn wait<T>(&self, mut wanted: impl FnMut(Came) -> Option<T>) -> T {
        loop {
            let came = self.came.recv_timeout(PATIENCE).unwrap();
            if let Some(found) = wanted(came) {
                return found;
            }
        }
    }

    pub(crate) fn wait_for_connection(&self) {
        self.wait(|came| matches!(came, Came::Connection).then_some(()));
    }

    /// The next result of any command.
    pub(crate) fn wait_for_result(&self) -> CommandResult {
        self.wait(|came| if let Came::Result(result) = came { Some(result) } else { None })
    }

    /// The result of this order.
    pub(crate) fn wait_for_result_of(&self, signed: &SignedOrder) -> CommandResult {
        let id = signed.open(&self.key.verifying_key()).unwrap().command_id;
        self.wait(|came| match came {
            Came::Result(result) if result.command_id == id => Some(result),
            _ => None,
        })
    }
}

#[derive(Clone)]
struct Desk {
    key: SigningKey,
    agent_id: AgentId,
    device: Arc<Mutex<Option<VerifyingKey>>>,
    then: Arc<Mutex<Then>>,
    came: Sender<Came>,
}

type Socket = WebSocket<TcpStream>;

impl Desk {
    fn serve(&self, stream: TcpStream) -> Option<()> {
        let mut start = [0; 4];
        loop {
            match stream.peek(&mut start).ok()? {
                0 => return None,
                length if length == start.len() => break,
                _ => std::thread::yield_now(),
            }
        }
        if &start == b"POST" { self.answer(stream) } else { self.talk(stream) }
    }

    fn answer(&self, mut stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let (mut first, mut length) = (String::new(), 0);
        reader.read_line(&mut first).ok()?;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let answer = match () {
            () if first.contains("/api/enroll") => self.enrol(&body),
            () if first.contains("/api/install-reports") => self.report(&body),
            () => self.unenrol(&body),
        };
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ";
        stream.write_all(format!("{head}{}\r\n\r\n{answer}", answer.len()).as_bytes()).ok()
    }

    fn enrol(&self, body: &[u8]) -> String {
        let request: EnrollRequest = serde_json::from_slice(body).unwrap();
        *self.device.lock().unwrap() = Some(VerifyingKey::from_bytes(&request.public_key).unwrap());
        let _ = self.came.send(Came::Enrolment);
        let answer = EnrollResponse {
            agent_id: self.agent_id,
            agent_key: "grmm_agent_secret".to_owned(),
            server_public_key: self.key.verifying_key().to_bytes(),
            server_key_id: key_id(&self.key.verifying_key()),
            site_name: "Main office".to_owned(),
            client_name: "Example".to_owned(),
            awaits_approval: false,
        };
        serde_json::to_string(&answer).unwrap()
    }

    fn report(&self, body: &[u8]) -> String {
        let _ = self.came.send(Came::Report(serde_json::from_slice(body).unwrap()));
        String::new()
    }

    fn unenrol(&self, body: &[u8]) -> String {
        let request: UnenrollRequest = serde_json::from_slice(body).unwrap();
        let bytes = unenroll_bytes(self.agent_id, request.device_id, request.at);
        let device = self.device.lock().unwrap().unwrap();
        device.verify_strict(&bytes, &Signature::from_bytes(&request.signature)).unwrap();
        let _ = self.came.send(Came::Unenrolment);
        "{}".to_owned()
    }

    fn talk(&self, stream: TcpStream) -> Option<()> {
        #[expect(clippy::result_large_err, reason = "the library's signature")]
        let choose = |_: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
            let chosen = HeaderValue::from_static(gururmm_protocol::SUBPROTOCOL);
            response.headers_mut().insert("sec-websocket-protocol", chosen);
            Ok(response)
        };
        let mut socket = accept_hdr(stream, choose).ok()?;
        let session = self.welcome(&mut socket)?;
        let _ = self.came.send(Came::Connection);
        let then = self.then.lock().unwrap().clone();
        match then {
            Then::Nothing => {}
            Then::OrderLater(command) => {
                while !self.take(&mut socket)? {}
                say(&mut socket, &ServerMessage::CommandRun(order(self.agent_id, &command, &self.key)))?;
            }
            Then::Remove => {
                let goodbye = Goodbye {
                    code: GoodbyeCode::Removed,
                    message: "removed".to_owned(),
                    reconnect_after_seconds: None,
                    signature: Some(session.sign_word(Word::Removed, &self.key)),
                };
                say(&mut socket, &ServerMessage::Goodbye(goodbye))?;
            }
            Then::Orders(orders) => {
                for order in orders {
                    say(&mut socket, &ServerMessage::CommandRun(order))?;
                }
            }
        }
        while self.take(&mut socket).is_some() {}
        None
    }

    fn welcome(&self, socket: &mut Socket) -> Option<Transcript> {
        let AgentMessage::Hello(hello) = hear(socket)? else { panic!("no hello") };
        let session = transcript(&hello);
        say(socket, &ServerMessage::Challenge(self.challenge(&session)))?;
        let AgentMessage::Proof(_) = hear(socket)? else { panic!("no proof") };
        let welcome: Welcome = serde_json::from_value(serde_json::json!({
            "server_time": now(), "heartbeat_seconds": 30, "metrics_seconds": 60
        }))
        .unwrap();
        say(socket, &ServerMessage::Welcome(welcome))?;
        Some(session)
    }

    fn challenge(&self, transcript: &Transcript) -> Challenge {
        Challenge {
            version: transcript.version,
            nonce: transcript.server_nonce,
            key_id: key_id(&self.key.verifying_key()),
            signature: transcript.sign(Side::Server, &self.key),
            server_time: transcript.server_time,
        }
    }

    /// Takes one message; a record is acknowledged. Returns whether it was one.
    fn take(&self, socket: &mut Socket) -> Option<bool> {
        let AgentMessage::Record(record) = hear(socket)? else { return Some(false) };
        if let Body::CommandResult(result) = record.body {
            let _ = self.came.send(Came::Result(result));
        }
        say(socket, &ServerMessage::Ack { sequence: record.sequence })?;
        Some(true)
    }
}

fn transcript(hello: &Hello) -> Transcript {
    Transcript {
        version: ProtocolVersion::CURRENT,
        agent_id: hello.agent_id,
        device_id: hello.device_id,
        agent_nonce: hello.nonce,
        server_nonce: [6; 32],
        server_time: now(),
    }
}

fn order(agent_id: AgentId, command: &str, key: &SigningKey) -> SignedOrder {
    let order = Order {
        command_id: CommandId::generate(),
        agent_id,
        command_type: CommandType::Shell,
        command: command.to_owned(),
        interpreter: None,
        arguments: Vec::new(),
        environment: std::collections::BTreeMap::new(),
        context: CommandContext::System,
        timeout_seconds: 60,
        elevated: true,
        on_disconnect: OnDisconnect::Continue,
        issued_at: now(),
        expires_at: now().saturating_add(SignedDuration::from_hours(1)).unwrap(),
        nonce: [0; 16],
        key_id: key_id(&key.verifying_key()),
    };
    SignedOrder::sign(&order, key).unwrap()
}

fn hear(socket: &mut Socket) -> Option<AgentMessage> {
    loop {
        match socket.read().ok()? {
            Message::Text(text) => return Some(frame::decode_text(&text).unwrap()),
            Message::Binary(bytes) => return Some(frame::decode_binary(&bytes).unwrap()),
            Message::Close(_) => return None,
            _ => {}
        }
    }
}

fn say(socket: &mut Socket, message: &ServerMessage) -> Option<()> {
    socket.send(Message::text(serde_json::to_string(message).unwrap())).ok()
}

fn now() -> Timestamp {
    use gururmm_clock::Clock as _;
    gururmm_clock::SystemClock.now()
}
