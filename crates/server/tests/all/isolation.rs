//! Row-level security, table by table, from the catalogue: a table that is added without a policy fails here.

use gururmm_ids::{AgentId, OrgId, RequestId, SessionId, UserId};
use gururmm_protocol::record::Body;
use gururmm_server::features::agents;
use gururmm_server::platform::auth::identity::CredentialId;
use gururmm_server::platform::auth::{OrgScope, Reach};
use gururmm_server_testkit::{Link, TestServer, metrics, network};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// Tables that no runtime role may touch at all: reached through functions only, or by the owner.
const CLOSED: &[&str] = &[
    "_sqlx_migrations",
    "agent_moves",
    "audit_pending",
    "auth_resets",
    "history_due",
    "history_marks",
    "ingest_marks",
    "platform_operators",
    "schedule_marks",
    "schedule_zones",
    "server_secrets",
    "setup_state",
];

async fn strings(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await.unwrap()
}

/// What a scope that reaches everything of an organisation sets.
async fn enter(tx: &mut PgConnection, org: &str) {
    let enter = "select set_config('app.org', $1, true), set_config('app.see', 'all', true), set_config('app.act', 'all', true)";
    sqlx::query(enter).bind(org).execute(tx).await.unwrap();
}

async fn count(connection: &mut PgConnection, sql: String) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await
}

/// A server with two organisations that both have rows everywhere.
async fn two_organisations() -> (TestServer, String, String) {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let own = admin.get("/auth/me").await.ok()["organisation"]["id"].as_str().unwrap().to_owned();
    let stranger = server.stranger().await;
    let foreign = server.client_of(&stranger);
    for (client, key) in [(&admin, None), (&foreign, Some(&stranger.site_key))] {
        let agent = match key {
            None => server.enrol(client, "own").await,
            Some(key) => gururmm_server_testkit::SimulatedAgent::enrol(&server.origin, key, "foreign").await.unwrap(),
        };
        let mut link = Link::connect(&agent).await.unwrap();
        let command =
            client.post(&format!("/agents/{}/command", agent.agent_id), json!({ "command": "id" })).await.accepted();
        let id = command["id"].as_str().unwrap().parse().unwrap();
        link.order().await.unwrap();
        link.record(Body::Metrics(Box::new(metrics(1.0)))).await.unwrap();
        link.record(Body::NetworkState(network())).await.unwrap();
        let result = gururmm_protocol::record::CommandResult {
            command_id: id,
            outcome: gururmm_protocol::command::Outcome::Completed,
            exit_code: Some(0),
            reason: None,
            stdout_bytes: 1,
            stderr_bytes: 0,
        };
        link.play(id, b"x", result).await.unwrap();
        let run = json!({ "targets": { "ids": [agent.agent_id] }, "what": { "command": "id" } });
        client.post("/command-runs", run).await.accepted();
        let version = json!({ "text": "id", "interpreter": "sh", "platforms": ["linux"] });
        let script = client.post("/scripts", json!({ "name": "Own", "version": version })).await.created();
        let of = client.get(&format!("/agents/{}", agent.agent_id)).await.ok()["client_id"].clone();
        let schedule = json!({ "name": "Own", "client_id": of, "script_id": script["id"], "script_version": 1,
            "trigger": { "kind": "enrolment" }, "targets": { "filter": {} } });
        client.post("/schedules", schedule).await.created();
        client.patch("/history/retention", json!({ "hours_days": 100 })).await.ok();
        client.post("/roles", json!({ "name": "Own", "permissions": ["agents.view"] })).await.created();
        let invited = json!({ "email": "invited@example.com", "grants": [{ "built_in": "viewer" }] });
        client.post("/invitations", invited).await.created();
        client.post("/api-keys", json!({ "name": "Own", "permissions": ["agents.view"] })).await.created();
        client.post("/saved-views", json!({ "name": "Own", "is_shared": true })).await.created();
        let field = client.post("/custom-fields", json!({ "name": "Own", "kind": "text" })).await.created();
        let change = json!({ "tags": ["own"], "custom_fields": { field["id"].as_str().unwrap(): "own" } });
        client.patch(&format!("/agents/{}", agent.agent_id), change).await.ok();
    }
    server.clock.advance(jiff::SignedDuration::from_hours(2));
    gururmm_server::features::history::roll_up(&server.app().db, server.app().clock.now()).await.unwrap();
    let mut owner = server.db.connect("gururmm_owner").await;
    for more in [
        "insert into agent_findings select uuid_of(now()), org_id, client_id, site_id, id, 'sandbox', null, '{}', now() from agents",
        "insert into install_reports select uuid_of(now()), org_id, client_id, site_id, id, now(), 'own', 'linux', '', '', 'download', '', null, '192.0.2.1' from site_keys",
    ] {
        sqlx::query(more).execute(&mut owner).await.unwrap();
    }
    gururmm_server::platform::audit::seal(&mut owner, server.app().clock.now()).await.unwrap();
    sqlx::query("insert into audit_anchors select id, 1, sha256('x'), now() from organisations")
        .execute(&mut owner)
        .await
        .unwrap();
    (server, own, stranger.org_id.to_string())
}

#[tokio::test]
async fn every_table_shows_an_organisation_its_own_rows_and_nobody_elses() {
    let (server, own, foreign) = Box::pin(two_organisations()).await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let tables = strings(&mut owner, "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1").await;
    assert!(tables.len() >= 14, "{tables:?}");
    let mut app = server.db.connect("gururmm_app").await;
    for table in tables.iter().filter(|table| !CLOSED.contains(&table.as_str())) {
        let (column, of) = match table.as_str() {
            "organisations" => ("id", "id = 'ORG'"),
            "users" => ("id", "id in (select user_id from memberships where org_id = 'ORG')"),
            _ => ("org_id", "org_id = 'ORG'"),
        };
        for org in [&own, &foreign] {
            let all = count(&mut owner, format!("select count(*) from {table} where {}", of.replace("ORG", org)))
                .await
                .unwrap();
            assert!(all > 0, "{table} has no row of {org}: the test proves nothing");
            let mut tx = app.begin().await.unwrap();
            enter(&mut tx, org).await;
            let seen = count(&mut tx, format!("select count({column}) from {table}")).await.unwrap();
            assert_eq!(seen, all, "{table}");
        }
        assert_eq!(
            count(&mut app, format!("select count({column}) from {table}")).await.unwrap(),
            0,
            "{table} without a scope"
        );
    }
    server.stop().await;
}

/// Of the organisation as a whole, whatever place a row names.
const OF_THE_ORGANISATION: &[&str] = &["grants"];

#[tokio::test]
async fn every_table_with_a_machine_hides_the_machines_of_other_places() {
    let (server, own, _) = Box::pin(two_organisations()).await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let tables = strings(&mut owner, "select distinct c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
             where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
               and a.attname in ('agent_id', 'client_id', 'site_id', 'command_id') order by 1").await;
    assert!(tables.len() >= 12, "{tables:?}");
    let mut app = server.db.connect("gururmm_app").await;
    let elsewhere = uuid::Uuid::new_v4();
    for table in tables
        .iter()
        .filter(|table| !CLOSED.contains(&table.as_str()) && !OF_THE_ORGANISATION.contains(&table.as_str()))
    {
        for (mode, setting) in [("some", "see_clients"), ("some", "see_sites"), ("", "see_clients")] {
            let mut tx = app.begin().await.unwrap();
            let enter = format!(
                "select set_config('app.org', $1, true), set_config('app.see', $2, true), set_config('app.{setting}', $3, true)"
            );
            sqlx::query(AssertSqlSafe(enter))
                .bind(&own)
                .bind(mode)
                .bind(format!("{{{elsewhere}}}"))
                .execute(&mut *tx)
                .await
                .unwrap();
            let seen = count(&mut tx, format!("select count(org_id) from {table}")).await.unwrap();
            assert_eq!(seen, 0, "{table} is seen from elsewhere");
        }
        let place: (Option<uuid::Uuid>,) = sqlx::query_as("select client_id from agents where org_id::text = $1")
            .bind(&own)
            .fetch_one(&mut owner)
            .await
            .unwrap();
        let mut tx = app.begin().await.unwrap();
        let enter = "select set_config('app.org', $1, true), set_config('app.see', 'most', true), set_config('app.see_not_clients', $2, true)";
        sqlx::query(enter).bind(&own).bind(format!("{{{}}}", place.0.unwrap())).execute(&mut *tx).await.unwrap();
        let of_place = format!(
            "select count(org_id) from {table} where {}",
            if table == "audit_events" { "client_id is not null" } else { "true" }
        );
        assert_eq!(count(&mut tx, of_place).await.unwrap(), 0, "{table} is seen though its client is denied");
    }
    server.stop().await;
}

#[tokio::test]
async fn no_role_writes_into_another_organisation() {
    let (server, own, foreign) = Box::pin(two_organisations()).await;
    let mut app = server.db.connect("gururmm_app").await;
    let attempts = [
        format!("insert into clients values (gen_random_uuid(), '{foreign}', 'x', 'internal', now(), now())"),
        "insert into audit_events (id, org_id, occurred_at, actor_kind, action) select gen_random_uuid(), id, now(), 'system', 'x' from (values ('FOREIGN'::uuid)) t (id)".replace("FOREIGN", &foreign),
        "update audit_events set action = 'forged'".to_owned(),
        "delete from audit_events".to_owned(),
        "select * from audit_pending".to_owned(),
        "insert into audit_chain select * from audit_chain".to_owned(),
        "update audit_chain set hash = hash".to_owned(),
        "delete from audit_chain".to_owned(),
        "delete from audit_anchors".to_owned(),
        format!("insert into audit_anchors values ('{own}', 9, sha256('x'), now())"),
        "delete from commands".to_owned(),
        "update agents set key_hash = key_hash".to_owned(),
        "select key_hash from agents".to_owned(),
        "select key_hash from site_keys".to_owned(),
        "select password_hash from users".to_owned(),
        "select token_hash from invitations".to_owned(),
        "select key_hash from api_keys".to_owned(),
        "select secret_hash from auth_sessions".to_owned(),
        "update api_keys set permissions = permissions".to_owned(),
        format!("insert into custom_fields values (gen_random_uuid(), '{foreign}', 'x', 'text', '{{}}', now(), now())"),
        "update custom_fields set kind = kind".to_owned(),
        "update agent_tags set tag = tag".to_owned(),
        "update agent_field_values set field_id = field_id".to_owned(),
        "update saved_views set user_id = user_id".to_owned(),
        "insert into saved_views select gen_random_uuid(), org_id, user_id, 'x', true, '{}', '{}', now(), now() from memberships".to_owned(),
        "update users set name = name".to_owned(),
        "insert into memberships select * from memberships".to_owned(),
        "insert into command_outputs select * from command_outputs".to_owned(),
        "set role gururmm_owner".to_owned(),
        "create table mine (x int)".to_owned(),
    ];
    for sql in attempts {
        let mut tx = app.begin().await.unwrap();
        enter(&mut tx, &own).await;
        assert!(sqlx::query(AssertSqlSafe(sql.clone())).execute(&mut *tx).await.is_err(), "allowed: {sql}");
    }
    let mut tx = app.begin().await.unwrap();
    enter(&mut tx, &own).await;
    let touched = sqlx::query(AssertSqlSafe(format!("update clients set name = 'x' where org_id = '{foreign}'")))
        .execute(&mut *tx)
        .await
        .unwrap();
    assert_eq!(touched.rows_affected(), 0);
    server.stop().await;
}

#[tokio::test]
async fn the_catalogue_holds_no_hole() {
    let server = TestServer::start().await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let unprotected = strings(
        &mut owner,
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relrowsecurity
             and relname <> '_sqlx_migrations'",
    )
    .await;
    assert!(unprotected.is_empty(), "tables without row-level security: {unprotected:?}");

    let reachable = strings(
        &mut owner,
        "select c.relname || ' by ' || r.rolname from pg_class c, pg_roles r
             where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and r.rolname in ('gururmm_app', 'gururmm_ingest')
               and (c.relispartition or r.rolname = 'gururmm_ingest' or c.relname in ('_sqlx_migrations', 'audit_pending', 'auth_resets', 'history_due', 'history_marks', 'ingest_marks', 'platform_operators', 'schedule_marks', 'schedule_zones', 'server_secrets', 'history_kept', 'setup_state'))
               and (has_table_privilege(r.oid, c.oid, 'select, insert, update, delete, truncate') or has_any_column_privilege(r.oid, c.oid, 'select, insert, update'))",
    )
    .await;
    assert!(reachable.is_empty(), "closed tables that can be reached: {reachable:?}");

    let open_functions = strings(
        &mut owner,
        "select p.proname::text from pg_proc p left join pg_depend d on d.objid = p.oid and d.deptype = 'e'
             where p.pronamespace = 'public'::regnamespace and d.objid is null and p.proname <> 'current_org'
               and (has_function_privilege('public', p.oid, 'execute')
                    or (p.prosecdef and not coalesce(p.proconfig::text, '') like '%pg_temp%'))",
    )
    .await;
    assert!(
        open_functions.is_empty(),
        "functions that anybody may call, or that trust the caller's search path: {open_functions:?}"
    );

    let powerful = strings(&mut owner, "select rolname::text from pg_roles where rolname in ('gururmm_app', 'gururmm_ingest') and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)").await;
    assert!(powerful.is_empty(), "{powerful:?}");
    server.stop().await;
}

fn scope(org: &str) -> OrgScope {
    OrgScope {
        org_id: org.parse().unwrap(),
        user_id: UserId::generate(),
        credential: CredentialId::Session(SessionId::generate()),
        ip: [192, 0, 2, 1].into(),
        request_id: RequestId::generate(),
        see: Reach::all(),
        act: Reach::all(),
        permission: None,
    }
}

/// Machines that the functions of the list find and count, which see with their owner's eyes.
async fn listed(server: &TestServer, scope: &OrgScope, of: OrgId) -> (i64, i64) {
    let mut tx = server.app().db.begin_scoped(scope).await.unwrap();
    let sql =
        "select (select count(*) from agents_page($1, '{}', 'cpu', true, null, null, 100)), agents_count($1, '{}')";
    sqlx::query_as(sql).bind(of).fetch_one(&mut *tx).await.unwrap()
}

/// Each wall holds without the other: statements compare with the scope that they are handed, rows with the organisation of the transaction.
#[tokio::test]
async fn a_forged_scope_finds_nothing() {
    let (server, own, foreign) = Box::pin(two_organisations()).await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let agents: Vec<(String, uuid::Uuid)> =
        sqlx::query_as("select org_id::text, id from agents").fetch_all(&mut owner).await.unwrap();
    let db = &server.app().db;
    for (transaction, statement) in [(&own, &foreign), (&foreign, &own)] {
        let (ours, theirs) = (scope(transaction), scope(statement));
        for (_, id) in &agents {
            let id = AgentId::from_uuid(*id);
            let mut tx = db.begin_scoped(&ours).await.unwrap();
            assert!(agents::find(&mut tx, &theirs, id).await.unwrap().is_none());
            assert!(!agents::exists(&mut tx, &theirs, id).await.unwrap());
            assert!(!agents::delete(&mut tx, &theirs, id).await.unwrap());
        }
        assert_eq!(listed(&server, &ours, theirs.org_id).await, (0, 0));
        assert_eq!(listed(&server, &OrgScope { see: Reach::default(), ..ours.clone() }, ours.org_id).await, (0, 0));
        // and it is the scope that decides, not chance
        let own_machines = agents.iter().filter(|(org, _)| org == transaction).count() as i64;
        assert_eq!(listed(&server, &ours, ours.org_id).await, (own_machines, own_machines));
        let mut tx = db.begin_scoped(&ours).await.unwrap();
        let (_, id) = agents.iter().find(|(org, _)| org == transaction).unwrap();
        assert!(agents::find(&mut tx, &ours, AgentId::from_uuid(*id)).await.unwrap().is_some());
    }
    let left: i64 = sqlx::query_scalar("select count(*) from agents").fetch_one(&mut owner).await.unwrap();
    assert_eq!(left, agents.len() as i64);
    server.stop().await;
}
