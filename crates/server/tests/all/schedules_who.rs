//! Schedules: who may let them do what, and what stops them.

use gururmm_server_testkit::{ApiClient, SimulatedAgent, TestServer, allow, deny};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::command_runs::fleet;
use crate::schedules::{carry_out, path, runs, schedule, script, shown};

fn every_minute() -> Value {
    json!({ "kind": "cron", "timing": "* * * * *" })
}

/// Lets a minute pass, with what is due in it.
async fn next_minute(server: &TestServer) {
    carry_out(server.app()).await.unwrap();
    server.clock.advance(SignedDuration::from_secs(60));
    carry_out(server.app()).await.unwrap();
}

/// Above one machine somebody else decides.
async fn strict(admin: &ApiClient) {
    admin.patch("/organisation", json!({ "approval_threshold": 1 })).await.ok();
}

async fn digest(who: &ApiClient, schedule: &Value) -> Value {
    shown(who, schedule).await["digest"].clone()
}

#[tokio::test]
async fn a_schedule_is_of_its_place_for_whoever_works_there() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let _here = fleet(&server, &admin, 1).await;
    let client = admin.get("/clients").await.ok()["items"][0].clone();
    let other = admin.post("/clients", json!({ "name": "Elsewhere" })).await.created();
    let site = admin.post("/sites", json!({ "client_id": other["id"], "name": "Elsewhere" })).await.created();
    let key = admin.post("/site-keys", json!({ "site_id": site["id"], "name": "Elsewhere" })).await.created();
    SimulatedAgent::enrol(&server.origin, key["key"].as_str().unwrap(), "elsewhere").await.unwrap();
    let script = script(&admin, "df").await;
    let here = server.person(&[allow("technician").on_client(&client)]).await;
    let there = server.person(&[allow("technician").on_client(&other)]).await;
    let looks = server.person(&[allow("schedules.view").on_client(&client)]).await;

    let everywhere =
        json!({ "name": "All", "trigger": every_minute(), "targets": { "filter": {} }, "script_id": script["id"] });
    here.post("/schedules", everywhere.clone()).await.problem(403, "forbidden");
    let mut elsewhere = everywhere.clone();
    elsewhere["client_id"] = other["id"].clone();
    here.post("/schedules", elsewhere.clone()).await.problem(422, "validation_failed");
    let of_client = json!({ "client_id": client["id"] });
    let made = schedule(&here, &script, every_minute(), of_client).await;

    assert!(there.get("/schedules").await.ok()["items"].as_array().unwrap().is_empty());
    there.get(&path(&made, "")).await.problem(404, "schedule_not_found");
    there.put(&path(&made, ""), elsewhere).await.problem(404, "schedule_not_found");
    there.delete(&path(&made, "")).await.problem(404, "schedule_not_found");
    for verb in ["/pause", "/resume"] {
        there.post(&path(&made, verb), json!({})).await.problem(404, "schedule_not_found");
        looks.post(&path(&made, verb), json!({})).await.problem(403, "forbidden");
    }
    assert_eq!(shown(&looks, &made).await["name"], "Nightly");

    next_minute(&server).await;
    let begun = runs(&admin, &made).await;
    assert_eq!((begun.len(), begun[0]["counts"]["total"].as_i64()), (1, Some(1)), "{begun:?}");
    assert_eq!(begun[0]["created_by"], json!(here.id));
    server.stop().await;
}

#[tokio::test]
async fn a_second_person_agrees_beforehand_to_so_many_machines_until_it_changes() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    strict(&admin).await;
    let _fleet = fleet(&server, &admin, 2).await;
    let client = admin.get("/clients").await.ok()["items"][0].clone();
    let script = script(&admin, "df").await;
    let author = server.person(&[allow("technician")]).await;
    let made = schedule(&author, &script, every_minute(), json!({})).await;
    next_minute(&server).await;
    let newest = async || runs(&admin, &made).await[0]["status"].as_str().unwrap().to_owned();
    assert_eq!(newest().await, "awaiting_approval");

    let read = digest(&admin, &made).await;
    let agree = |machines: i64| json!({ "digest": read, "machines_max": machines });
    let looks = server.person(&[allow("schedules.view")]).await;
    looks.post(&path(&made, "/approve"), agree(2)).await.problem(403, "forbidden");
    author.post(&path(&made, "/approve"), agree(2)).await.problem(403, "own_request");
    admin.post(&path(&made, "/approve"), agree(0)).await.problem(422, "validation_failed");
    let other = json!({ "digest": "00", "machines_max": 2 });
    admin.post(&path(&made, "/approve"), other).await.problem(409, "schedule_changed");
    let agreed = admin.post(&path(&made, "/approve"), agree(2)).await.ok();
    assert_eq!(
        (agreed["machines_max"].as_i64(), agreed["approved_by_name"].as_str()),
        (Some(2), Some("Technician One"))
    );
    next_minute(&server).await;
    assert_eq!(newest().await, "running");

    // an agreement holds as long as whoever gave it might give it
    let second = server.person(&[allow("technician")]).await;
    let denied = server.person(&[allow("technician"), deny("technician").on_client(&client)]).await;
    denied.post(&path(&made, "/approve"), agree(2)).await.problem(409, "schedule_changed");
    let read = digest(&admin, &made).await;
    let again = json!({ "digest": read, "machines_max": 2 });
    denied.post(&path(&made, "/approve"), again.clone()).await.problem(403, "forbidden");
    second.post(&path(&made, "/approve"), again).await.ok();
    next_minute(&server).await;
    assert_eq!(newest().await, "running");
    admin.patch(&format!("/users/{}", second.id), json!({ "status": "suspended" })).await.ok();
    next_minute(&server).await;
    assert_eq!(newest().await, "awaiting_approval");
    let read = digest(&admin, &made).await;
    admin.post(&path(&made, "/approve"), json!({ "digest": read, "machines_max": 2 })).await.ok();
    next_minute(&server).await;
    assert_eq!(newest().await, "running");

    // one machine more than was agreed to
    server.enrol(&admin, "m-3").await;
    next_minute(&server).await;
    assert_eq!(newest().await, "awaiting_approval");
    let read = digest(&admin, &made).await;
    admin.post(&path(&made, "/approve"), json!({ "digest": read, "machines_max": 3 })).await.ok();
    let wish =
        json!({ "name": "Nightly", "trigger": every_minute(), "targets": { "filter": {} }, "script_id": script["id"] });
    let changed = author.put(&path(&made, ""), wish).await.ok();
    assert!(changed["machines_max"].is_null() && changed["approved_by_name"].is_null(), "{changed}");
    next_minute(&server).await;
    assert_eq!(newest().await, "awaiting_approval");
    server.stop().await;
}

#[tokio::test]
async fn what_this_server_has_not_signed_is_not_signed_by_agreeing_or_resuming() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let _fleet = fleet(&server, &admin, 1).await;
    let script = script(&admin, "df").await;
    let author = server.person(&[allow("technician")]).await;
    let made = schedule(&author, &script, every_minute(), json!({})).await;
    author.post(&path(&made, "/pause"), json!({})).await.ok();
    let mut owner = server.db.connect("gururmm_owner").await;
    let forge = "update schedules set mandate = replace(mandate, '* * * * *', '*/2 * * * *')";
    sqlx::Executor::execute(&mut owner, forge).await.unwrap();
    let read = digest(&admin, &made).await;
    let agree = json!({ "digest": read, "machines_max": 2 });
    admin.post(&path(&made, "/approve"), agree).await.problem(409, "schedule_changed");
    admin.post(&path(&made, "/resume"), json!({})).await.problem(409, "schedule_changed");
    server.stop().await;
}

#[tokio::test]
async fn who_may_not_run_any_text_at_a_place_runs_none_there_by_a_schedule() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let _fleet = fleet(&server, &admin, 1).await;
    let client = admin.get("/clients").await.ok()["items"][0].clone();
    let script = script(&admin, "df").await;
    let of_script = |verb: &str| format!("/scripts/{}{verb}", script["id"].as_str().unwrap());
    let author = server.person(&[allow("technician"), deny("commands.run").on_client(&client)]).await;
    let made = schedule(&author, &script, every_minute(), json!({})).await;
    next_minute(&server).await;
    assert_eq!(runs(&admin, &made).await.len(), 1, "what is approved may be run there");
    admin.post(&of_script("/withdraw"), json!({})).await.ok();
    next_minute(&server).await;
    assert_eq!(runs(&admin, &made).await.len(), 1);
    assert_eq!(shown(&admin, &made).await["last_outcome"], "nothing");
    server.stop().await;
}

#[tokio::test]
async fn machines_that_come_one_by_one_are_as_many_as_they_are() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    strict(&admin).await;
    let _fleet = fleet(&server, &admin, 2).await;
    let script = script(&admin, "df").await;
    server.clock.advance(SignedDuration::from_secs(5));
    let made = schedule(&admin, &script, json!({ "kind": "enrolment" }), json!({})).await;
    server.clock.advance(SignedDuration::from_secs(5));
    server.enrol(&admin, "m-3").await;
    carry_out(server.app()).await.unwrap();
    let begun = runs(&admin, &made).await;
    assert_eq!((begun.len(), begun[0]["status"].as_str()), (1, Some("awaiting_approval")));
    assert_eq!(begun[0]["counts"]["total"], 1, "{begun:?}");
    server.stop().await;
}

#[tokio::test]
async fn what_comes_during_a_pause_is_not_made_up_for() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let _fleet = fleet(&server, &admin, 1).await;
    let script = script(&admin, "df").await;
    let trigger = json!({ "kind": "cron", "timing": "* * * * *", "missed": "once" });
    let made = schedule(&admin, &script, trigger, json!({})).await;
    let paused = admin.post(&path(&made, "/pause"), json!({})).await.ok();
    assert_eq!((paused["status"].as_str(), paused["next_at"].as_str()), (Some("paused"), None));
    for _ in 0..3 {
        next_minute(&server).await;
    }
    assert!(shown(&admin, &made).await["next"].as_array().unwrap().is_empty());
    admin.post(&path(&made, "/resume"), json!({})).await.ok();
    carry_out(server.app()).await.unwrap();
    assert!(runs(&admin, &made).await.is_empty());
    next_minute(&server).await;
    assert_eq!(runs(&admin, &made).await.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn the_switch_keeps_schedules_from_their_work_and_they_go_on_after_it() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let _fleet = fleet(&server, &admin, 1).await;
    let script = script(&admin, "df").await;
    let made = schedule(&admin, &script, every_minute(), json!({})).await;
    admin.post("/commands/stop-all", json!({ "reason": "A wrong script." })).await.ok();
    next_minute(&server).await;
    let after = shown(&admin, &made).await;
    assert_eq!(
        (after["last_outcome"].as_str(), after["status"].as_str()),
        (Some("refused"), Some("active")),
        "{after}"
    );
    assert!(after["last_reason"].as_str().unwrap().contains("stopped"), "{after}");
    assert!(runs(&admin, &made).await.is_empty());
    let told = admin.get("/audit-events?action=schedule.skipped").await.ok()["items"][0].clone();
    assert_eq!(
        (told["target_name"].as_str(), told["actor_kind"].as_str()),
        (Some("Nightly"), Some("schedule")),
        "{told}"
    );
    admin.post("/commands/start-again", json!({})).await.no_content();
    next_minute(&server).await;
    assert_eq!(runs(&admin, &made).await.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_script_that_is_withdrawn_or_put_away_stops_it_for_whom_it_must() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let _fleet = fleet(&server, &admin, 1).await;
    let script = script(&admin, "df").await;
    let of_script = |verb: &str| format!("/scripts/{}{verb}", script["id"].as_str().unwrap());
    let runner = server.person(&[allow("schedules.edit schedules.view scripts.run scripts.view agents.view")]).await;
    let bound = schedule(&runner, &script, every_minute(), json!({})).await;
    let free = schedule(&admin, &script, every_minute(), json!({ "name": "Free" })).await;
    admin.post(&of_script("/withdraw"), json!({})).await.ok();
    next_minute(&server).await;
    let (stopped, goes_on) = (shown(&admin, &bound).await, shown(&admin, &free).await);
    assert_eq!((stopped["status"].as_str(), goes_on["status"].as_str()), (Some("suspended"), Some("active")));
    assert!(stopped["status_reason"].as_str().unwrap().contains("not approved"), "{stopped}");
    let told = admin.get("/audit-events?action=schedule.suspended").await.ok()["items"][0].clone();
    assert_eq!(told["target_name"], "Nightly", "{told}");

    admin.post(&of_script("/approve"), json!({ "number": 1 })).await.ok();
    runner.post(&path(&bound, "/resume"), json!({})).await.ok();
    next_minute(&server).await;
    assert_eq!(runs(&admin, &bound).await.len(), 1);

    admin.patch(&of_script(""), json!({ "archived": true })).await.ok();
    next_minute(&server).await;
    assert_eq!(shown(&admin, &free).await["status"], "suspended");
    server.stop().await;
}

#[tokio::test]
async fn what_makes_no_sense_is_told_and_an_old_page_overwrites_nothing() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let _fleet = fleet(&server, &admin, 1).await;
    let script = script(&admin, "df").await;
    let wish = |more: Value| {
        let mut body = json!({ "name": "Nightly", "trigger": every_minute(), "targets": { "filter": {} }, "script_id": script["id"] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let many: Vec<_> = (0..1001).map(|_| gururmm_ids::AgentId::generate()).collect();
    for (more, field) in [
        (json!({ "trigger": { "kind": "cron", "timing": "61 * * * *" } }), "trigger.timing"),
        (json!({ "trigger": { "kind": "cron", "timing": "nth 6 mon 02:00" } }), "trigger.timing"),
        (
            json!({ "trigger": { "kind": "cron", "timing": "@daily", "time_zone": "Mars/Olympus" } }),
            "trigger.time_zone",
        ),
        (
            json!({ "trigger": { "kind": "cron", "timing": "@daily", "missed": "once", "missed_within_minutes": 0 } }),
            "trigger.missed_within_minutes",
        ),
        (json!({ "trigger": { "kind": "first_contact", "not_before": "25:00" } }), "trigger.not_before"),
        (json!({ "trigger": { "kind": "enrolment" }, "pace": { "rate_per_minute": 5 } }), "pace"),
        (json!({ "trigger": { "kind": "first_contact" }, "pace": { "mode": "ordered" } }), "pace"),
        (json!({ "targets": { "ids": many } }), "targets"),
        (json!({ "targets": { "ids": [] } }), "targets"),
        (json!({ "name": " " }), "name"),
        (json!({ "expires_in_seconds": 1 }), "expires_in_seconds"),
    ] {
        let problem = admin.post("/schedules", wish(more.clone())).await.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], field, "{more} {problem}");
    }
    let nobody = json!({ "script_id": gururmm_ids::ScriptId::generate() });
    admin.post("/schedules", wish(nobody)).await.problem(404, "script_not_found");
    let key = json!({ "name": "Night", "permissions": ["schedules.edit"] });
    admin.post("/api-keys", key).await.problem(422, "validation_failed");

    let made = admin.post("/schedules", wish(json!({}))).await.created();
    admin.post("/schedules", wish(json!({ "name": "NIGHTLY" }))).await.problem(409, "name_taken");
    let read = digest(&admin, &made).await;
    let first = wish(json!({ "based_on": read, "trigger": { "kind": "cron", "timing": "0 3 * * *" } }));
    admin.put(&path(&made, ""), first).await.ok();
    let late = wish(json!({ "based_on": read }));
    admin.put(&path(&made, ""), late).await.problem(409, "schedule_changed");
    assert_eq!(shown(&admin, &made).await["trigger"]["timing"], "0 3 * * *");

    admin.delete(&path(&made, "")).await.no_content();
    admin.get(&path(&made, "")).await.problem(404, "schedule_not_found");
    server.stop().await;
}

#[tokio::test]
async fn what_a_schedule_has_run_stays_when_it_is_deleted() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let _fleet = fleet(&server, &admin, 1).await;
    let script = script(&admin, "df").await;
    let made = schedule(&admin, &script, every_minute(), json!({})).await;
    next_minute(&server).await;
    admin.delete(&path(&made, "")).await.no_content();
    next_minute(&server).await;
    let begun = runs(&admin, &made).await;
    assert_eq!((begun.len(), begun[0]["schedule_id"] == made["id"]), (1, true), "{begun:?}");
    server.stop().await;
}
