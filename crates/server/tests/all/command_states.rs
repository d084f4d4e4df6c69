//! Whatever happens to a command, in whatever order: it goes where it may, what its agent reported stands, and in the end it ends.

use gururmm_server::features::commands::{CommandStatus, End};
use gururmm_server_testkit::{Answer, ApiClient, TestServer, allow};
use serde_json::json;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};

use crate::command_runs::{fleet, ids, start};
use crate::commands::run;

const SEQUENCES: u64 = 60;
/// The same where somebody decides.
const DECISIONS: u64 = 30;
const WORDS: usize = 14;

/// What can happen; `$1` is the command.
const WORDS_OF_THE_WORLD: [&str; 11] = [
    "update commands set sent_at = coalesce(sent_at, now()) where id = $1 and status = 'queued'",
    "select ingest_command_started(array[agent_id], array[id], array[now()]) from commands where id = $1",
    "select ingest_command_result(array[agent_id], array[id], array['completed'], array[0], array[null::text], array[0::bigint], array[0::bigint], array[now()], 1) from commands where id = $1",
    "select ingest_command_result(array[agent_id], array[id], array['failed'], array[3], array['it broke'], array[0::bigint], array[0::bigint], array[now()], 1) from commands where id = $1",
    "select ingest_command_result(array[agent_id], array[id], array['interrupted'], array[null::integer], array['lost'], array[0::bigint], array[0::bigint], array[now()], 1) from commands where id = $1",
    "update commands set cancel_requested_at = now(), status = case when sent_at is null then 'cancelled' else status end,
            finished_at = case when sent_at is null then now() end, ended_by = case when sent_at is null then 'server' end
        where id = $1 and status in ('queued', 'running')",
    "select count(*) from commands_end_overdue(now()) where $1::uuid is not null",
    "select count(*) from commands_end_overdue(now() + interval '3 days') where $1::uuid is not null",
    "select count(*) from commands c, gateway_reconcile_commands(c.agent_id, array[c.id], now(), 256) where c.id = $1",
    "select count(*) from commands c, gateway_reconcile_commands(c.agent_id, array[]::uuid[], now(), 256) where c.id = $1",
    "select count(*) from commands c, gateway_offer_commands(array[c.agent_id], now() + interval '1 hour', 16, 16, 256) where c.id = $1",
];

/// Numbers that are the same each time (Knuth's MMIX generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// Where a command stands, who has ended it, and why.
type State = (CommandStatus, End, Option<String>);

async fn state(db: &mut PgConnection, id: uuid::Uuid) -> State {
    let row: (String, Option<String>, bool, Option<String>) =
        sqlx::query_as("select status, ended_by, sent_at is not null, status_reason from commands where id = $1")
            .bind(id)
            .fetch_one(db)
            .await
            .unwrap();
    let end = match (row.1.as_deref(), row.2) {
        (None, _) => End::None,
        (Some("server"), true) => End::Assumed,
        _ => End::Certain,
    };
    (serde_json::from_value(json!(row.0)).unwrap(), end, row.3)
}

/// Where it stands after a word: where it may, and what is certain stands.
async fn goes_where_it_may(db: &mut PgConnection, id: uuid::Uuid, before: State, told: &str) -> State {
    let after = state(db, id).await;
    let moved = before.0 != after.0;
    assert!(!moved || before.0.may_become(after.0, before.1), "{told}: {before:?} to {after:?}");
    if before.1 == End::Certain {
        assert_eq!(before, after, "{told}: what is certain stands");
    }
    after
}

/// With its time it ends, whatever was before.
async fn ends(db: &mut PgConnection, id: uuid::Uuid, told: &str) {
    sqlx::query(WORDS_OF_THE_WORLD[7]).bind(id).execute(&mut *db).await.unwrap();
    let (status, end, _) = state(db, id).await;
    assert!(end != End::None, "{told}: it is {status:?} for ever");
}

#[tokio::test]
async fn every_sequence_of_words_goes_where_it_may_and_ends() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut owner = server.db.connect("gururmm_owner").await;
    for seed in 0..SEQUENCES {
        let (id, _) = run(&admin, &agent, json!({ "command": "id", "expires_in_seconds": 60 })).await;
        let (id, mut numbers, mut told) = (id.as_uuid(), Numbers(seed), Vec::new());
        let mut before = state(&mut owner, id).await;
        for _ in 0..WORDS {
            let word = numbers.below(WORDS_OF_THE_WORLD.len());
            told.push(word);
            sqlx::query(WORDS_OF_THE_WORLD[word]).bind(id).execute(&mut owner).await.unwrap();
            before = goes_where_it_may(&mut owner, id, before, &format!("seed {seed}, {told:?}")).await;
        }
        ends(&mut owner, id, &format!("seed {seed}, {told:?}")).await;
    }
    server.stop().await;
}

/// One of the decisions about a run.
async fn decide(who: &ApiClient, path: &str, word: usize) -> Answer {
    let (verb, body) = match word {
        0 => {
            let digest = who.get(path).await.ok()["digest"].as_str().unwrap_or_default().to_owned();
            ("approve", json!({ "digest": digest }))
        }
        1 => ("reject", json!({})),
        _ => ("stop", json!({})),
    };
    who.post(&format!("{path}/{verb}"), body).await
}

/// The same for what somebody has to decide about: approved, rejected, stopped, forgotten, at any moment and in any order.
#[tokio::test]
async fn what_waits_for_a_decision_goes_where_it_may_and_ends() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    admin.patch("/organisation", json!({ "approval_threshold": 1 })).await.ok();
    let fleet = fleet(&server, &admin, 2).await;
    let second = server.person(&[allow("technician")]).await;
    let mut owner = server.db.connect("gururmm_owner").await;
    for seed in 0..DECISIONS {
        let run = start(&admin, json!({ "ids": ids(&fleet) }), "id", json!({ "expires_in_seconds": 60 })).await;
        let path = format!("/command-runs/{}", run["id"].as_str().unwrap());
        let id = "select id from commands where run_id = $1::text::uuid and position = 1";
        let id: uuid::Uuid =
            sqlx::query_scalar(id).bind(run["id"].as_str().unwrap()).fetch_one(&mut owner).await.unwrap();
        let (mut numbers, mut told) = (Numbers(seed), Vec::new());
        let mut before = state(&mut owner, id).await;
        assert_eq!(before.0, CommandStatus::AwaitingApproval);
        for _ in 0..WORDS {
            let word = numbers.below(WORDS_OF_THE_WORLD.len() + 3);
            told.push(word);
            if let Some(text) = WORDS_OF_THE_WORLD.get(word) {
                // what no agent was given it cannot end: the table refuses, and nothing else is wrong
                if let Err(error) = sqlx::query(*text).bind(id).execute(&mut owner).await {
                    let constraint = error.as_database_error().and_then(|error| error.constraint());
                    assert_eq!(constraint, Some("command_transition"), "seed {seed}, {told:?}: {error}");
                }
            } else {
                let answer = decide(&second, &path, word - WORDS_OF_THE_WORLD.len()).await;
                assert!(!answer.status.is_server_error(), "seed {seed}, {told:?}: {}", answer.json);
            }
            before = goes_where_it_may(&mut owner, id, before, &format!("seed {seed}, {told:?}")).await;
        }
        ends(&mut owner, id, &format!("seed {seed}, {told:?}")).await;
    }
    server.stop().await;
}

/// The table itself refuses, also who forgets to ask.
#[tokio::test]
async fn what_is_not_lawful_is_refused_by_the_table() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let open = "finished_at = null, ended_by = null";
    let ended = "finished_at = now(), ended_by = 'agent'";
    for (begin, next, is_lawful) in [
        ("status = 'queued'", format!("status = 'running', {open}"), true),
        ("status = 'running'", format!("status = 'queued', {open}"), false),
        ("status = 'completed', finished_at = now(), ended_by = 'agent'", format!("status = 'running', {open}"), false),
        ("status = 'completed', finished_at = now(), ended_by = 'agent'", format!("status = 'failed', {ended}"), false),
        (
            "status = 'interrupted', finished_at = now(), ended_by = 'server', sent_at = now()",
            format!("status = 'failed', {ended}"),
            true,
        ),
        ("status = 'expired', finished_at = now(), ended_by = 'server'", format!("status = 'running', {open}"), false),
        (
            "status = 'expired', finished_at = now(), ended_by = 'server', sent_at = now()",
            format!("status = 'queued', {open}"),
            false,
        ),
    ] {
        let (id, _) = run(&admin, &agent, json!({ "command": "id" })).await;
        let set = |values: &str| AssertSqlSafe(format!("update commands set {values} where id = '{id}'"));
        owner.execute(set(begin)).await.unwrap();
        let result = owner.execute(set(&next)).await;
        assert_eq!(result.is_ok(), is_lawful, "from {begin} to {next}");
        if let Err(error) = result {
            assert_eq!(error.as_database_error().unwrap().constraint(), Some("command_transition"));
        }
    }
    server.stop().await;
}
