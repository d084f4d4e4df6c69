//! A second person decides about what reaches many machines; and everything can be stopped at once.

use gururmm_protocol::message::ServerMessage;
use gururmm_server::features::command_runs::jobs::advance;
use gururmm_server::features::commands::jobs::end_overdue;
use gururmm_server::features::commands::offer_again;
use gururmm_server_testkit::{ApiClient, Link, TestServer, allow, deny};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::command_runs::{fleet, ids, start};

fn path(run: &Value, verb: &str) -> String {
    format!("/command-runs/{}/{verb}", run["id"].as_str().unwrap())
}

async fn digest(who: &ApiClient, run: &Value) -> String {
    let run = who.get(&format!("/command-runs/{}", run["id"].as_str().unwrap())).await.ok();
    run["digest"].as_str().unwrap().to_owned()
}

/// Above one machine somebody else decides.
async fn strict(admin: &ApiClient) {
    let organisation = admin.patch("/organisation", json!({ "approval_threshold": 1 })).await.ok();
    assert_eq!(organisation["approval_threshold"], 1);
}

#[tokio::test]
async fn nothing_runs_before_a_second_person_has_approved_it() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    strict(&admin).await;
    let mut fleet = fleet(&server, &admin, 2).await;
    let preview = admin.post("/command-runs/preview", json!({ "targets": { "ids": ids(&fleet) } })).await.ok();
    assert_eq!(preview["needs_approval"], true);
    let one = start(&admin, json!({ "ids": [fleet[0].agent.agent_id] }), "one", json!({})).await;
    assert_eq!(one["status"], "running");
    assert_eq!(fleet[0].link.order().await.unwrap().command, "one");

    let variables = json!({ "what": { "command": "both", "environment": { "TOKEN": "kept from everybody" } } });
    let run = start(&admin, json!({ "ids": ids(&fleet) }), "both", variables).await;
    assert_eq!(
        (run["status"].as_str(), run["counts"]["awaiting_approval"].as_i64()),
        (Some("awaiting_approval"), Some(2))
    );
    offer_again(server.app()).await.unwrap();
    fleet[1].link = Link::connect(&fleet[1].agent).await.unwrap();
    let mut owner = server.db.connect("gururmm_owner").await;
    let signed = "select count(*) from commands where status = 'awaiting_approval' and signed_order is not null";
    assert_eq!(sqlx::query_scalar::<_, i64>(signed).fetch_one(&mut owner).await.unwrap(), 0);

    // not whoever asked, by whichever way; not who has read something else; not who may not everywhere
    let read = digest(&admin, &run).await;
    admin.post(&path(&run, "approve"), json!({ "digest": read })).await.problem(403, "own_request");
    let key = json!({ "name": "Own", "permissions": ["commands.approve"] });
    admin.post("/api-keys", key).await.problem(422, "validation_failed");
    // whoever decides answers for the values too, and nobody else is told them
    let second = server.person(&[allow("technician")]).await;
    let detail = second.get(&format!("/command-runs/{}", run["id"].as_str().unwrap())).await.ok();
    assert_eq!(detail["environment"]["TOKEN"], "kept from everybody");
    let looks = server.person(&[allow("commands.view")]).await;
    let detail = looks.get(&format!("/command-runs/{}", run["id"].as_str().unwrap())).await.ok();
    assert!(detail["environment"].is_null() && detail["digest"].is_null(), "{detail}");
    second.post(&path(&run, "approve"), json!({ "digest": "00" })).await.problem(409, "command_run_changed");
    let viewer = server.person(&[allow("commands.view")]).await;
    viewer.post(&path(&run, "approve"), json!({ "digest": read })).await.problem(403, "forbidden");

    let approved = second.post(&path(&run, "approve"), json!({ "digest": read, "reason": "Fine." })).await.ok();
    assert_eq!(
        (approved["status"].as_str(), approved["decided_by_name"].as_str()),
        (Some("running"), Some("Technician Three"))
    );
    for there in &mut fleet {
        let order = there.link.order().await.unwrap();
        assert_eq!((order.command.as_str(), order.environment["TOKEN"].as_str()), ("both", "kept from everybody"));
    }
    second.post(&path(&run, "reject"), json!({})).await.problem(409, "not_awaiting_approval");
    let events = admin.get("/audit-events?action=command_run.approved").await.ok();
    assert_eq!(events["items"][0]["actor_name"], "Technician Three");
    server.stop().await;
}

#[tokio::test]
async fn of_two_who_decide_at_once_one_does() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    strict(&admin).await;
    let mut fleet = fleet(&server, &admin, 2).await;
    let (first, second) = (server.person(&[allow("technician")]).await, server.person(&[allow("technician")]).await);
    for round in 0..6 {
        let run = start(&admin, json!({ "ids": ids(&fleet) }), "id", json!({})).await;
        let body = json!({ "digest": digest(&first, &run).await });
        let (approve, reject) = (path(&run, "approve"), path(&run, "reject"));
        let (yes, no) = tokio::join!(first.post(&approve, body), second.post(&reject, json!({})));
        assert_ne!(yes.status.is_success(), no.status.is_success(), "round {round}: {:?} and {:?}", yes.json, no.json);
        let after = admin.get(&format!("/command-runs/{}", run["id"].as_str().unwrap())).await.ok();
        let (status, counted) = if yes.status.is_success() { ("running", "queued") } else { ("rejected", "rejected") };
        assert_eq!((after["status"].as_str(), after["counts"][counted].as_i64()), (Some(status), Some(2)));
        if yes.status.is_success() {
            for there in &mut fleet {
                there.link.order().await.unwrap();
            }
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn what_its_asker_may_no_longer_do_is_not_approved() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    strict(&admin).await;
    let fleet = fleet(&server, &admin, 2).await;
    let asker = server.person(&[allow("technician")]).await;
    let run = start(&asker, json!({ "ids": ids(&fleet) }), "id", json!({})).await;
    let read = digest(&admin, &run).await;
    let access = admin.get(&format!("/users/{}/access", asker.id)).await.ok();
    let grant = access["grants"][0]["id"].as_str().unwrap().to_owned();
    admin.delete(&format!("/grants/{grant}")).await.no_content();
    admin.post(&path(&run, "approve"), json!({ "digest": read })).await.problem(409, "access_changed");
    let rejected = admin.post(&path(&run, "reject"), json!({ "reason": "They have left." })).await.ok();
    assert_eq!(
        (rejected["status"].as_str(), rejected["decision_reason"].as_str()),
        (Some("rejected"), Some("They have left."))
    );
    server.stop().await;
}

#[tokio::test]
async fn what_has_changed_since_it_was_read_is_not_approved() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    strict(&admin).await;
    let fleet = fleet(&server, &admin, 3).await;
    let second = server.person(&[allow("technician")]).await;
    let run = start(&admin, json!({ "ids": ids(&fleet) }), "id", json!({})).await;
    let read = digest(&second, &run).await;
    let mut owner = server.db.connect("gururmm_owner").await;
    sqlx::query("update command_runs set command = 'something else'").execute(&mut owner).await.unwrap();
    second.post(&path(&run, "approve"), json!({ "digest": read })).await.problem(409, "command_run_changed");
    sqlx::query("update command_runs set command = 'id'").execute(&mut owner).await.unwrap();
    admin.delete(&format!("/agents/{}", fleet[2].agent.agent_id)).await.no_content();
    second.post(&path(&run, "approve"), json!({ "digest": read })).await.problem(409, "command_run_changed");
    let read = digest(&second, &run).await;
    second.post(&path(&run, "approve"), json!({ "digest": read })).await.ok();
    server.stop().await;
}

#[tokio::test]
async fn what_nobody_approves_ends_with_its_time_and_what_is_taken_back_at_once() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    strict(&admin).await;
    let fleet = fleet(&server, &admin, 2).await;
    let short = json!({ "expires_in_seconds": 60, "what": { "command": "id", "environment": { "TOKEN": "kept from everybody" } } });
    let run = start(&admin, json!({ "ids": ids(&fleet) }), "id", short).await;
    let taken_back = start(&admin, json!({ "ids": ids(&fleet) }), "id", json!({})).await;
    let stopped = admin.post(&path(&taken_back, "stop"), json!({})).await.ok();
    assert_eq!((stopped["status"].as_str(), stopped["counts"]["cancelled"].as_i64()), (Some("stopped"), Some(2)));
    server.clock.advance(SignedDuration::from_secs(100));
    end_overdue(server.app()).await.unwrap();
    let expired = gururmm_server_testkit::wait_for("it has expired", async || {
        let run = admin.get(&format!("/command-runs/{}", run["id"].as_str().unwrap())).await.ok();
        (run["status"] == "expired").then_some(run)
    })
    .await;
    assert_eq!(expired["counts"]["expired"], 2);
    let mut owner = server.db.connect("gururmm_owner").await;
    let kept = "select count(*) from command_runs r where r::text like '%kept from%'";
    assert_eq!(sqlx::query_scalar::<_, i64>(kept).fetch_one(&mut owner).await.unwrap(), 0);
    server.stop().await;
}

#[tokio::test]
async fn the_switch_stops_one_organisation_and_nothing_starts_while_it_is_set() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut fleet = fleet(&server, &admin, 2).await;
    let absent = server.enrol(&admin, "m-3").await;
    let foreign = server.client_of(&server.stranger().await);
    let run = start(&admin, json!({ "filter": {} }), "sleep 1000", json!({})).await;
    for there in &mut fleet {
        there.link.order().await.unwrap();
    }
    let technician = server.person(&[allow("technician")]).await;
    let client = admin.post("/clients", json!({ "name": "Example" })).await.created();
    // what is denied to them somewhere keeps nobody from the switch
    let deputy = server.person(&[allow("administrator"), deny("administrator").on_client(&client)]).await;
    technician.post("/commands/stop-all", json!({ "reason": "x" })).await.problem(403, "forbidden");
    admin.post("/commands/stop-all", json!({ "reason": " " })).await.problem(422, "validation_failed");
    let mut events = technician.events("").await;
    let stopped = deputy.post("/commands/stop-all", json!({ "reason": "A wrong script." })).await.ok();
    assert_eq!(stopped["told"], 2);
    events.wait_for("commands_stopped", |_| true).await;
    for there in &mut fleet {
        assert!(matches!(there.link.next().await.unwrap(), ServerMessage::CommandCancel { .. }));
    }
    let after = admin.get(&format!("/command-runs/{}", run["id"].as_str().unwrap())).await.ok();
    assert_eq!((after["status"].as_str(), after["counts"]["cancelled"].as_i64()), (Some("stopped"), Some(1)));
    let command = json!({ "command": "id" });
    let one = format!("/agents/{}/command", fleet[0].agent.agent_id);
    admin.post(&one, command.clone()).await.problem(409, "commands_stopped");
    let many = json!({ "targets": { "filter": {} }, "what": command });
    admin.post("/command-runs", many).await.problem(409, "commands_stopped");
    admin.post("/commands/stop-all", json!({ "reason": "again" })).await.problem(409, "commands_stopped");
    let shown = technician.get("/organisation").await.ok();
    assert_eq!(
        (shown["commands_stopped_reason"].as_str(), shown["commands_stopped_by"].as_str()),
        (Some("A wrong script."), Some("Technician Three"))
    );
    assert!(foreign.get("/organisation").await.ok()["commands_stopped_at"].is_null());
    let mut late = Link::connect(&absent).await.unwrap();

    deputy.post("/commands/start-again", json!({})).await.no_content();
    admin.post("/commands/start-again", json!({})).await.problem(409, "commands_not_stopped");
    let late_one = format!("/agents/{}/command", absent.agent_id);
    admin.post(&late_one, json!({ "command": "afterwards" })).await.accepted();
    assert_eq!(late.order().await.unwrap().command, "afterwards", "what was stopped stays so");
    server.stop().await;
}

/// Whoever is first: what is asked for, or approved, at the moment of the switch is refused or stopped, and nothing of it is left.
#[tokio::test]
async fn nothing_slips_past_the_switch_at_the_moment_when_it_is_set() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    strict(&admin).await;
    let fleet = fleet(&server, &admin, 2).await;
    let second = server.person(&[allow("technician")]).await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let one = format!("/agents/{}/command", fleet[1].agent.agent_id);
    let (targets, what) = (json!({ "ids": ids(&fleet) }), json!({ "command": "id" }));
    for round in 0..8 {
        let waiting = start(&admin, targets.clone(), "id", json!({})).await;
        let approval = json!({ "digest": digest(&second, &waiting).await });
        let approve = path(&waiting, "approve");
        let many = json!({ "targets": { "ids": [fleet[0].agent.agent_id] }, "what": what });
        let (approved, run, command, stopped) = tokio::join!(
            second.post(&approve, approval),
            admin.post("/command-runs", many),
            admin.post(&one, what.clone()),
            admin.post("/commands/stop-all", json!({ "reason": "A wrong script." })),
        );
        assert!(stopped.status.is_success(), "round {round}: {}", stopped.json);
        for answer in [&run, &command] {
            let is_fair = answer.status == 202 || (answer.status == 409 && answer.json["code"] == "commands_stopped");
            assert!(is_fair, "round {round}: {} {}", answer.status, answer.json);
        }
        let is_fair = approved.status == 200
            || matches!(approved.json["code"].as_str(), Some("commands_stopped" | "not_awaiting_approval"));
        assert!(is_fair, "round {round}: {} {}", approved.status, approved.json);
        advance(server.app()).await.unwrap();
        let left = "select count(*) from commands where finished_at is null and cancel_requested_at is null";
        assert_eq!(sqlx::query_scalar::<_, i64>(left).fetch_one(&mut owner).await.unwrap(), 0, "round {round}");
        let open = "select count(*) from command_runs where finished_at is null";
        assert_eq!(sqlx::query_scalar::<_, i64>(open).fetch_one(&mut owner).await.unwrap(), 0, "round {round}");
        admin.post("/commands/start-again", json!({})).await.no_content();
    }
    server.stop().await;
}

#[tokio::test]
async fn a_script_runners_run_is_approved_and_taken_back_like_any_other() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    strict(&admin).await;
    admin.patch("/organisation", json!({ "scripts_need_other_person": false })).await.ok();
    let mut fleet = fleet(&server, &admin, 2).await;
    let version = json!({ "text": "df", "interpreter": "sh", "platforms": ["linux"] });
    let script = admin.post("/scripts", json!({ "name": "Free space", "version": version })).await.created();
    let of_script = |verb: &str| format!("/scripts/{}/{verb}", script["id"].as_str().unwrap());
    admin.post(&of_script("approve"), json!({ "number": 1 })).await.ok();
    let runner = server.person(&[allow("script_runner")]).await;
    let run = runner.post(&of_script("run"), json!({ "targets": { "ids": ids(&fleet) } })).await.accepted();
    let read = digest(&admin, &run).await;
    admin.post(&path(&run, "approve"), json!({ "digest": read })).await.ok();
    for there in &mut fleet {
        assert_eq!(there.link.order().await.unwrap().command, "df");
    }
    let second = runner.post(&of_script("run"), json!({ "targets": { "ids": ids(&fleet) } })).await.accepted();
    let other = server.person(&[allow("script_runner")]).await;
    other.post(&path(&second, "stop"), json!({})).await.problem(403, "forbidden");
    runner.post(&path(&second, "stop"), json!({})).await.ok();
    // a version that is approved no more is a text like any other
    let third = runner.post(&of_script("run"), json!({ "targets": { "ids": ids(&fleet) } })).await.accepted();
    admin.post(&of_script("withdraw"), json!({})).await.ok();
    let read = digest(&admin, &third).await;
    admin.post(&path(&third, "approve"), json!({ "digest": read })).await.problem(409, "access_changed");
    server.stop().await;
}
