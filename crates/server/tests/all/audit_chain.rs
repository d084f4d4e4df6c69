//! The chain of the audit log: what its owner, the database's owner and time do to it, and what `audit verify` says.

use gururmm_ids::OrgId;
use gururmm_server::config::Config;
use gururmm_server::lifecycle::Server;
use gururmm_server::platform::audit::chain::{self, FIELDS, Fields, Hash};
use gururmm_server::platform::audit::verify::{Finding, Organisation};
use gururmm_server::platform::audit::{seal, verify};
use gururmm_server_testkit::{ApiClient, TestServer};
use jiff::SignedDuration;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use uuid::Uuid;

/// A server whose log is sealed and signed, and the database's owner.
pub(crate) struct Log {
    pub(crate) server: TestServer,
    pub(crate) admin: ApiClient,
    pub(crate) owner: PgConnection,
    pub(crate) org_id: OrgId,
}

impl Log {
    pub(crate) async fn start() -> Self {
        let server = TestServer::start().await;
        let admin = server.administrator().await;
        let org_id = admin.get("/auth/me").await.ok()["organisation"]["id"].as_str().unwrap().parse().unwrap();
        let owner = server.db.connect("gururmm_owner").await;
        let mut log = Self { server, admin, owner, org_id };
        for name in ["One", "Two", "Three"] {
            log.create(name).await;
        }
        log.sign().await;
        log
    }

    pub(crate) async fn create(&self, name: &str) {
        self.admin.post("/clients", json!({ "name": name })).await.created();
    }

    pub(crate) async fn sign(&mut self) {
        let now = self.server.app().clock.now();
        seal(&mut self.owner, now).await.unwrap();
        self.server.app().checkpoints.keep(&mut self.owner, now).await.unwrap();
    }

    /// What the database's owner does who means it.
    pub(crate) async fn meddle(&mut self, sql: &str) {
        let org = self.org_id;
        let text = format!(
            "begin; alter table audit_events disable trigger user; alter table audit_chain disable trigger user;
             alter table audit_anchors disable trigger user; alter table audit_chain drop constraint if exists audit_chain_event_id_fkey;
             {}; commit",
            sql.replace("ORG", &format!("'{org}'::uuid"))
        );
        self.owner.execute(AssertSqlSafe(text)).await.unwrap();
    }

    pub(crate) async fn examine(&mut self) -> Organisation {
        let (folder, now) = (self.server.config.audit_checkpoints(), self.server.app().clock.now());
        let report = verify(&mut self.owner, &folder, Some(self.org_id), now).await.unwrap();
        assert_eq!(report.ok, report.organisations[0].finding.is_none());
        report.organisations[0].clone()
    }

    pub(crate) async fn finding(&mut self) -> Option<Finding> {
        self.examine().await.finding
    }

    pub(crate) async fn number(&mut self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.replace("ORG", &format!("'{}'::uuid", self.org_id))))
            .fetch_one(&mut self.owner)
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn what_nobody_touched_is_whole() {
    let mut log = Log::start().await;
    let found = log.examine().await;
    assert_eq!((found.finding, found.first), (None, 1));
    assert_eq!(found.last, log.number("select count(*) from audit_events where org_id = ORG").await);
    assert!(found.checkpoints > 0 && found.last > 6);
    let told = log.admin.get("/audit-chain").await.ok();
    assert_eq!((&told["seq"], &told["first"]), (&json!(found.last), &json!(1)));
    assert_eq!(told["hash"].as_str().unwrap().len(), 64);
    log.server.stop().await;
}

#[tokio::test]
async fn every_column_is_part_of_what_is_hashed() {
    let mut log = Log::start().await;
    let columns: Vec<String> = sqlx::query_scalar(
        "select column_name::text from information_schema.columns where table_name = 'audit_events' and column_name <> 'org_id' order by 1",
    )
    .fetch_all(&mut log.owner)
    .await
    .unwrap();
    let mut hashed: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
    hashed.sort_unstable();
    assert_eq!(columns, hashed);
    log.server.stop().await;
}

#[tokio::test]
async fn an_altered_row_is_named() {
    let mut log = Log::start().await;
    log.meddle(
        "update audit_events set actor_name = 'Somebody Else', ip = null where org_id = ORG and target_name = 'Two'",
    )
    .await;
    let seq = log
        .number("select seq from audit_chain c join audit_events e on e.id = c.event_id where c.org_id = ORG and target_name = 'Two'")
        .await;
    match log.finding().await {
        Some(Finding::Altered { seq: named, columns, .. }) => {
            assert_eq!((named, columns), (seq, vec!["actor_name", "ip"]));
        }
        other => panic!("{other:?}"),
    }
    log.server.stop().await;
}

#[tokio::test]
async fn a_missing_row_is_named() {
    let mut log = Log::start().await;
    let event = "(select id from audit_events where org_id = ORG and target_name = 'Two')";
    let seq = log.number(&format!("select seq from audit_chain where event_id = {event}")).await;
    log.meddle(&format!("delete from audit_events where id = {event}")).await;
    assert!(matches!(log.finding().await, Some(Finding::Missing { seq: named, event_id: Some(_) }) if named == seq));
    log.meddle(&format!("delete from audit_chain where org_id = ORG and seq = {seq}")).await;
    assert_eq!(log.finding().await, Some(Finding::Missing { seq, event_id: None }));
    log.server.stop().await;
}

#[tokio::test]
async fn a_row_inserted_between_is_named() {
    let mut log = Log::start().await;
    let id = Uuid::now_v7();
    let insert = format!(
        "insert into audit_events (id, org_id, occurred_at, actor_kind, action) values ('{id}', ORG, now() - interval '1 day', 'system', 'client.created')"
    );
    log.meddle(&insert).await;
    assert_eq!(log.finding().await, Some(Finding::Unchained { event_id: id }), "it does not even wait");
    log.server.stop().await;
}

#[tokio::test]
async fn a_cut_tail_is_told_by_what_was_signed() {
    let mut log = Log::start().await;
    let last = log.examine().await.last;
    log.meddle(&format!(
        "delete from audit_events where id in (select event_id from audit_chain where org_id = ORG and seq > {0});
         delete from audit_chain where org_id = ORG and seq > {0}",
        last - 2
    ))
    .await;
    assert_eq!(log.finding().await, Some(Finding::CutOff { seq: last - 2, signed: last }));
    log.meddle("delete from audit_events where org_id = ORG; delete from audit_chain where org_id = ORG").await;
    assert_eq!(log.finding().await, Some(Finding::CutOff { seq: 0, signed: last }), "all of it");
    log.server.stop().await;
}

/// Numbers and hashes everything anew, as the server would.
async fn compute_anew(log: &mut Log) {
    let fields: Vec<&str> = FIELDS.iter().map(|(_, sql)| *sql).collect();
    let sql = format!(
        "select c.seq, array[{}] from audit_chain c join audit_events e on e.id = c.event_id where c.org_id = '{}' order by 1",
        fields.join(", "),
        log.org_id
    );
    let rows: Vec<(i64, Fields)> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut log.owner).await.unwrap();
    let mut hash: Hash = chain::BEGINNING;
    for (seq, fields) in rows {
        hash = chain::hash(log.org_id, seq, &hash, &fields);
        sqlx::query("update audit_chain set hash = $3, fields = $4 where org_id = $1 and seq = $2")
            .bind(log.org_id)
            .bind(seq)
            .bind(&hash[..])
            .bind(chain::marks(&fields))
            .execute(&mut log.owner)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_chain_computed_anew_is_not_the_signed_one() {
    let mut log = Log::start().await;
    log.meddle("select 1").await;
    compute_anew(&mut log).await;
    assert_eq!(log.finding().await, None, "computed from what was told it is the same");
    log.meddle("update audit_events set target_name = 'Something else' where org_id = ORG and target_name = 'Two'")
        .await;
    compute_anew(&mut log).await;
    assert!(matches!(log.finding().await, Some(Finding::Forged { .. })));
    log.server.stop().await;
}

#[tokio::test]
async fn a_late_commit_gets_the_next_number() {
    let mut log = Log::start().await;
    let early = Uuid::now_v7();
    let mut other = log.server.db.connect("gururmm_owner").await;
    let mut late = other.begin().await.unwrap();
    sqlx::query("insert into audit_events (id, org_id, occurred_at, actor_kind, action) values ($1, $2, now(), 'system', 'client.created')")
        .bind(early)
        .bind(log.org_id)
        .execute(&mut *late)
        .await
        .unwrap();
    log.create("Four").await;
    log.sign().await;
    let before = log.examine().await;
    late.commit().await.unwrap();
    log.sign().await;
    let after = log.examine().await;
    assert_eq!((before.finding, after.finding, after.last), (None, None, before.last + 1));
    let last = log.number(&format!("select seq from audit_chain where event_id = '{early}'")).await;
    assert_eq!(last, after.last);
    log.server.stop().await;
}

#[tokio::test]
async fn two_servers_seal_one_chain() {
    let mut log = Log::start().await;
    let mut other = log.server.db.connect("gururmm_owner").await;
    let now = log.server.app().clock.now();
    let sealing = async {
        let mut sealed = 0;
        while sealed < 20 {
            let (one, two) = tokio::join!(seal(&mut log.owner, now), seal(&mut other, now));
            // the server's own job takes some of them
            sealed += 1;
            one.unwrap();
            two.unwrap();
        }
    };
    let admin = log.admin.clone();
    let telling = async {
        for number in 0..20 {
            admin.post("/clients", json!({ "name": format!("Client {number}") })).await.created();
        }
    };
    tokio::join!(sealing, telling);
    log.sign().await;
    let found = log.examine().await;
    assert_eq!(found.finding, None);
    assert_eq!(found.last, log.number("select count(*) from audit_events where org_id = ORG").await);
    log.server.stop().await;
}

#[tokio::test]
async fn a_second_server_signs_the_same_chain_with_a_key_of_its_own() {
    let mut log = Log::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        listen: ([127, 0, 0, 1], 0).into(),
        data_dir: folder.path().to_owned(),
        server_key_file: Some(log.server.config.data_dir.join("server-key")),
        audit_checkpoints_dir: Some(log.server.config.audit_checkpoints()),
        ..log.server.config.clone()
    };
    let second = Server::start(config, log.server.clock.clone()).await.unwrap();
    log.create("Four").await;
    let before = log.examine().await.checkpoints;
    log.sign().await;
    // its stop seals and signs too
    second.stop().await;
    let found = log.examine().await;
    assert_eq!(found.finding, None);
    assert!(found.checkpoints >= before + 2, "{found:?}");
    let keys = std::fs::read_to_string(log.server.config.audit_checkpoints().join("audit-keys.pub")).unwrap();
    assert_eq!(keys.lines().count(), 2);
    log.server.stop().await;
}

#[tokio::test]
async fn nobody_deletes_not_even_the_owner_by_mistake() {
    let mut log = Log::start().await;
    log.number(&format!(
        "with a as (insert into audit_anchors values ('{}', 1, sha256('x'), now()) returning seq) select seq from a",
        log.org_id
    ))
    .await;
    for table in ["audit_events", "audit_chain", "audit_anchors"] {
        for sql in [
            format!("update {table} set org_id = org_id"),
            format!("delete from {table}"),
            format!("truncate {table} cascade"),
        ] {
            let error = log.owner.execute(AssertSqlSafe(sql.clone())).await.unwrap_err();
            assert!(error.to_string().contains("the audit log is never changed"), "{sql}: {error}");
        }
    }
    log.server.stop().await;
}

#[tokio::test]
async fn checkpoints_that_are_altered_or_gone_are_told() {
    let mut log = Log::start().await;
    let folder = log.server.config.audit_checkpoints();
    let path = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains(&log.org_id.to_string()))
        .unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}{}", text.replace("\"kind\"", "\"kind\" "))).unwrap();
    assert_eq!(log.finding().await, None, "the same line again says the same");
    std::fs::write(&path, text.replace("\"seq\":", "\"seq\":1")).unwrap();
    assert!(matches!(log.finding().await, Some(Finding::BadSignature { line: 1, .. })));
    std::fs::remove_file(&path).unwrap();
    assert_eq!(log.finding().await, None, "a log that is minutes old may not be signed yet");
    log.server.clock.advance(SignedDuration::from_mins(6));
    assert_eq!(log.finding().await, Some(Finding::NoCheckpoints));
    log.server.stop().await;
}
