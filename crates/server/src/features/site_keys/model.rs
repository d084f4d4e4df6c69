//! What a site key is, and whether it still lets anybody in.

use gururmm_ids::{ClientId, SiteId, SiteKeyId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::audit::Target;
use crate::platform::http::Problem;
use crate::platform::time::Time;

/// Most uses a key may be given.
const USES_MAX: i64 = 1_000_000;

/// Whether a key lets machines in, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SiteKeyState {
    /// It does.
    Active,
    /// Somebody revoked it.
    Revoked,
    /// Its time is over.
    Expired,
    /// It has been used as often as it may.
    UsedUp,
}

/// A key that lets machines enrol into a site.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SiteKey {
    /// Its id.
    pub id: SiteKeyId,
    /// The site that machines enrol into.
    pub site_id: SiteId,
    /// That site's name.
    pub site_name: String,
    /// The name of the site's client.
    pub client_name: String,
    /// What people call it.
    pub name: String,
    /// How the key begins.
    pub prefix: String,
    /// Whether it lets machines in.
    pub state: SiteKeyState,
    /// How many machines may enrol; null without limit.
    pub max_uses: Option<i32>,
    /// How many have.
    pub use_count: i32,
    /// When it ends by itself; null never.
    pub expires_at: Option<Time>,
    /// Whether machines that come with it wait until somebody lets them in.
    pub needs_approval: bool,
    /// How often somebody came with it when it was over.
    pub refused_count: i32,
    /// When that was last told in the audit log.
    pub refused_at: Option<Time>,
    /// When a machine last enrolled with it.
    pub last_used_at: Option<Time>,
    /// When it was made.
    pub created_at: Time,
    /// Who made it; null for the one the server made for itself.
    pub created_by_name: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
    #[serde(skip)]
    client_id: ClientId,
}

/// A key as it is stored.
pub(super) struct Row {
    pub(super) id: SiteKeyId,
    pub(super) client_id: ClientId,
    pub(super) site_id: SiteId,
    pub(super) site_name: String,
    pub(super) client_name: String,
    pub(super) name: String,
    pub(super) prefix: String,
    pub(super) max_uses: Option<i32>,
    pub(super) use_count: i32,
    pub(super) expires_at: Option<Time>,
    pub(super) needs_approval: bool,
    pub(super) refused_count: i32,
    pub(super) refused_at: Option<Time>,
    pub(super) last_used_at: Option<Time>,
    pub(super) created_at: Time,
    pub(super) created_by_name: Option<String>,
    pub(super) revoked_at: Option<Time>,
}

impl Row {
    /// The reasons in the order in which enrolment gives them.
    fn state(&self, now: Timestamp) -> SiteKeyState {
        if self.revoked_at.is_some() {
            SiteKeyState::Revoked
        } else if self.expires_at.is_some_and(|end| end.0 <= now) {
            SiteKeyState::Expired
        } else if self.max_uses.is_some_and(|max| self.use_count >= max) {
            SiteKeyState::UsedUp
        } else {
            SiteKeyState::Active
        }
    }

    /// The key as clients see it at this moment.
    pub(super) fn at(self, now: Timestamp) -> SiteKey {
        SiteKey {
            state: self.state(now),
            id: self.id,
            site_id: self.site_id,
            site_name: self.site_name,
            client_name: self.client_name,
            name: self.name,
            prefix: self.prefix,
            max_uses: self.max_uses,
            use_count: self.use_count,
            expires_at: self.expires_at,
            needs_approval: self.needs_approval,
            refused_count: self.refused_count,
            refused_at: self.refused_at,
            last_used_at: self.last_used_at,
            created_at: self.created_at,
            created_by_name: self.created_by_name,
            revoked_at: self.revoked_at,
            client_id: self.client_id,
        }
    }
}

impl SiteKey {
    /// The key as the target of an audit event.
    pub(super) fn target(&self) -> Target<'_> {
        Target {
            kind: "site_key",
            id: Some(self.id.as_uuid()),
            name: Some(&self.name),
            agent_id: None,
            client_id: Some(self.client_id),
            site_id: Some(self.site_id),
        }
    }
}

/// The checked number of uses.
pub(super) fn uses(uses: i64) -> Result<i32, Problem> {
    if (1..=USES_MAX).contains(&uses) {
        Ok(uses as i32)
    } else {
        Err(Problem::field("max_uses", format!("Between 1 and {USES_MAX}, or null for no limit.")))
    }
}

/// The checked end: in the future.
pub(super) fn end(end: Time, now: Timestamp) -> Result<Time, Problem> {
    if end.0 <= now { Err(Problem::field("expires_at", "Choose a time in the future.")) } else { Ok(end) }
}

pub(super) fn not_found() -> Problem {
    Problem::not_found("site_key_not_found", "There is no such site key.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Time {
        Time(Timestamp::from_second(second).unwrap())
    }

    fn row() -> Row {
        Row {
            id: SiteKeyId::generate(),
            client_id: ClientId::generate(),
            site_id: SiteId::generate(),
            site_name: "Main office".to_owned(),
            client_name: "Example".to_owned(),
            name: "New machines".to_owned(),
            prefix: "grmm_site_AAAAAA".to_owned(),
            max_uses: None,
            use_count: 7,
            expires_at: None,
            needs_approval: false,
            refused_count: 0,
            refused_at: None,
            last_used_at: None,
            created_at: at(0),
            created_by_name: None,
            revoked_at: None,
        }
    }

    #[test]
    fn a_key_ends_by_revocation_time_or_use() {
        let now = at(100).0;
        assert_eq!(row().state(now), SiteKeyState::Active);
        assert_eq!(Row { max_uses: Some(8), expires_at: Some(at(101)), ..row() }.state(now), SiteKeyState::Active);
        assert_eq!(Row { max_uses: Some(7), ..row() }.state(now), SiteKeyState::UsedUp);
        assert_eq!(Row { expires_at: Some(at(100)), max_uses: Some(7), ..row() }.state(now), SiteKeyState::Expired);
        let all = Row { revoked_at: Some(at(1)), expires_at: Some(at(100)), max_uses: Some(7), ..row() };
        assert_eq!(all.state(now), SiteKeyState::Revoked);
    }

    #[test]
    fn limits_are_checked() {
        assert_eq!(uses(1).unwrap(), 1);
        for wrong in [0, -1, 1_000_001, i64::MAX] {
            assert_eq!(uses(wrong).unwrap_err().code, "validation_failed", "{wrong}");
        }
        assert_eq!(end(at(101), at(100).0).unwrap(), at(101));
        assert_eq!(end(at(100), at(100).0).unwrap_err().code, "validation_failed");
    }
}
