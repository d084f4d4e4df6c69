//! SQL of the tables `commands` and `command_outputs`; [`create`] writes its audit row too. Names are read from `agents`, `clients`, `sites` and `users`.

use gururmm_ids::{AgentId, AuditEventId, ClientId, CommandId, CommandRunId, SiteId};
use gururmm_protocol::command::{SignedOrder, Stream};
use gururmm_protocol::limits::{COMMANDS_HELD_MAX, OUTPUT_MAX};
use sqlx::types::Json;
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::model::{Asked, Command};
use crate::platform::auth::OrgScope;
use crate::platform::http::Cursor;
use crate::platform::time::Time;

const SELECT: &str = "select c.id, c.run_id, c.agent_id, coalesce(a.display_name, a.hostname) as agent_name, a.client_id, a.site_id,
        cl.name as client_name, s.name as site_name, c.command_type, c.command, c.interpreter,
        c.arguments, array(select jsonb_object_keys(c.environment) order by 1) as variables, c.context, c.timeout_seconds, c.elevated,
        c.on_disconnect, c.status, c.status_reason, c.exit_code, u.name as created_by_name, c.created_at, c.sent_at, c.started_at,
        c.finished_at, c.expires_at, c.cancel_requested_at,
        (extract(epoch from c.finished_at - c.started_at) * 1000)::bigint as duration_ms, c.stdout_bytes, c.stderr_bytes, c.truncated
    from commands c join agents a on a.id = c.agent_id join clients cl on cl.id = a.client_id join sites s on s.id = a.site_id
    left join users u on u.id = c.created_by where c.org_id = ";

/// What a list is narrowed to.
#[derive(Debug, Default)]
pub(super) struct Filter<'a> {
    pub(super) agent_id: Option<AgentId>,
    pub(super) client_id: Option<ClientId>,
    pub(super) site_id: Option<SiteId>,
    pub(super) run_id: Option<CommandRunId>,
    pub(super) status: Vec<String>,
    pub(super) search: Option<&'a str>,
    pub(super) from: Option<Time>,
    pub(super) to: Option<Time>,
}

/// One command, with its whole text.
pub(super) async fn find(tx: &mut PgConnection, scope: &OrgScope, id: CommandId) -> sqlx::Result<Option<Command>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push_bind(scope.org_id).push(" and c.id = ").push_bind(id);
    let found: Option<Command> = query.build_query_as().fetch_optional(&mut *tx).await?;
    let Some(mut command) = found else { return Ok(None) };
    if let Some(run_id) = command.run_id {
        command.command =
            sqlx::query_scalar!("select command from command_runs where id = $1", run_id as _).fetch_one(tx).await?;
    }
    Ok(Some(command))
}

/// Commands, newest first, from the cursor on; one more than `limit`.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    filter: Filter<'_>,
    after: Option<&Cursor>,
    limit: u32,
) -> sqlx::Result<Vec<Command>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push_bind(scope.org_id);
    if let Some(id) = filter.agent_id {
        query.push(" and c.agent_id = ").push_bind(id);
    }
    if let Some(id) = filter.client_id {
        query.push(" and a.client_id = ").push_bind(id);
    }
    if let Some(id) = filter.site_id {
        query.push(" and a.site_id = ").push_bind(id);
    }
    if let Some(id) = filter.run_id {
        query.push(" and c.run_id = ").push_bind(id);
    }
    if !filter.status.is_empty() {
        query.push(" and c.status = any(").push_bind(filter.status).push(")");
    }
    if let Some(text) = filter.search {
        query.push(" and c.id in (select commands_search(").push_bind(text.to_owned()).push("))");
    }
    if let Some(from) = filter.from {
        query.push(" and c.created_at >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        query.push(" and c.created_at < ").push_bind(to);
    }
    if let Some(cursor) = after {
        query.push(" and c.id < ").push_bind(cursor.id);
    }
    query.push(" order by c.id desc limit ").push_bind(i64::from(limit) + 1);
    // planned for its values: organisations differ too much for one plan
    query.build_query_as().persistent(false).fetch_all(tx).await
}

/// What is kept of a stream.
#[derive(Debug)]
pub(super) struct KeptOutput {
    /// The bytes, in order.
    pub(super) data: Vec<u8>,
    /// The offset behind the last of them.
    pub(super) end: u64,
    /// Of the pieces in which they came, how long each is and when it was written.
    pub(super) pieces: Vec<(usize, Option<Time>)>,
}

/// What is kept of a stream.
pub(super) async fn output(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: CommandId,
    stream: Stream,
) -> sqlx::Result<KeptOutput> {
    let kept = sqlx::query!(
        r#"select coalesce(substring(string_agg(data, '' order by "offset") for $4), '') as "data!",
                  coalesce(max("offset" + octet_length(data)), 0) as "end!",
                  coalesce(array_agg(octet_length(data) order by "offset"), '{}') as "lengths!",
                  coalesce(array_agg(recorded_at order by "offset"), '{}') as "times!: Vec<Option<Time>>"
           from command_outputs where org_id = $1 and command_id = $2 and stream = $3"#,
        scope.org_id as _,
        id as _,
        stream.as_str(),
        OUTPUT_MAX as i32,
    )
    .fetch_one(tx)
    .await?;
    let lengths = kept.lengths.into_iter().map(|length| length.cast_unsigned() as usize);
    Ok(KeptOutput { data: kept.data, end: kept.end.cast_unsigned(), pieces: lengths.zip(kept.times).collect() })
}

/// What the asker sees of a new command besides what was asked for.
pub(super) struct Accepted {
    /// When it is handed out: at once, or not yet.
    pub(super) sent_at: Option<Time>,
    pub(super) agent_name: String,
    pub(super) client_id: ClientId,
    pub(super) client_name: String,
    pub(super) site_id: SiteId,
    pub(super) site_name: String,
    pub(super) created_by_name: Option<String>,
}

/// Adds a queued command and its audit row, see `command_create`; none when the organisation has no such machine. It is handed out at
/// once to an agent that is there (`connected_at`) and has room.
pub(super) async fn create(
    connection: &mut PgConnection,
    scope: &OrgScope,
    asked: &Asked,
    signed: &SignedOrder,
    connected_at: Option<Time>,
) -> sqlx::Result<Option<Accepted>> {
    sqlx::query_as!(
        Accepted,
        r#"select sent_at as "sent_at?", agent_name as "agent_name!", client_id as "client_id!: ClientId", client_name as "client_name!",
                  site_id as "site_id!: SiteId", site_name as "site_name!", created_by_name
           from command_create($1, $2, $3, $4::text::inet, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"#,
        Json(scope.settings()) as _,
        scope.org_id as _,
        scope.user_id as _,
        scope.address(),
        scope.request_id as _,
        AuditEventId::generate() as _,
        asked.id as _,
        asked.agent_id as _,
        Json(&asked.what) as _,
        asked.created_at as _,
        asked.expires_at as _,
        signed.order,
        &signed.signature[..],
        signed.key_id,
        connected_at as _,
        COMMANDS_HELD_MAX as i64,
    )
    .fetch_optional(connection)
    .await
}

/// Notes that a command is to be cancelled; one that was never handed out is cancelled right here. False when it has ended.
pub(super) async fn request_cancel(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: CommandId,
    now: Time,
) -> sqlx::Result<bool> {
    let result = sqlx::query!(
        "update commands set cancel_requested_at = coalesce(cancel_requested_at, $3),
                status = case when sent_at is null then 'cancelled' else status end,
                finished_at = case when sent_at is null then $3 end, ended_by = case when sent_at is null then 'server' end
         where org_id = $1 and id = $2 and status in ('awaiting_approval', 'queued', 'running')",
        scope.org_id as _,
        id as _,
        now as _,
    )
    .execute(tx)
    .await?;
    Ok(result.rows_affected() == 1)
}
