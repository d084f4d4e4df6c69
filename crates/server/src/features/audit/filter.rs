//! What is asked of the log: the same of the list and of the file.

use serde::Deserialize;
use utoipa::IntoParams;

use super::db::Filter;
use super::model::Outcome;
use crate::platform::http::Problem;
use crate::platform::time::Time;
use crate::platform::validate::search;

/// A query with the filters and fields of its own. Flattening would let unknown names through.
macro_rules! filtered_query {
    ($(#[$doc:meta])* $vis:vis $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Deserialize, IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        $vis struct $name {
            /// Only these actions, such as `client.created`, separated by commas; at most 50.
            action: Option<String>,
            /// Only what was done, or only what was refused.
            #[param(inline)]
            outcome: Option<Outcome>,
            /// Only what this person or machine did.
            actor_id: Option<uuid::Uuid>,
            /// Only what was done to this thing.
            target_id: Option<uuid::Uuid>,
            /// Only what concerns this machine, its commands included.
            agent_id: Option<gururmm_ids::AgentId>,
            /// Only what was done to things of this client.
            client_id: Option<gururmm_ids::ClientId>,
            /// Only what was done to things of this site.
            site_id: Option<gururmm_ids::SiteId>,
            /// Only what was done with this session.
            session_id: Option<gururmm_ids::SessionId>,
            /// Only what was done with this API key.
            api_key_id: Option<uuid::Uuid>,
            /// The first moment.
            from: Option<Time>,
            /// The last moment.
            to: Option<Time>,
            /// Part of the action, of the target's or of the actor's name.
            search: Option<String>,
            $($(#[$field_doc])* pub(in crate::features::audit) $field: $kind,)*
        }

        impl $name {
            /// The checked filter.
            $vis fn filter(&self) -> Result<Filter, Problem> {
                Ok(Filter {
                    actions: actions(self.action.as_deref())?,
                    outcome: self.outcome.map(Outcome::as_str),
                    actor_id: self.actor_id,
                    target_id: self.target_id,
                    agent_id: self.agent_id,
                    client_id: self.client_id,
                    site_id: self.site_id,
                    session_id: self.session_id,
                    api_key_id: self.api_key_id,
                    from: self.from.map(Time::since_1970),
                    to: self.to.map(Time::since_1970),
                    search: search(self.search.as_deref())?.map(str::to_owned),
                })
            }
        }
    };
}

filtered_query! {
    /// The query of the list.
    pub ListQuery {
        /// The `next` of the page before.
        after: Option<String>,
        /// Rows wanted, 1 to 200; 50 unless told.
        #[param(minimum = 1, maximum = 200)]
        limit: Option<u32>,
    }
}

filtered_query! {
    /// The query of the file.
    pub(crate) ExportQuery {
        /// As which kind of file.
        #[param(inline)]
        format: Format,
    }
}

/// Most actions of a filter, and characters of each.
const ACTIONS_MAX: usize = 50;
const ACTION_MAX: usize = 100;

/// The actions that are named, separated by commas; none when any will do.
fn actions(text: Option<&str>) -> Result<Option<Vec<String>>, Problem> {
    let names = text.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
    let names: Vec<String> = names.map(str::to_owned).collect();
    let is_readable = |name: &String| name.len() <= ACTION_MAX && !name.contains('\0');
    if names.len() > ACTIONS_MAX || !names.iter().all(is_readable) {
        return Err(Problem::invalid_request(format!(
            "action must be at most {ACTIONS_MAX} actions of at most {ACTION_MAX} characters, separated by commas."
        )));
    }
    Ok((!names.is_empty()).then_some(names))
}

/// Kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AuditExportFormat)]
pub(crate) enum Format {
    /// For spreadsheets.
    Csv,
    /// For programs: an array of events.
    Json,
}
