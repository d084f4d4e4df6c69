//! What the first organisation, client and site are called: the first start made them, the set-up names them.

use jiff::Timestamp;
use serde_json::json;
use sqlx::PgConnection;

use super::db::{self, Place};
use crate::features::{clients, sites};
use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::auth::OrgScope;
use crate::platform::http::Patch;
use crate::platform::http::Problem;
use crate::platform::validate::name;

/// Checked names; what is `None` keeps its name.
pub(super) struct Names {
    organisation: Option<String>,
    client: Option<String>,
    site: Option<String>,
}

impl Names {
    pub(super) fn parse(organisation: Option<&str>, client: Option<&str>, site: Option<&str>) -> Result<Self, Problem> {
        let optional = |field, text: Option<&str>| text.map(|text| name(field, text)).transpose();
        Ok(Self {
            organisation: optional("organisation", organisation)?,
            client: optional("client", client)?,
            site: optional("site", site)?,
        })
    }
}

/// Gives the names, each with its audit row.
pub(super) async fn give(
    tx: &mut PgConnection,
    scope: &OrgScope,
    place: Place,
    names: &Names,
    now: Timestamp,
) -> sqlx::Result<()> {
    let Names { organisation, client, site } = names;
    let in_client = Target { client_id: Some(place.client), ..Target::default() };
    if let Some(name) = organisation {
        let before = db::rename_organisation(tx, scope, name).await?;
        let target = Target { kind: "organisation", id: Some(place.org.as_uuid()), ..Target::default() };
        tell(tx, scope, now, "organisation.updated", target, before, name).await?;
    }
    if let Some(name) = client {
        let before = clients::find(tx, scope, place.client).await?.ok_or(sqlx::Error::RowNotFound)?.name;
        clients::update(tx, scope, place.client, Some(name), None, now).await?;
        let target = Target { kind: "client", id: Some(place.client.as_uuid()), ..in_client };
        tell(tx, scope, now, "client.updated", target, before, name).await?;
    }
    if let Some(name) = site {
        let before = sites::find(tx, scope, place.site).await?.ok_or(sqlx::Error::RowNotFound)?.name;
        sites::update(tx, scope, place.site, Some(name), (Patch::Keep, Patch::Keep), now).await?;
        let target = Target { kind: "site", id: Some(place.site.as_uuid()), site_id: Some(place.site), ..in_client };
        tell(tx, scope, now, "site.updated", target, before, name).await?;
    }
    Ok(())
}

/// One audit row; none when the name stayed the same.
async fn tell(
    tx: &mut PgConnection,
    scope: &OrgScope,
    now: Timestamp,
    action: &'static str,
    target: Target<'_>,
    before: String,
    after: &str,
) -> sqlx::Result<()> {
    if before == after {
        return Ok(());
    }
    let target = Target { name: Some(after), ..target };
    let detail = json!({ "before": { "name": before }, "after": { "name": after } });
    audit::record(tx, scope, now, AuditEvent { action, target, detail }).await
}
