//! What an API key is, and whether it still works.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gururmm_ids::{ApiKeyId, ClientId, SiteId, UserId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::audit::Target;
use crate::platform::auth::{API_KEY_PREFIX, Permission};
use crate::platform::http::Problem;
use crate::platform::random;
use crate::platform::time::Time;

/// Characters of a key by which people recognise it.
const PREFIX_LENGTH: usize = 16;

/// Whether a key works, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApiKeyState {
    /// It does.
    Active,
    /// Somebody revoked it, or its maker was removed.
    Revoked,
    /// Its time is over.
    Expired,
}

/// What a program may do in somebody's name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Who made it, and in whose name it acts.
    pub user_id: UserId,
    /// Their name.
    pub user_name: String,
    /// What people call it.
    pub name: String,
    /// How the key begins.
    pub prefix: String,
    /// Whether it works.
    pub state: ApiKeyState,
    /// What it may do, as far as its maker may.
    #[schema(value_type = Vec<String>)]
    pub permissions: Vec<Permission>,
    /// The clients that it is bound to; with `site_ids` empty as well: wherever its maker may.
    pub client_ids: Vec<ClientId>,
    /// The sites that it is bound to.
    pub site_ids: Vec<SiteId>,
    /// The networks from which it works; empty: from anywhere.
    pub networks: Vec<String>,
    /// When it was made.
    pub created_at: Time,
    /// When it ends by itself.
    pub expires_at: Time,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Time>,
    /// From which address.
    pub last_used_ip: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
}

impl ApiKey {
    /// Whether a key with these ends works.
    pub(super) fn state_at(revoked_at: Option<Time>, expires_at: Time, now: Timestamp) -> ApiKeyState {
        match revoked_at {
            Some(_) => ApiKeyState::Revoked,
            None if expires_at.0 <= now => ApiKeyState::Expired,
            None => ApiKeyState::Active,
        }
    }

    /// The key as the target of an audit event.
    pub(super) fn target(&self) -> Target<'_> {
        Target { kind: "api_key", id: Some(self.id.as_uuid()), name: Some(&self.name), ..Target::default() }
    }
}

/// A new key: `grmm_key_` and 256 bits in base64url.
pub(super) fn new_key() -> String {
    format!("{API_KEY_PREFIX}{}", URL_SAFE_NO_PAD.encode(random::bytes::<32>()))
}

/// How a key begins.
pub(super) fn prefix(key: &str) -> &str {
    key.get(..PREFIX_LENGTH).unwrap_or(key)
}

pub(super) fn not_found() -> Problem {
    Problem::not_found("api_key_not_found", "There is no such API key.")
}
