//! SQL of the tables `custom_fields` and `agent_field_values`.

use std::collections::BTreeMap;

use gururmm_ids::{AgentId, ClientId, CustomFieldId, SiteId};
use sqlx::PgConnection;

use super::model::{CustomField, FIELDS_MAX, Kind};
use super::value;
use crate::platform::auth::OrgScope;
use crate::platform::http::{FieldError, Problem};
use crate::platform::time::Time;

/// What is wished of a machine's fields; null takes a value away.
pub type Wishes = BTreeMap<CustomFieldId, Option<String>>;

/// A wish that can be met.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Which field.
    pub id: CustomFieldId,
    /// Its name.
    pub name: String,
    /// The value as it is stored.
    pub value: Option<String>,
}

/// The organisation's fields by name, or the one of this id.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: Option<CustomFieldId>,
) -> sqlx::Result<Vec<CustomField>> {
    let rows = sqlx::query!(
        r#"select f.id as "id: CustomFieldId", f.name, f.kind, f.choices, f.created_at, f.updated_at,
                  (select count(*) from agent_field_values v where v.org_id = f.org_id and v.field_id = f.id) as "agent_count!"
           from custom_fields f where f.org_id = $1 and ($2::uuid is null or f.id = $2) order by lower(f.name), f.id"#,
        scope.org_id as _,
        id as _,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| CustomField {
            id: row.id,
            name: row.name,
            kind: Kind::named(&row.kind),
            choices: row.choices,
            agent_count: row.agent_count,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
        .collect())
}

/// One field.
pub(super) async fn find(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: CustomFieldId,
) -> sqlx::Result<Option<CustomField>> {
    Ok(list(tx, scope, Some(id)).await?.pop())
}

/// The names of all fields.
pub async fn names(tx: &mut PgConnection, scope: &OrgScope) -> sqlx::Result<BTreeMap<CustomFieldId, String>> {
    let rows = sqlx::query!(
        r#"select id as "id: CustomFieldId", name from custom_fields where org_id = $1"#,
        scope.org_id as _
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// How many fields there are. Nobody else adds one before this transaction ends.
pub(super) async fn count(tx: &mut PgConnection, scope: &OrgScope) -> sqlx::Result<i64> {
    sqlx::query_scalar!("select id from organisations where id = $1 for no key update", scope.org_id as _)
        .fetch_one(&mut *tx)
        .await?;
    sqlx::query_scalar!(r#"select count(*) as "count!" from custom_fields where org_id = $1"#, scope.org_id as _)
        .fetch_one(tx)
        .await
}

/// Keeps a field as it is until the end of the transaction, and no value is set in it.
pub(super) async fn lock(tx: &mut PgConnection, scope: &OrgScope, id: CustomFieldId) -> sqlx::Result<()> {
    sqlx::query!("select id from custom_fields where org_id = $1 and id = $2 for update", scope.org_id as _, id as _)
        .fetch_optional(tx)
        .await
        .map(drop)
}

/// Adds a field.
pub(super) async fn insert(
    tx: &mut PgConnection,
    scope: &OrgScope,
    (id, name, kind): (CustomFieldId, &str, Kind),
    choices: &[String],
    now: Time,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into custom_fields (id, org_id, name, kind, choices, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $6)",
        id as _,
        scope.org_id as _,
        name,
        kind.as_str(),
        choices,
        now as _,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Gives a field this name and these choices.
pub(super) async fn update(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: CustomFieldId,
    name: &str,
    choices: &[String],
    now: Time,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update custom_fields set name = $3, choices = $4, updated_at = $5 where org_id = $1 and id = $2",
        scope.org_id as _,
        id as _,
        name,
        choices,
        now as _,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Removes a field with all its values; says whether there was one.
pub(super) async fn delete(tx: &mut PgConnection, scope: &OrgScope, id: CustomFieldId) -> sqlx::Result<bool> {
    let result = sqlx::query!("delete from custom_fields where org_id = $1 and id = $2", scope.org_id as _, id as _)
        .execute(tx)
        .await?;
    Ok(result.rows_affected() == 1)
}

/// What a field says of machines, and of how many, wherever they are.
pub(super) async fn uses(tx: &mut PgConnection, id: CustomFieldId) -> sqlx::Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        r#"select value as "value!", agent_count as "agent_count!" from custom_field_uses($1) order by 2 desc, 1"#,
        id as _,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.value, row.agent_count)).collect())
}

/// Checks wishes against the fields, which stay as they are until the end of the transaction.
pub async fn check(tx: &mut PgConnection, scope: &OrgScope, wishes: Wishes) -> Result<Vec<Checked>, Problem> {
    if wishes.is_empty() {
        return Ok(Vec::new());
    }
    if wishes.len() as i64 > FIELDS_MAX {
        return Err(Problem::field("custom_fields", format!("At most {FIELDS_MAX} fields.")));
    }
    let ids: Vec<uuid::Uuid> = wishes.keys().map(|id| id.as_uuid()).collect();
    let rows = sqlx::query!(
        r#"select id as "id: CustomFieldId", name, kind, choices from custom_fields where org_id = $1 and id = any ($2)
           order by id for share"#,
        scope.org_id as _,
        &ids,
    )
    .fetch_all(tx)
    .await?;
    let (mut checked, mut errors) = (Vec::new(), Vec::new());
    for (id, value) in wishes {
        let parsed = match (rows.iter().find(|row| row.id == id), value) {
            (None, _) => Err("There is no such field.".to_owned()),
            (Some(row), None) => Ok((row, None)),
            (Some(row), Some(value)) => {
                let value = value::parse(Kind::named(&row.kind), &row.choices, &value);
                value.map(|value| (row, Some(value))).map_err(|message| format!("{}: {message}", row.name))
            }
        };
        match parsed {
            Ok((row, value)) => checked.push(Checked { id, name: row.name.clone(), value }),
            Err(message) => {
                errors.push(FieldError { field: format!("custom_fields.{id}").into(), message: message.into() });
            }
        }
    }
    if errors.is_empty() { Ok(checked) } else { Err(Problem::validation(errors)) }
}

/// Writes what was checked of a machine, which is at this place.
pub async fn set(
    tx: &mut PgConnection,
    scope: &OrgScope,
    agent_id: AgentId,
    (client_id, site_id): (ClientId, SiteId),
    checked: &[Checked],
) -> sqlx::Result<()> {
    for Checked { id, value, .. } in checked {
        match value {
            None => sqlx::query!(
                "delete from agent_field_values where org_id = $1 and agent_id = $2 and field_id = $3",
                scope.org_id as _,
                agent_id as _,
                *id as _,
            ),
            Some(value) => sqlx::query!(
                "insert into agent_field_values (org_id, client_id, site_id, agent_id, field_id, value) values ($1, $2, $3, $4, $5, $6)
                 on conflict (agent_id, field_id) do update set value = excluded.value",
                scope.org_id as _,
                client_id as _,
                site_id as _,
                agent_id as _,
                *id as _,
                value,
            ),
        }
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}
