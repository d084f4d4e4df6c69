//! JSON schemas as HTML: a type in a few words, an object as a table of its fields.

use std::fmt::Write as _;

use serde_json::Value;

use super::html::{anchor, escape, prose};

const REFERENCE: &str = "#/components/schemas/";

/// The name of the component that a schema refers to.
pub(super) fn referenced(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix(REFERENCE)
}

/// A type in a few words, with links to what has a name.
pub(super) fn type_words(schema: &Value) -> String {
    if let Some(name) = referenced(schema) {
        return link(name);
    }
    for (key, word) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")] {
        if let Some(choices) = schema[key].as_array() {
            return choices.iter().map(type_words).collect::<Vec<_>>().join(word);
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        return values
            .iter()
            .map(|value| format!("<code>{}</code>", escape(&plain(value))))
            .collect::<Vec<_>>()
            .join(" or ");
    }
    match &schema["type"] {
        Value::String(name) => simple(name, schema),
        Value::Array(names) => {
            names.iter().filter_map(Value::as_str).map(|name| simple(name, schema)).collect::<Vec<_>>().join(" or ")
        }
        _ => "any".to_owned(),
    }
}

fn simple(name: &str, schema: &Value) -> String {
    match (name, schema["format"].as_str()) {
        ("array", _) => format!("list of {}", type_words(&schema["items"])),
        ("string", Some("date-time")) => "time".to_owned(),
        ("string", Some("uuid")) => "id".to_owned(),
        _ => escape(name),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A link to a named schema.
pub(super) fn link(name: &str) -> String {
    format!("<a href=\"#{}\">{}</a>", anchor("schema", name), escape(name))
}

/// The fields of a schema as a table; of anything but an object, its type in words.
pub(super) fn fields(schema: &Value) -> String {
    if let Some(choices) = schema["oneOf"].as_array()
        && choices.iter().any(|choice| choice["properties"].is_object())
    {
        return choices.iter().map(fields).collect::<Vec<_>>().join("<p>or</p>");
    }
    let Some(properties) = schema["properties"].as_object() else {
        return format!("<p>{}</p>", type_words(schema));
    };
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut rows = String::new();
    for (name, field) in properties {
        let need = if required.contains(&name.as_str()) { "" } else { "optional" };
        row(&mut rows, name, need, field, description(field));
    }
    table("Field", &rows)
}

/// What a field means. Of one that may be null it stands beside the reference.
fn description(field: &Value) -> Option<&str> {
    let choices = field["oneOf"].as_array().into_iter().flatten();
    std::iter::once(field).chain(choices).find_map(|value| value["description"].as_str())
}

/// One row of a table of fields or parameters.
pub(super) fn row(rows: &mut String, name: &str, note: &str, schema: &Value, description: Option<&str>) {
    let (name, note, words) = (escape(name), escape(note), type_words(schema));
    let text = prose(description.unwrap_or(""));
    write!(rows, "<tr><td><code>{name}</code></td><td>{words}</td><td>{note}</td><td>{text}</td></tr>").ok();
}

/// A table of fields or parameters.
pub(super) fn table(first: &str, rows: &str) -> String {
    format!(
        "<div class=\"table\"><table><thead><tr><th scope=\"col\">{}</th><th scope=\"col\">Type</th><th scope=\"col\">Note</th>\
         <th scope=\"col\">Meaning</th></tr></thead><tbody>{rows}</tbody></table></div>",
        escape(first)
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_are_told_in_words_with_links() {
        let link = "<a href=\"#schema-Client\">Client</a>";
        for (schema, words) in [
            (json!({ "$ref": "#/components/schemas/Client" }), link.to_owned()),
            (json!({ "type": "array", "items": { "$ref": "#/components/schemas/Client" } }), format!("list of {link}")),
            (json!({ "type": ["string", "null"], "format": "date-time" }), "time or null".to_owned()),
            (json!({ "oneOf": [{ "type": "null" }, { "type": "string", "format": "uuid" }] }), "null or id".to_owned()),
            (
                json!({ "type": "string", "enum": ["asc", "<desc>"] }),
                "<code>asc</code> or <code>&lt;desc&gt;</code>".to_owned(),
            ),
            (json!({}), "any".to_owned()),
        ] {
            assert_eq!(type_words(&schema), words, "{schema}");
        }
    }

    #[test]
    fn fields_are_escaped_and_tell_whether_they_may_be_left_out() {
        let html = fields(&json!({
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": { "type": "string", "description": "<script>alert(1)</script>" },
                "kind": { "type": "string" },
                "site_id": { "oneOf": [{ "type": "null" }, { "type": "string", "description": "Where it is." }] },
            },
        }));
        assert!(!html.contains("<script>"), "{html}");
        assert!(html.contains("<td><code>kind</code></td><td>string</td><td>optional</td>"), "{html}");
        assert!(html.contains("<td>Where it is.</td>"), "{html}");
        assert!(html.contains("<td><code>name</code></td><td>string</td><td></td>"), "{html}");
    }
}
