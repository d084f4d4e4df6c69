//! SQL of the tables `scripts` and `script_versions`. Names are read from `users`.

use std::collections::BTreeMap;

use gururmm_ids::ScriptId;
use gururmm_scripts::parameters::Parameter;
use gururmm_scripts::script::ScriptFile;
use jiff::SignedDuration;
use sqlx::types::Json;
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::model::{Naming, Script, ScriptVersion, sha256};
use crate::platform::auth::OrgScope;
use crate::platform::http::Cursor;
use crate::platform::time::Time;

/// How far back it is counted how scripts fared.
const OUTCOMES_OF: SignedDuration = SignedDuration::from_hours(90 * 24);

const SELECT: &str = "select s.id, s.name, s.folder, s.description, s.newest_version, s.approved_version, v.interpreter, v.platforms,
        s.archived_at, u.name as created_by_name, s.created_at, s.updated_at, lower(s.folder || '/' || s.name) as sort_name
    from scripts s join script_versions v on v.script_id = s.id and v.number = s.newest_version left join users u on u.id = s.created_by
    where s.org_id = ";

#[derive(sqlx::FromRow)]
struct Row {
    id: ScriptId,
    name: String,
    folder: String,
    description: String,
    newest_version: i32,
    approved_version: Option<i32>,
    interpreter: String,
    platforms: Vec<String>,
    archived_at: Option<Time>,
    created_by_name: Option<String>,
    created_at: Time,
    updated_at: Time,
    sort_name: String,
}

impl From<Row> for Script {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            folder: row.folder,
            description: row.description,
            newest_version: row.newest_version,
            approved_version: row.approved_version,
            interpreter: row.interpreter,
            platforms: row.platforms,
            archived_at: row.archived_at,
            created_by_name: row.created_by_name,
            created_at: row.created_at,
            updated_at: row.updated_at,
            ended_count: 0,
            completed_count: 0,
            last_run_at: None,
            sort_name: row.sort_name,
        }
    }
}

/// What a list is narrowed to.
#[derive(Debug, Default)]
pub(super) struct Filter<'a> {
    pub(super) search: Option<&'a str>,
    pub(super) is_archived: bool,
}

/// Scripts by folder and name, from the cursor on; one more than `limit`.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    filter: Filter<'_>,
    after: Option<&Cursor>,
    limit: u32,
) -> sqlx::Result<Vec<Script>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push_bind(scope.org_id);
    query.push(if filter.is_archived { " and s.archived_at is not null" } else { " and s.archived_at is null" });
    if let Some(text) = filter.search {
        query
            .push(" and position(lower(")
            .push_bind(text.to_owned())
            .push(") in lower(s.folder || '/' || s.name || ' ' || s.description)) > 0");
    }
    if let Some(cursor) = after {
        query.push(" and (lower(s.folder || '/' || s.name), s.id) > (");
        query.push_bind(cursor.value.clone()).push(", ").push_bind(cursor.id).push(")");
    }
    query.push(" order by lower(s.folder || '/' || s.name), s.id limit ").push_bind(i64::from(limit) + 1);
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx).await?;
    Ok(rows.into_iter().map(Script::from).collect())
}

/// One script.
pub(super) async fn find(tx: &mut PgConnection, scope: &OrgScope, id: ScriptId) -> sqlx::Result<Option<Script>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push_bind(scope.org_id).push(" and s.id = ").push_bind(id);
    let row: Option<Row> = query.build_query_as().fetch_optional(tx).await?;
    Ok(row.map(Script::from))
}

/// The script of this name in this folder, if it was not put away.
pub(super) async fn named(tx: &mut PgConnection, scope: &OrgScope, file: &ScriptFile) -> sqlx::Result<Option<Script>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push_bind(scope.org_id).push(" and s.archived_at is null and lower(s.folder) = lower(");
    query.push_bind(file.folder.clone()).push(") and lower(s.name) = lower(").push_bind(file.name.clone()).push(")");
    let row: Option<Row> = query.build_query_as().fetch_optional(tx).await?;
    Ok(row.map(Script::from))
}

/// Holds a script until this transaction ends.
pub(super) async fn lock(tx: &mut PgConnection, scope: &OrgScope, id: ScriptId) -> sqlx::Result<()> {
    sqlx::query!("select from scripts where org_id = $1 and id = $2 for no key update", scope.org_id as _, id as _)
        .fetch_optional(tx)
        .await
        .map(drop)
}

/// Says of scripts how they fared lately.
pub(super) async fn add_outcomes(tx: &mut PgConnection, scripts: &mut [Script], now: Time) -> sqlx::Result<()> {
    let ids: Vec<_> = scripts.iter().map(|script| script.id.as_uuid()).collect();
    let since = Time(now.0.saturating_sub(OUTCOMES_OF).unwrap_or(now.0));
    let rows = sqlx::query!(
        r#"select script_id as "script_id!: ScriptId", ended as "ended!", completed as "completed!", last_run_at as "last_run_at: Time"
           from script_outcomes($1, $2)"#,
        &ids,
        since as _,
    )
    .fetch_all(tx)
    .await?;
    let by_id: BTreeMap<ScriptId, _> = rows.into_iter().map(|row| (row.script_id, row)).collect();
    for script in scripts {
        if let Some(row) = by_id.get(&script.id) {
            (script.ended_count, script.completed_count) = (row.ended, row.completed);
            script.last_run_at = row.last_run_at;
        }
    }
    Ok(())
}

/// Versions of a script, the newest first, at most 200; one of them when its number is given.
pub(super) async fn versions(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: ScriptId,
    number: Option<i32>,
) -> sqlx::Result<Vec<ScriptVersion>> {
    let rows = sqlx::query!(
        r#"select v.number, v.text, v.sha256, v.interpreter, v.platforms, v.context, v.timeout_seconds,
                  v.environment as "environment: Json<BTreeMap<String, String>>", v.parameters as "parameters: Json<Vec<Parameter>>", v.note,
                  c.name as "created_by_name?", v.created_at as "created_at: Time", a.name as "approved_by_name?",
                  v.approved_at as "approved_at: Time"
           from script_versions v left join users c on c.id = v.created_by left join users a on a.id = v.approved_by
           where v.org_id = $1 and v.script_id = $2 and ($3::integer is null or v.number = $3) order by v.number desc limit 200"#,
        scope.org_id as _,
        id as _,
        number,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ScriptVersion {
            number: row.number,
            text: row.text,
            sha256: row.sha256,
            interpreter: row.interpreter,
            platforms: row.platforms,
            context: row.context,
            timeout_seconds: row.timeout_seconds,
            environment: row.environment.0,
            parameters: row.parameters.0,
            note: row.note,
            created_by_name: row.created_by_name,
            created_at: row.created_at,
            approved_by_name: row.approved_by_name,
            approved_at: row.approved_at,
        })
        .collect())
}

/// Adds a script, whose first version follows in the same transaction.
pub(super) async fn insert(
    tx: &mut PgConnection,
    scope: &OrgScope,
    (id, naming): (ScriptId, &Naming),
    now: Time,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into scripts (id, org_id, name, folder, description, newest_version, created_by, created_at, updated_at)
         values ($1, $2, $3, $4, $5, 1, $6, $7, $7)",
        id as _,
        scope.org_id as _,
        naming.name,
        naming.folder,
        naming.description,
        scope.user_id as _,
        now as _,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Adds a version of a script.
pub(super) async fn insert_version(
    tx: &mut PgConnection,
    scope: &OrgScope,
    (id, number): (ScriptId, i32),
    (note, file): (&str, &ScriptFile),
    now: Time,
) -> sqlx::Result<()> {
    let platforms: Vec<String> = file.platforms.iter().map(|platform| platform.as_str().to_owned()).collect();
    sqlx::query!(
        "insert into script_versions (script_id, org_id, number, text, sha256, interpreter, platforms, context, timeout_seconds, environment,
                                      parameters, note, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        id as _,
        scope.org_id as _,
        number,
        file.text,
        sha256(&file.text),
        file.interpreter.as_str(),
        &platforms,
        file.context.as_str(),
        file.timeout_seconds.cast_signed(),
        Json(&file.environment) as _,
        Json(&file.parameters) as _,
        note,
        scope.user_id as _,
        now as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update scripts set newest_version = $3, updated_at = $4 where org_id = $1 and id = $2",
        scope.org_id as _,
        id as _,
        number,
        now as _,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Names a script, or puts it away.
pub(super) async fn update(
    tx: &mut PgConnection,
    scope: &OrgScope,
    (id, naming): (ScriptId, &Naming),
    archived_at: Option<Time>,
    now: Time,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update scripts set name = $3, folder = $4, description = $5, archived_at = $6, updated_at = $7 where org_id = $1 and id = $2",
        scope.org_id as _,
        id as _,
        naming.name,
        naming.folder,
        naming.description,
        archived_at as _,
        now as _,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Whether the caller has written a version, and whether that matters to who approves it.
pub(super) struct Authorship {
    pub(super) is_own: bool,
    pub(super) needs_other_person: bool,
}

/// Who has written a version; none when there is no such version.
pub(super) async fn authorship(
    tx: &mut PgConnection,
    scope: &OrgScope,
    (id, number): (ScriptId, i32),
) -> sqlx::Result<Option<Authorship>> {
    sqlx::query_as!(
        Authorship,
        r#"select coalesce(v.created_by = $4, false) as "is_own!", o.scripts_need_other_person as needs_other_person
           from script_versions v join organisations o on o.id = v.org_id where v.org_id = $1 and v.script_id = $2 and v.number = $3"#,
        scope.org_id as _,
        id as _,
        number,
        scope.user_id as _,
    )
    .fetch_optional(tx)
    .await
}

/// Makes a version the one that runs, or says that none is.
pub(super) async fn approve(
    tx: &mut PgConnection,
    scope: &OrgScope,
    (id, number): (ScriptId, Option<i32>),
    now: Time,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update script_versions set approved_by = case when number = $3 then $4::uuid end, approved_at = case when number = $3 then $5::timestamptz end
         where org_id = $1 and script_id = $2 and (approved_at is not null or number = $3)",
        scope.org_id as _,
        id as _,
        number,
        scope.user_id as _,
        now as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update scripts set approved_version = $3, updated_at = $4 where org_id = $1 and id = $2",
        scope.org_id as _,
        id as _,
        number,
        now as _,
    )
    .execute(tx)
    .await
    .map(drop)
}
