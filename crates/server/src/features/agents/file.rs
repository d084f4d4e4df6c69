//! The list of agents as a file: the columns of the dashboard's table, by the same names.

use std::collections::BTreeMap;

use gururmm_ids::CustomFieldId;

use super::model::Agent;
use crate::platform::csv::{self, BYTE_ORDER_MARK};
use crate::platform::http::Problem;

/// Most columns of a file.
const COLUMNS_MAX: usize = 100;
/// How the columns of custom fields are named: this, and the field's id.
const FIELD: &str = "field.";

/// A column of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Name,
    Hostname,
    Status,
    Client,
    Site,
    Os,
    Cpu,
    Memory,
    Disk,
    User,
    LastSeen,
    Uptime,
    Ip,
    Version,
    Arch,
    Enrolled,
    State,
    Serial,
    Manufacturer,
    Model,
    Tags,
    Field(CustomFieldId),
}

/// The columns by their names in `columns`, and their headings.
const NAMED: [(&str, Column, &str); 21] = [
    ("name", Column::Name, "Name"),
    ("hostname", Column::Hostname, "Host name"),
    ("status", Column::Status, "Status"),
    ("client", Column::Client, "Client"),
    ("site", Column::Site, "Site"),
    ("tags", Column::Tags, "Tags"),
    ("os", Column::Os, "System"),
    ("cpu", Column::Cpu, "CPU"),
    ("memory", Column::Memory, "Memory"),
    ("disk", Column::Disk, "Disk"),
    ("user", Column::User, "User"),
    ("last_seen", Column::LastSeen, "Last seen"),
    ("uptime", Column::Uptime, "Uptime"),
    ("ip", Column::Ip, "Public address"),
    ("version", Column::Version, "Agent"),
    ("arch", Column::Arch, "Processor"),
    ("enrolled", Column::Enrolled, "Enrolled"),
    ("state", Column::State, "State"),
    ("serial", Column::Serial, "Serial number"),
    ("manufacturer", Column::Manufacturer, "Manufacturer"),
    ("model", Column::Model, "Model"),
];

/// The columns that are named, separated by commas; all but those of custom fields unless any is.
pub(super) fn columns(text: Option<&str>) -> Result<Vec<Column>, Problem> {
    let names: Vec<&str> = text.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return Ok(NAMED.iter().map(|(_, column, _)| *column).collect());
    }
    if names.len() > COLUMNS_MAX {
        return Err(Problem::invalid_request(format!("columns must be at most {COLUMNS_MAX} names.")));
    }
    names.into_iter().map(column).collect()
}

fn column(name: &str) -> Result<Column, Problem> {
    let named = NAMED.iter().find(|(known, ..)| *known == name).map(|(_, column, _)| *column);
    let field = || name.strip_prefix(FIELD)?.parse().ok().map(Column::Field);
    named.or_else(field).ok_or_else(|| {
        let known: Vec<&str> = NAMED.iter().map(|(known, ..)| *known).collect();
        Problem::invalid_request(format!(
            "columns must be among {} and {FIELD}<id of a custom field>.",
            known.join(", ")
        ))
    })
}

/// The line of headings. A field that is not there has none.
pub(super) fn headings(columns: &[Column], fields: &BTreeMap<CustomFieldId, String>) -> String {
    let heading = |column: &Column| match column {
        Column::Field(id) => fields.get(id).map_or("", String::as_str),
        column => NAMED.iter().find(|(_, known, _)| known == column).map_or("", |(.., heading)| *heading),
    };
    let mut text = String::from(BYTE_ORDER_MARK);
    csv::push_line(&mut text, columns.iter().map(heading));
    text
}

/// Adds the line of an agent.
pub(super) fn push_agent(text: &mut String, columns: &[Column], agent: &Agent) {
    let cells: Vec<String> = columns.iter().map(|column| cell(*column, agent)).collect();
    csv::push_line(text, cells.iter().map(String::as_str));
}

fn cell(column: Column, agent: &Agent) -> String {
    fn text(value: Option<&impl ToString>) -> String {
        value.map(ToString::to_string).unwrap_or_default()
    }
    match column {
        Column::Name => agent.name().to_owned(),
        Column::Hostname => agent.hostname.clone(),
        Column::Status => agent.status.clone(),
        Column::Client => agent.client_name.clone(),
        Column::Site => agent.site_name.clone(),
        Column::Os => format!("{} {}", agent.os_name, agent.os_version),
        Column::Cpu => text(agent.cpu_percent.as_ref()),
        Column::Memory => text(agent.memory_percent.as_ref()),
        Column::Disk => text(agent.disk_percent.as_ref()),
        Column::User => text(agent.logged_in_user.as_ref()),
        Column::LastSeen => text(agent.last_seen_at.map(|at| at.0).as_ref()),
        Column::Uptime => text(agent.uptime_seconds.as_ref()),
        Column::Ip => text(agent.public_ip.as_ref()),
        Column::Version => agent.agent_version.clone(),
        Column::Arch => agent.arch.clone(),
        Column::State => agent.state.clone(),
        Column::Serial => agent.serial.clone().unwrap_or_default(),
        Column::Manufacturer => agent.manufacturer.clone().unwrap_or_default(),
        Column::Model => agent.model.clone().unwrap_or_default(),
        Column::Enrolled => agent.enrolled_at.0.to_string(),
        Column::Tags => agent.tags.join(", "),
        Column::Field(id) => text(agent.custom_fields.get(&id)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_and_unknown_ones_refused() {
        let id = CustomFieldId::generate();
        let named = columns(Some(&format!("name, tags,field.{id},name"))).unwrap();
        assert_eq!(named, [Column::Name, Column::Tags, Column::Field(id), Column::Name]);
        assert_eq!(columns(Some(" , ")).unwrap().len(), NAMED.len());
        assert_eq!(columns(None).unwrap().len(), NAMED.len());
        for wrong in ["names", "field.", "field.x", "name;tags", &"name,".repeat(COLUMNS_MAX + 1)] {
            assert_eq!(columns(Some(wrong)).unwrap_err().code, "invalid_request", "{wrong}");
        }
    }

    #[test]
    fn headings_are_those_of_the_table() {
        let id = CustomFieldId::generate();
        let fields = BTreeMap::from([(id, "=Rack".to_owned())]);
        let line = headings(&[Column::Os, Column::Field(id), Column::Field(CustomFieldId::generate())], &fields);
        assert_eq!(line, "\u{feff}System,\"'=Rack\",\r\n");
    }
}
