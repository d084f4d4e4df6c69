use gururmm_server_testkit::TestServer;
use serde_json::json;

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
