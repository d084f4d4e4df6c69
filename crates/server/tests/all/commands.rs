use gururmm_ids::CommandId;
use gururmm_protocol::command::{Outcome, Stream};
use gururmm_protocol::message::ServerMessage;
use gururmm_protocol::record::{Body, CommandResult, Output};
use gururmm_server_testkit::{ApiClient, Link, SimulatedAgent, TestServer};
use jiff::SignedDuration;
use serde_json::{Value, json};

pub(crate) async fn run(admin: &ApiClient, agent: &SimulatedAgent, body: Value) -> (CommandId, Value) {
    let command = admin.post(&format!("/agents/{}/command", agent.agent_id), body).await.accepted();
    (command["id"].as_str().unwrap().parse().unwrap(), command)
}

pub(crate) fn result(command_id: CommandId, outcome: Outcome, exit_code: Option<i32>) -> CommandResult {
    CommandResult { command_id, outcome, exit_code, reason: None, stdout_bytes: 0, stderr_bytes: 0 }
}

#[tokio::test]
async fn a_command_is_signed_runs_streams_and_completes() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let (id, command) = run(&admin, &agent, json!({ "command": "uname -a", "timeout_seconds": 60 })).await;
    assert_eq!((command["status"].as_str(), command["agent_name"].as_str()), (Some("queued"), Some("web-1")));
    let mut events = admin.events(&format!("?watch_command={id}")).await;
    let order = link.order().await.unwrap();
    assert_eq!(
        (order.command_id, order.agent_id, order.command.as_str(), order.timeout_seconds),
        (id, agent.agent_id, "uname -a", 60)
    );

    link.record(Body::CommandStarted { command_id: id }).await.unwrap();
    events.wait_for("command_changed", |event| event["status"] == "running").await;
    let output = |stream, offset, data: &[u8]| {
        Body::CommandOutput(Output { command_id: id, stream, offset, data: data.to_vec() })
    };
    link.record(output(Stream::Stdout, 0, b"Linux ")).await.unwrap();
    let live = events.wait_for("command_output", |_| true).await;
    assert_eq!(
        (live["stream"].as_str(), live["offset"].as_i64(), live["data"].as_str()),
        (Some("stdout"), Some(0), Some("TGludXgg"))
    );
    link.record(output(Stream::Stdout, 6, b"web-1\xff\n")).await.unwrap();
    link.record(output(Stream::Stderr, 0, b"warning")).await.unwrap();
    let ended = CommandResult { stdout_bytes: 13, stderr_bytes: 7, ..result(id, Outcome::Completed, Some(0)) };
    let last = link.record(Body::CommandResult(ended)).await.unwrap();
    link.acknowledged(last).await.unwrap();
    events.wait_for("command_changed", |event| event["status"] == "completed").await;

    let detail = admin.get(&format!("/commands/{id}")).await.ok();
    assert_eq!(detail["stdout"], "Linux web-1\u{fffd}\n");
    assert_eq!(detail["stderr"], "warning");
    assert_eq!(
        (detail["status"].as_str(), detail["exit_code"].as_i64(), detail["truncated"].as_bool()),
        (Some("completed"), Some(0), Some(false))
    );
    assert_eq!(detail["created_by_name"], "Technician One");
    let audit = admin.get(&format!("/audit-events?agent_id={}", agent.agent_id)).await.ok();
    let actions: Vec<_> =
        audit["items"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["command.created", "agent.enrolled"]);
    assert_eq!(audit["items"][0]["detail"]["command"], "uname -a");
    server.stop().await;
}

#[tokio::test]
async fn a_nonzero_exit_is_failed_and_a_timeout_a_timeout() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    for (outcome, exit_code, status) in [
        (Outcome::Failed, Some(3), "failed"),
        (Outcome::Timeout, None, "timeout"),
        (Outcome::Interrupted, None, "interrupted"),
    ] {
        let (id, _) = run(&admin, &agent, json!({ "command": "false" })).await;
        link.order().await.unwrap();
        link.play(id, b"x", result(id, outcome, exit_code)).await.unwrap();
        let detail = admin.get(&format!("/commands/{id}")).await.ok();
        assert_eq!((detail["status"].as_str(), detail["exit_code"].as_i64()), (Some(status), exit_code.map(i64::from)));
        assert!(detail["finished_at"].is_string());
    }
    let list = admin.get("/commands?status=failed,timeout").await.ok();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    server.stop().await;
}

#[tokio::test]
async fn an_absent_machine_gets_its_command_when_it_comes() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let (id, _) = run(&admin, &agent, json!({ "command": "uptime" })).await;
    let mut link = Link::connect(&agent).await.unwrap();
    let order = link.order().await.unwrap();
    assert_eq!(order.command_id, id);
    // it was handed out, its connection broke before it arrived: the very same order comes again
    link.vanish();
    let mut link = Link::connect(&agent).await.unwrap();
    assert_eq!(link.order().await.unwrap(), order);
    // it arrived: the agent names it, and it does not come again
    link.vanish();
    let mut link = Link::connect_knowing(&agent, vec![id]).await.unwrap();
    link.play(id, b"up", result(id, Outcome::Completed, Some(0))).await.unwrap();
    assert_eq!(admin.get(&format!("/commands/{id}")).await.ok()["status"], "completed");
    server.stop().await;
}

#[tokio::test]
async fn what_the_agent_no_longer_knows_is_interrupted_and_a_late_result_still_counts() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let (id, _) = run(&admin, &agent, json!({ "command": "sleep 100" })).await;
    link.order().await.unwrap();
    let started = link.record(Body::CommandStarted { command_id: id }).await.unwrap();
    link.acknowledged(started).await.unwrap();
    link.vanish();
    let mut link = Link::connect(&agent).await.unwrap();
    let detail = admin.get(&format!("/commands/{id}")).await.ok();
    assert_eq!(detail["status"], "interrupted");
    assert!(detail["status_reason"].is_string());
    link.play(id, b"done", result(id, Outcome::Completed, Some(0))).await.unwrap();
    assert_eq!(admin.get(&format!("/commands/{id}")).await.ok()["status"], "completed");
    server.stop().await;
}

#[tokio::test]
async fn cancel_reaches_the_agent_now_or_when_it_returns() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let (id, _) = run(&admin, &agent, json!({ "command": "sleep 100" })).await;
    link.order().await.unwrap();
    let started = link.record(Body::CommandStarted { command_id: id }).await.unwrap();
    link.acknowledged(started).await.unwrap();
    let asked = admin.post(&format!("/commands/{id}/cancel"), json!({})).await.ok();
    assert!(asked["cancel_requested_at"].is_string());
    assert!(matches!(link.next().await.unwrap(), ServerMessage::CommandCancel { command_id } if command_id == id));
    link.vanish();
    // it got lost; the agent still runs the command and is told again
    let mut link = Link::connect_knowing(&agent, vec![id]).await.unwrap();
    assert!(matches!(link.next().await.unwrap(), ServerMessage::CommandCancel { command_id } if command_id == id));
    let last = link.record(Body::CommandResult(result(id, Outcome::Cancelled, None))).await.unwrap();
    link.acknowledged(last).await.unwrap();
    assert_eq!(admin.get(&format!("/commands/{id}")).await.ok()["status"], "cancelled");
    admin.post(&format!("/commands/{id}/cancel"), json!({})).await.problem(409, "command_not_cancellable");
    server.stop().await;
}

#[tokio::test]
async fn a_waiting_command_is_cancelled_at_once_and_never_handed_out() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let (id, _) = run(&admin, &agent, json!({ "command": "uptime" })).await;
    assert_eq!(admin.post(&format!("/commands/{id}/cancel"), json!({})).await.ok()["status"], "cancelled");
    let (later, _) = run(&admin, &agent, json!({ "command": "uptime" })).await;
    let mut link = Link::connect(&agent).await.unwrap();
    assert_eq!(link.order().await.unwrap().command_id, later);
    server.stop().await;
}

#[tokio::test]
async fn an_order_expires() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let (id, _) = run(&admin, &agent, json!({ "command": "uptime", "expires_in_seconds": 30 })).await;
    server.clock.advance(SignedDuration::from_mins(2));
    gururmm_server::features::commands::jobs::end_overdue(server.app()).await.unwrap();
    let detail = admin.get(&format!("/commands/{id}")).await.ok();
    assert_eq!(detail["status"], "expired");
    assert!(detail["status_reason"].is_string());
    server.stop().await;
}

#[tokio::test]
async fn a_command_of_a_machine_that_stays_away_does_not_run_for_ever() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut events = admin.events("").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let (id, _) = run(&admin, &agent, json!({ "command": "sleep 1", "timeout_seconds": 1 })).await;
    link.order().await.unwrap();
    let started = link.record(Body::CommandStarted { command_id: id }).await.unwrap();
    link.acknowledged(started).await.unwrap();
    link.vanish();
    events.wait_for("agent_status", |event| event["status"] == "offline").await;
    server.clock.advance(SignedDuration::from_mins(20));
    gururmm_server::features::commands::jobs::end_overdue(server.app()).await.unwrap();
    assert_eq!(admin.get(&format!("/commands/{id}")).await.ok()["status"], "interrupted");
    server.stop().await;
}

#[tokio::test]
async fn wrong_input_is_refused_field_by_field() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let path = format!("/agents/{}/command", agent.agent_id);
    for (body, field) in [
        (json!({ "command": "  " }), "command"),
        (json!({ "command": "x".repeat(70_000) }), "command"),
        (json!({ "command": "a\0b" }), "command"),
        (json!({ "command": "x", "timeout_seconds": 0 }), "timeout_seconds"),
        (json!({ "command": "x", "timeout_seconds": 90_000 }), "timeout_seconds"),
        (json!({ "command": "x", "expires_in_seconds": 5 }), "expires_in_seconds"),
        (json!({ "command": "x", "elevated": false }), "elevated"),
    ] {
        let problem = admin.post(&path, body).await.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], field);
    }
    for body in [
        json!({}),
        json!({ "command": 1 }),
        json!({ "command": "x", "command_type": "telepathy" }),
        json!({ "command": "x", "typo": 1 }),
    ] {
        admin.post(&path, body).await.problem(400, "invalid_request");
    }
    admin.get("/commands?status=nonsense").await.problem(400, "invalid_request");
    assert_eq!(admin.get("/commands").await.ok()["items"], json!([]));
    server.stop().await;
}

/// An order that nobody handed out — the machine connected while the order was being written — is handed out soon after.
#[tokio::test]
async fn an_order_that_fell_between_is_offered_again() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let (id, _) = run(&admin, &agent, json!({ "command": "uptime" })).await;
    let order = link.order().await.unwrap();
    let mut owner = server.db.connect("gururmm_owner").await;
    sqlx::query("update commands set sent_at = null").execute(&mut owner).await.unwrap();
    assert_eq!(gururmm_server::features::commands::offer_again(server.app()).await.unwrap(), 0, "it is too young");
    server.clock.advance(SignedDuration::from_secs(3));
    gururmm_server::features::commands::offer_again(server.app()).await.unwrap();
    assert_eq!(link.order().await.unwrap(), order, "the very same order");
    assert_eq!(order.command_id, id);
    server.stop().await;
}

/// The server gave a command up while its machine was away; the machine comes back and still runs it.
#[tokio::test]
async fn an_assumed_end_is_taken_back_when_the_machine_still_runs_the_command() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut events = admin.events("").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let (id, _) = run(&admin, &agent, json!({ "command": "sleep 1", "timeout_seconds": 1 })).await;
    link.order().await.unwrap();
    let started = link.record(Body::CommandStarted { command_id: id }).await.unwrap();
    link.acknowledged(started).await.unwrap();
    link.vanish();
    events.wait_for("agent_status", |event| event["status"] == "offline").await;
    server.clock.advance(SignedDuration::from_mins(20));
    gururmm_server::features::commands::jobs::end_overdue(server.app()).await.unwrap();
    assert_eq!(admin.get(&format!("/commands/{id}")).await.ok()["status"], "interrupted");
    let mut link = Link::connect_knowing(&agent, vec![id]).await.unwrap();
    let detail = admin.get(&format!("/commands/{id}")).await.ok();
    assert_eq!((detail["status"].as_str(), detail["finished_at"].as_str()), (Some("running"), None));
    let last = link.record(Body::CommandResult(result(id, Outcome::Completed, Some(0)))).await.unwrap();
    link.acknowledged(last).await.unwrap();
    assert_eq!(admin.get(&format!("/commands/{id}")).await.ok()["status"], "completed");
    server.stop().await;
}
