//! What machines say for parameters of scripts.

use std::collections::{BTreeMap, HashMap};

use gururmm_ids::AgentId;
use gururmm_scripts::parameters::{AgentField, Source};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::platform::auth::OrgScope;

/// A machine's own values.
pub(super) struct MachineValues {
    id: AgentId,
    hostname: String,
    display_name: Option<String>,
    client: String,
    site: String,
    os: String,
    /// By the field's name in small letters.
    fields: BTreeMap<String, String>,
}

impl MachineValues {
    /// The value of one of them.
    pub(super) fn of(&self, source: &Source) -> Option<String> {
        Some(match source {
            Source::Agent(AgentField::Hostname) => self.hostname.clone(),
            Source::Agent(AgentField::DisplayName) => {
                self.display_name.clone().unwrap_or_else(|| self.hostname.clone())
            }
            Source::Agent(AgentField::Client) => self.client.clone(),
            Source::Agent(AgentField::Site) => self.site.clone(),
            Source::Agent(AgentField::Os) => self.os.clone(),
            Source::Agent(AgentField::AgentId) => self.id.to_string(),
            Source::Custom(name) => self.fields.get(&name.to_lowercase())?.clone(),
        })
    }
}

/// The values of these machines.
pub(super) async fn of(
    tx: &mut PgConnection,
    scope: &OrgScope,
    ids: &[AgentId],
) -> sqlx::Result<HashMap<AgentId, MachineValues>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.as_uuid()).collect();
    let machines = sqlx::query!(
        r#"select a.id as "id: AgentId", a.hostname, a.display_name, c.name as client, s.name as site, a.os
           from agents a join clients c on c.id = a.client_id join sites s on s.id = a.site_id where a.org_id = $1 and a.id = any ($2)"#,
        scope.org_id as _,
        &ids,
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut by_id: HashMap<AgentId, MachineValues> = machines
        .into_iter()
        .map(|row| {
            let fields = BTreeMap::new();
            let values = MachineValues {
                id: row.id,
                hostname: row.hostname,
                display_name: row.display_name,
                client: row.client,
                site: row.site,
                os: row.os,
                fields,
            };
            (row.id, values)
        })
        .collect();
    let fields = sqlx::query!(
        r#"select v.agent_id as "agent_id: AgentId", lower(f.name) as "name!", v.value from agent_field_values v
           join custom_fields f on f.id = v.field_id where v.org_id = $1 and v.agent_id = any ($2)"#,
        scope.org_id as _,
        &ids,
    )
    .fetch_all(tx)
    .await?;
    for row in fields {
        if let Some(machine) = by_id.get_mut(&row.agent_id) {
            machine.fields.insert(row.name, row.value);
        }
    }
    Ok(by_id)
}
