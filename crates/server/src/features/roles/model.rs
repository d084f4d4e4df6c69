//! What a role is, and what may be said of one.

use gururmm_ids::RoleId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::audit::Target;
use crate::platform::auth::role::BuiltInRole;
use crate::platform::auth::{Permission, PermissionSet};
use crate::platform::http::Problem;
use crate::platform::time::Time;

/// Longest description, characters.
const DESCRIPTION_MAX: usize = 1_000;

/// A named set of permissions. Either `built_in` or `id` is there.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Role {
    /// The id of a role of the organisation's own.
    pub id: Option<RoleId>,
    /// The built-in role it is.
    pub built_in: Option<BuiltInRole>,
    /// Its name, unique in the organisation.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it names; whoever has it holds what these imply too.
    #[schema(value_type = Vec<String>)]
    pub permissions: Vec<Permission>,
    /// How many people have it somewhere, denied or allowed.
    pub user_count: i64,
    /// When it was made; null for a built-in one.
    pub created_at: Option<Time>,
    /// When it last changed.
    pub updated_at: Option<Time>,
}

impl Role {
    /// A built-in role that so many people have.
    pub(super) fn of_all(role: BuiltInRole, user_count: i64) -> Self {
        Self {
            id: None,
            built_in: Some(role),
            name: role.title().to_owned(),
            description: role.description().to_owned(),
            permissions: role.permissions().iter().collect(),
            user_count,
            created_at: None,
            updated_at: None,
        }
    }

    /// What it names.
    pub(super) fn named(&self) -> PermissionSet {
        self.permissions.iter().copied().collect()
    }

    /// The role as the target of an audit event.
    pub(super) fn target(&self) -> Target<'_> {
        Target { kind: "role", id: self.id.map(RoleId::as_uuid), name: Some(&self.name), ..Target::default() }
    }
}

/// The checked permissions of a role: known ones, at least one.
pub(super) fn permissions(names: &[String]) -> Result<PermissionSet, Problem> {
    let mut set = PermissionSet::default();
    for name in names {
        let permission = Permission::named(name).ok_or_else(|| {
            Problem::field("permissions", "There is no such permission. GET /api/permissions lists all of them.")
        })?;
        set = set.or(PermissionSet::of(&[permission]));
    }
    if set.is_empty() {
        return Err(Problem::field("permissions", "Choose at least one permission."));
    }
    Ok(set)
}

/// The checked description.
pub(super) fn description(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.chars().count() > DESCRIPTION_MAX || text.contains('\0') {
        return Err(Problem::field("description", format!("At most {DESCRIPTION_MAX} characters of text.")));
    }
    Ok(text.to_owned())
}

pub(super) fn not_found() -> Problem {
    Problem::not_found("role_not_found", "There is no such role.")
}

pub(super) fn name_taken() -> Problem {
    Problem::conflict("name_taken", "Another role has this name. Choose another one.")
}

/// A name that no built-in role has.
pub(super) fn name(text: &str) -> Result<String, Problem> {
    let name = crate::platform::validate::name("name", text)?;
    if BuiltInRole::ALL.iter().any(|role| role.title().eq_ignore_ascii_case(&name)) {
        return Err(name_taken());
    }
    Ok(name)
}
