//! What a site is.

use gururmm_ids::{ClientId, SiteId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::audit::Target;
use crate::platform::http::Problem;
use crate::platform::time::Time;
use crate::platform::validate;

/// A place of a client.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// Whose it is.
    pub client_id: ClientId,
    /// That client's name.
    pub client_name: String,
    /// Its name, unique within the client.
    pub name: String,
    /// Machines enrolled in it.
    pub agent_count: i64,
    /// Of those, online now.
    pub online_count: i64,
    /// Machines of it are removed when they have been offline for so many days; null never.
    pub remove_after_days: Option<i32>,
    /// The time zone in which schedules of its machines are due, such as `Europe/Berlin`; null: the organisation's.
    pub time_zone: Option<String>,
    /// When it was created.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// The name as the list sorts it.
    #[serde(skip)]
    pub(super) sort_name: String,
}

impl Site {
    /// The site as the target of an audit event.
    pub(super) fn target(&self) -> Target<'_> {
        Target {
            kind: "site",
            id: Some(self.id.as_uuid()),
            name: Some(&self.name),
            agent_id: None,
            client_id: Some(self.client_id),
            site_id: Some(self.id),
        }
    }
}

/// Longest time that a machine may be offline before it is removed by itself.
const REMOVE_AFTER_MAX: i64 = 365;

/// The checked number of days.
pub(super) fn remove_after(days: i64) -> Result<i32, Problem> {
    validate::days("remove_after_days", days, REMOVE_AFTER_MAX)?;
    Ok(days as i32)
}

pub(super) fn not_found() -> Problem {
    Problem::not_found("site_not_found", "There is no such site.")
}

pub(super) fn name_taken() -> Problem {
    Problem::conflict("name_taken", "Another site of this client has this name. Choose another one.")
}
