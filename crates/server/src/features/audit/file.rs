//! The log as a file: CSV for people, JSON for programs. Written piece by piece.

use serde_json::{Map, Value};

use super::db::Filter;
use super::filter::Format;
use super::model::AuditEvent;
use crate::platform::csv::{self, BYTE_ORDER_MARK};

const COLUMNS: [&str; 18] = [
    "Time",
    "Summary",
    "Outcome",
    "Action",
    "Actor kind",
    "Actor",
    "Actor id",
    "On behalf of",
    "Target kind",
    "Target",
    "Target id",
    "Machine id",
    "Client id",
    "Site id",
    "Address",
    "Session id",
    "Request id",
    "Detail",
];

impl Format {
    /// How the file's name ends.
    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

impl Filter {
    /// What was asked for, without what was not.
    pub fn told(&self) -> Value {
        let value = |name: &str, value: Option<String>| value.map(|value| (name.to_owned(), Value::String(value)));
        let parts = [
            value("action", self.actions.as_ref().map(|actions| actions.join(", "))),
            value("outcome", self.outcome.map(str::to_owned)),
            value("actor_id", self.actor_id.map(|id| id.to_string())),
            value("target_id", self.target_id.map(|id| id.to_string())),
            value("agent_id", self.agent_id.map(|id| id.to_string())),
            value("client_id", self.client_id.map(|id| id.to_string())),
            value("site_id", self.site_id.map(|id| id.to_string())),
            value("session_id", self.session_id.map(|id| id.to_string())),
            value("api_key_id", self.api_key_id.map(|id| id.to_string())),
            value("from", self.from.map(|at| at.0.to_string())),
            value("to", self.to.map(|at| at.0.to_string())),
            value("search", self.search.clone()),
        ];
        Value::Object(parts.into_iter().flatten().collect::<Map<_, _>>())
    }
}

/// The events, with what stands around them at the beginning and the end of the file.
pub(super) fn piece(format: Format, events: &[AuditEvent], is_first: bool, is_last: bool) -> String {
    match format {
        Format::Csv => csv_piece(events, is_first),
        Format::Json => json_piece(events, is_first, is_last),
    }
}

fn csv_piece(events: &[AuditEvent], is_first: bool) -> String {
    let mut text = String::new();
    if is_first {
        text.push_str(BYTE_ORDER_MARK);
        csv::push_line(&mut text, COLUMNS);
    }
    for event in events {
        let cells = cells(event);
        csv::push_line(&mut text, cells.iter().map(String::as_str));
    }
    text
}

fn cells(event: &AuditEvent) -> [String; 18] {
    fn text(value: Option<&impl ToString>) -> String {
        value.map(ToString::to_string).unwrap_or_default()
    }
    [
        event.occurred_at.0.to_string(),
        event.summary.clone(),
        event.outcome.clone(),
        event.action.clone(),
        event.actor_kind.clone(),
        text(event.actor_name.as_ref()),
        text(event.actor_id.as_ref()),
        text(event.on_behalf_of_name.as_ref()),
        text(event.target_kind.as_ref()),
        text(event.target_name.as_ref()),
        text(event.target_id.as_ref()),
        text(event.agent_id.as_ref()),
        text(event.client_id.as_ref()),
        text(event.site_id.as_ref()),
        text(event.ip.as_ref()),
        text(event.session_id.as_ref()),
        text(event.request_id.as_ref()),
        event.detail.to_string(),
    ]
}

fn json_piece(events: &[AuditEvent], is_first: bool, is_last: bool) -> String {
    let mut text = String::from(if is_first { "[" } else { "" });
    for (index, event) in events.iter().enumerate() {
        text.push_str(if is_first && index == 0 { "\n" } else { ",\n" });
        text.push_str(&serde_json::to_string(event).unwrap_or_default());
    }
    text.push_str(if is_last { "\n]\n" } else { "" });
    text
}
