//! A simulated agent's connection.

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use gururmm_ids::CommandId;
use gururmm_protocol::command::Order;
use gururmm_protocol::frame::{self, Frame};
use gururmm_protocol::handshake::{Side, Transcript};
use gururmm_protocol::message::{AgentMessage, Challenge, Goodbye, Hello, Proof, ServerMessage, Welcome};
use gururmm_protocol::record::{Body, CommandResult, Output, Record};
use gururmm_protocol::{ProtocolVersion, SUBPROTOCOL};
use jiff::Timestamp;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::SimulatedAgent;
use crate::made_up;

/// Longest wait for anything from the server; generous, because test machines are busy.
const WAIT_MAX: Duration = Duration::from_mins(1);

/// A connection of one agent.
pub struct Link {
    agent: SimulatedAgent,
    nonce: [u8; 32],
    session: Option<Transcript>,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// What the server said on arrival.
    pub welcome: Option<Welcome>,
    /// The sequence of the next record.
    pub next_sequence: u64,
}

/// A change to the proof before it is sent: for those who lie.
pub type ProofChange = Box<dyn FnOnce(&mut Proof) + Send>;

impl Link {
    /// Opens the socket without a word.
    pub async fn open(agent: &SimulatedAgent) -> anyhow::Result<Self> {
        let url = format!("{}/ws/agent", agent.server.replacen("http", "ws", 1));
        let mut request = url.into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL));
        let (socket, _) = timeout(WAIT_MAX, tokio_tungstenite::connect_async(request)).await??;
        let mut nonce = [0; 32];
        getrandom::fill(&mut nonce)?;
        Ok(Self { agent: agent.clone(), nonce, session: None, socket, welcome: None, next_sequence: 1 })
    }

    /// Connects and proves itself; holds no commands.
    pub async fn connect(agent: &SimulatedAgent) -> anyhow::Result<Self> {
        Self::connect_knowing(agent, Vec::new()).await
    }

    /// Connects and proves itself, naming the commands it holds.
    pub async fn connect_knowing(agent: &SimulatedAgent, commands: Vec<CommandId>) -> anyhow::Result<Self> {
        let mut link = Self::open(agent).await?;
        link.shake_hands(Box::new(|proof| proof.commands = commands)).await?;
        Ok(link)
    }

    /// Connects with a proof changed by the caller; answers what the server says to it.
    pub async fn connect_lying(agent: &SimulatedAgent, change: ProofChange) -> anyhow::Result<ServerMessage> {
        let mut link = Self::open(agent).await?;
        link.present(change).await?;
        link.next().await
    }

    /// Says who it is and proves it, with a proof changed by the caller.
    pub async fn present(&mut self, change: ProofChange) -> anyhow::Result<()> {
        let challenge = self.challenge().await?;
        self.prove(&challenge, change).await
    }

    /// What the handshake has agreed on, once there was a challenge.
    pub fn session(&self) -> Option<&Transcript> {
        self.session.as_ref()
    }

    async fn shake_hands(&mut self, change: ProofChange) -> anyhow::Result<()> {
        let challenge = self.challenge().await?;
        self.prove(&challenge, change).await?;
        match self.next().await? {
            ServerMessage::Welcome(welcome) => {
                self.next_sequence = welcome.acknowledged + 1;
                self.welcome = Some(welcome);
                Ok(())
            }
            other => bail!("a welcome was expected, not {other:?}"),
        }
    }

    /// Says hello and checks the server's signature.
    pub async fn challenge(&mut self) -> anyhow::Result<Challenge> {
        let hello = Hello {
            version: ProtocolVersion::CURRENT,
            agent_id: self.agent.agent_id,
            device_id: self.agent.device_id,
            nonce: self.nonce,
        };
        self.send(&AgentMessage::Hello(hello)).await?;
        let ServerMessage::Challenge(challenge) = self.next().await? else { bail!("a challenge was expected") };
        let transcript = self.transcript(&challenge);
        ensure!(
            transcript.is_signed_by(Side::Server, &self.agent.server_key, &challenge.signature),
            "this is not our server"
        );
        self.session = Some(transcript);
        Ok(challenge)
    }

    async fn prove(&mut self, challenge: &Challenge, change: ProofChange) -> anyhow::Result<()> {
        let mut proof = Proof {
            agent_key: self.agent.agent_key.clone(),
            signature: self.transcript(challenge).sign(Side::Agent, &self.agent.key),
            facts: made_up::facts(&self.agent.hostname),
            spool_id: self.agent.spool_id,
            commands: Vec::new(),
            run_id: Some(self.agent.run_id),
        };
        change(&mut proof);
        self.send(&AgentMessage::Proof(Box::new(proof))).await
    }

    fn transcript(&self, challenge: &Challenge) -> Transcript {
        Transcript {
            version: challenge.version,
            agent_id: self.agent.agent_id,
            device_id: self.agent.device_id,
            agent_nonce: self.nonce,
            server_nonce: challenge.nonce,
            server_time: challenge.server_time,
        }
    }

    /// Sends a message.
    pub async fn send(&mut self, message: &AgentMessage) -> anyhow::Result<()> {
        match frame::encode(message)? {
            Frame::Text(text) => self.send_raw(Message::text(text)).await,
            Frame::Binary(bytes) => self.send_raw(Message::binary(bytes)).await,
        }
    }

    /// Sends anything at all.
    pub async fn send_raw(&mut self, message: Message) -> anyhow::Result<()> {
        timeout(WAIT_MAX, self.socket.send(message)).await?.context("the connection is gone")
    }

    /// Sends a record with the next sequence; answers the sequence.
    pub async fn record(&mut self, body: Body) -> anyhow::Result<u64> {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        self.send_record(Record { sequence, recorded_at: server_time(), body }).await?;
        Ok(sequence)
    }

    /// Sends a record as it is.
    pub async fn send_record(&mut self, record: Record) -> anyhow::Result<()> {
        self.send(&AgentMessage::Record(Box::new(record))).await
    }

    /// The next message.
    pub async fn next(&mut self) -> anyhow::Result<ServerMessage> {
        loop {
            let message = timeout(WAIT_MAX, self.socket.next())
                .await
                .context("the server says nothing")?
                .context("the server has closed")??;
            match message {
                Message::Text(text) => return Ok(frame::decode_text(text.as_str())?),
                Message::Binary(bytes) => return Ok(frame::decode_binary(&bytes)?),
                Message::Close(_) => bail!("the server has closed"),
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// Waits until everything up to `sequence` is acknowledged; other messages are passed over.
    pub async fn acknowledged(&mut self, sequence: u64) -> anyhow::Result<()> {
        if self.welcome.as_ref().is_some_and(|welcome| welcome.acknowledged >= sequence) {
            return Ok(());
        }
        loop {
            match self.next().await? {
                ServerMessage::Ack { sequence: mark } if mark >= sequence => return Ok(()),
                ServerMessage::Goodbye(goodbye) => bail!("the server says goodbye: {goodbye:?}"),
                _ => {}
            }
        }
    }

    /// Waits for an order and opens it; acknowledgements are passed over.
    pub async fn order(&mut self) -> anyhow::Result<Order> {
        loop {
            match self.next().await? {
                ServerMessage::CommandRun(signed) => return Ok(signed.open(&self.agent.server_key)?),
                ServerMessage::Ack { .. } => {}
                other => bail!("an order was expected, not {other:?}"),
            }
        }
    }

    /// Waits for the goodbye; everything before is passed over.
    pub async fn goodbye(&mut self) -> anyhow::Result<Goodbye> {
        loop {
            if let ServerMessage::Goodbye(goodbye) = self.next().await? {
                return Ok(goodbye);
            }
        }
    }

    /// Plays a command from beginning to end: it wrote this to standard output and ended so.
    pub async fn play(&mut self, command_id: CommandId, stdout: &[u8], result: CommandResult) -> anyhow::Result<u64> {
        self.record(Body::CommandStarted { command_id }).await?;
        let stream = gururmm_protocol::command::Stream::Stdout;
        self.record(Body::CommandOutput(Output { command_id, stream, offset: 0, data: stdout.to_vec() })).await?;
        let last = self.record(Body::CommandResult(result)).await?;
        self.acknowledged(last).await?;
        Ok(last)
    }

    /// Leaves without a word, as a machine that loses power.
    pub fn vanish(self) {
        drop(self.socket);
    }
}

#[expect(clippy::disallowed_methods, reason = "a simulated machine lives in real time")]
fn server_time() -> Timestamp {
    Timestamp::now()
}
