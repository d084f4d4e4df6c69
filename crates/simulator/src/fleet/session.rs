//! The connections of a simulated machine: the same machine of states as a real agent's, on a socket of small buffers.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use gururmm_agent_core::commands::Event;
use gururmm_agent_core::reconnect::Reconnect;
use gururmm_agent_core::session::{End, Holdings, Identity, Output, Session, Timing};
use gururmm_protocol::SUBPROTOCOL;
use gururmm_protocol::frame::{self, Frame};
use gururmm_protocol::limits::{TEXT_FRAME_MAX, WRITE_STALL_MAX};
use gururmm_protocol::message::{AgentMessage, OutputPart, ServerMessage};
use serde::Serialize;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use tokio_util::sync::CancellationToken;

use super::Options;
use super::faults::Faults;
use super::ledger::Ledger;
use super::machine::Machine;
use super::random::unit;
use crate::SimulatedAgent;

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
const BUFFER: usize = 2 * 1024;
/// A slow reader rests after each message.
const SLOW: Duration = Duration::from_secs(1);
/// Nothing to do: looked at again.
const IDLE: Duration = Duration::from_hours(1);

/// What all connections share.
pub(super) struct Sessions {
    server: String,
    address: SocketAddr,
    faults: Faults,
    ledger: Arc<Ledger>,
    began: Instant,
}

impl Sessions {
    pub(super) fn new(options: &Options, ledger: Arc<Ledger>) -> Self {
        Self {
            server: options.server.clone(),
            address: options.address,
            faults: options.faults,
            ledger,
            began: Instant::now(),
        }
    }
}

type Socket = WebSocketStream<TcpStream>;

/// A machine's life: connected, or trying to be, until it is stopped or removed.
pub(super) async fn live(
    sessions: &Sessions,
    mut machine: Machine,
    agent: SimulatedAgent,
    index: usize,
    from: Ipv4Addr,
    stop: &CancellationToken,
) {
    let identity = Arc::new(Identity {
        agent_id: agent.agent_id,
        device_id: agent.device_id,
        device_key: agent.key.clone(),
        agent_key: agent.agent_key.clone(),
        server_key: agent.server_key,
    });
    let mut reconnect = Reconnect::default();
    loop {
        let mut talk = Talk { sessions, machine: &mut machine, index, cursor: 0, sent: Vec::new(), welcomed: None };
        let end = tokio::select! {
            end = talk.run(&identity, &agent, from) => end,
            () = stop.cancelled() => return,
        };
        let lasted = talk.ended();
        let (pause, is_final) = match end {
            Ok(Some(End::Retry { wait, .. })) => {
                (reconnect.pause(sessions.began.elapsed(), lasted, wait, machine.dice.throw()), false)
            }
            Ok(Some(End::Removed(_) | End::Renamed(_)) | None) => (Duration::ZERO, true),
            Err(_) => (reconnect.pause(sessions.began.elapsed(), lasted, None, machine.dice.throw()), false),
        };
        machine.on(Event::ConnectionLost, Instant::now(), &sessions.ledger, index);
        if is_final {
            return;
        }
        // it goes on measuring meanwhile
        let until = Instant::now() + pause;
        while Instant::now() < until {
            let next = machine.next().unwrap_or(until).min(until);
            if stop.run_until_cancelled(sleep_until(next)).await.is_none() {
                return;
            }
            machine.work(Instant::now(), &sessions.ledger, index);
        }
    }
}

struct Talk<'a> {
    sessions: &'a Sessions,
    machine: &'a mut Machine,
    index: usize,
    /// The last record sent, or acknowledged when the session began.
    cursor: u64,
    /// When records were sent of which the acknowledgement is measured.
    sent: Vec<(u64, Instant)>,
    welcomed: Option<Instant>,
}

impl Talk<'_> {
    /// How long records could flow.
    fn ended(&self) -> Duration {
        let Some(at) = self.welcomed else { return Duration::ZERO };
        self.sessions.ledger.disconnected();
        at.elapsed()
    }

    /// Talks until the session is over; nothing when the machine was switched off.
    async fn run(
        &mut self,
        identity: &Arc<Identity>,
        agent: &SimulatedAgent,
        from: Ipv4Addr,
    ) -> anyhow::Result<Option<End>> {
        let began = Instant::now();
        let mut socket =
            timeout(CONNECT_WITHIN, connect(self.sessions, from)).await.context("no connection in time")??;
        let holdings = Holdings {
            facts: self.machine.persona.facts(),
            spool_id: agent.spool_id,
            commands: self.machine.known_commands(),
            run_id: agent.run_id,
        };
        let mut nonce = [0; 32];
        getrandom::fill(&mut nonce)?;
        let (mut session, outputs) =
            Session::open(identity.clone(), Timing::default(), holdings, nonce, self.sessions.began.elapsed());
        if let Some(end) = self.act(&mut socket, outputs, began).await? {
            return Ok(Some(end));
        }
        let is_slow = unit(self.machine.persona.seed(), 60) < self.sessions.faults.slow_readers;
        let is_leaving = unit(self.machine.persona.seed(), 61) < self.sessions.faults.switched_off;
        let cut = self.cut();
        loop {
            self.send_records(&mut socket, &mut session).await?;
            let wait = session.deadline().saturating_sub(self.sessions.began.elapsed());
            let next = self.machine.next().unwrap_or_else(|| Instant::now() + IDLE);
            let outputs = tokio::select! {
                message = socket.next() => {
                    let message = message.context("the server closed the connection")?.context("the connection broke")?;
                    if is_slow {
                        sleep(SLOW).await;
                    }
                    self.hear(&mut session, message)?
                }
                () = sleep(wait) => session.tick(self.sessions.began.elapsed(), self.machine.dice.throw()),
                () = sleep_until(next), if session.is_open() => {
                    self.machine.work(Instant::now(), &self.sessions.ledger, self.index);
                    Vec::new()
                }
                () = sleep_until(cut) => bail!("the connection was cut"),
            };
            if let Some(end) = self.act(&mut socket, outputs, began).await? {
                return Ok(Some(end));
            }
            if is_leaving && session.is_open() && self.machine.is_done() {
                return Ok(None);
            }
        }
    }

    /// When this connection is cut.
    fn cut(&mut self) -> Instant {
        let rate = self.sessions.faults.disconnects_per_minute;
        if rate <= 0.0 {
            return Instant::now() + IDLE * 24 * 365;
        }
        // exponential: at any moment it is as likely as at any other
        let minutes = -(1.0 - self.machine.dice.throw()).ln() / rate;
        Instant::now() + Duration::from_secs_f64((minutes * 60.0).min(IDLE.as_secs_f64() * 24.0))
    }

    fn hear(&mut self, session: &mut Session, message: Message) -> anyhow::Result<Vec<Output>> {
        let now = self.sessions.began.elapsed();
        let decoded: ServerMessage = match message {
            Message::Text(text) => frame::decode_text(&text)?,
            Message::Binary(bytes) => frame::decode_binary(&bytes)?,
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {
                session.heard(now);
                return Ok(Vec::new());
            }
        };
        Ok(session.on_message(now, self.machine.dice.throw(), decoded))
    }

    /// Does what was decided; `Some` when the session is over.
    async fn act(&mut self, socket: &mut Socket, outputs: Vec<Output>, began: Instant) -> anyhow::Result<Option<End>> {
        let (ledger, index) = (&self.sessions.ledger, self.index);
        for output in outputs {
            match output {
                Output::Send(message) => send(socket, &message).await?,
                Output::Probe => write(socket, Message::Ping(Bytes::new())).await?,
                Output::Welcomed { wishes, acknowledged } => {
                    ledger.connected(began.elapsed());
                    self.welcomed = Some(Instant::now());
                    self.cursor = acknowledged;
                    self.machine.acknowledged(acknowledged, true, ledger, index);
                    self.machine.welcomed(wishes.metrics_interval, Instant::now());
                    self.machine.work(Instant::now(), ledger, index);
                }
                Output::Acknowledged(sequence) => {
                    if let Some((_, at)) = self.sent.iter().rfind(|(sent, _)| *sent <= sequence) {
                        ledger.acknowledged_after(at.elapsed());
                    }
                    self.sent.retain(|(sent, _)| *sent > sequence);
                    self.machine.acknowledged(sequence, false, ledger, index);
                    self.machine.work(Instant::now(), ledger, index);
                }
                Output::Order(order) => {
                    self.machine.on(Event::Order(order), Instant::now(), ledger, index);
                }
                Output::Cancel(id) => self.machine.on(Event::Cancel(id), Instant::now(), ledger, index),
                Output::ReadOutput(read) => {
                    // it has no disk, and keeps nothing beyond what it tells
                    let part = OutputPart { request: read.request, data: Vec::new(), end: None };
                    send(socket, &AgentMessage::OutputPart(Box::new(part))).await?;
                }
                // a made-up machine stays with the key that its file names: the server takes it until a new one is said to be stored
                Output::ServerTime(_) | Output::Warn(_) | Output::NewKey(_) => {}
                Output::End(end) => {
                    let _ = timeout(WRITE_STALL_MAX, socket.close(None)).await;
                    return Ok(Some(end));
                }
            }
        }
        Ok(None)
    }

    async fn send_records(&mut self, socket: &mut Socket, session: &mut Session) -> anyhow::Result<()> {
        while session.may_send() {
            let Some(record) = self.machine.record_after(self.cursor) else { return Ok(()) };
            let sequence = record.sequence;
            send(socket, &AgentMessage::Record(Box::new(record.clone()))).await?;
            session.record_sent(sequence);
            self.cursor = sequence;
            self.sent.push((sequence, Instant::now()));
        }
        Ok(())
    }
}

async fn connect(sessions: &Sessions, from: Ipv4Addr) -> anyhow::Result<Socket> {
    let socket = TcpSocket::new_v4()?;
    // only loopback addresses of this machine reach another loopback address
    if sessions.address.ip().is_loopback() {
        socket.bind((from, 0).into())?;
    }
    let stream = socket.connect(sessions.address).await?;
    stream.set_nodelay(true)?;
    let mut request = format!("{}/ws/agent", sessions.server.replacen("http", "ws", 1)).into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL));
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * TEXT_FRAME_MAX)
        .max_message_size(Some(TEXT_FRAME_MAX))
        .max_frame_size(Some(TEXT_FRAME_MAX));
    let (socket, _) = client_async_with_config(request, stream, Some(config)).await?;
    Ok(socket)
}

async fn send<T: Serialize>(socket: &mut Socket, message: &T) -> anyhow::Result<()> {
    let message = match frame::encode(message)? {
        Frame::Text(text) => Message::Text(Utf8Bytes::from(text)),
        Frame::Binary(bytes) => Message::Binary(Bytes::from(bytes)),
    };
    write(socket, message).await
}

async fn write(socket: &mut Socket, message: Message) -> anyhow::Result<()> {
    let written = timeout(WRITE_STALL_MAX, socket.send(message)).await;
    written.context("the server takes nothing any more")?.context("the connection broke")
}
