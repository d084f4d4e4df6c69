//! Changing one agent, asked for by itself or as one of many: the same checks, the same row in the audit log.

use std::collections::BTreeSet;

use gururmm_ids::{ClientId, SiteId};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sqlx::PgConnection;

use super::db::{self, Change};
use super::model::{self, Agent};
use crate::features::custom_fields::{self, Checked};
use crate::features::sites;
use crate::features::tags::{self, TAGS_MAX, Tags};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Access, OrgScope, Permission, Place, giving};
use crate::platform::http::problem::violates;
use crate::platform::http::{Patch, Problem};

/// What is wished of an agent's tags.
#[derive(Clone, Debug, Default)]
pub(super) enum TagsWish {
    /// They stay.
    #[default]
    Keep,
    /// These and no others.
    Set(Tags),
    /// These too.
    Add(Tags),
    /// Not these.
    Remove(Tags),
}

/// What is wished of an agent.
#[derive(Clone, Debug, Default)]
pub(super) struct Wish {
    /// What people call it.
    pub(super) display_name: Patch<String>,
    /// Where it moves to.
    pub(super) site: Option<(ClientId, SiteId)>,
    /// Its tags.
    pub(super) tags: TagsWish,
    /// Values of its custom fields, which are held.
    pub(super) fields: Vec<Checked>,
}

/// Makes a locked agent what is wished, where the caller may, and writes that down. None when it is so already.
pub(super) async fn apply(
    tx: &mut PgConnection,
    (scope, access): (&OrgScope, &Access),
    before: &Agent,
    wish: &Wish,
    now: Timestamp,
) -> Result<Option<Agent>, Problem> {
    scope.at(before.target().place())?;
    if let Some((client_id, site_id)) = wish.site {
        giving::may_move(access, before.target().place(), Place::Site(client_id, site_id))?;
        if site_id != before.site_id && sites::removes_idle(tx, scope, site_id).await? {
            giving::must_hold(access, Permission::AgentsDelete, before.target().place())?;
        }
    }
    let tags = tags_after(before, &wish.tags)?;
    if is_as_wished(before, wish) && tags.is_none() {
        return Ok(None);
    }
    let change = Change { display_name: wish.display_name.clone(), site: wish.site };
    match db::update(tx, scope, before.id, change, now).await {
        Err(error) if violates(&error, "agents_site_fkey") => return Err(no_such_site()),
        result => result?,
    };
    let place = wish.site.unwrap_or((before.client_id, before.site_id));
    if let Some(tags) = tags {
        tags::set(tx, scope, before.id, place, &tags).await?;
    }
    custom_fields::set(tx, scope, before.id, place, &wish.fields).await?;
    let after = db::find(tx, scope, before.id).await?.ok_or_else(model::not_found)?;
    let detail = json!({ "before": told(before, &wish.fields), "after": told(&after, &wish.fields) });
    audit::record(tx, scope, now, AuditEvent { action: "agent.updated", target: after.target(), detail }).await?;
    Ok(Some(after))
}

/// The site to move to, where the caller may edit machines too.
pub(super) async fn find_site(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: SiteId,
) -> Result<(ClientId, SiteId), Problem> {
    let client_id = sites::client_of(tx, scope, id).await?.ok_or_else(no_such_site)?;
    scope.at(Place::Site(client_id, id))?;
    Ok((client_id, id))
}

/// What the tags become, if they change.
fn tags_after(agent: &Agent, wish: &TagsWish) -> Result<Option<Tags>, Problem> {
    let now = Tags(agent.tags.clone());
    let wished = match wish {
        TagsWish::Keep => return Ok(None),
        TagsWish::Set(tags) => tags.clone(),
        TagsWish::Add(tags) => now.with(&tags.0),
        TagsWish::Remove(tags) => now.without(&tags.0),
    };
    if wished.0.len() > TAGS_MAX {
        let detail = format!("A machine has at most {TAGS_MAX} tags. Take one away first.");
        return Err(Problem::conflict("tag_limit_reached", detail));
    }
    Ok((!tags::is_same(&agent.tags, &wished.0)).then_some(wished))
}

/// Whether there is nothing to change but perhaps the tags.
fn is_as_wished(agent: &Agent, wish: &Wish) -> bool {
    let is_named_so = match &wish.display_name {
        Patch::Keep => true,
        Patch::Clear => agent.display_name.is_none(),
        Patch::Set(name) => agent.display_name.as_ref() == Some(name),
    };
    let says = |field: &Checked| agent.custom_fields.get(&field.id) == field.value.as_ref();
    is_named_so && wish.site.is_none_or(|(_, site_id)| site_id == agent.site_id) && wish.fields.iter().all(says)
}

fn no_such_site() -> Problem {
    Problem::field("site_id", "There is no such site.")
}

/// What can be changed of an agent: names, and of the custom fields those that were wished.
fn told(agent: &Agent, fields: &[Checked]) -> Value {
    let mut told = Map::new();
    told.insert("display_name".to_owned(), json!(agent.display_name));
    told.insert("client_name".to_owned(), json!(agent.client_name));
    told.insert("site_name".to_owned(), json!(agent.site_name));
    told.insert("site_id".to_owned(), json!(agent.site_id));
    // in an order of its own, in which nothing seems to change that does not
    let tags: BTreeSet<&String> = agent.tags.iter().collect();
    let tags: Vec<&str> = tags.into_iter().map(String::as_str).collect();
    told.insert("tags".to_owned(), if tags.is_empty() { Value::Null } else { json!(tags.join(", ")) });
    for field in fields {
        told.insert(format!("field {}", field.name), json!(agent.custom_fields.get(&field.id)));
    }
    Value::Object(told)
}
