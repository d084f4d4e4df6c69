use gururmm_ids::RequestId;
use gururmm_server_testkit::{TestServer, wait_for};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_session_has_room_for_so_many_streams() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(admin.events("").await);
    }
    admin.get("/events").await.problem(429, "rate_limited");
    streams.pop();
    // the server finds out when it writes
    let changed = async || admin.post("/clients", json!({ "name": format!("Client {}", RequestId::generate()) })).await;
    wait_for("room for another", async || {
        changed().await.created();
        let answer = admin.request(Method::GET, "/api/events").send().await.unwrap();
        (answer.status() == 200).then_some(())
    })
    .await;
    server.stop().await;
}

#[tokio::test]
async fn changes_are_heard_by_their_organisation_only() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let stranger = server.stranger().await;
    let mut own = admin.events("").await;
    let mut foreign = server.client_of(&stranger).events("").await;
    admin.post("/clients", json!({ "name": "Example" })).await.created();
    own.wait_for("tree_changed", |_| true).await;
    server
        .client_of(&stranger)
        .post("/sites", json!({ "client_id": stranger.client_id, "name": "Marker" }))
        .await
        .created();
    let (name, _) = foreign.next().await.unwrap();
    assert_eq!(name, "tree_changed");
    server.app().live.publish(
        stranger.org_id,
        gururmm_server::platform::live::LiveKind::AgentChanged { agent_id: gururmm_ids::AgentId::generate() },
    );
    let (name, _) = foreign.next().await.unwrap();
    assert_eq!(name, "agent_changed", "nothing of the other organisation came in between");
    server.stop().await;
}

#[tokio::test]
async fn who_falls_behind_is_told_to_read_again() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let org_id = admin.get("/auth/me").await.ok()["organisation"]["id"].as_str().unwrap().parse().unwrap();
    let mut events = admin.events("").await;
    // more than the channel and every buffer on the way can hold
    for _ in 0..200_000 {
        server.app().live.publish(org_id, gururmm_server::platform::live::LiveKind::TreeChanged {});
    }
    events.wait_for("resync", |_| true).await;
    server.stop().await;
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut events = admin.events("").await;
    admin.post("/auth/logout", json!({})).await.no_content();
    while events.next().await.is_some() {}
    server.stop().await;
}

#[tokio::test]
async fn a_session_that_is_revoked_in_the_database_ends_for_requests_and_streams() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut events = admin.events("").await;
    admin.get("/auth/me").await.ok();
    let mut owner = server.db.connect("gururmm_owner").await;
    sqlx::query("update auth_sessions set revoked_at = now()").execute(&mut owner).await.unwrap();
    while events.next().await.is_some() {}
    gururmm_server_testkit::wait_for("the session to be over", async || {
        (admin.get("/auth/me").await.status == 401).then_some(())
    })
    .await;
    server.stop().await;
}

#[tokio::test]
async fn a_watched_machine_is_heard_and_a_strangers_is_not() {
    use gururmm_protocol::command::Stream;
    use gururmm_protocol::record::{Body, Output};
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let stranger = server.stranger().await;
    let mut own = admin.events(&format!("?watch_agent={}", agent.agent_id)).await;
    let mut foreign = server.client_of(&stranger).events(&format!("?watch_agent={}", agent.agent_id)).await;
    let mut link = gururmm_server_testkit::Link::connect(&agent).await.unwrap();
    let command =
        admin.post(&format!("/agents/{}/command", agent.agent_id), json!({ "command": "id" })).await.accepted();
    let command_id = command["id"].as_str().unwrap().parse().unwrap();
    link.record(Body::CommandOutput(Output { command_id, stream: Stream::Stdout, offset: 0, data: b"x".to_vec() }))
        .await
        .unwrap();
    let heard = own.wait_for("command_output", |_| true).await;
    assert_eq!(heard["command_id"], command["id"]);
    server.app().live.publish(stranger.org_id, gururmm_server::platform::live::LiveKind::TreeChanged {});
    assert_eq!(foreign.next().await.unwrap().0, "tree_changed", "the stranger heard nothing before");
    server.stop().await;
}

/// A flood of output is heard by those who watch it; it takes nothing from anybody else, in the same organisation or another.
#[tokio::test]
async fn a_flood_of_output_disturbs_only_those_who_watch_it() {
    use gururmm_protocol::command::Stream;
    use gururmm_server::platform::live::LiveKind;
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let org_id = admin.get("/auth/me").await.ok()["organisation"]["id"].as_str().unwrap().parse().unwrap();
    let agent = server.enrol(&admin, "web-1").await;
    let stranger = server.stranger().await;
    let mut watching = admin.events(&format!("?watch_agent={}", agent.agent_id)).await;
    let mut own = admin.events("").await;
    let mut foreign = server.client_of(&stranger).events("").await;
    let live = &server.app().live;
    for offset in 0..10_000 {
        let kind = LiveKind::CommandOutput {
            command_id: gururmm_ids::CommandId::generate(),
            agent_id: agent.agent_id,
            stream: Stream::Stdout,
            offset,
            recorded_at: gururmm_server::platform::time::Time(jiff::Timestamp::UNIX_EPOCH),
            data: "eA==".into(),
        };
        live.publish(org_id, kind);
    }
    live.publish(org_id, LiveKind::TreeChanged {});
    live.publish(stranger.org_id, LiveKind::TreeChanged {});
    assert_eq!(own.next().await.unwrap().0, "tree_changed");
    assert_eq!(foreign.next().await.unwrap().0, "tree_changed");
    watching.wait_for("resync", |_| true).await;
    watching.wait_for("command_output", |_| true).await;
    server.stop().await;
}

#[tokio::test]
async fn of_a_backlog_only_the_newest_measurement_is_announced() {
    use gururmm_protocol::record::{Body, Record};
    use sqlx::Connection as _;
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = gururmm_server_testkit::Link::connect(&agent).await.unwrap();
    let mut events = admin.events("").await;
    let now = server.app().clock.now();
    let mut owner = server.db.connect("gururmm_owner").await;
    let mut held = owner.begin().await.unwrap();
    sqlx::query("lock table ingest_marks in access exclusive mode").execute(&mut *held).await.unwrap();
    for sequence in 1..=50_u64 {
        let recorded_at = now.saturating_sub(jiff::SignedDuration::from_secs(50 - sequence.cast_signed())).unwrap();
        let body = Body::Metrics(Box::new(gururmm_server_testkit::metrics(sequence as f32)));
        link.send_record(Record { sequence, recorded_at, body }).await.unwrap();
    }
    server.db.wait_for_blocked().await;
    held.rollback().await.unwrap();
    link.acknowledged(50).await.unwrap();
    let mut heard = Vec::new();
    while heard.last() != Some(&50.0) {
        heard.push(events.wait_for("agent_metrics", |_| true).await["cpu_percent"].as_f64().unwrap());
    }
    assert!(heard.len() < 10, "one for each batch: {heard:?}");
    server.stop().await;
}
