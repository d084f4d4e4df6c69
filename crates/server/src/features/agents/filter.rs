//! What is asked of the list of agents: the same of its pages and of the file.

use gururmm_ids::{ClientId, SiteId, SiteKeyId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use super::model::{AgentOs, AgentState, AgentStatus};
use super::order::{Direction, Order, Sort};
use crate::features::{custom_fields, tags};
use crate::platform::http::Problem;
use crate::platform::validate::search;

/// A query with the filters and fields of its own. Flattening would let unknown names through.
macro_rules! filtered_query {
    ($(#[$doc:meta])* $vis:vis $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Deserialize, IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        $vis struct $name {
            /// Part of the host name, the display name, the serial number, the logged-in user, the public address or a tag.
            search: Option<String>,
            /// Only agents with this status.
            #[param(inline)]
            status: Option<AgentStatus>,
            /// Only agents in this state.
            #[param(inline)]
            state: Option<AgentState>,
            /// Only agents on this system.
            #[param(inline)]
            os: Option<AgentOs>,
            /// Only agents of this client.
            client_id: Option<ClientId>,
            /// Only agents of this site.
            site_id: Option<SiteId>,
            /// Only agents that enrolled with this site key.
            site_key_id: Option<SiteKeyId>,
            /// Only agents with each of these tags, separated by commas, without regard to case.
            tag: Option<String>,
            /// Only agents with this value in a custom field, as `<id of the field>:<value>`, without regard to case.
            field: Option<String>,
            /// What to sort by; `name` (the display name, else the host name) unless told. What was never reported counts as least.
            #[param(inline)]
            sort: Option<Sort>,
            /// `asc` unless told.
            #[param(inline)]
            order: Option<Direction>,
            $($(#[$field_doc])* pub(super) $field: $kind,)*
        }

        impl $name {
            /// The checked filters.
            $vis fn asked(&self) -> Result<Asked, Problem> {
                AgentFilter {
                    search: self.search.clone(),
                    status: self.status,
                    state: self.state,
                    os: self.os,
                    client_id: self.client_id,
                    site_id: self.site_id,
                    site_key_id: self.site_key_id,
                    tag: self.tag.clone(),
                    field: self.field.clone(),
                }
                .asked()
            }

            /// The order.
            pub(super) fn order(&self) -> Order {
                Order { sort: self.sort.unwrap_or_default(), direction: self.order.unwrap_or_default() }
            }
        }
    };
}

filtered_query! {
    /// The query of the list.
    pub ListQuery {
        /// The `next` of the page before, of the same order.
        after: Option<String>,
        /// Rows wanted, 1 to 200; 50 unless told.
        #[param(minimum = 1, maximum = 200)]
        limit: Option<u32>,
        /// Also counts the agents of all pages.
        count: Option<bool>,
    }
}

filtered_query! {
    /// The query of the file.
    pub(crate) ExportQuery {
        /// The columns by name, separated by commas: those of the dashboard's table, and `field.<id>` for a custom field. Unless told all but
        /// those of custom fields.
        columns: Option<String>,
    }
}

/// Which agents are asked for, in a body: the filters of the list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentFilter {
    /// Part of the host name, the display name, the serial number, the logged-in user, the public address or a tag.
    search: Option<String>,
    /// Only agents with this status.
    status: Option<AgentStatus>,
    /// Only agents in this state.
    state: Option<AgentState>,
    /// Only agents on this system.
    os: Option<AgentOs>,
    /// Only agents of this client.
    client_id: Option<ClientId>,
    /// Only agents of this site.
    site_id: Option<SiteId>,
    /// Only agents that enrolled with this site key.
    site_key_id: Option<SiteKeyId>,
    /// Only agents with each of these tags, separated by commas, without regard to case.
    tag: Option<String>,
    /// Only agents with this value in a custom field, as `<id of the field>:<value>`, without regard to case.
    field: Option<String>,
}

impl AgentFilter {
    /// The checked filters.
    pub fn asked(&self) -> Result<Asked, Problem> {
        Ok(Asked {
            search: search(self.search.as_deref())?.map(str::to_owned),
            status: self.status,
            state: self.state,
            os: self.os,
            client_id: self.client_id,
            site_id: self.site_id,
            site_key_id: self.site_key_id,
            tags: tags::wanted(self.tag.as_deref())?,
            field: custom_fields::Filter::parse(self.field.as_deref())?,
        })
    }
}

/// Which agents are asked for, as `agents_page` is told.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    search: Option<String>,
    status: Option<AgentStatus>,
    state: Option<AgentState>,
    os: Option<AgentOs>,
    client_id: Option<ClientId>,
    site_id: Option<SiteId>,
    site_key_id: Option<SiteKeyId>,
    tags: Vec<String>,
    field: Option<custom_fields::Filter>,
}

impl Asked {
    /// Those that may work, unless others are asked for.
    #[must_use]
    pub fn or_active(self) -> Self {
        Self { state: self.state.or(Some(AgentState::Active)), ..self }
    }

    /// What was asked for, without what was not.
    pub fn told(&self) -> Value {
        let field = self.field.as_ref().map(|field| format!("{}:{}", field.id, field.value));
        let tags = (!self.tags.is_empty()).then(|| self.tags.join(", "));
        let parts = [
            ("search", json!(self.search)),
            ("status", json!(self.status)),
            ("state", json!(self.state)),
            ("os", json!(self.os)),
            ("client_id", json!(self.client_id)),
            ("site_id", json!(self.site_id)),
            ("site_key_id", json!(self.site_key_id)),
            ("tag", json!(tags)),
            ("field", json!(field)),
        ];
        let given = parts.into_iter().filter(|(_, value)| !value.is_null());
        Value::Object(given.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
    }
}
