//! Online and offline, and which of two connections counts.

use gururmm_protocol::message::{GoodbyeCode, ServerMessage};
use gururmm_protocol::record::Body;
use gururmm_server_testkit::{Link, SimulatedAgent, TestServer, wait_for};
use serde_json::json;
use sqlx::Connection as _;

use crate::commands::run;

/// The id of a connection that no clock has reached yet.
const LATER: &str = "ffffffff-ffff-7fff-bfff-ffffffffffff";

/// Says that the agent is online by a connection of the future.
async fn pretend_connected(server: &TestServer, agent: &SimulatedAgent) {
    let sql = "update agent_presence set status = 'online', connection_id = $2::uuid, connected_at = now() + interval '1 year' where agent_id = $1::uuid";
    let mut owner = server.db.connect("gururmm_owner").await;
    sqlx::query(sql).bind(agent.agent_id.to_string()).bind(LATER).execute(&mut owner).await.unwrap();
}

fn goodbye(message: ServerMessage) -> GoodbyeCode {
    let ServerMessage::Goodbye(goodbye) = message else { panic!("a goodbye was expected, not {message:?}") };
    goodbye.code
}

/// The server died while two machines were connected, and its clock has been set back since.
#[tokio::test]
async fn what_an_earlier_life_with_a_later_clock_left_behind_does_not_stay() {
    let mut server = TestServer::start().await;
    let admin = server.administrator().await;
    let (back, gone) = (server.enrol(&admin, "web-1").await, server.enrol(&admin, "web-2").await);
    for agent in [&back, &gone] {
        pretend_connected(&server, agent).await;
    }
    server.restart().await;
    let link = Link::connect(&back).await.unwrap();
    gururmm_server::gateway::sweep(server.app()).await.unwrap();
    let status =
        async |agent: &SimulatedAgent| admin.get(&format!("/agents/{}", agent.agent_id)).await.ok()["status"].clone();
    assert_eq!((status(&back).await, status(&gone).await), (json!("online"), json!("offline")));
    let mut events = admin.events("").await;
    link.vanish();
    events.wait_for("agent_status", |event| event["status"] == "offline").await;
    assert_eq!(status(&back).await, "offline");
    server.stop().await;
}

#[tokio::test]
async fn a_connection_that_was_overtaken_while_it_arrived_changes_nothing() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let (id, _) = run(&admin, &agent, json!({ "command": "sleep 100" })).await;
    link.order().await.unwrap();
    let started = link.record(Body::CommandStarted { command_id: id }).await.unwrap();
    link.acknowledged(started).await.unwrap();
    link.vanish();
    pretend_connected(&server, &agent).await;
    let answer = Link::connect_lying(&agent, Box::new(|_| {})).await.unwrap();
    assert_eq!(goodbye(answer), GoodbyeCode::Replaced);
    assert_eq!(admin.get(&format!("/commands/{id}")).await.ok()["status"], "running");
    server.stop().await;
}

#[tokio::test]
async fn an_arrival_that_waits_hears_at_once_that_it_was_replaced() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let mut held = owner.begin().await.unwrap();
    sqlx::query("lock table ingest_marks in access exclusive mode").execute(&mut *held).await.unwrap();
    let first = {
        let agent = agent.clone();
        tokio::spawn(async move { Link::connect_lying(&agent, Box::new(|_| {})).await })
    };
    wait_for("the first to arrive", async || server.app().gateway.is_connected(agent.agent_id).then_some(())).await;
    server.db.wait_for_blocked().await;
    let again = agent.clone();
    let second = tokio::spawn(async move { Link::connect(&again).await.map(drop) });
    assert_eq!(goodbye(first.await.unwrap().unwrap()), GoodbyeCode::Replaced);
    assert!(!second.is_finished(), "the database still waits");
    held.rollback().await.unwrap();
    second.await.unwrap().unwrap();
    server.stop().await;
}
