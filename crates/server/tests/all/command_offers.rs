//! What agents do not answer is repeated: sparingly, fairly, and never to the harm of the connection.

use gururmm_ids::CommandId;
use gururmm_protocol::command::Outcome;
use gururmm_protocol::limits::COMMANDS_HELD_MAX;
use gururmm_protocol::message::ServerMessage;
use gururmm_protocol::record::Body;
use gururmm_server::features::commands::offer_again;
use gururmm_server_testkit::{Link, TestServer, metrics};
use jiff::SignedDuration;
use serde_json::json;

use crate::commands::{result, run};

/// One agent's share of a round.
const SHARE: usize = 16;

/// Offers until nothing is due; no round may exceed one agent's share.
async fn offer_all(server: &TestServer) {
    for _ in 0..100 {
        let offered = offer_again(server.app()).await.unwrap();
        assert!(offered <= SHARE, "{offered} at once");
        if offered == 0 {
            return;
        }
    }
    panic!("the offers do not end");
}

async fn orders(link: &mut Link, count: usize) -> Vec<CommandId> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(link.order().await.unwrap().command_id);
    }
    ids.sort();
    ids
}

#[tokio::test]
async fn messages_without_room_do_not_end_the_connection() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    // all at once: the session has no turn in between
    let sent = (0..200).filter(|_| server.app().gateway.send_cancel(agent.agent_id, CommandId::generate())).count();
    assert!((1..200).contains(&sent), "{sent} were taken");
    for _ in 0..sent {
        assert!(matches!(link.next().await.unwrap(), ServerMessage::CommandCancel { .. }));
    }
    let sequence = link.record(Body::Metrics(Box::new(metrics(1.0)))).await.unwrap();
    link.acknowledged(sequence).await.unwrap();
    server.stop().await;
}

/// An agent runs 16 commands at a time and lets the others wait: they are not sent again and again.
#[tokio::test]
async fn an_order_that_waits_with_its_agent_is_repeated_once_per_connection() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..SHARE + 4 {
        ids.push(run(&admin, &agent, json!({ "command": "uptime" })).await.0);
    }
    assert_eq!(orders(&mut link, ids.len()).await, ids);
    for _ in 0..3 {
        server.clock.advance(SignedDuration::from_mins(1));
        offer_all(&server).await;
    }
    assert_eq!(orders(&mut link, ids.len()).await, ids, "each came once more");
    let (next, _) = run(&admin, &agent, json!({ "command": "uptime" })).await;
    assert_eq!(link.order().await.unwrap().command_id, next, "and no more than that");
    ids.push(next);
    link.vanish();
    server.clock.advance(SignedDuration::from_mins(1));
    let mut link = Link::connect(&agent).await.unwrap();
    assert_eq!(orders(&mut link, ids.len()).await, ids);
    server.clock.advance(SignedDuration::from_mins(1));
    offer_all(&server).await;
    assert_eq!(orders(&mut link, ids.len()).await, ids, "another connection, another chance to be lost");
    server.stop().await;
}

#[tokio::test]
async fn one_machines_unanswered_cancels_take_nobodys_place() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (deaf, agent) = (server.enrol(&admin, "web-1").await, server.enrol(&admin, "web-2").await);
    let (_deaf_link, mut link) = (Link::connect(&deaf).await.unwrap(), Link::connect(&agent).await.unwrap());
    let (id, _) = run(&admin, &agent, json!({ "command": "sleep 100" })).await;
    link.order().await.unwrap();
    let started = link.record(Body::CommandStarted { command_id: id }).await.unwrap();
    link.acknowledged(started).await.unwrap();
    // older than the other's, and more than a round holds
    let cancels = "insert into commands (id, org_id, client_id, site_id, agent_id, command_type, command, context, timeout_seconds, elevated, on_disconnect,
                       status, created_at, sent_at, started_at, expires_at, cancel_requested_at)
                   select ('00000000-0000-7000-8000-' || lpad(number::text, 12, '0'))::uuid, org_id, client_id, site_id, id, 'shell', 'x', 'system', 86400, true,
                       'continue', 'running', now(), now(), now(), now() + interval '1 day', now()
                   from agents, generate_series(1, 2000) number where id = $1::uuid";
    sqlx::query(cancels)
        .bind(deaf.agent_id.to_string())
        .execute(&mut server.db.connect("gururmm_owner").await)
        .await
        .unwrap();
    admin.post(&format!("/commands/{id}/cancel"), json!({})).await.ok();
    let is_cancel =
        |message: &ServerMessage| matches!(message, ServerMessage::CommandCancel { command_id } if *command_id == id);
    assert!(is_cancel(&link.next().await.unwrap()));
    // it got lost: it comes again, once
    server.clock.advance(SignedDuration::from_secs(10));
    for _ in 0..3 {
        offer_again(server.app()).await.unwrap();
    }
    assert!(is_cancel(&link.next().await.unwrap()));
    let (next, _) = run(&admin, &agent, json!({ "command": "uptime" })).await;
    assert_eq!(link.order().await.unwrap().command_id, next);
    server.stop().await;
}

/// An agent holds 256 commands and refuses more: what is beyond waits here, and nothing is refused.
#[tokio::test]
async fn what_an_agent_has_no_room_for_waits_at_the_server() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    for number in 0..COMMANDS_HELD_MAX + 20 {
        run(&admin, &agent, json!({ "command": format!("echo {number}") })).await;
    }
    let mut link = Link::connect(&agent).await.unwrap();
    let held = orders(&mut link, COMMANDS_HELD_MAX).await;
    // neither the rounds that follow nor a new command go beyond
    server.clock.advance(SignedDuration::from_secs(10));
    assert_eq!(offer_again(server.app()).await.unwrap(), 0);
    run(&admin, &agent, json!({ "command": "uptime" })).await;
    assert_eq!(offer_again(server.app()).await.unwrap(), 0);

    for command_id in &held[..2] {
        let ended = Body::CommandResult(result(*command_id, Outcome::Completed, Some(0)));
        let ended = link.record(ended).await.unwrap();
        link.acknowledged(ended).await.unwrap();
    }
    assert_eq!(offer_again(server.app()).await.unwrap(), 2, "as many as have ended");
    let later = orders(&mut link, 2).await;
    assert!(later.iter().all(|id| !held.contains(id)));

    // an agent that comes back and names what it holds gets no more than it has room for
    link.vanish();
    let known: Vec<_> = held[2..].iter().chain(&later).copied().collect();
    let mut link = Link::connect_knowing(&agent, known).await.unwrap();
    assert_eq!(offer_again(server.app()).await.unwrap(), 0);
    let record = link.record(Body::Metrics(Box::new(metrics(1.0)))).await.unwrap();
    link.acknowledged(record).await.unwrap();
    server.stop().await;
}
