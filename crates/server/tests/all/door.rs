//! Strangers at the agents' door, and agents that come while the server is slow.

use std::time::Instant;

use gururmm_ids::AgentId;
use gururmm_protocol::message::{GoodbyeCode, ServerMessage};
use gururmm_protocol::record::Body;
use gururmm_server_testkit::{Link, SimulatedAgent, TestServer, metrics};
use sqlx::Connection as _;

fn goodbye(message: ServerMessage) -> GoodbyeCode {
    let ServerMessage::Goodbye(goodbye) = message else { panic!("a goodbye was expected, not {message:?}") };
    goodbye.code
}

#[tokio::test]
async fn an_address_that_fails_too_often_is_turned_away_for_a_while() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (agent, other) = (server.enrol(&admin, "web-1").await, server.enrol(&admin, "web-2").await);
    let mut bystander = Link::connect(&other).await.unwrap();
    let strangers = &server.app().gateway.strangers;
    for _ in 0..600 {
        strangers.failed([127, 0, 0, 1].into(), Instant::now());
    }
    let refused = Link::connect(&agent).await.err().unwrap().to_string();
    assert!(refused.contains("a challenge was expected"), "{refused}");
    let sequence = bystander.record(Body::Metrics(Box::new(metrics(1.0)))).await.unwrap();
    bystander.acknowledged(sequence).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn only_those_who_cannot_prove_themselves_pay() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (agent, other) = (server.enrol(&admin, "web-1").await, server.enrol(&admin, "web-2").await);
    let (here, start) = ([127, 0, 0, 1].into(), Instant::now());
    let strangers = &server.app().gateway.strangers;
    // the whole credit and not more
    for _ in 0..120 {
        strangers.failed(here, start);
    }
    Link::connect(&agent).await.unwrap();
    assert_eq!(strangers.turned_away(here, AgentId::generate(), start), None);
    let liar = SimulatedAgent { agent_key: other.agent_key.clone(), ..agent.clone() };
    assert_eq!(goodbye(Link::connect_lying(&liar, Box::new(|_| {})).await.unwrap()), GoodbyeCode::Refused);
    assert!(strangers.turned_away(here, AgentId::generate(), start).is_some());
    server.stop().await;
}

#[tokio::test]
async fn records_are_stored_while_many_wait_at_the_door() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    // as many as there are connections for the door
    let mut crowd = Vec::new();
    for number in 0..8 {
        let agent = server.enrol(&admin, &format!("crowd-{number}")).await;
        Link::connect(&agent).await.unwrap().vanish();
        crowd.push(agent);
    }
    let mut owner = server.db.connect("gururmm_owner").await;
    let mut held = owner.begin().await.unwrap();
    let marks = "select from ingest_marks where agent_id <> $1::uuid for update";
    sqlx::query(marks).bind(agent.agent_id.to_string()).execute(&mut *held).await.unwrap();
    let arriving: Vec<_> =
        crowd.into_iter().map(|agent| tokio::spawn(async move { Link::connect(&agent).await.map(drop) })).collect();
    server.db.wait_for_all_blocked(8).await;
    let sequence = link.record(Body::Metrics(Box::new(metrics(1.0)))).await.unwrap();
    link.acknowledged(sequence).await.unwrap();
    assert!(arriving.iter().all(|arrival| !arrival.is_finished()), "they waited all the time");
    held.rollback().await.unwrap();
    for arrival in arriving {
        arrival.await.unwrap().unwrap();
    }
    server.stop().await;
}

#[tokio::test]
async fn an_agent_that_proved_itself_to_a_slow_server_is_told_that_it_is_busy() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let mut held = owner.begin().await.unwrap();
    sqlx::query("lock table ingest_marks in access exclusive mode").execute(&mut *held).await.unwrap();
    let answer = Link::connect_lying(&agent, Box::new(|_| {})).await.unwrap();
    assert_eq!(goodbye(answer), GoodbyeCode::Busy);
    held.rollback().await.unwrap();
    Link::connect(&agent).await.unwrap();
    server.stop().await;
}
