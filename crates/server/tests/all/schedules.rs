//! Schedules: what is due runs once, at the right time of each clock, for whom it may, whatever happens to servers and clocks.

use gururmm_protocol::command::Outcome;
use gururmm_server::app::AppState;
use gururmm_server::features::schedules::jobs::{by_machines, by_the_clock};
use gururmm_server_testkit::{ApiClient, Link, TestServer, allow};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sqlx::Executor as _;

use crate::command_runs::{There, fleet, ids};
use crate::commands::result;

/// Lets all be carried out that is due.
pub(crate) async fn carry_out(app: &AppState) -> sqlx::Result<()> {
    by_the_clock(app).await?;
    by_machines(app).await
}

pub(crate) fn path(schedule: &Value, verb: &str) -> String {
    format!("/schedules/{}{verb}", schedule["id"].as_str().unwrap())
}

/// A script with an approved version.
pub(crate) async fn script(admin: &ApiClient, text: &str) -> Value {
    admin.patch("/organisation", json!({ "scripts_need_other_person": false })).await.ok();
    let version = json!({ "text": text, "interpreter": "sh", "platforms": ["linux"] });
    let script = admin.post("/scripts", json!({ "name": text, "version": version })).await.created();
    let approve = format!("/scripts/{}/approve", script["id"].as_str().unwrap());
    admin.post(&approve, json!({ "number": 1 })).await.ok()
}

pub(crate) async fn schedule(who: &ApiClient, script: &Value, trigger: Value, more: Value) -> Value {
    let mut body =
        json!({ "name": "Nightly", "trigger": trigger, "targets": { "filter": {} }, "script_id": script["id"] });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    who.post("/schedules", body).await.created()
}

/// Runs that a schedule has begun, the newest first.
pub(crate) async fn runs(who: &ApiClient, schedule: &Value) -> Vec<Value> {
    let path = format!("/command-runs?schedule_id={}", schedule["id"].as_str().unwrap());
    who.get(&path).await.ok()["items"].as_array().unwrap().clone()
}

pub(crate) async fn shown(who: &ApiClient, schedule: &Value) -> Value {
    who.get(&path(schedule, "")).await.ok()
}

/// Ends what a machine was told.
async fn ends(there: &mut There) {
    let order = there.link.order().await.unwrap();
    let ended = result(order.command_id, Outcome::Completed, Some(0));
    there.link.play(order.command_id, b"", ended).await.unwrap();
}

/// Puts the clock to the next time at which a schedule is due, and lets it be carried out.
pub(crate) async fn until_due(server: &TestServer, admin: &ApiClient, schedule: &Value) -> Timestamp {
    carry_out(server.app()).await.unwrap();
    let due: Timestamp = shown(admin, schedule).await["next_at"].as_str().unwrap().parse().unwrap();
    let now = server.app().clock.now();
    server.clock.advance(due.duration_since(now));
    carry_out(server.app()).await.unwrap();
    due
}

#[tokio::test]
async fn what_is_due_runs_once_on_the_machines_of_its_place() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut fleet = fleet(&server, &admin, 2).await;
    let script = script(&admin, "df").await;
    let trigger = json!({ "kind": "cron", "timing": "*/5 * * * *" });
    let made = schedule(&admin, &script, trigger, json!({})).await;
    assert_eq!((made["status"].as_str(), made["sentence"].as_str()), (Some("active"), Some("Every 5 minutes")));
    assert_eq!(shown(&admin, &made).await["next"].as_array().unwrap().len(), 10);
    let due = until_due(&server, &admin, &made).await;
    for _ in 0..3 {
        carry_out(server.app()).await.unwrap();
    }
    let begun = runs(&admin, &made).await;
    assert_eq!(begun.len(), 1);
    assert_eq!(begun[0]["due_at"].as_str().unwrap().parse::<Timestamp>().unwrap(), due);
    assert_eq!((begun[0]["schedule_name"].as_str(), begun[0]["script_name"].as_str()), (Some("Nightly"), Some("df")));
    for there in &mut fleet {
        ends(there).await;
    }
    let after = shown(&admin, &made).await;
    assert_eq!(after["last_outcome"], "ran");
    let events = admin.get("/audit-events?action=command_run.created").await.ok();
    assert_eq!(events["items"][0]["actor_kind"], "schedule");
    assert!(events["items"][0]["ip"].is_null(), "nobody asked from anywhere");
    server.stop().await;
}

#[tokio::test]
async fn each_site_has_its_own_night() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let fleet = fleet(&server, &admin, 1).await;
    let site = admin.get("/sites").await.ok()["items"][0].clone();
    let path_of_site = format!("/sites/{}", site["id"].as_str().unwrap());
    admin.patch(&path_of_site, json!({ "time_zone": "Mars/Olympus" })).await.problem(422, "validation_failed");
    let trigger = json!({ "kind": "cron", "timing": "30 2 * * *" });
    let script = script(&admin, "df").await;
    let made = schedule(&admin, &script, trigger, json!({ "targets": { "ids": ids(&fleet) } })).await;
    assert_eq!(shown(&admin, &made).await["next"][0]["time_zone"], "UTC");
    admin.patch(&path_of_site, json!({ "time_zone": "asia/kathmandu" })).await.ok();
    carry_out(server.app()).await.unwrap();
    let after = shown(&admin, &made).await;
    assert_eq!(after["next"][0]["time_zone"], "Asia/Kathmandu");
    assert!(after["next"][0]["local"].as_str().unwrap().ends_with("02:30"), "{after}");
    assert!(after["next_at"].as_str().unwrap().contains("T20:45"), "{after}");
    server.stop().await;
}

#[tokio::test]
async fn what_was_missed_runs_once_or_not_at_all_and_no_clock_runs_it_twice() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut fleet = fleet(&server, &admin, 1).await;
    let script = script(&admin, "df").await;
    let cron = |missed: &str| json!({ "kind": "cron", "timing": "0 * * * *", "missed": missed });
    let once = schedule(&admin, &script, cron("once"), json!({})).await;
    let skip = schedule(&admin, &script, cron("skip"), json!({ "name": "Strict" })).await;
    carry_out(server.app()).await.unwrap();
    // twenty hours without a server, to a moment well after the hour
    let due: Timestamp = shown(&admin, &once).await["next_at"].as_str().unwrap().parse().unwrap();
    let later = due + SignedDuration::from_mins(20 * 60 + 10);
    server.clock.advance(later.duration_since(server.app().clock.now()));
    carry_out(server.app()).await.unwrap();
    assert_eq!((runs(&admin, &once).await.len(), runs(&admin, &skip).await.len()), (1, 0));
    let skipped = shown(&admin, &skip).await;
    assert_eq!(skipped["last_outcome"], "skipped");
    assert!(skipped["last_reason"].as_str().unwrap().contains("missed"), "{skipped}");
    ends(&mut fleet[0]).await;
    server.stop().await;
}

#[tokio::test]
async fn two_servers_begin_one_run() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let _fleet = fleet(&server, &admin, 1).await;
    let script = script(&admin, "df").await;
    let made = schedule(&admin, &script, json!({ "kind": "cron", "timing": "* * * * *" }), json!({})).await;
    carry_out(server.app()).await.unwrap();
    server.clock.advance(SignedDuration::from_secs(61));
    let (one, other, third) = tokio::join!(carry_out(server.app()), carry_out(server.app()), carry_out(server.app()));
    assert!(one.is_ok() && other.is_ok() && third.is_ok());
    assert_eq!(runs(&admin, &made).await.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn it_stops_when_its_author_may_no_longer_or_somebody_else_has_written_it() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let _fleet = fleet(&server, &admin, 1).await;
    let script = script(&admin, "df").await;
    let author = server.person(&[allow("technician")]).await;
    let trigger = json!({ "kind": "cron", "timing": "* * * * *" });
    let lost = schedule(&author, &script, trigger.clone(), json!({})).await;
    let forged = schedule(&admin, &script, trigger, json!({ "name": "Forged" })).await;
    let mut owner = server.db.connect("gururmm_owner").await;
    owner
        .execute("update schedules set mandate = replace(mandate, '* * * * *', '*/2 * * * *') where name = 'Forged'")
        .await
        .unwrap();
    owner
        .execute("delete from grants g using users u where g.user_id = u.id and u.name = 'Technician Three'")
        .await
        .unwrap();
    carry_out(server.app()).await.unwrap();
    for schedule in [&lost, &forged] {
        let after = shown(&admin, schedule).await;
        assert_eq!(after["status"], "suspended", "{after}");
        assert!(!after["status_reason"].as_str().unwrap().is_empty());
    }
    assert!(runs(&admin, &lost).await.is_empty() && runs(&admin, &forged).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn a_machine_that_enrols_has_its_run_once() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let _before = fleet(&server, &admin, 1).await;
    server.clock.advance(SignedDuration::from_secs(5));
    let script = script(&admin, "df").await;
    let made = schedule(&admin, &script, json!({ "kind": "enrolment" }), json!({})).await;
    carry_out(server.app()).await.unwrap();
    assert!(runs(&admin, &made).await.is_empty(), "who was there before did not enrol since");
    server.clock.advance(SignedDuration::from_secs(5));
    server.enrol(&admin, "new-1").await;
    for _ in 0..3 {
        carry_out(server.app()).await.unwrap();
    }
    let begun = runs(&admin, &made).await;
    assert_eq!((begun.len(), begun[0]["counts"]["offline"].as_i64()), (1, Some(1)), "{begun:?}");
    server.stop().await;
}

/// A machine that is there whenever it is looked at.
async fn stays(there: &mut There) {
    there.link = Link::connect(&there.agent).await.unwrap();
}

#[tokio::test]
async fn the_first_contact_of_a_day_is_by_the_clock_of_the_site() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut fleet = fleet(&server, &admin, 1).await;
    let zone = jiff::tz::TimeZone::get("Asia/Tokyo").unwrap();
    let site = admin.get("/sites").await.ok()["items"][0]["id"].as_str().unwrap().to_owned();
    admin.patch(&format!("/sites/{site}"), json!({ "time_zone": "Asia/Tokyo" })).await.ok();
    let script = script(&admin, "df").await;
    // the next 06:50 there
    let now = server.app().clock.now();
    let tomorrow = zone.to_datetime(now).date().tomorrow().unwrap();
    let early = tomorrow.at(6, 50, 0, 0).to_zoned(zone).unwrap().timestamp();
    server.clock.advance(early.duration_since(now));
    let admin = crate::audited::log_in(&server).await;
    let trigger = json!({ "kind": "first_contact", "not_before": "7:00" });
    let made = schedule(&admin, &script, trigger, json!({})).await;
    assert_eq!(made["trigger"]["not_before"], "07:00");
    for (minutes, begun) in [(0, 0), (9, 0), (2, 1), (60, 1), (24 * 60 - 69, 1), (10, 2)] {
        server.clock.advance(SignedDuration::from_mins(minutes));
        stays(&mut fleet[0]).await;
        for _ in 0..2 {
            carry_out(server.app()).await.unwrap();
        }
        let admin = crate::audited::log_in(&server).await;
        let clock = server.app().clock.now();
        assert_eq!(runs(&admin, &made).await.len(), begun, "at {clock}");
    }
    server.stop().await;
}

/// How often a schedule ran in a night of Berlin, each half hour of which is looked at.
async fn runs_of_the_night(server: &TestServer, (day, month): (i8, i8), timing: &str) -> Vec<String> {
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let midnight = jiff::civil::date(2027, month, day).to_zoned(zone).unwrap().timestamp();
    server.clock.advance(midnight.duration_since(server.app().clock.now()));
    let admin = crate::audited::log_in(server).await;
    let script = admin.get("/scripts").await.ok()["items"][0].clone();
    let trigger = json!({ "kind": "cron", "timing": timing, "time_zone": "Europe/Berlin" });
    let made = schedule(&admin, &script, trigger, json!({ "name": format!("{timing} {month}") })).await;
    for _ in 0..12 {
        carry_out(server.app()).await.unwrap();
        server.clock.advance(SignedDuration::from_mins(30));
    }
    let mut due: Vec<_> =
        runs(&admin, &made).await.iter().map(|run| run["due_at"].as_str().unwrap().to_owned()).collect();
    due.reverse();
    admin.delete(&path(&made, "")).await.no_content();
    due
}

#[tokio::test]
async fn a_clock_that_is_put_forward_or_back_leaves_nothing_out_and_runs_nothing_twice() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let _fleet = fleet(&server, &admin, 1).await;
    script(&admin, "df").await;
    // 02:30 is not there on the one night, and there twice on the other; what comes by the hour comes in each real hour
    let spring = runs_of_the_night(&server, (28, 3), "30 2 * * *").await;
    assert_eq!(spring, ["2027-03-28T01:00:00Z"]);
    let hourly = runs_of_the_night(&server, (28, 3), "0 * * * *").await;
    assert_eq!(hourly.len(), 5, "{hourly:?}");
    let autumn = runs_of_the_night(&server, (31, 10), "30 2 * * *").await;
    assert_eq!(autumn, ["2027-10-31T00:30:00Z"]);
    let hourly = runs_of_the_night(&server, (31, 10), "0 * * * *").await;
    assert_eq!(hourly.len(), 5, "{hourly:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_clock_that_jumps_runs_nothing_twice_and_stops_nothing() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let _fleet = fleet(&server, &admin, 1).await;
    let script = script(&admin, "df").await;
    let made = schedule(&admin, &script, json!({ "kind": "cron", "timing": "0 * * * *" }), json!({})).await;
    until_due(&server, &admin, &made).await;
    let count = async || runs(&crate::audited::log_in(&server).await, &made).await.len();
    assert_eq!(count().await, 1);
    // an hour and a half back, and over the same hour again
    server.clock.advance(SignedDuration::from_mins(-90));
    for _ in 0..4 {
        carry_out(server.app()).await.unwrap();
        assert_eq!(count().await, 1, "at {}", server.app().clock.now());
        server.clock.advance(SignedDuration::from_mins(30));
    }
    // forty days ahead, where it is due, and back
    server.clock.advance(SignedDuration::from_hours(24 * 40) + SignedDuration::from_mins(30));
    carry_out(server.app()).await.unwrap();
    let ahead = count().await;
    server.clock.advance(-SignedDuration::from_hours(24 * 40));
    carry_out(server.app()).await.unwrap();
    assert_eq!(count().await, ahead);
    server.clock.advance(SignedDuration::from_hours(1));
    carry_out(server.app()).await.unwrap();
    assert_eq!(count().await, ahead + 1, "it goes on by the clock that is right again");
    server.stop().await;
}

#[tokio::test]
async fn a_missed_time_is_made_up_for_within_its_minutes() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let _fleet = fleet(&server, &admin, 1).await;
    let script = script(&admin, "df").await;
    let trigger = json!({ "kind": "cron", "timing": "0 * * * *", "missed": "once", "missed_within_minutes": 30 });
    let made = schedule(&admin, &script, trigger, json!({})).await;
    carry_out(server.app()).await.unwrap();
    let due: Timestamp = shown(&admin, &made).await["next_at"].as_str().unwrap().parse().unwrap();
    server.clock.advance(due.duration_since(server.app().clock.now()) + SignedDuration::from_mins(45));
    carry_out(server.app()).await.unwrap();
    assert_eq!(shown(&admin, &made).await["last_outcome"], "skipped");
    server.clock.advance(SignedDuration::from_mins(35));
    carry_out(server.app()).await.unwrap();
    assert_eq!(shown(&admin, &made).await["last_outcome"], "ran");
    assert_eq!(runs(&admin, &made).await.len(), 1);
    server.stop().await;
}
