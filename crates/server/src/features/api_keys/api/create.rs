//! `POST /api/api-keys`

use std::net::IpAddr;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::{ApiKeyId, ClientId, SiteId};
use gururmm_protocol::secret;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::api_keys::db::{self, New};
use crate::features::api_keys::model::{self, ApiKey};
use crate::features::{clients, sites};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, OrgScope, Permission, PermissionSet};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;
use crate::platform::validate::{self, name};

const DAYS_DEFAULT: i64 = 90;
const DAYS_MAX: i64 = 400;
/// Most keys of a person that work.
const KEYS_MAX: i64 = 100;
const PLACES_MAX: usize = 50;
const NETWORKS_MAX: usize = 50;

#[derive(Deserialize, ToSchema)]
#[schema(as = ApiKeyCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    /// 1 to 200 characters.
    name: String,
    /// What it may do, by the names of `GET /api/permissions`; with what that implies.
    permissions: Vec<String>,
    /// The clients that it is bound to, at most 50; none and no sites: wherever its maker may.
    #[serde(default)]
    client_ids: Vec<ClientId>,
    /// The sites that it is bound to, at most 50.
    #[serde(default)]
    site_ids: Vec<SiteId>,
    /// Networks from which it works, such as `192.0.2.0/24`, at most 50; none: from anywhere.
    #[serde(default)]
    networks: Vec<String>,
    /// For how many days it works, 1 to 400; 90 unless told.
    expires_in_days: Option<i64>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyCreated)]
pub(crate) struct Created {
    /// What can be seen of it later.
    api_key: ApiKey,
    /// The key itself, for `Authorization: Bearer`. It is shown this once; the server keeps only its hash.
    key: String,
}

/// Create an API key
///
/// For a program that acts in one's name. It never may more than its maker at that moment, and makes no people, roles or keys.
#[utoipa::path(post, path = "/api-keys", operation_id = "api_key_create", tag = "api keys", request_body = Create, security(("bearer" = [])),
    extensions(("x-permission" = json!("api_keys.own"))),
    responses((status = 201, body = Created), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn api_key_create(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Create>,
) -> Result<(StatusCode, Json<Created>), Problem> {
    let scope = caller.require(Permission::ApiKeysOwn)?;
    caller.person()?;
    let now = app.clock.now();
    let name = name("name", &body.name)?;
    let permissions = permissions(&caller, &body.permissions)?;
    let networks = networks(&body.networks)?;
    let expires_at = Time(
        now.saturating_add(validate::days("expires_in_days", body.expires_in_days.unwrap_or(DAYS_DEFAULT), DAYS_MAX)?)
            .map_err(Problem::internal)?,
    );
    // what one does not see is no place to bind a key to
    check_places(&mut *app.db.begin_scoped(&caller.scope_to_look_around()).await?, &scope, &body).await?;
    let key = model::new_key();
    let new = New {
        id: ApiKeyId::generate(),
        name: &name,
        prefix: model::prefix(&key),
        hash: secret::hash(&key),
        permissions,
        client_ids: &body.client_ids,
        site_ids: &body.site_ids,
        networks: &networks,
        created_at: Time(now),
        expires_at,
    };
    let mut tx = app.db.begin_scoped(&scope).await?;
    if db::count_open(&mut tx, &scope, now).await? >= KEYS_MAX {
        let detail = format!("A person has at most {KEYS_MAX} API keys that work. Revoke one first.");
        return Err(Problem::conflict("api_key_limit_reached", detail));
    }
    db::insert(&mut tx, &scope, &new).await?;
    let api_key = db::find(&mut tx, &scope, new.id, now).await?.ok_or_else(model::not_found)?;
    let detail = json!({
        "prefix": api_key.prefix, "permissions": api_key.permissions, "client_ids": api_key.client_ids,
        "site_ids": api_key.site_ids, "networks": api_key.networks, "expires_at": expires_at,
    });
    audit::record(&mut tx, &scope, now, AuditEvent { action: "api_key.created", target: api_key.target(), detail })
        .await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::UsersChanged {});
    Ok((StatusCode::CREATED, Json(Created { api_key, key })))
}

/// Known permissions that a key may hold and its maker holds somewhere.
fn permissions(caller: &Caller, names: &[String]) -> Result<PermissionSet, Problem> {
    let mut set = PermissionSet::default();
    for name in names {
        let permission = Permission::named(name).ok_or_else(|| {
            Problem::field("permissions", "There is no such permission. GET /api/permissions lists all of them.")
        })?;
        if !permission.is_for_keys() {
            return Err(Problem::field("permissions", format!("{name} is for people, not for API keys.")));
        }
        if caller.access().reach(permission).is_empty() {
            let detail = format!("This includes the permission {name}, which you do not hold yourself.");
            return Err(Problem::forbidden("not_yours_to_give", detail));
        }
        set = set.or(PermissionSet::of(&[permission]));
    }
    if set.is_empty() { Err(Problem::field("permissions", "Choose at least one permission.")) } else { Ok(set) }
}

fn networks(texts: &[String]) -> Result<Vec<IpNet>, Problem> {
    if texts.len() > NETWORKS_MAX {
        return Err(Problem::field("networks", format!("At most {NETWORKS_MAX} networks.")));
    }
    let network = |text: &String| {
        let text = text.trim();
        let parsed = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        parsed.filter(|network| !is_mapped(network)).map(|network| network.trunc()).ok_or_else(|| {
            Problem::field("networks", "Give networks such as 192.0.2.0/24, or addresses such as 192.0.2.7.")
        })
    };
    texts.iter().map(network).collect()
}

/// An IPv4 network in IPv6's clothes: addresses are compared undressed.
fn is_mapped(network: &IpNet) -> bool {
    matches!(network, IpNet::V6(net) if net.addr().to_ipv4_mapped().is_some())
}

async fn check_places(tx: &mut PgConnection, scope: &OrgScope, body: &Create) -> Result<(), Problem> {
    if body.client_ids.len() > PLACES_MAX || body.site_ids.len() > PLACES_MAX {
        return Err(Problem::field("client_ids", format!("At most {PLACES_MAX} clients and as many sites.")));
    }
    for client in &body.client_ids {
        if !clients::exists(tx, scope, *client).await? {
            return Err(Problem::field("client_ids", "There is no such client."));
        }
    }
    for site in &body.site_ids {
        if sites::client_of(tx, scope, *site).await?.is_none() {
            return Err(Problem::field("site_ids", "There is no such site."));
        }
    }
    Ok(())
}
