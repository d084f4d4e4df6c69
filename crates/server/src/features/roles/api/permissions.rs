//! `GET /api/permissions`

use axum::Json;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::features::roles::model::Role;
use crate::platform::auth::role::BuiltInRole;
use crate::platform::auth::{Caller, Level, Permission, PermissionSet};
use crate::platform::http::problem::ProblemBody;

/// Something that somebody may do.
#[derive(Serialize, ToSchema)]
pub(crate) struct PermissionInfo {
    /// The stable name.
    #[schema(value_type = String)]
    name: Permission,
    /// What it says, in a few words.
    title: &'static str,
    /// What it is asked of.
    level: Level,
    /// Everything that whoever holds it holds too.
    #[schema(value_type = Vec<String>)]
    implies: Vec<Permission>,
    /// Whether an API key may hold it.
    is_for_keys: bool,
}

/// All of them.
#[derive(Serialize, ToSchema)]
pub(crate) struct Permissions {
    /// In the order in which they are shown.
    items: Vec<PermissionInfo>,
}

/// List all permissions there are
#[utoipa::path(get, path = "/permissions", operation_id = "permission_list", tag = "roles", security(("bearer" = [])), extensions(("x-permission" = json!("own"))),
    responses((status = 200, body = Permissions), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn permission_list(_caller: Caller) -> Json<Permissions> {
    Json(Permissions { items: permissions() })
}

/// The permissions, and what the built-in roles name: what the dashboard is written from.
pub fn document() -> Value {
    let roles = BuiltInRole::ALL.iter().map(|role| Role::of_all(*role, 0));
    let role = |role: Role| json!({ "name": role.built_in, "title": role.name, "description": role.description, "permissions": role.permissions });
    json!({ "permissions": permissions(), "roles": roles.map(role).collect::<Vec<_>>() })
}

fn permissions() -> Vec<PermissionInfo> {
    let info = |permission: &Permission| {
        let own = PermissionSet::of(&[*permission]);
        PermissionInfo {
            name: *permission,
            title: permission.title(),
            level: permission.level(),
            implies: own.closed().without(own).iter().collect(),
            is_for_keys: permission.is_for_keys(),
        }
    };
    Permission::ALL.iter().map(info).collect()
}
