//! Keys that are over, machines that stay away, installations that fail.

use gururmm_protocol::secret;
use gururmm_server::features::{enrolment, install_reports};
use gururmm_server_testkit::{ApiClient, Link, SimulatedAgent, TestServer, allow};
use jiff::SignedDuration;
use serde_json::{Value, json};

async fn site(admin: &ApiClient) -> Value {
    admin.get("/sites").await.ok()["items"][0].clone()
}

async fn site_key(admin: &ApiClient) -> Value {
    admin.post("/site-keys", json!({ "site_id": site(admin).await["id"], "name": "Tills" })).await.created()
}

#[tokio::test]
async fn who_comes_with_a_key_that_is_over_is_told_once_in_a_while_and_counted() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let key = site_key(&admin).await;
    let id = key["site_key"]["id"].as_str().unwrap();
    admin.post(&format!("/site-keys/{id}/revoke"), json!({})).await.ok();
    let come = async |hostname: &str| {
        SimulatedAgent::enrol(&server.origin, key["key"].as_str().unwrap(), hostname).await.err().unwrap();
    };
    let told = async || admin.all("/audit-events?action=agent.refused", 50).await;
    come("web-1").await;
    come("web-2").await;
    server.clock.advance(SignedDuration::from_mins(11));
    come("web-3").await;
    let events = told().await;
    let names: Vec<_> = events.iter().map(|event| event["detail"]["hostname"].as_str().unwrap()).collect();
    assert_eq!(names, ["web-3", "web-1"], "one in ten minutes");
    assert_eq!(events[0]["outcome"], "refused");
    assert_eq!(events[0]["detail"]["refused_count"], 3);
    let sentence = events[0]["summary"].as_str().unwrap();
    assert_eq!(sentence, "A machine named web-3 came with the site key Tills, which is revoked");
    let keys = admin.all("/site-keys", 50).await;
    assert_eq!(keys.iter().find(|key| key["id"] == id).unwrap()["refused_count"], 3);
    // what is no key at all is told nobody: it belongs to nobody
    let unknown = secret::site_key(&[1; 32], &server.app().secrets.fingerprint());
    SimulatedAgent::enrol(&server.origin, &unknown, "web-4").await.err().unwrap();
    assert_eq!(told().await.len(), 2);
    server.stop().await;
}

#[tokio::test]
async fn machines_of_a_site_for_those_that_come_and_go_are_removed_when_they_stay_away() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let site = site(&admin).await;
    let path = format!("/sites/{}", site["id"].as_str().unwrap());
    for wrong in [json!(0), json!(366), json!(-1), json!("1")] {
        let answer = admin.patch(&path, json!({ "remove_after_days": wrong })).await;
        assert!(matches!(answer.status.as_u16(), 400 | 422), "{wrong}: {}", answer.text);
    }
    let (gone, here) = (server.enrol(&admin, "gone").await, server.enrol(&admin, "here").await);
    let link = Link::connect(&here).await.unwrap();
    server.clock.advance(SignedDuration::from_hours(24 * 8));
    let admin = crate::audited::log_in(&server).await;
    let remaining = async || {
        enrolment::jobs::remove_idle(server.app()).await.unwrap();
        let agents = admin.all("/agents", 50).await;
        agents.iter().map(|agent| agent["hostname"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(remaining().await, ["gone", "here"], "nobody has said so");
    assert_eq!(admin.patch(&path, json!({ "remove_after_days": 9 })).await.ok()["remove_after_days"], 9);
    assert_eq!(remaining().await, ["gone", "here"], "not yet");
    admin.patch(&path, json!({ "remove_after_days": 7 })).await.ok();
    assert_eq!(remaining().await, ["here"], "who is connected stays");
    let events = admin.all("/audit-events?action=agent.expired", 50).await;
    assert_eq!(events[0]["agent_id"], json!(gone.agent_id));
    assert_eq!(events[0]["actor_kind"], "system");
    // who is quarantined does not wipe their traces by going silent
    let kept = server.enrol(&admin, "kept").await;
    admin.post(&format!("/agents/{}/quarantine", kept.agent_id), json!({})).await.ok();
    server.clock.advance(SignedDuration::from_hours(24 * 20));
    let admin = crate::audited::log_in(&server).await;
    enrolment::jobs::remove_idle(server.app()).await.unwrap();
    admin.get(&format!("/agents/{}", kept.agent_id)).await.ok();
    // a change of nothing is none, and null ends it
    admin.patch(&path, json!({ "remove_after_days": 7 })).await.ok();
    assert_eq!(admin.all("/audit-events?action=site.updated", 50).await.len(), 2);
    assert!(admin.patch(&path, json!({ "remove_after_days": null })).await.ok()["remove_after_days"].is_null());
    drop(link);
    server.stop().await;
}

#[tokio::test]
async fn who_may_not_remove_machines_lets_no_site_do_it() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let site = site(&admin).await;
    let path = format!("/sites/{}", site["id"].as_str().unwrap());
    let gardener = server.person(&[allow("sites.edit"), allow("agents.edit")]).await;
    gardener.patch(&path, json!({ "remove_after_days": 7 })).await.problem(403, "forbidden");
    admin.patch(&path, json!({ "remove_after_days": 7 })).await.ok();
    gardener.patch(&path, json!({ "remove_after_days": 6 })).await.problem(403, "forbidden");
    // later, or never, takes nothing from anybody
    gardener.patch(&path, json!({ "remove_after_days": 8 })).await.ok();

    let other = admin.post("/sites", json!({ "client_id": site["client_id"], "name": "Other" })).await.created();
    let key = admin.post("/site-keys", json!({ "site_id": other["id"], "name": "Other" })).await.created();
    let agent = SimulatedAgent::enrol(&server.origin, key["key"].as_str().unwrap(), "kept").await.unwrap();
    let (agent, there) = (format!("/agents/{}", agent.agent_id), json!({ "site_id": site["id"] }));
    gardener.patch(&agent, there.clone()).await.problem(403, "forbidden");
    let move_all =
        json!({ "ids": [agent.rsplit('/').next().unwrap()], "action": { "kind": "move", "site_id": site["id"] } });
    let moved = gardener.post("/agents/bulk", move_all).await.ok();
    assert_eq!((moved["done"].as_array().unwrap().len(), &moved["refused"][0]["code"]), (0, &json!("forbidden")));
    admin.patch(&agent, there).await.ok();
    server.stop().await;
}

fn report(key: &str, message: &str) -> Value {
    json!({ "site_key_hash": secret::hash_hex(key.as_bytes()), "hostname": "web-1", "os": "linux", "arch": "x86_64",
            "agent_version": "0.1.0", "step": "download", "message": message, "log": format!("one\n{key}\nlast") })
}

#[tokio::test]
async fn an_installation_that_failed_is_told_where_its_key_belongs_and_holds_no_secret() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let key = site_key(&admin).await["key"].as_str().unwrap().to_owned();
    let nobody = server.anonymous();
    let sent = report(&key, &format!("  With {key} it\u{202e} failed.  "));
    assert_eq!(nobody.post("/install-reports", sent).await.status, 202);
    // the same answer to a key that is none: it is no way to try keys
    assert_eq!(nobody.post("/install-reports", report("grmm_site_made_up", "x")).await.status, 202);
    let reports = admin.all("/install-reports", 50).await;
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0]["message"], "With (a key) it failed.");
    assert_eq!(reports[0]["log"], "one\n(a key)\nlast");
    assert_eq!((&reports[0]["site_key_name"], &reports[0]["step"]), (&json!("Tills"), &json!("download")));

    let viewer = server.person(&[allow("viewer")]).await;
    viewer.api.get("/install-reports").await.problem(403, "forbidden");
    let other = admin.post("/clients", json!({ "name": "Other" })).await.created();
    let elsewhere = server.person(&[allow("technician").on_client(&other)]).await;
    assert!(elsewhere.api.all("/install-reports", 50).await.is_empty());

    let mut wrong = report(&key, "x");
    for (field, value) in [("site_key_hash", json!("AAAA")), ("step", json!(null)), ("log", json!(7))] {
        let before = wrong[field].take();
        wrong[field] = value;
        let answer = nobody.post("/install-reports", wrong.clone()).await;
        assert!(matches!(answer.status.as_u16(), 400 | 422), "{field}: {}", answer.text);
        wrong[field] = before;
    }
    let huge = report(&key, &"x".repeat(3 * 1024 * 1024));
    assert_eq!(nobody.post("/install-reports", huge).await.status, 413);
    server.clock.advance(SignedDuration::from_hours(24 * 31));
    install_reports::jobs::purge(server.app()).await.unwrap();
    let mut owner = server.db.connect("gururmm_owner").await;
    let left: i64 = sqlx::query_scalar("select count(*) from install_reports").fetch_one(&mut owner).await.unwrap();
    assert_eq!(left, 0, "not for ever");
    server.stop().await;
}

#[tokio::test]
async fn reports_are_limited_by_network_and_by_site() {
    let server = TestServer::start_with(|config| config.rate_limits.enroll_per_minute = 3.try_into().unwrap()).await;
    let admin = server.administrator().await;
    let key = site_key(&admin).await["key"].as_str().unwrap().to_owned();
    let nobody = server.anonymous();
    for _ in 0..3 {
        assert_eq!(nobody.post("/install-reports", report(&key, "x")).await.status, 202);
    }
    nobody.post("/install-reports", report(&key, "x")).await.problem(429, "rate_limited");
    let mut owner = server.db.connect("gururmm_owner").await;
    let add = "select install_report_add($1, uuid_of(now() + make_interval(secs => n)), now(), 'web', 'linux', '', '', 'x', n::text, null, '192.0.2.1', 5)
               from generate_series(1, 20) n";
    sqlx::query(add).bind(&secret::hash(&key)[..]).execute(&mut owner).await.unwrap();
    let kept: Vec<_> = admin.all("/install-reports", 50).await.iter().map(|report| report["message"].clone()).collect();
    assert_eq!(kept, ["20", "19", "18", "17", "16"], "the newest");
    server.stop().await;
}
