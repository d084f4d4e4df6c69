//! Schedules: none keeps another from its time, and what is carried out is what was looked at, whatever changes meanwhile.

use gururmm_ids::OrgId;
use gururmm_server::features::schedules::jobs::purge;
use gururmm_server_testkit::{TestServer, allow};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sqlx::Executor as _;

use crate::command_runs::{fleet, ids};
use crate::schedules::{carry_out, path, runs, schedule, script, shown, until_due};

#[tokio::test]
async fn organisations_take_turns_however_many_schedules_one_has() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let stranger = server.stranger().await;
    let other = server.client_of(&stranger);
    let ours = script(&admin, "df").await;
    let theirs = script(&other, "df").await;
    let trigger = json!({ "kind": "cron", "timing": "* * * * *" });
    for number in 0..6 {
        schedule(&admin, &ours, trigger.clone(), json!({ "name": format!("Ours {number}") })).await;
    }
    schedule(&other, &theirs, trigger, json!({})).await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let first: Vec<OrgId> =
        sqlx::query_scalar("select org_id from schedules_waiting(true, now(), 2)").fetch_all(&mut owner).await.unwrap();
    assert!(first.contains(&stranger.org_id), "{first:?}");
    server.stop().await;
}

#[tokio::test]
async fn an_organisation_has_so_many_schedules_and_no_more() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let script = script(&admin, "df").await;
    let trigger = json!({ "kind": "cron", "timing": "* * * * *" });
    schedule(&admin, &script, trigger.clone(), json!({})).await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let more = "insert into schedules select (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'name', 'Copy ' || n))).*
                from schedules s, generate_series(1, 499) n";
    owner.execute(more).await.unwrap();
    let wish =
        json!({ "name": "One more", "trigger": trigger, "targets": { "filter": {} }, "script_id": script["id"] });
    admin.post("/schedules", wish.clone()).await.problem(409, "schedule_limit_reached");
    owner.execute("delete from schedules where name = 'Copy 7'").await.unwrap();
    admin.post("/schedules", wish).await.created();
    server.stop().await;
}

#[tokio::test]
async fn what_is_replaced_while_it_begins_begins_as_it_is_then() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let _fleet = fleet(&server, &admin, 1).await;
    let script = script(&admin, "df").await;
    let trigger = json!({ "kind": "cron", "timing": "0 * * * *" });
    let made = schedule(&admin, &script, trigger.clone(), json!({})).await;
    carry_out(server.app()).await.unwrap();
    let due: Timestamp = shown(&admin, &made).await["next_at"].as_str().unwrap().parse().unwrap();
    server.clock.advance(due.duration_since(server.app().clock.now()));
    // somebody is saving it at this moment
    let mut owner = server.db.connect("gururmm_owner").await;
    owner.execute("begin").await.unwrap();
    owner.execute("update schedules set name = 'Renamed', next_at = '-infinity'").await.unwrap();
    let app = server.app().clone();
    let firing = tokio::spawn(async move { carry_out(&app).await });
    server.db.wait_for_blocked().await;
    owner.execute("commit").await.unwrap();
    firing.await.unwrap().unwrap();
    assert!(runs(&admin, &made).await.is_empty(), "what was read is not what is there");
    carry_out(server.app()).await.unwrap();
    let begun = runs(&admin, &made).await;
    assert_eq!((begun.len(), begun[0]["schedule_name"].as_str()), (1, Some("Renamed")));
    server.stop().await;
}

#[tokio::test]
async fn a_zone_that_comes_back_makes_up_for_nothing() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let _fleet = fleet(&server, &admin, 1).await;
    let site = admin.get("/sites").await.ok()["items"][0]["id"].as_str().unwrap().to_owned();
    let zone = async |name: &str| {
        let admin = crate::audited::log_in(&server).await;
        admin.patch(&format!("/sites/{site}"), json!({ "time_zone": name })).await.ok();
        carry_out(server.app()).await.unwrap();
    };
    let script = script(&admin, "df").await;
    // by its own clock each zone is due at noon; each hour here is another one's
    let trigger = json!({ "kind": "cron", "timing": "0 12 * * *", "missed": "once" });
    let made = schedule(&admin, &script, trigger, json!({})).await;
    let until_four = {
        let now = server.app().clock.now().to_zoned(jiff::tz::TimeZone::UTC);
        let four = now.date().tomorrow().unwrap().at(4, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap();
        four.timestamp().duration_since(now.timestamp())
    };
    server.clock.advance(until_four);
    carry_out(server.app()).await.unwrap();
    let before = runs(&crate::audited::log_in(&server).await, &made).await.len();
    zone("America/Lima").await;
    server.clock.advance(SignedDuration::from_hours(10));
    zone("UTC").await;
    let after = runs(&crate::audited::log_in(&server).await, &made).await.len();
    assert_eq!(after, before, "noon came in UTC while it was in Lima, and is not made up for");
    server.stop().await;
}

#[tokio::test]
async fn a_place_with_schedules_stays_until_they_are_gone() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let script = script(&admin, "df").await;
    let client = admin.post("/clients", json!({ "name": "Leaving" })).await.created();
    let site = json!({ "client_id": client["id"], "name": "Branch", "time_zone": "asia/tokyo" });
    let site = admin.post("/sites", site).await.created();
    assert_eq!(site["time_zone"], "Asia/Tokyo");
    let trigger = json!({ "kind": "cron", "timing": "@daily" });
    let of_site = schedule(
        &admin,
        &script,
        trigger.clone(),
        json!({ "client_id": client["id"], "site_id": site["id"], "name": "Of the site" }),
    )
    .await;
    let of_client = schedule(&admin, &script, trigger, json!({ "client_id": client["id"] })).await;
    let text = |value: &serde_json::Value| value["id"].as_str().unwrap().to_owned();
    let found = admin.get(&format!("/schedules?site_id={}", text(&site))).await.ok();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    let found = admin.get(&format!("/schedules?client_id={}", text(&client))).await.ok();
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
    let (of_place, of_whole) = (format!("/sites/{}", text(&site)), format!("/clients/{}", text(&client)));
    admin.delete(&of_place).await.problem(409, "site_not_empty");
    admin.delete(&path(&of_site, "")).await.no_content();
    admin.delete(&of_place).await.no_content();
    admin.delete(&of_whole).await.problem(409, "client_not_empty");
    admin.delete(&path(&of_client, "")).await.no_content();
    admin.delete(&of_whole).await.no_content();
    server.stop().await;
}

#[tokio::test]
async fn one_that_cannot_be_read_is_told_and_can_be_put_away_or_said_anew() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let _fleet = fleet(&server, &admin, 1).await;
    let script = script(&admin, "df").await;
    let trigger = json!({ "kind": "cron", "timing": "@daily" });
    let made = schedule(&admin, &script, trigger.clone(), json!({})).await;
    let gone = schedule(&admin, &script, trigger.clone(), json!({ "name": "Other" })).await;
    let mut owner = server.db.connect("gururmm_owner").await;
    owner.execute(r#"update schedules set mandate = '{"of": "a newer version"}'"#).await.unwrap();
    let list = admin.get("/schedules").await.ok();
    assert!(list["items"][0]["sentence"].as_str().unwrap().contains("cannot be read"), "{list}");
    admin.post(&path(&gone, "/pause"), json!({})).await.ok();
    admin.delete(&path(&gone, "")).await.no_content();
    carry_out(server.app()).await.unwrap();
    assert_eq!(shown(&admin, &made).await["status"], "suspended");
    let wish = json!({ "name": "Nightly", "trigger": trigger, "targets": { "filter": {} }, "script_id": script["id"] });
    admin.put(&path(&made, ""), wish).await.ok();
    until_due(&server, &admin, &made).await;
    assert_eq!(runs(&crate::audited::log_in(&server).await, &made).await.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn whoever_may_no_longer_is_found_before_it_is_due() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let script = script(&admin, "df").await;
    let author = server.person(&[allow("technician")]).await;
    let yearly = json!({ "kind": "cron", "timing": "0 3 1 1 *" });
    let made = schedule(&author, &script, yearly, json!({})).await;
    carry_out(server.app()).await.unwrap();
    assert_eq!(shown(&admin, &made).await["status"], "active");
    let mut owner = server.db.connect("gururmm_owner").await;
    let away = "delete from grants g using users u where g.user_id = u.id and u.name = 'Technician Three'";
    owner.execute(away).await.unwrap();
    server.clock.advance(SignedDuration::from_mins(16));
    carry_out(server.app()).await.unwrap();
    assert_eq!(shown(&admin, &made).await["status"], "suspended");
    server.stop().await;
}

#[tokio::test]
async fn marks_of_old_days_are_forgotten_and_those_of_enrolment_stay() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let script = script(&admin, "df").await;
    schedule(&admin, &script, json!({ "kind": "enrolment" }), json!({})).await;
    server.enrol(&admin, "new-1").await;
    carry_out(server.app()).await.unwrap();
    let mut owner = server.db.connect("gururmm_owner").await;
    let add = "insert into schedule_marks select schedule_id, org_id, agent_id, (now() - d * interval '1 day')::date
               from schedule_marks, unnest(array[58, 62]) d";
    owner.execute(add).await.unwrap();
    purge(server.app()).await.unwrap();
    let left: i64 = sqlx::query_scalar("select count(*) from schedule_marks").fetch_one(&mut owner).await.unwrap();
    assert_eq!(left, 2, "of fifty-eight days ago, and that it enrolled");
    server.stop().await;
}

#[tokio::test]
async fn a_machine_that_leaves_in_this_moment_costs_nobody_their_run() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let fleet = fleet(&server, &admin, 2).await;
    let script = script(&admin, "df").await;
    let trigger = json!({ "kind": "cron", "timing": "0 * * * *" });
    let made = schedule(&admin, &script, trigger, json!({})).await;
    carry_out(server.app()).await.unwrap();
    let due: Timestamp = shown(&admin, &made).await["next_at"].as_str().unwrap().parse().unwrap();
    server.clock.advance(due.duration_since(server.app().clock.now()));
    let mut owner = server.db.connect("gururmm_owner").await;
    // between finding its machines and telling them
    owner.execute("begin").await.unwrap();
    owner.execute("lock table command_runs in share mode").await.unwrap();
    let leaving = format!("update agents set state = 'revoked' where id = '{}'", ids(&fleet)[0]);
    owner.execute(sqlx::AssertSqlSafe(leaving)).await.unwrap();
    let app = server.app().clone();
    let firing = tokio::spawn(async move { carry_out(&app).await });
    server.db.wait_for_blocked().await;
    owner.execute("commit").await.unwrap();
    firing.await.unwrap().unwrap();
    assert!(runs(&admin, &made).await.is_empty(), "nothing is half done");
    carry_out(server.app()).await.unwrap();
    let begun = runs(&admin, &made).await;
    let told = admin.get(&format!("/commands?run_id={}", begun[0]["id"].as_str().unwrap())).await.ok();
    assert_eq!((begun.len(), told["items"].as_array().unwrap().len()), (1, 1), "{begun:?}");
    server.stop().await;
}

#[tokio::test]
async fn however_many_wait_for_machines_each_is_looked_at() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let script = script(&admin, "df").await;
    for number in 0..3 {
        schedule(&admin, &script, json!({ "kind": "enrolment" }), json!({ "name": format!("New {number}") })).await;
    }
    let mut owner = server.db.connect("gururmm_owner").await;
    let mut seen = std::collections::HashSet::new();
    for _ in 0..3 {
        server.clock.advance(SignedDuration::from_secs(5));
        let now = gururmm_server::platform::time::Time(server.app().clock.now());
        // as if only one were looked at in a turn
        let first: gururmm_ids::ScheduleId = sqlx::query_scalar("select id from schedules_waiting(false, $1, 1)")
            .bind(now)
            .fetch_one(&mut owner)
            .await
            .unwrap();
        seen.insert(first);
        let looked_at = "update schedules set looked_at = $2 where id = $1";
        sqlx::query(looked_at).bind(first).bind(now).execute(&mut owner).await.unwrap();
    }
    assert_eq!(seen.len(), 3, "each has its turn though nothing is there for it");
    carry_out(server.app()).await.unwrap();
    let count = "select count(*) from schedules where looked_at is not null";
    let looked_at: i64 = sqlx::query_scalar(count).fetch_one(&mut owner).await.unwrap();
    assert_eq!(looked_at, 3);
    server.stop().await;
}

#[tokio::test]
async fn what_was_saved_anew_in_this_moment_is_not_suspended_for_what_it_was() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let script = script(&admin, "df").await;
    let made = schedule(&admin, &script, json!({ "kind": "cron", "timing": "@daily" }), json!({})).await;
    let mut owner = server.db.connect("gururmm_owner").await;
    owner.execute("update schedules set mandate = replace(mandate, '@daily', '@hourly')").await.unwrap();
    // a colleague saves it while it is looked at
    owner.execute("begin").await.unwrap();
    owner.execute("update schedules set name = 'Saved anew'").await.unwrap();
    let app = server.app().clone();
    let firing = tokio::spawn(async move { carry_out(&app).await });
    server.db.wait_for_blocked().await;
    owner.execute("commit").await.unwrap();
    firing.await.unwrap().unwrap();
    assert_eq!(shown(&admin, &made).await["status"], "active");
    server.stop().await;
}
