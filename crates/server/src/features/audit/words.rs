//! Each action in plain words: one template per action.
//!
//! `{actor}` and `{target}` are names, `{changes}` is what was and what is, any other `{name}` is taken from the event's `detail` (`{a.b}`: `b`
//! of its `a`). A part in square brackets is left out when something in it is not known.
//!
//! WHEN ADDING AN ACTION: it gets its words here; a test over all operations fails until it has them.

use serde_json::Value;

use super::model::Change;

/// Longest value in a sentence, characters.
const VALUE_MAX: usize = 120;

const TEMPLATES: &[(&str, &str)] = &[
    ("agent.adopted", "{actor} let {target} go on with the identity of the newer record {adopted_hostname}"),
    ("agent.approved", "{actor} let the machine {target} in"),
    (
        "agent.cloned",
        "Two machines used the identity of {target}, which is quarantined: {first.hostname}[ at {first.ip}], {second.hostname}[ at {second.ip}]",
    ),
    ("agent.deleted", "{actor} removed the machine {target}[ from {client_name}, {site_name}]"),
    ("agent.enrolled", "{target} enrolled itself[ with the site key {site_key_name}]"),
    ("agent.expired", "{target} was removed after {remove_after_days} days offline"),
    ("agent.exported", "{actor} saved a list of {count} machines as a file"),
    ("agent.key_requested", "{actor} gave {target} another key"),
    ("agent.key_revoked", "{actor} revoked the key of {target}[: {reason}]"),
    ("agent.key_rotated", "{target} took another key"),
    ("agent.merged", "{actor} let the machine {target} go on with a record that it had before"),
    ("agent.quarantined", "{actor} quarantined {target}[: {reason}]"),
    ("agent.refused", "A machine[ named {hostname}] came with the site key {target}, which is {reason}"),
    ("agent.rejected", "{actor} sent the machine {target} away[ from {client_name}, {site_name}]"),
    ("agent.released", "{actor} released {target} from quarantine"),
    ("agent.unenrolled", "{target} left by itself"),
    ("agent.updated", "{actor} changed the machine {target}[: {changes}]"),
    ("api_key.created", "{actor} made the API key {target}"),
    ("api_key.revoked", "{actor} revoked the API key {target}"),
    ("audit.exported", "{actor} saved the audit log as a file[ ({format})]"),
    ("audit.retention_changed", "{actor} changed for how long the audit log is kept[: {changes}]"),
    ("audit.trimmed", "{actor} removed {count} events that were older than the audit log is kept"),
    ("client.created", "{actor} created the client {target}"),
    ("client.deleted", "{actor} deleted the client {target}"),
    ("client.updated", "{actor} changed the client {target}[: {changes}]"),
    ("command.approved", "{actor} approved a command on {target}[ that {asked_by} had asked for][: {command}]"),
    ("command.cancel_requested", "{actor} cancelled a command on {target}"),
    ("command.created", "{actor} ran a command on {target}[: {command}]"),
    ("command_run.approved", "{actor} approved a run[ that {asked_by} had asked for][: {command}][; {reason}]"),
    ("command_run.created", "{actor} asked for a run[ of the script {script}] on {machines} machines[: {command}]"),
    ("command_run.rejected", "{actor} rejected a run[ that {asked_by} had asked for][: {command}][; {reason}]"),
    ("command_run.stopped", "{actor} stopped a run[: {command}]"),
    ("custom_field.created", "{actor} created the field {target}[ ({kind})]"),
    ("custom_field.deleted", "{actor} deleted the field {target}[, and what it said of {agent_count} machines]"),
    ("custom_field.updated", "{actor} changed the field {target}[: {changes}]"),
    ("finding.dismissed", "{actor} dismissed what was found about {target}: {kind}"),
    ("grant.created", "{actor} gave {target} a grant: {grant.effect} {grant.role}, {grant.place}"),
    ("grant.deleted", "{actor} took a grant from {target}: {grant.effect} {grant.role}, {grant.place}"),
    ("history.retention_changed", "{actor} changed for how long measurements are kept[: {changes}]"),
    ("invitation.created", "{actor} invited {target}"),
    ("invitation.revoked", "{actor} took back the invitation of {target}"),
    ("operator.made", "{actor} made {target} an operator of the platform"),
    ("operator.unmade", "{actor} took from {target} what operators of the platform may do"),
    ("organisation.commands_started", "{actor} let commands start again"),
    ("organisation.commands_stopped", "{actor} stopped all commands[: {reason}]"),
    ("organisation.created", "{actor} created the organisation {target}"),
    ("organisation.limits_changed", "{actor} changed the limits of the organisation[: {changes}]"),
    ("organisation.updated", "{actor} changed the organisation {target}[: {changes}]"),
    ("request.refused", "{actor} was refused {method} {target}[: “{answer}”][; {passed_over} more attempts before it]"),
    ("role.created", "{actor} created the role {target}"),
    ("role.deleted", "{actor} deleted the role {target}"),
    ("role.updated", "{actor} changed the role {target}[: {changes}]"),
    ("saved_view.created", "{actor} saved the view {target}"),
    ("saved_view.deleted", "{actor} deleted the view {target}[ of {owner_name}]"),
    ("saved_view.updated", "{actor} changed the view {target}[: {changes}]"),
    ("schedule.approved", "{actor} agreed to runs of the schedule {target} on up to {machines_max} machines"),
    ("schedule.created", "{actor} made the schedule {target}[: {when}][, the script {script}]"),
    ("schedule.deleted", "{actor} deleted the schedule {target}"),
    ("schedule.paused", "{actor} paused the schedule {target}"),
    ("schedule.resumed", "{actor} let the schedule {target} work again"),
    ("schedule.skipped", "The schedule {target} of {actor} ran nothing although it was due[: {reason}]"),
    ("schedule.suspended", "The schedule {target} of {actor} was suspended[: {reason}]"),
    ("schedule.updated", "{actor} changed the schedule {target}[: {changes}]"),
    ("script.created", "{actor} saved the script {target}"),
    ("script.updated", "{actor} changed the script {target}[: {changes}]"),
    ("script_version.approved", "{actor} approved version {version} of the script {target}"),
    ("script_version.created", "{actor} saved version {version} of the script {target}"),
    ("script_version.withdrawn", "{actor} withdrew the approval of version {version} of the script {target}"),
    ("session.closed", "{actor} logged out"),
    ("session.opened", "{actor} logged in"),
    ("session.refused", "{actor} gave a wrong password for {target}[; {passed_over} more attempts before it]"),
    ("session.revoked", "{actor} ended a session"),
    ("setup.completed", "{actor} completed the set-up"),
    ("site.created", "{actor} created the site {target}[ of {client_name}]"),
    ("site.deleted", "{actor} deleted the site {target}[ of {client_name}]"),
    ("site.updated", "{actor} changed the site {target}[: {changes}]"),
    ("site_key.created", "{actor} created the site key {target}"),
    ("site_key.regenerated", "{actor} made the site key {target} anew"),
    ("site_key.renewed", "{actor} renewed the site key {target}"),
    ("site_key.revoked", "{actor} revoked the site key {target}"),
    ("site_key.updated", "{actor} changed the site key {target}[: {changes}]"),
    ("user.disabled", "{actor} closed the account of {target}"),
    ("user.enabled", "{actor} opened the account of {target} again"),
    ("user.joined", "{target} joined the organisation[ as {roles}]"),
    ("user.password_changed", "{actor} changed their password"),
    ("user.password_reset", "{actor} set a new password with the link that they were sent"),
    ("user.removed", "{actor} removed {target} from the organisation"),
    ("user.renamed", "{actor} changed their name[: {changes}]"),
    ("user.reset_link_made", "{actor} made a link for a new password of {target}"),
    ("user.resumed", "{actor} let {target} in again"),
    ("user.signed_out", "{actor} ended the sessions of {target}"),
    ("user.suspended", "{actor} suspended {target}"),
];

/// Every action that has words.
pub fn actions() -> impl Iterator<Item = &'static str> {
    TEMPLATES.iter().map(|(action, _)| *action)
}

/// Who did what, by their names at the time.
pub(super) struct Names<'a> {
    pub(super) actor_kind: &'a str,
    pub(super) actor: Option<&'a str>,
    pub(super) on_behalf_of: Option<&'a str>,
    pub(super) target_kind: Option<&'a str>,
    pub(super) target: Option<&'a str>,
}

impl Names<'_> {
    fn actor(&self) -> String {
        let actor = self.actor.unwrap_or(match self.actor_kind {
            "system" => "The server",
            "agent" => "A machine",
            "operator" => "The operator of the server",
            _ => "Somebody",
        });
        let actor = match self.actor_kind {
            "api_key" => format!("{actor}, by an API key,"),
            "schedule" => format!("{actor}, by a schedule,"),
            _ => actor.to_owned(),
        };
        match self.on_behalf_of {
            Some(other) => format!("{actor}, on behalf of {other},"),
            None => actor,
        }
    }
}

/// One sentence. An action without words of its own is told by its name.
pub(super) fn summary(action: &str, names: &Names<'_>, detail: &Value, changes: &[Change]) -> String {
    let value = |name: &str| match name {
        "actor" => Some(names.actor()),
        "target" => names.target.or(names.target_kind).map(str::to_owned),
        "changes" => listed(changes),
        path => text(path.split('.').fold(detail, |value, name| &value[name])),
    };
    match TEMPLATES.iter().find(|(known, _)| *known == action) {
        Some((_, template)) => fill(template, &value),
        None => fill(&format!("{{actor}}: {}[, {{target}}]", action.replace(['.', '_'], " ")), &value),
    }
}

/// What differs between `before` and `after`, in the order of their names. Ids are left out where their names stand beside them.
pub(super) fn changes(detail: &Value) -> Vec<Change> {
    let (Some(before), Some(after)) = (detail["before"].as_object(), detail["after"].as_object()) else {
        return Vec::new();
    };
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let is_shadow =
        |name: &str| name.strip_suffix("_id").is_some_and(|name| after.contains_key(&format!("{name}_name")));
    let value = |of: &serde_json::Map<String, Value>, name: &str| of.get(name).and_then(full_text);
    names
        .into_iter()
        .filter(|name| !is_shadow(name))
        .map(|name| Change { field: name.clone(), before: value(before, name), after: value(after, name) })
        .filter(|change| change.before != change.after)
        .collect()
}

fn listed(changes: &[Change]) -> Option<String> {
    let shown = |value: &Option<String>| value.as_deref().map_or_else(|| "nothing".to_owned(), short);
    let change = |change: &Change| {
        format!("{} {} → {}", change.field.replace('_', " "), shown(&change.before), shown(&change.after))
    };
    (!changes.is_empty()).then(|| changes.iter().map(change).collect::<Vec<_>>().join(", "))
}

fn full_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn text(value: &Value) -> Option<String> {
    full_text(value).as_deref().map(short)
}

/// One line, and not a long one.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(VALUE_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn fill(template: &str, value: &impl Fn(&str) -> Option<String>) -> String {
    let mut sentence = String::new();
    let mut rest = template;
    while let Some(start) = rest.find('[') {
        let (before, part) = rest.split_at(start);
        let (part, after) = part[1..].split_once(']').unwrap_or((&part[1..], ""));
        sentence.push_str(&fill_part(before, value).0);
        if let (text, true) = fill_part(part, value) {
            sentence.push_str(&text);
        }
        rest = after;
    }
    sentence + &fill_part(rest, value).0
}

/// A part with its values, and whether all were known.
fn fill_part(part: &str, value: &impl Fn(&str) -> Option<String>) -> (String, bool) {
    let (mut text, mut is_known, mut rest) = (String::new(), true, part);
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let found = value(name);
        is_known &= found.is_some();
        text.push_str(before);
        text.push_str(found.as_deref().unwrap_or("—"));
        rest = after;
    }
    text.push_str(rest);
    (text, is_known)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PERSON: Names<'static> = Names {
        actor_kind: "user",
        actor: Some("Technician One"),
        on_behalf_of: None,
        target_kind: Some("client"),
        target: Some("Example [old] {actor}"),
    };

    fn said(action: &str, names: &Names<'_>, detail: &Value) -> String {
        summary(action, names, detail, &changes(detail))
    }

    #[test]
    fn a_change_tells_what_was_and_what_is() {
        let detail = json!({
            "before": { "name": "Example", "kind": "internal", "site_id": 1, "site_name": "A", "same": 1 },
            "after": { "name": "Other", "kind": null, "site_id": 2, "site_name": "B", "same": 1 },
        });
        assert_eq!(
            said("client.updated", &PERSON, &detail),
            "Technician One changed the client Example [old] {actor}: kind internal → nothing, name Example → Other, site name A → B"
        );
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let server = Names { actor_kind: "system", actor: None, target: None, target_kind: None, ..PERSON };
        assert_eq!(said("site.created", &PERSON, &json!({})), "Technician One created the site Example [old] {actor}");
        assert_eq!(said("site_key.renewed", &server, &json!({})), "The server renewed the site key —");
        assert_eq!(said("thing.was_done", &server, &json!({})), "The server: thing was done");
        let behalf = Names { on_behalf_of: Some("Technician Two"), ..PERSON };
        assert_eq!(
            said("session.closed", &behalf, &Value::Null),
            "Technician One, on behalf of Technician Two, logged out"
        );
    }

    #[test]
    fn a_long_command_is_one_short_line() {
        let detail = json!({ "command": format!("echo\n\n{}", "x ".repeat(200)) });
        let sentence = said("command.created", &PERSON, &detail);
        assert!(
            sentence.contains(": echo x x") && sentence.ends_with('…') && sentence.chars().count() < 200,
            "{sentence}"
        );
    }

    #[test]
    fn templates_are_in_order_and_whole() {
        assert!(actions().is_sorted(), "sorted, so that one is found");
        for (action, template) in TEMPLATES {
            for (open, close) in [('[', ']'), ('{', '}')] {
                assert_eq!(template.matches(open).count(), template.matches(close).count(), "{action}");
            }
        }
    }
}
