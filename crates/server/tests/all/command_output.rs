//! What is kept of a command's output, whatever an agent sends.

use gururmm_ids::{AgentId, CommandId};
use gururmm_protocol::command::{Outcome, Stream};
use gururmm_protocol::facts::Capability;
use gururmm_protocol::limits::{OUTPUT_CHUNK_MAX, OUTPUT_MAX};
use gururmm_protocol::message::{AgentMessage, GoodbyeCode, OutputPart, OutputRead, ServerMessage};
use gururmm_protocol::record::{Body, CommandResult, Output};
use gururmm_server_testkit::{ApiClient, Link, TestServer, allow};
use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::commands::{result, run};

fn piece(command_id: CommandId, offset: u64, data: &[u8]) -> Body {
    Body::CommandOutput(Output { command_id, stream: Stream::Stdout, offset, data: data.to_vec() })
}

/// What is shown once these pieces have come, all in one batch but the first.
async fn shown(server: &TestServer, admin: &ApiClient, pieces: &[(u64, &[u8])]) -> Value {
    let agent = server.enrol(admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let (id, _) = run(admin, &agent, json!({ "command": "yes" })).await;
    link.order().await.unwrap();
    let mut owner = server.db.connect("gururmm_owner").await;
    let mut held = owner.begin().await.unwrap();
    sqlx::query("lock table ingest_marks in access exclusive mode").execute(&mut *held).await.unwrap();
    link.record(Body::CommandStarted { command_id: id }).await.unwrap();
    server.db.wait_for_blocked().await;
    for (offset, data) in pieces {
        link.record(piece(id, *offset, data)).await.unwrap();
    }
    let last = link.record(Body::CommandResult(result(id, Outcome::Completed, Some(0)))).await.unwrap();
    held.rollback().await.unwrap();
    link.acknowledged(last).await.unwrap();
    admin.get(&format!("/commands/{id}")).await.ok()
}

#[tokio::test]
async fn pieces_that_overlap_are_left_out() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let chunk = vec![b'x'; OUTPUT_CHUNK_MAX];
    let pieces: Vec<(u64, &[u8])> = (0..100).map(|offset| (offset, &chunk[..])).collect();
    let detail = shown(&server, &admin, &pieces).await;
    assert_eq!(detail["stdout"].as_str().unwrap().len(), OUTPUT_CHUNK_MAX);
    assert_eq!(detail["stdout_kept_bytes"], OUTPUT_CHUNK_MAX);
    let mut owner = server.db.connect("gururmm_owner").await;
    let stored: i64 = sqlx::query_scalar("select sum(octet_length(data))::bigint from command_outputs")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(stored, OUTPUT_CHUNK_MAX as i64);
    server.stop().await;
}

#[tokio::test]
async fn live_output_goes_on_behind_a_gap() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let detail = shown(&server, &admin, &[(0, b"ab"), (10, b"cd"), (12, b"ef")]).await;
    assert_eq!((detail["stdout"].as_str(), detail["stdout_kept_bytes"].as_i64()), (Some("abcdef"), Some(14)));
    server.stop().await;
}

/// A machine that keeps more than the server does, and a command of it that wrote `bytes`, of which the first MiB is stored.
async fn with_more(server: &TestServer, admin: &ApiClient, bytes: u64) -> (Link, CommandId, AgentId) {
    let keeps = Capability::supported("commands.rest");
    let agent = server.enrol(admin, "web-1").await;
    let mut link = Link::open(&agent).await.unwrap();
    link.present(Box::new(|proof| proof.facts.capabilities.push(keeps))).await.unwrap();
    assert!(matches!(link.next().await.unwrap(), ServerMessage::Welcome(_)));
    let (id, _) = run(admin, &agent, json!({ "command": "yes" })).await;
    link.order().await.unwrap();
    let mut chunk = vec![b'x'; OUTPUT_CHUNK_MAX];
    for offset in (0..OUTPUT_MAX).step_by(OUTPUT_CHUNK_MAX) {
        if offset + OUTPUT_CHUNK_MAX as u64 == OUTPUT_MAX {
            chunk[OUTPUT_CHUNK_MAX - 1] = "é".as_bytes()[0];
        }
        link.record(piece(id, offset, &chunk)).await.unwrap();
    }
    let ended = CommandResult { stdout_bytes: bytes, ..result(id, Outcome::Completed, Some(0)) };
    let last = link.record(Body::CommandResult(ended)).await.unwrap();
    link.acknowledged(last).await.unwrap();
    (link, id, agent.agent_id)
}

/// The machine answers the next question with this.
async fn answers(link: &mut Link, data: &[u8], end: Option<u64>) -> OutputRead {
    loop {
        if let ServerMessage::OutputRead(read) = link.next().await.unwrap() {
            let part = OutputPart { request: read.request, data: data.to_vec(), end };
            link.send(&AgentMessage::OutputPart(Box::new(part))).await.unwrap();
            return read;
        }
    }
}

#[tokio::test]
async fn the_rest_is_read_from_the_machine_while_it_is_there() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    // a character begins in what the server keeps and ends in the rest
    let rest = ["é".as_bytes()[1..].to_vec(), "rest €".as_bytes().to_vec()].concat();
    let end = OUTPUT_MAX + 10;
    let (mut link, id, agent_id) = with_more(&server, &admin, end).await;
    let path = format!("/commands/{id}/output?stream=stdout");
    let (first, read) = tokio::join!(admin.get(&path), answers(&mut link, &rest, Some(end)));
    assert_eq!((read.command_id, read.stream, read.offset), (id, Stream::Stdout, OUTPUT_MAX));
    let first = first.ok();
    assert_eq!((first["text"].as_str(), first["next_offset"].as_u64()), (Some("érest €"), Some(OUTPUT_MAX + 9)));
    assert_eq!(first["end"], end);

    // a piece that ends in the middle of a character goes on with that
    let (cut, _) = tokio::join!(admin.get(&path), answers(&mut link, &rest[..7], Some(end)));
    assert_eq!(cut.ok()["next_offset"], OUTPUT_MAX + 6);
    let shown = admin.get(&format!("/commands/{id}")).await.ok()["stdout"].as_str().unwrap().to_owned();
    assert!(shown.len() as u64 == OUTPUT_MAX - 1 && !shown.contains('\u{fffd}'), "{}", shown.len());
    let (gone, _) = tokio::join!(admin.get(&path), answers(&mut link, b"", None));
    gone.problem(409, "output_not_kept");
    for offset in [5, u64::MAX] {
        admin.get(&format!("{path}&offset={offset}")).await.problem(422, "validation_failed");
    }
    admin.get(&format!("{path}&offset=x")).await.problem(400, "invalid_request");
    let none = admin.get(&format!("/commands/{id}/output?stream=stderr")).await.ok();
    assert_eq!((none["text"].as_str(), none["end"].as_u64()), (Some(""), Some(0)));

    let elsewhere = server.stranger().await;
    server.client_of(&elsewhere).get(&path).await.problem(404, "command_not_found");
    let viewer = server.person(&[allow("viewer")]).await;
    viewer.get(&path).await.problem(403, "forbidden");
    server.app().gateway.disconnect(agent_id, GoodbyeCode::Shutdown, "Again.");
    link.goodbye().await.unwrap();
    admin.get(&path).await.problem(409, "agent_offline");
    server.stop().await;
}

#[tokio::test]
async fn an_agent_that_keeps_nothing_is_not_asked() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "old").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let (id, _) = run(&admin, &agent, json!({ "command": "yes" })).await;
    link.order().await.unwrap();
    let path = format!("/commands/{id}/output?stream=stdout&offset={OUTPUT_MAX}");
    admin.get(&path).await.problem(409, "output_not_kept");
    server.stop().await;
}
