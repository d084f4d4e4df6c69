//! SQL of the table `command_runs`, and the functions that change it. Names are read from `users`.

use std::collections::BTreeMap;

use gururmm_ids::{AgentId, ApiKeyId, AuditEventId, ClientId, CommandId, CommandRunId, ScheduleId, ScriptId, SiteId};
use gururmm_protocol::command::SignedOrder;
use gururmm_protocol::limits::COMMANDS_HELD_MAX;
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::create::{New, Part};
use super::model::Run;
use super::targets::Target;
use crate::platform::auth::OrgScope;
use crate::platform::auth::identity::CredentialId;
use crate::platform::auth::stored::StoredGrant;
use crate::platform::http::Cursor;
use crate::platform::time::Time;

const SELECT: &str = "select r.id, r.command_type, r.command, r.interpreter, r.arguments,
        array(select jsonb_object_keys(r.environment) order by 1) as variables, r.context, r.timeout_seconds, r.elevated, r.on_disconnect,
        r.expires_in_seconds, r.mode, r.rate_per_minute, r.stop_after_failures, r.selection, r.refused, r.status, r.status_reason, r.rerun_of,
        r.created_by, u.name as created_by_name, r.created_at, r.started_at, r.finished_at, d.name as decided_by_name, r.decided_at,
        r.decision_reason, r.script_id, r.script_version, s.name as script_name, r.parameters, r.schedule_id, h.name as schedule_name, r.due_at
    from command_runs r left join scripts s on s.id = r.script_id left join schedules h on h.id = r.schedule_id left join users u on u.id = r.created_by left join users d on d.id = r.decided_by where r.org_id = ";

/// One run.
pub(super) async fn find(tx: &mut PgConnection, scope: &OrgScope, id: CommandRunId) -> sqlx::Result<Option<Run>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push_bind(scope.org_id).push(" and r.id = ").push_bind(id);
    query.build_query_as().fetch_optional(tx).await
}

/// Whether a run is seen.
pub(crate) async fn exists(tx: &mut PgConnection, id: CommandRunId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists (select from command_runs where id = $1) as "is!""#, id as _)
        .fetch_one(tx)
        .await
}

/// Runs, newest first, from the cursor on; one more than `limit`.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    (status, script_id, schedule_id): (Option<&'static str>, Option<ScriptId>, Option<ScheduleId>),
    after: Option<&Cursor>,
    limit: u32,
) -> sqlx::Result<Vec<Run>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push_bind(scope.org_id);
    if let Some(status) = status {
        query.push(" and r.status = ").push_bind(status);
    }
    if let Some(id) = script_id {
        query.push(" and r.script_id = ").push_bind(id);
    }
    if let Some(id) = schedule_id {
        query.push(" and r.schedule_id = ").push_bind(id);
    }
    if let Some(cursor) = after {
        query.push(" and r.id < ").push_bind(cursor.id);
    }
    query.push(" order by r.id desc limit ").push_bind(i64::from(limit) + 1);
    query.build_query_as().persistent(false).fetch_all(tx).await
}

/// Above how many machines a second person decides; null: never.
pub(super) async fn approval_threshold(tx: &mut PgConnection, scope: &OrgScope) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("select approval_threshold from organisations where id = $1", scope.org_id as _)
        .fetch_one(tx)
        .await
}

/// Adds a run, without its commands.
pub(super) async fn insert(tx: &mut PgConnection, scope: &OrgScope, new: &New) -> sqlx::Result<()> {
    let environment: Value = if new.awaits_approval {
        serde_json::json!(new.what.environment)
    } else {
        new.what.environment.keys().map(|name| (name.clone(), Value::Null)).collect::<serde_json::Map<_, _>>().into()
    };
    let scheduled = new.scheduled.as_ref();
    sqlx::query!(
        "insert into command_runs (id, org_id, command_type, command, interpreter, arguments, environment, context, timeout_seconds, elevated,
                                   on_disconnect, expires_in_seconds, mode, rate_per_minute, stop_after_failures, selection, refused, status,
                                   rerun_of, created_by, created_at, started_at, script_id, script_version, parameters, api_key_id,
                                   schedule_id, schedule_zone, due_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                 case when $18 then 'awaiting_approval' else 'running' end, $19, $20, $21::timestamptz, case when not $18 then $21::timestamptz end, $22, $23, $24, $25, $26, $27, $28)",
        new.id as _,
        scope.org_id as _,
        new.what.command_type.as_str(),
        new.what.command,
        new.what.interpreter,
        Json(&new.what.arguments) as _,
        environment,
        new.what.context.as_str(),
        new.what.timeout_seconds.cast_signed(),
        new.what.elevated,
        new.what.on_disconnect.as_str(),
        new.expires_in_seconds,
        new.pace.mode.as_str(),
        new.pace.rate_per_minute,
        new.pace.stop_after_failures,
        new.selection,
        Json(&new.refused) as _,
        new.awaits_approval,
        new.rerun_of as _,
        scope.user_id as _,
        new.created_at as _,
        new.script.map(|(id, _)| id) as _,
        new.script.map(|(_, number)| number),
        Json(&new.parameters) as _,
        api_key(scope) as _,
        scheduled.map(|scheduled| scheduled.schedule_id) as _,
        scheduled.and_then(|scheduled| scheduled.zone.as_deref()),
        scheduled.map(|scheduled| scheduled.due_at) as _,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// The key that the scope's user has shown, if it was one.
const fn api_key(scope: &OrgScope) -> Option<ApiKeyId> {
    match scope.credential {
        CredentialId::ApiKey(id) => Some(id),
        CredentialId::Session(_) | CredentialId::Schedule(_) => None,
    }
}

/// Parts of a run as columns, with their orders if they are signed.
struct Columns {
    ids: Vec<Uuid>,
    orders: Vec<Option<String>>,
    signatures: Vec<Option<Vec<u8>>>,
    key_id: Option<String>,
    is_connected: Vec<bool>,
}

impl Columns {
    fn of(parts: &[Part]) -> Self {
        let order = |part: &Part| part.order.as_ref().map(|order| order.order.clone());
        let signature = |part: &Part| part.order.as_ref().map(|order| order.signature.to_vec());
        Self {
            ids: parts.iter().map(|part| part.id.as_uuid()).collect(),
            orders: parts.iter().map(order).collect(),
            signatures: parts.iter().map(signature).collect(),
            key_id: parts.iter().find_map(|part| part.order.as_ref()).map(|order| order.key_id.clone()),
            is_connected: parts.iter().map(|part| part.is_connected).collect(),
        }
    }
}

/// Adds commands of a run for these machines, behind those `before`, each with its row in the audit log; says which are to be handed out at once.
pub(super) async fn insert_parts(
    tx: &mut PgConnection,
    scope: &OrgScope,
    new: &New,
    (targets, before): (&[Target], usize),
    parts: &[Part],
) -> sqlx::Result<Vec<CommandId>> {
    let columns = Columns::of(parts);
    let owns: Vec<&BTreeMap<String, String>> = parts.iter().map(|part| &part.own).collect();
    let uuids = |id: fn(&Target) -> Uuid| targets.iter().map(id).collect::<Vec<Uuid>>();
    let audit_ids: Vec<Uuid> = parts.iter().map(|_| AuditEventId::generate().as_uuid()).collect();
    let names: Vec<String> = targets.iter().map(|target| target.name.clone()).collect();
    let environments: Vec<Json<&BTreeMap<String, String>>> = owns.iter().map(|own| Json(*own)).collect();
    let positions: Vec<i32> = (before as i32 + 1..).take(targets.len()).collect();
    sqlx::query_scalar!(
        r#"select id as "id!: CommandId"
           from command_run_commands($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19::text::inet, $20)"#,
        new.id as _,
        if new.awaits_approval { "awaiting_approval" } else { "queued" },
        new.is_released_at_once(),
        &uuids(|target| target.agent_id.as_uuid()),
        &columns.ids,
        &audit_ids,
        &names,
        &uuids(|target| target.client_id.as_uuid()),
        &uuids(|target| target.site_id.as_uuid()),
        &positions,
        &environments as _,
        &columns.orders as _,
        &columns.signatures as _,
        columns.key_id,
        &columns.is_connected,
        new.created_at as _,
        new.expires_at as _,
        COMMANDS_HELD_MAX as i64,
        scope.address(),
        scope.request_id as _,
    )
    .fetch_all(tx)
    .await
}

/// Whether the transaction may act at every machine of a run.
pub(super) async fn is_ours(tx: &mut PgConnection, id: CommandRunId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select command_run_is_ours($1) as "is!""#, id as _).fetch_one(tx).await
}

/// A digest of all that somebody decides about.
pub(super) async fn digest(tx: &mut PgConnection, id: CommandRunId) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("select command_run_digest($1)", id as _).fetch_one(tx).await
}

/// What whoever asked for a run may do now.
pub(super) async fn asker_grants(tx: &mut PgConnection, id: CommandRunId, now: Time) -> sqlx::Result<Vec<StoredGrant>> {
    let grants = sqlx::query_scalar!(
        r#"select command_run_asker($1, $2) as "grants: Json<Vec<StoredGrant>>""#,
        id as _,
        now as _
    )
    .fetch_one(tx)
    .await?;
    Ok(grants.map(|Json(grants)| grants).unwrap_or_default())
}

/// The variables of a run; their values while nobody has decided about it, nulls afterwards.
pub(super) async fn environment(
    tx: &mut PgConnection,
    id: CommandRunId,
) -> sqlx::Result<BTreeMap<String, Option<String>>> {
    let Json(variables) = sqlx::query_scalar!(
        r#"select environment as "environment: Json<BTreeMap<String, Option<String>>>" from command_runs where id = $1"#,
        id as _,
    )
    .fetch_one(tx)
    .await?;
    Ok(variables)
}

/// What came of a decision: `done`, or why not.
pub(super) async fn decide(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: CommandRunId,
    (approves, digest): (bool, Option<&str>),
    reason: Option<&str>,
    now: Time,
) -> sqlx::Result<String> {
    sqlx::query_scalar!(
        r#"select command_run_decide($1, $2, $3, $4, $5, $6) as "outcome!""#,
        id as _,
        approves,
        digest,
        reason,
        scope.user_id as _,
        now as _,
    )
    .fetch_one(tx)
    .await
}

/// A command of a run that waits for a decision.
pub(super) struct Awaiting {
    pub(super) id: CommandId,
    pub(super) agent_id: AgentId,
    pub(super) client_id: ClientId,
    pub(super) site_id: SiteId,
    /// Variables of the machine's own; null are names of those that all get.
    environment: Json<BTreeMap<String, Option<String>>>,
}

impl Awaiting {
    pub(super) fn own(&self) -> BTreeMap<String, String> {
        let given = |(name, value): (&String, &Option<String>)| Some((name.clone(), value.clone()?));
        self.environment.0.iter().filter_map(given).collect()
    }
}

/// The commands of a run that wait for a decision.
pub(super) async fn awaiting(tx: &mut PgConnection, scope: &OrgScope, id: CommandRunId) -> sqlx::Result<Vec<Awaiting>> {
    sqlx::query_as!(
        Awaiting,
        r#"select id as "id: CommandId", agent_id as "agent_id: AgentId", client_id as "client_id: ClientId", site_id as "site_id: SiteId",
                  environment as "environment: _"
           from commands where org_id = $1 and run_id = $2 and status = 'awaiting_approval' order by position"#,
        scope.org_id as _,
        id as _,
    )
    .fetch_all(tx)
    .await
}

/// Stores the orders of what was approved, each with its row in the audit log; says which are to be handed out at once.
pub(super) async fn sign(
    tx: &mut PgConnection,
    scope: &OrgScope,
    (id, is_released): (CommandRunId, bool),
    parts: &[Part],
    (now, expires_at): (Time, Time),
) -> sqlx::Result<Vec<CommandId>> {
    let columns = Columns::of(parts);
    let audit_ids: Vec<Uuid> = parts.iter().map(|_| AuditEventId::generate().as_uuid()).collect();
    sqlx::query_scalar!(
        r#"select id as "id!: CommandId" from command_run_sign($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::text::inet, $14)"#,
        id as _,
        is_released,
        &columns.ids,
        &columns.orders as _,
        &columns.signatures as _,
        columns.key_id,
        &columns.is_connected,
        now as _,
        expires_at as _,
        COMMANDS_HELD_MAX as i64,
        &audit_ids,
        scope.user_id as _,
        scope.address(),
        scope.request_id as _,
    )
    .fetch_all(tx)
    .await
}

/// The machines of a run whose commands stand so.
pub(super) async fn agents_with(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: CommandRunId,
    statuses: &[String],
) -> sqlx::Result<Vec<AgentId>> {
    sqlx::query_scalar!(
        r#"select agent_id as "id: AgentId" from commands where org_id = $1 and run_id = $2 and status = any ($3) order by position"#,
        scope.org_id as _,
        id as _,
        statuses,
    )
    .fetch_all(tx)
    .await
}

/// Stops a run; false when nothing of it is open.
pub(super) async fn stop(tx: &mut PgConnection, id: CommandRunId, reason: &str, now: Time) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select command_run_stop($1, $2, $3) as "done!""#, id as _, reason, now as _)
        .fetch_one(tx)
        .await
}

/// Stops everything; says how many commands agents have, none when it was stopped.
pub(super) async fn stop_all(tx: &mut PgConnection, reason: &str, by: &str, now: Time) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!("select commands_stop_all($1, $2, $3)", reason, by, now as _).fetch_one(tx).await
}

/// Lets commands start again; false when nothing was stopped.
pub(super) async fn start_again(tx: &mut PgConnection, now: Time) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select commands_start_again($1) as "done!""#, now as _).fetch_one(tx).await
}

/// The order of a part, if it is among those to be handed out.
pub(super) fn orders(parts: Vec<Part>, sent: &[CommandId]) -> Vec<(AgentId, SignedOrder)> {
    let sent: std::collections::HashSet<_> = sent.iter().copied().collect();
    let is_sent = |part: &Part| sent.contains(&part.id);
    parts.into_iter().filter(is_sent).filter_map(|part| Some((part.agent_id, part.order?))).collect()
}
