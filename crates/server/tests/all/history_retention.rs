//! How long an organisation keeps its measurements.

use gururmm_server::features::history::{Retention, maintain, purge, roll_up};
use gururmm_server::platform::time::Time;
use gururmm_server_testkit::{ApiClient, SimulatedAgent, TestServer};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sqlx::PgConnection;

async fn start() -> (TestServer, ApiClient, SimulatedAgent) {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    (server, admin, agent)
}

fn ago(server: &TestServer, days: i64) -> Timestamp {
    server.app().clock.now().checked_sub(SignedDuration::from_hours(days * 24)).unwrap()
}

async fn store(owner: &mut PgConnection, agent: &SimulatedAgent, at: Timestamp) {
    let sql =
        "insert into metrics select id, org_id, $2, 1, 1, null, 1, 2, 0, 0, 0, 0, '[]' from agents where id = $1::uuid";
    sqlx::query(sql).bind(agent.agent_id.to_string()).bind(Time(at)).execute(owner).await.unwrap();
}

/// Rows of an agent: measurements, 5 minutes, hours and quarters of days.
async fn rows(owner: &mut PgConnection, agent: &SimulatedAgent) -> (i64, i64, i64) {
    let sql = "select (select count(*) from metrics where agent_id = $1::uuid), (select count(*) from history_5m where agent_id = $1::uuid),
                   (select count(*) from history_1h where agent_id = $1::uuid) + (select count(*) from history_6h where agent_id = $1::uuid)";
    sqlx::query_as(sql).bind(agent.agent_id.to_string()).fetch_one(owner).await.unwrap()
}

#[tokio::test]
async fn an_organisation_may_keep_less_than_the_server_and_never_more() {
    let (server, admin, _agent) = start().await;
    let most = json!({ "measurements_days": 31, "five_minutes_days": 92, "hours_days": 800 });
    assert_eq!(admin.get("/history/retention").await.ok(), json!({ "kept": most, "most": most }));
    let changed = admin.patch("/history/retention", json!({ "measurements_days": 7 })).await.ok();
    assert_eq!(changed["kept"], json!({ "measurements_days": 7, "five_minutes_days": 92, "hours_days": 800 }));
    assert_eq!(admin.get("/history/retention").await.ok(), changed);
    for wrong in [
        json!({ "measurements_days": 1 }),
        json!({ "hours_days": 801 }),
        json!({ "days": 3 }),
        json!({ "hours_days": -1 }),
    ] {
        let answer = admin.patch("/history/retention", wrong.clone()).await;
        assert!(matches!(answer.status.as_u16(), 400 | 422), "{wrong}: {}", answer.text);
    }
    assert_eq!(admin.get("/history/retention").await.ok(), changed, "what was refused changed nothing");
    let stranger = server.stranger().await;
    assert_eq!(server.client_of(&stranger).get("/history/retention").await.ok()["kept"], most, "it is one's own");
    server.stop().await;
}

#[tokio::test]
async fn what_an_organisation_does_not_keep_goes_and_the_others_stay() {
    let (server, admin, agent) = start().await;
    let stranger = server.stranger().await;
    let other = SimulatedAgent::enrol(&server.origin, &stranger.site_key, "other").await.unwrap();
    let mut owner = server.db.connect("gururmm_owner").await;
    for days in [1, 5, 20] {
        for agent in [&agent, &other] {
            store(&mut owner, agent, ago(&server, days)).await;
        }
    }
    roll_up(&server.app().db, server.app().clock.now()).await.unwrap();
    assert_eq!(rows(&mut owner, &agent).await, (3, 3, 6));
    let kept = json!({ "measurements_days": 3, "five_minutes_days": 10, "hours_days": 30 });
    admin.patch("/history/retention", kept).await.ok();
    assert_eq!(purge(&server.app().db, server.app().clock.now()).await.unwrap(), 3);
    assert_eq!(rows(&mut owner, &agent).await, (1, 2, 6));
    assert_eq!(rows(&mut owner, &other).await, (3, 3, 6));
    assert_eq!(purge(&server.app().db, server.app().clock.now()).await.unwrap(), 0);

    admin.delete(&format!("/agents/{}", agent.agent_id)).await;
    assert_eq!(rows(&mut owner, &agent).await.2, 0, "the history of a machine goes with it");
    server.stop().await;
}

#[tokio::test]
async fn months_that_nobody_keeps_are_dropped_whole() {
    let (server, _admin, agent) = start().await;
    let mut owner = server.db.connect("gururmm_owner").await;
    store(&mut owner, &agent, ago(&server, 1)).await;
    roll_up(&server.app().db, server.app().clock.now()).await.unwrap();
    assert_eq!(rows(&mut owner, &agent).await, (1, 1, 2));
    let later = server.app().clock.now().checked_add(SignedDuration::from_hours(24 * 200)).unwrap();
    maintain(&server.app().db, later, Retention::of_server(&server.app().config)).await.unwrap();
    let (_, five_minutes, hours) = rows(&mut owner, &agent).await;
    assert_eq!((five_minutes, hours), (0, 2), "the 5 minutes are past their time, the hours are not");
    let tables = "select count(*) from pg_class where relname like 'history\\_5m\\_2%' and relkind = 'r'";
    let left: i64 = sqlx::query_scalar(tables).fetch_one(&mut owner).await.unwrap();
    assert!((2..=6).contains(&left), "{left} months");
    server.stop().await;
}
