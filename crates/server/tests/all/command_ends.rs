//! Who may say that a command has ended: the agent for ever, the server until the agent says otherwise.

use gururmm_ids::{CommandId, SpoolId};
use gururmm_protocol::command::Outcome;
use gururmm_protocol::record::Body;
use gururmm_server::features::commands::jobs::{end_overdue, purge};
use gururmm_server_testkit::{ApiClient, Link, SimulatedAgent, TestServer};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::commands::{result, run};

/// A command that its agent has begun.
async fn begun(admin: &ApiClient, agent: &SimulatedAgent, link: &mut Link, body: Value) -> CommandId {
    let (id, _) = run(admin, agent, body).await;
    assert_eq!(link.order().await.unwrap().command_id, id);
    let started = link.record(Body::CommandStarted { command_id: id }).await.unwrap();
    link.acknowledged(started).await.unwrap();
    id
}

async fn status(admin: &ApiClient, id: CommandId) -> String {
    admin.get(&format!("/commands/{id}")).await.ok()["status"].as_str().unwrap().to_owned()
}

/// An agent names a command until it knows that the result is stored. It was stopped before it heard so.
#[tokio::test]
async fn a_reported_end_stands_although_the_agent_still_names_the_command() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let id = begun(&admin, &agent, &mut link, json!({ "command": "sleep 100" })).await;
    let last = link.record(Body::CommandResult(result(id, Outcome::Interrupted, None))).await.unwrap();
    link.acknowledged(last).await.unwrap();
    link.vanish();
    let link = Link::connect_knowing(&agent, vec![id]).await.unwrap();
    assert_eq!(status(&admin, id).await, "interrupted");
    link.vanish();
    // its records come again in another life of the spool
    let renewed = SimulatedAgent { spool_id: SpoolId::generate(), ..agent.clone() };
    let mut link = Link::connect_knowing(&renewed, vec![id]).await.unwrap();
    let started = link.record(Body::CommandStarted { command_id: id }).await.unwrap();
    link.acknowledged(started).await.unwrap();
    assert_eq!(status(&admin, id).await, "interrupted");
    server.stop().await;
}

#[tokio::test]
async fn a_command_that_a_connected_machine_never_ends_is_given_up() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let id = begun(&admin, &agent, &mut link, json!({ "command": "sleep 1", "timeout_seconds": 60 })).await;
    server.clock.advance(SignedDuration::from_mins(10));
    end_overdue(server.app()).await.unwrap();
    assert_eq!(status(&admin, id).await, "running", "it may be delivering");
    server.clock.advance(SignedDuration::from_mins(10));
    end_overdue(server.app()).await.unwrap();
    assert_eq!(status(&admin, id).await, "interrupted");
    let last = link.record(Body::CommandResult(result(id, Outcome::Completed, Some(0)))).await.unwrap();
    link.acknowledged(last).await.unwrap();
    assert_eq!(status(&admin, id).await, "completed", "a late result counts");
    server.stop().await;
}

#[tokio::test]
async fn a_late_result_replaces_a_cancellation_that_the_server_assumed() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let (id, _) = run(&admin, &agent, json!({ "command": "uptime" })).await;
    link.order().await.unwrap();
    admin.post(&format!("/commands/{id}/cancel"), json!({})).await.ok();
    server.clock.advance(SignedDuration::from_mins(2));
    end_overdue(server.app()).await.unwrap();
    assert_eq!(status(&admin, id).await, "cancelled");
    link.play(id, b"up", result(id, Outcome::Completed, Some(0))).await.unwrap();
    let detail = admin.get(&format!("/commands/{id}")).await.ok();
    assert_eq!(
        (detail["status"].as_str(), detail["exit_code"].as_i64(), detail["stdout"].as_str()),
        (Some("completed"), Some(0), Some("up"))
    );
    server.stop().await;
}

#[tokio::test]
async fn a_command_that_was_never_handed_out_stays_cancelled_whatever_an_agent_says() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let (id, _) = run(&admin, &agent, json!({ "command": "uptime" })).await;
    admin.post(&format!("/commands/{id}/cancel"), json!({})).await.ok();
    let mut link = Link::connect_knowing(&agent, vec![id]).await.unwrap();
    link.play(id, b"", result(id, Outcome::Completed, Some(0))).await.unwrap();
    assert_eq!(status(&admin, id).await, "cancelled");
    server.stop().await;
}

#[tokio::test]
async fn commands_that_ended_long_ago_go_where_the_organisation_says_so() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    for (days, field) in [(6, "command_days"), (4001, "command_days")] {
        let refused =
            admin.patch("/organisation", json!({ "command_days": days })).await.problem(422, "validation_failed");
        assert_eq!(refused["errors"][0]["field"], field);
    }
    let agent = server.enrol(&admin, "m-1").await;
    let run = json!({ "targets": { "ids": [agent.agent_id] }, "what": { "command": "id" }, "expires_in_seconds": 60 });
    admin.post("/command-runs", run.clone()).await;
    server.clock.advance(SignedDuration::from_secs(120));
    end_overdue(server.app()).await.unwrap();
    gururmm_server::features::command_runs::jobs::settle(server.app()).await.unwrap();
    server.clock.advance(SignedDuration::from_hours(24 * 40));
    assert_eq!(purge(server.app()).await.unwrap(), 0, "for ever unless told");
    let admin = crate::audited::log_in(&server).await;
    let organisation = admin.patch("/organisation", json!({ "command_days": 30 })).await.ok();
    assert_eq!(organisation["command_days"], 30);
    admin.post("/command-runs", run.clone()).await;
    server.clock.advance(SignedDuration::from_secs(120));
    end_overdue(server.app()).await.unwrap();
    gururmm_server::features::command_runs::jobs::settle(server.app()).await.unwrap();
    admin.post("/command-runs", run).await;
    assert_eq!(purge(server.app()).await.unwrap(), 2, "the old command and its run");
    for list in ["/commands", "/command-runs"] {
        let left = admin.get(list).await.ok()["items"].as_array().unwrap().len();
        assert_eq!(left, 2, "{list}: the one that waits stays, and the one that has just ended");
    }
    let kept = admin.get("/audit-events?action=command.created").await.ok();
    assert_eq!(kept["items"].as_array().unwrap().len(), 3, "what was done is told for ever");
    server.stop().await;
}
