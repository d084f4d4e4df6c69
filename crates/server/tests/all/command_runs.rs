//! One request for many machines: it reaches exactly those it may, at its pace, and nobody twice.

use gururmm_ids::CommandId;
use gururmm_protocol::command::{Outcome, Stream};
use gururmm_protocol::message::ServerMessage;
use gururmm_protocol::record::{Body, CommandResult, Output};
use gururmm_server::features::command_runs::jobs::advance;
use gururmm_server::features::commands::offer_again;
use gururmm_server_testkit::{ApiClient, Link, SimulatedAgent, TestServer, allow, wait_for};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::commands::result;

/// A machine that is there.
pub(crate) struct There {
    pub(crate) agent: SimulatedAgent,
    pub(crate) link: Link,
}

/// Machines `m-1`, `m-2`… of the first site, each with its connection.
pub(crate) async fn fleet(server: &TestServer, admin: &ApiClient, count: usize) -> Vec<There> {
    let mut fleet = Vec::new();
    for number in 1..=count {
        let agent = server.enrol(admin, &format!("m-{number}")).await;
        let link = Link::connect(&agent).await.unwrap();
        fleet.push(There { agent, link });
    }
    fleet
}

pub(crate) fn ids(fleet: &[There]) -> Vec<String> {
    fleet.iter().map(|there| there.agent.agent_id.to_string()).collect()
}

pub(crate) async fn start(who: &ApiClient, targets: Value, command: &str, more: Value) -> Value {
    let mut body = json!({ "targets": targets, "what": { "command": command } });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    who.post("/command-runs", body).await.accepted()
}

async fn run_of(who: &ApiClient, run: &Value) -> Value {
    who.get(&format!("/command-runs/{}", run["id"].as_str().unwrap())).await.ok()
}

fn count(run: &Value, status: &str) -> i64 {
    run["counts"][status].as_i64().unwrap()
}

async fn until(who: &ApiClient, run: &Value, status: &str) -> Value {
    wait_for(&format!("the run is {status}"), async || {
        let run = run_of(who, run).await;
        (run["status"] == status).then_some(run)
    })
    .await
}

/// The machine does it, and says so.
async fn plays(there: &mut There, stdout: &[u8], outcome: Outcome, exit_code: Option<i32>) -> CommandId {
    let id = there.link.order().await.unwrap().command_id;
    let stdout_bytes = stdout.len() as u64;
    let ended = CommandResult { stdout_bytes, ..result(id, outcome, exit_code) };
    there.link.play(id, stdout, ended).await.unwrap();
    id
}

/// Nothing has come: what is asked for now comes first.
async fn has_heard_nothing(server: &TestServer, there: &mut There) {
    let mark = CommandId::generate();
    server.app().gateway.send_cancel(there.agent.agent_id, mark);
    match there.link.next().await.unwrap() {
        ServerMessage::CommandCancel { command_id } if command_id == mark => {}
        other => panic!("{other:?} came"),
    }
}

#[tokio::test]
async fn a_run_reaches_its_machines_and_is_told_in_numbers_and_groups() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut fleet = fleet(&server, &admin, 3).await;
    let absent = server.enrol(&admin, "m-4").await;
    let mut targets = ids(&fleet);
    targets.push(absent.agent_id.to_string());
    let mut events = admin.events("").await;
    let run = start(&admin, json!({ "ids": targets }), "uname -r", json!({})).await;
    assert_eq!((run["status"].as_str(), count(&run, "total"), count(&run, "queued")), (Some("running"), 4, 3));
    assert_eq!(count(&run, "offline"), 1);
    for (at, there) in fleet.iter_mut().enumerate() {
        let (output, exit) = if at == 2 { (&b"gone"[..], 7) } else { (&b"6.1"[..], 0) };
        let outcome = if exit == 0 { Outcome::Completed } else { Outcome::Failed };
        plays(there, output, outcome, Some(exit)).await;
    }
    events.wait_for("command_run_changed", |event| event["run_id"] == run["id"]).await;
    let now = wait_for("three have ended", async || {
        let now = run_of(&admin, &run).await;
        (count(&now, "completed") == 2 && count(&now, "failed") == 1).then_some(now)
    })
    .await;
    assert_eq!((now["status"].as_str(), count(&now, "offline")), (Some("running"), 1));
    let path = format!("/command-runs/{}/groups", run["id"].as_str().unwrap());
    let groups = admin.get(&path).await.ok();
    assert_eq!(groups["total"], 2);
    assert_eq!((groups["items"][0]["count"].as_i64(), groups["items"][1]["exit_code"].as_i64()), (Some(2), Some(7)));
    assert_eq!(groups["items"][0]["agent_names"], json!(["m-1", "m-2"]));
    let shown = admin.get(&format!("/commands/{}", groups["items"][0]["command_id"].as_str().unwrap())).await.ok();
    assert_eq!((shown["stdout"].as_str(), &shown["run_id"]), (Some("6.1"), &run["id"]));

    // the one that was away comes back
    let mut late = There { link: Link::connect(&absent).await.unwrap(), agent: absent };
    plays(&mut late, b"6.1", Outcome::Completed, Some(0)).await;
    let end = until(&admin, &run, "finished").await;
    assert_eq!(count(&end, "completed"), 3);
    let listed = admin.get(&format!("/commands?run_id={}", run["id"].as_str().unwrap())).await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 4);

    // where it failed it is repeated, and nowhere else
    let again = admin.post(&format!("/command-runs/{}/rerun", run["id"].as_str().unwrap()), json!({})).await.accepted();
    assert_eq!((count(&again, "total"), &again["rerun_of"]), (1, &run["id"]));
    plays(&mut fleet[2], b"6.1", Outcome::Completed, Some(0)).await;
    until(&admin, &again, "finished").await;
    has_heard_nothing(&server, &mut fleet[0]).await;
    let nothing = admin.post(&format!("/command-runs/{}/rerun", again["id"].as_str().unwrap()), json!({})).await;
    nothing.problem(409, "nothing_to_rerun");
    let audit = admin.get("/audit-events?action=command_run.created&limit=5").await.ok();
    assert_eq!(audit["items"].as_array().unwrap().len(), 2);
    let each = admin.get("/audit-events?action=command.created").await.ok();
    assert_eq!(each["items"].as_array().unwrap().len(), 5, "each machine's history tells it too");
    server.stop().await;
}

#[tokio::test]
async fn a_run_reaches_no_machine_where_its_asker_may_not_run() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut fleet = fleet(&server, &admin, 2).await;
    let client = admin.post("/clients", json!({ "name": "Example" })).await.created();
    let site = admin.post("/sites", json!({ "client_id": client["id"], "name": "Office" })).await.created();
    let path = |there: &There| format!("/agents/{}", there.agent.agent_id);
    admin.patch(&path(&fleet[1]), json!({ "site_id": site["id"] })).await.ok();
    let (held, hidden) = (server.enrol(&admin, "held").await, server.enrol(&admin, "hidden").await);
    admin.patch(&format!("/agents/{}", held.agent_id), json!({ "site_id": site["id"] })).await.ok();
    admin.post(&format!("/agents/{}/quarantine", held.agent_id), json!({ "reason": "x" })).await.ok();
    let first = admin.get(&path(&fleet[0])).await.ok();
    let first_client = json!({ "id": first["client_id"] });
    // looks at the first client without its commands, works at the second
    let person =
        server.person(&[allow("viewer").on_client(&first_client), allow("technician").on_client(&client)]).await;
    let mut targets = ids(&fleet);
    targets.extend([held.agent_id.to_string(), hidden.agent_id.to_string()]);
    let run = start(&person, json!({ "ids": targets }), "id", json!({})).await;
    assert_eq!(count(&run, "total"), 1);
    // what one does not see by what one acts is as if it were not there
    assert_eq!(run["refused"], json!({ "agent_not_active": 1, "agent_not_found": 2 }));
    fleet[1].link.order().await.unwrap();
    has_heard_nothing(&server, &mut fleet[0]).await;

    // sees commands at both, runs them at one
    let looks = allow("commands.view").on_client(&first_client);
    let person = server.person(&[looks, allow("technician").on_client(&client)]).await;
    let preview = person.post("/command-runs/preview", json!({ "targets": { "filter": {} } })).await.ok();
    assert_eq!((preview["count"].as_i64(), &preview["refused"]), (Some(1), &json!({ "forbidden": 2 })));
    let only = json!({ "targets": { "ids": [fleet[0].agent.agent_id] }, "what": { "command": "id" } });
    let refused = person.post("/command-runs", only).await.problem(422, "no_targets");
    assert_eq!(refused["errors"][0]["field"], "targets");

    // of the other run they see their part, and may not stop what reaches further
    let both = start(&admin, json!({ "ids": ids(&fleet) }), "id", json!({})).await;
    let stop = format!("/command-runs/{}/stop", both["id"].as_str().unwrap());
    person.post(&stop, json!({})).await.problem(403, "forbidden");
    let narrow = server.person(&[allow("technician").on_client(&client)]).await;
    let told = run_of(&narrow, &both).await;
    assert_eq!((count(&told, "total"), &told["selection"], &told["refused"]), (1, &json!({}), &json!({})));
    let stranger = server.client_of(&server.stranger().await);
    stranger
        .get(&format!("/command-runs/{}", both["id"].as_str().unwrap()))
        .await
        .problem(404, "command_run_not_found");
    server.stop().await;
}

#[tokio::test]
async fn machines_are_chosen_by_a_filter() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut fleet = fleet(&server, &admin, 3).await;
    for there in &fleet[..2] {
        admin.patch(&format!("/agents/{}", there.agent.agent_id), json!({ "tags": ["Web"] })).await.ok();
    }
    let run = start(&admin, json!({ "filter": { "tag": "web", "status": "online" } }), "id", json!({})).await;
    assert_eq!((count(&run, "total"), &run["selection"]["filter"]["tag"]), (2, &json!("web")));
    for there in &mut fleet[..2] {
        there.link.order().await.unwrap();
    }
    has_heard_nothing(&server, &mut fleet[2]).await;
    let nobody = json!({ "filter": { "search": "nothing is called so" } });
    for (targets, code) in [(nobody, "no_targets"), (json!({ "ids": [] }), "validation_failed")] {
        let body = json!({ "targets": targets, "what": { "command": "id" } });
        let refused = admin.post("/command-runs", body).await.problem(422, code);
        assert_eq!(refused["errors"][0]["field"], "targets");
    }
    for (pace, field) in [
        (json!({ "rate_per_minute": 0 }), "rate_per_minute"),
        (json!({ "mode": "ordered", "rate_per_minute": 5 }), "rate_per_minute"),
        (json!({ "stop_after_failures": 1 }), "stop_after_failures"),
        // the third would have its turn when its command has expired
        (json!({ "rate_per_minute": 1 }), "rate_per_minute"),
    ] {
        let body =
            json!({ "targets": { "filter": {} }, "what": { "command": "id" }, "pace": pace, "expires_in_seconds": 60 });
        let refused = admin.post("/command-runs", body).await.problem(422, "validation_failed");
        assert_eq!(refused["errors"][0]["field"], field);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_rate_holds_also_over_a_stop_of_the_server_and_nobody_is_told_twice() {
    let mut server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut fleet = fleet(&server, &admin, 4).await;
    let pace = json!({ "pace": { "rate_per_minute": 60 } });
    let run = start(&admin, json!({ "ids": ids(&fleet) }), "id", pace).await;
    assert_eq!(count(&run, "waiting"), 4);
    advance(server.app()).await.unwrap();
    plays(&mut fleet[0], b"", Outcome::Completed, Some(0)).await;
    advance(server.app()).await.unwrap();
    // what waits for its turn is offered by nobody, whoever comes or asks
    server.clock.advance(SignedDuration::from_millis(500));
    offer_again(server.app()).await.unwrap();
    fleet[1].link = Link::connect(&fleet[1].agent).await.unwrap();
    has_heard_nothing(&server, &mut fleet[1]).await;

    server.restart().await;
    for there in &mut fleet {
        there.link = Link::connect(&there.agent).await.unwrap();
    }
    for at in 1..4 {
        for there in &mut fleet[at..] {
            has_heard_nothing(&server, there).await;
        }
        server.clock.advance(SignedDuration::from_secs(1));
        advance(server.app()).await.unwrap();
        advance(server.app()).await.unwrap();
        plays(&mut fleet[at], b"", Outcome::Completed, Some(0)).await;
        // what was missed while nobody was there is not made up for
        if at == 1 {
            server.clock.advance(SignedDuration::from_hours(1));
            advance(server.app()).await.unwrap();
            has_heard_nothing(&server, &mut fleet[3]).await;
            plays(&mut fleet[2], b"", Outcome::Completed, Some(0)).await;
            server.clock.advance(SignedDuration::from_secs(1));
            advance(server.app()).await.unwrap();
            plays(&mut fleet[3], b"", Outcome::Completed, Some(0)).await;
            break;
        }
    }
    assert_eq!(count(&until(&admin, &run, "finished").await, "completed"), 4);
    for there in &mut fleet {
        offer_again(server.app()).await.unwrap();
        has_heard_nothing(&server, there).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn an_ordered_run_waits_for_each_and_passes_who_is_away() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut fleet = fleet(&server, &admin, 3).await;
    // second in the order
    let absent = server.enrol(&admin, "m-1b").await;
    let mut targets = ids(&fleet);
    targets.push(absent.agent_id.to_string());
    let run = start(&admin, json!({ "ids": targets }), "id", json!({ "pace": { "mode": "ordered" } })).await;
    let order = fleet[0].link.order().await.unwrap();
    advance(server.app()).await.unwrap();
    has_heard_nothing(&server, &mut fleet[1]).await;
    fleet[0].link.play(order.command_id, b"", result(order.command_id, Outcome::Completed, Some(0))).await.unwrap();
    plays(&mut fleet[1], b"", Outcome::Completed, Some(0)).await;
    plays(&mut fleet[2], b"", Outcome::Completed, Some(0)).await;
    let now = wait_for("the others have ended", async || {
        let now = run_of(&admin, &run).await;
        (count(&now, "completed") == 3).then_some(now)
    })
    .await;
    assert_eq!((count(&now, "offline"), count(&now, "waiting")), (1, 0));
    server.stop().await;
}

#[tokio::test]
async fn too_many_failures_stop_what_has_not_begun() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut fleet = fleet(&server, &admin, 3).await;
    // first in the order; its turn has come, and it is away
    let absent = server.enrol(&admin, "a-0").await;
    let mut targets = ids(&fleet);
    targets.push(absent.agent_id.to_string());
    let pace = json!({ "pace": { "mode": "ordered", "stop_after_failures": 1 } });
    let run = start(&admin, json!({ "ids": targets }), "false", pace).await;
    plays(&mut fleet[0], b"", Outcome::Failed, Some(1)).await;
    let end = until(&admin, &run, "stopped").await;
    assert_eq!((count(&end, "failed"), count(&end, "cancelled")), (1, 3));
    let mut late = There { link: Link::connect(&absent).await.unwrap(), agent: absent };
    has_heard_nothing(&server, &mut late).await;
    assert!(end["status_reason"].as_str().unwrap().contains("failed"));
    has_heard_nothing(&server, &mut fleet[1]).await;
    server.stop().await;
}

#[tokio::test]
async fn a_stop_reaches_every_machine() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut fleet = fleet(&server, &admin, 2).await;
    let absent = server.enrol(&admin, "m-3").await;
    let mut targets = ids(&fleet);
    targets.push(absent.agent_id.to_string());
    let run = start(&admin, json!({ "ids": targets }), "sleep 1000", json!({})).await;
    for there in &mut fleet {
        there.link.order().await.unwrap();
    }
    let stop = format!("/command-runs/{}/stop", run["id"].as_str().unwrap());
    let stopped = admin.post(&stop, json!({})).await.ok();
    assert_eq!((stopped["status"].as_str(), count(&stopped, "cancelled")), (Some("stopped"), 1));
    for there in &mut fleet {
        let ServerMessage::CommandCancel { command_id } = there.link.next().await.unwrap() else { panic!("no cancel") };
        there.link.play(command_id, b"", result(command_id, Outcome::Cancelled, None)).await.unwrap();
    }
    let mut late = There { link: Link::connect(&absent).await.unwrap(), agent: absent };
    has_heard_nothing(&server, &mut late).await;
    wait_for("all are cancelled", async || (count(&run_of(&admin, &run).await, "cancelled") == 3).then_some(())).await;
    admin.post(&stop, json!({})).await.problem(409, "command_run_over");
    server.stop().await;
}

#[tokio::test]
async fn values_of_variables_are_shown_to_nobody_and_asked_for_again() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut fleet = fleet(&server, &admin, 2).await;
    let body = json!({ "targets": { "ids": ids(&fleet) },
        "what": { "command": "echo $TOKEN", "environment": { "TOKEN": "kept from everybody" } } });
    let run = admin.post("/command-runs", body).await.accepted();
    assert_eq!(run["variables"], json!(["TOKEN"]));
    for there in &mut fleet {
        let order = there.link.order().await.unwrap();
        assert_eq!(order.environment["TOKEN"], "kept from everybody");
        there.link.play(order.command_id, b"", result(order.command_id, Outcome::Failed, Some(1))).await.unwrap();
    }
    until(&admin, &run, "finished").await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let left: i64 = sqlx::query_scalar(
        "select (select count(*) from command_runs r where r::text like '%kept from%') + (select count(*) from commands c where c::text like '%kept from%')
              + (select count(*) from audit_events e where e::text like '%kept from%')",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(left, 0);
    let rerun = format!("/command-runs/{}/rerun", run["id"].as_str().unwrap());
    let refused = admin.post(&rerun, json!({})).await.problem(422, "validation_failed");
    assert_eq!(refused["errors"][0]["field"], "environment");
    admin.post(&rerun, json!({ "environment": { "TOKEN": "another" } })).await.accepted();
    assert_eq!(fleet[0].link.order().await.unwrap().environment["TOKEN"], "another");
    server.stop().await;
}

#[tokio::test]
async fn outputs_are_compared_as_they_are_however_they_came() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut fleet = fleet(&server, &admin, 3).await;
    let run = start(&admin, json!({ "ids": ids(&fleet) }), "cat", json!({})).await;
    let pieces: [&[(Stream, &[u8])]; 3] = [
        &[(Stream::Stdout, b"xstdouty")],
        &[(Stream::Stdout, b"x"), (Stream::Stdout, b"y")],
        &[(Stream::Stdout, b"xy")],
    ];
    for (there, pieces) in fleet.iter_mut().zip(pieces) {
        let command_id = there.link.order().await.unwrap().command_id;
        let mut offset = 0;
        there.link.record(Body::CommandStarted { command_id }).await.unwrap();
        for (stream, data) in pieces {
            let output = Output { command_id, stream: *stream, offset, data: data.to_vec() };
            there.link.record(Body::CommandOutput(output)).await.unwrap();
            offset += data.len() as u64;
        }
        let ended = CommandResult { stdout_bytes: offset, ..result(command_id, Outcome::Completed, Some(0)) };
        there.link.record(Body::CommandResult(ended)).await.unwrap();
    }
    until(&admin, &run, "finished").await;
    let groups = admin.get(&format!("/command-runs/{}/groups", run["id"].as_str().unwrap())).await.ok();
    let told: Vec<_> = groups["items"].as_array().unwrap().iter().map(|group| group["agent_names"].clone()).collect();
    assert_eq!(told, [json!(["m-2", "m-3"]), json!(["m-1"])]);
    server.stop().await;
}
