use gururmm_ids::{AgentId, DeviceId};
use gururmm_protocol::limits::TEXT_FRAME_MAX;
use gururmm_protocol::message::{AgentMessage, ErrorMessage, GoodbyeCode, Hello, ServerMessage};
use gururmm_protocol::record::Body;
use gururmm_protocol::{ProtocolVersion, SUBPROTOCOL};
use gururmm_server_testkit::{Link, SimulatedAgent, TestServer, wait_for};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Error, Message};

fn goodbye(message: ServerMessage) -> GoodbyeCode {
    let ServerMessage::Goodbye(goodbye) = message else { panic!("a goodbye was expected, not {message:?}") };
    goodbye.code
}

#[tokio::test]
async fn an_agent_is_online_while_connected_and_offline_after_the_grace() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let path = format!("/agents/{}", agent.agent_id);
    assert_eq!(admin.get(&path).await.ok()["status"], "offline");
    let mut events = admin.events("").await;
    let link = Link::connect(&agent).await.unwrap();
    events.wait_for("agent_status", |event| event["status"] == "online").await;
    assert_eq!(admin.get(&path).await.ok()["status"], "online");
    link.vanish();
    events.wait_for("agent_status", |event| event["status"] == "offline").await;
    assert_eq!(admin.get(&path).await.ok()["status"], "offline");
    server.stop().await;
}

#[tokio::test]
async fn a_wrong_key_signature_or_device_is_refused() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let other = server.enrol(&admin, "web-2").await;

    let stolen_key = SimulatedAgent { agent_key: other.agent_key.clone(), ..agent.clone() };
    let stolen_device = SimulatedAgent { key: other.key.clone(), ..agent.clone() };
    let moved = SimulatedAgent { device_id: DeviceId::generate(), ..agent.clone() };
    for liar in [stolen_key, stolen_device, moved] {
        assert_eq!(goodbye(Link::connect_lying(&liar, Box::new(|_| {})).await.unwrap()), GoodbyeCode::Refused);
    }
    let unknown = SimulatedAgent { agent_id: AgentId::generate(), ..agent.clone() };
    assert_eq!(goodbye(Link::connect_lying(&unknown, Box::new(|_| {})).await.unwrap()), GoodbyeCode::Removed);
    assert_eq!(admin.get("/agents/summary").await.ok()["online"], 0);
    server.stop().await;
}

/// A page that is open somewhere in an office must not be able to fail in the name of its machines.
#[tokio::test]
async fn an_upgrade_from_a_web_page_is_refused_whatever_its_origin() {
    let server = TestServer::start().await;
    for origin in [server.origin.as_str(), "https://example.com", "null", "", "*"] {
        let url = format!("{}/ws/agent", server.origin.replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", SUBPROTOCOL.parse().unwrap());
        request.headers_mut().insert("origin", origin.parse().unwrap());
        let Err(Error::Http(answer)) = tokio_tungstenite::connect_async(request).await else { panic!("{origin}") };
        assert_eq!(answer.status(), 403, "{origin}");
        assert!(String::from_utf8_lossy(answer.body().as_ref().unwrap()).contains("cross_origin"));
    }
    server.stop().await;
}

/// Whoever sits beside them in the same network, and whatever they do there.
#[tokio::test]
async fn an_agent_that_is_known_here_gets_in_however_many_strangers_fail() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (known, new) = (server.enrol(&admin, "web-1").await, server.enrol(&admin, "web-2").await);
    Link::connect(&known).await.unwrap().vanish();
    let unknown = SimulatedAgent { agent_id: AgentId::generate(), ..known.clone() };
    let turned_away = async || {
        let mut link = Link::open(&unknown).await.unwrap();
        link.challenge().await.err().map(|error| error.to_string())
    };
    let fail_until_turned_away = async || {
        while turned_away().await.is_none() {
            Link::connect_lying(&unknown, Box::new(|_| {})).await.ok();
        }
    };
    fail_until_turned_away().await;
    Link::connect(&known).await.unwrap();
    let mut link = Link::open(&new).await.unwrap();
    // what they owe grows less with time, also with that of the connections above
    fail_until_turned_away().await;
    let hello = AgentMessage::Hello(Hello {
        version: ProtocolVersion::CURRENT,
        agent_id: new.agent_id,
        device_id: new.device_id,
        nonce: [1; 32],
    });
    link.send(&hello).await.unwrap();
    let ServerMessage::Goodbye(said) = link.next().await.unwrap() else { panic!("it was let in") };
    assert_eq!(said.code, GoodbyeCode::Busy, "one that was never here waits with the others");
    assert!(said.reconnect_after_seconds.is_some_and(|seconds| (1..=60).contains(&seconds)));
    server.stop().await;
}

#[tokio::test]
async fn a_replayed_proof_is_refused() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let (sender, recorded) = std::sync::mpsc::channel();
    Link::connect_lying(&agent, Box::new(move |proof| sender.send(proof.clone()).unwrap())).await.unwrap();
    let recorded = recorded.recv().unwrap();
    let answer = Link::connect_lying(&agent, Box::new(move |proof| *proof = recorded)).await.unwrap();
    assert_eq!(goodbye(answer), GoodbyeCode::Refused);
    server.stop().await;
}

#[tokio::test]
async fn a_second_connection_replaces_the_first() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut first = Link::connect(&agent).await.unwrap();
    let _second = Link::connect(&agent).await.unwrap();
    assert_eq!(first.goodbye().await.unwrap().code, GoodbyeCode::Replaced);
    assert_eq!(admin.get(&format!("/agents/{}", agent.agent_id)).await.ok()["status"], "online");
    assert_eq!(server.app().gateway.connected(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_removed_agent_is_told_and_stays_out() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    admin.delete(&format!("/agents/{}", agent.agent_id)).await.no_content();
    assert_eq!(link.goodbye().await.unwrap().code, GoodbyeCode::Removed);
    assert_eq!(goodbye(Link::connect_lying(&agent, Box::new(|_| {})).await.unwrap()), GoodbyeCode::Removed);
    server.stop().await;
}

#[tokio::test]
async fn malformed_messages_are_answered_and_unknown_types_ignored() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    link.send_raw(Message::text(r#"{"type":"from_the_future","value":[1,2,3]}"#)).await.unwrap();
    for malformed in ["{", "[]", "null", r#"{"type":"record"}"#, r#"{"type":"record","sequence":-1}"#] {
        link.send_raw(Message::text(malformed)).await.unwrap();
        let ServerMessage::Error(error) = link.next().await.unwrap() else { panic!("{malformed}") };
        assert_eq!(error.code, "malformed");
    }
    link.send_raw(Message::binary(vec![0; 5])).await.unwrap();
    assert!(matches!(link.next().await.unwrap(), ServerMessage::Error(_)));
    link.send(&AgentMessage::Heartbeat).await.unwrap();
    assert!(server.app().gateway.is_connected(agent.agent_id));
    server.stop().await;
}

#[tokio::test]
async fn whoever_talks_without_end_is_listened_to_slowly() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let message = "x".repeat(1_000);
    let report = AgentMessage::Error(ErrorMessage { code: "trouble".to_owned(), message });
    // more than the credit of a session and what the sockets on the way hold: at some point nothing is read any more
    let told = tokio::time::timeout(std::time::Duration::from_secs(2), async {
        for _ in 0..20_000 {
            link.send(&report).await.unwrap();
        }
    });
    assert!(told.await.is_err(), "every report was read");
    server.stop().await;
}

#[tokio::test]
async fn an_agent_that_only_talks_nonsense_is_sent_away() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    for _ in 0..21 {
        link.send_raw(Message::text("nonsense")).await.unwrap();
    }
    assert_eq!(link.goodbye().await.unwrap().code, GoodbyeCode::Protocol);
    server.stop().await;
}

#[tokio::test]
async fn giant_frames_and_invalid_utf8_get_a_clear_answer_and_harm_nobody_else() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (agent, other) = (server.enrol(&admin, "web-1").await, server.enrol(&admin, "web-2").await);
    let mut bystander = Link::connect(&other).await.unwrap();
    let giant = Message::text("x".repeat(2 * TEXT_FRAME_MAX));
    let no_text = Message::Frame(Frame::message(vec![b'{', 0xff, b'}'], OpCode::Data(Data::Text), true));
    for message in [giant, no_text] {
        let mut link = Link::connect(&agent).await.unwrap();
        link.send_raw(message).await.unwrap();
        assert_eq!(link.goodbye().await.unwrap().code, GoodbyeCode::Protocol);
    }
    let sequence = bystander.record(Body::Metrics(Box::new(gururmm_server_testkit::metrics(1.0)))).await.unwrap();
    bystander.acknowledged(sequence).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn strangers_without_subprotocol_or_upgrade_get_a_clear_answer() {
    let server = TestServer::start().await;
    let answer = server.anonymous().send(reqwest::Method::GET, "/ws/agent", None).await;
    answer.problem(426, "upgrade_required");
    server.stop().await;
}

#[tokio::test]
async fn a_record_before_the_handshake_is_a_breach() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::open(&agent).await.unwrap();
    link.send(&AgentMessage::Heartbeat).await.unwrap();
    assert_eq!(link.goodbye().await.unwrap().code, GoodbyeCode::Protocol);
    server.stop().await;
}

#[tokio::test]
async fn a_stopping_server_says_goodbye() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let stopping = tokio::spawn(server.stop());
    assert_eq!(link.goodbye().await.unwrap().code, GoodbyeCode::Shutdown);
    stopping.await.unwrap();
}

#[tokio::test]
async fn agents_take_the_places_of_connections_and_give_them_back() {
    let server = TestServer::start_with(|config| config.connections_max = 6).await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    // more agents in a row than there are places: each gives its place back
    for _ in 0..10 {
        let link = Link::connect(&agent).await.unwrap();
        link.vanish();
        wait_for("the end of the session", async || (!server.app().gateway.is_connected(agent.agent_id)).then_some(()))
            .await;
    }
    admin.get("/clients").await.ok();
    server.stop().await;
}

#[tokio::test]
async fn an_agent_removed_while_it_streams_harms_no_other() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (agent, other) = (server.enrol(&admin, "web-1").await, server.enrol(&admin, "web-2").await);
    let (mut link, mut bystander) = (Link::connect(&agent).await.unwrap(), Link::connect(&other).await.unwrap());
    let streaming = tokio::spawn(async move {
        while link.record(Body::Metrics(Box::new(gururmm_server_testkit::metrics(1.0)))).await.is_ok() {}
    });
    admin.delete(&format!("/agents/{}", agent.agent_id)).await.no_content();
    streaming.await.unwrap();
    let sequence = bystander.record(Body::Metrics(Box::new(gururmm_server_testkit::metrics(2.0)))).await.unwrap();
    bystander.acknowledged(sequence).await.unwrap();
    server.stop().await;
}
