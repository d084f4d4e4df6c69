//! What is kept of a command's output, whatever an agent sends.

use gururmm_ids::CommandId;
use gururmm_protocol::command::{Outcome, Stream};
use gururmm_protocol::limits::OUTPUT_CHUNK_MAX;
use gururmm_protocol::record::{Body, Output};
use gururmm_server_testkit::{ApiClient, Link, TestServer};
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
