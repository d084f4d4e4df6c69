//! How long the audit log is kept, and where its chain begins then.

use gururmm_server::platform::audit::trim;
use gururmm_server::platform::audit::verify::Finding;
use jiff::SignedDuration;
use serde_json::json;

use crate::audit_chain::Log;

const DAY: SignedDuration = SignedDuration::from_hours(24);

async fn trimmed(log: &mut Log) -> u64 {
    let app = log.server.app().clone();
    let count = trim(&mut log.owner, &app.checkpoints, app.clock.now()).await.unwrap();
    log.sign().await;
    count
}

/// Ninety days later somebody logs in again: sessions have ended meanwhile.
async fn later(log: &mut Log, days: i32) {
    log.server.clock.advance(DAY * days);
    log.admin = gururmm_server_testkit::ApiClient::new(&log.server.origin, {
        let body = json!({ "email": gururmm_server_testkit::EMAIL, "password": gururmm_server_testkit::PASSWORD });
        log.server.anonymous().post("/auth/login", body).await.ok()["token"].as_str().map(str::to_owned)
    });
}

#[tokio::test]
async fn retention_anchors_and_verifies() {
    let mut log = Log::start().await;
    let whole = log.examine().await.last;
    later(&mut log, 100).await;
    log.create("Young").await;
    log.sign().await;
    assert_eq!(trimmed(&mut log).await, 0, "kept for ever unless told");

    log.admin.patch("/audit-retention", json!({ "days": 90 })).await.ok();
    log.sign().await;
    assert_eq!(trimmed(&mut log).await, whole.unsigned_abs());
    let found = log.examine().await;
    assert_eq!((found.finding, found.first), (None, whole + 1));
    let events = log.admin.all("/audit-events", 50).await;
    let actions: Vec<&str> = events.iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["audit.trimmed", "audit.retention_changed", "client.created", "session.opened"]);
    assert_eq!(events[0]["detail"]["count"], whole);
    assert_eq!(events[0]["actor_kind"], "system");
    let told = log.admin.get("/audit-chain").await.ok();
    assert_eq!(told["first"], whole + 1);
    assert!(told["trimmed_at"].is_string());
    assert_eq!(trimmed(&mut log).await, 0, "nothing else is old");
    log.server.stop().await;
}

#[tokio::test]
async fn a_log_that_is_old_as_a_whole_goes_on_from_its_anchor() {
    let mut log = Log::start().await;
    log.admin.patch("/audit-retention", json!({ "days": 90 })).await.ok();
    log.sign().await;
    let whole = log.examine().await.last;
    log.server.clock.advance(DAY * 91);
    assert_eq!(trimmed(&mut log).await, whole.unsigned_abs());
    let found = log.examine().await;
    assert_eq!((found.finding, found.first, found.last), (None, whole + 1, whole + 1));
    // the trace of trimming is not removed for its own sake
    log.server.clock.advance(DAY * 200);
    assert_eq!(trimmed(&mut log).await, 0);
    log.server.stop().await;
}

#[tokio::test]
async fn a_beginning_that_somebody_else_removed_is_not_signed() {
    let mut log = Log::start().await;
    log.meddle(
        "insert into audit_anchors select org_id, seq, hash, now() from audit_chain where org_id = ORG and seq = 3;
         delete from audit_events where id in (select event_id from audit_chain where org_id = ORG and seq <= 3);
         delete from audit_chain where org_id = ORG and seq <= 3",
    )
    .await;
    assert!(matches!(log.finding().await, Some(Finding::Forged { seq: 3, .. })));
    log.meddle("delete from audit_anchors where org_id = ORG").await;
    assert_eq!(log.finding().await, Some(Finding::Missing { seq: 1, event_id: None }));
    log.server.stop().await;
}

#[tokio::test]
async fn an_organisation_keeps_its_log_for_ninety_days_at_least() {
    let log = Log::start().await;
    assert!(log.admin.get("/audit-retention").await.ok()["days"].is_null());
    for days in [0, 89, 4_001] {
        log.admin.patch("/audit-retention", json!({ "days": days })).await.problem(422, "validation_failed");
    }
    log.admin.patch("/audit-retention", json!({ "days": "x" })).await.problem(400, "invalid_request");
    assert_eq!(log.admin.patch("/audit-retention", json!({ "days": 365 })).await.ok()["days"], 365);
    assert_eq!(log.admin.patch("/audit-retention", json!({})).await.ok()["days"], 365);
    assert!(log.admin.patch("/audit-retention", json!({ "days": null })).await.ok()["days"].is_null());
    let events = log.admin.all("/audit-events?action=audit.retention_changed", 50).await;
    let changes: Vec<_> = events.iter().map(|event| event["changes"][0].clone()).collect();
    assert_eq!(
        changes,
        [
            json!({ "field": "days", "before": "365", "after": null }),
            json!({ "field": "days", "before": null, "after": "365" })
        ]
    );
    log.server.stop().await;
}
