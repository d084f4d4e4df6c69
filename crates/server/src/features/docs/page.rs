//! The page: every operation by tag, every schema by name.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::html::{anchor, escape, prose};
use super::schema::{fields, link, referenced, row, table, type_words};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

struct Operation<'a> {
    method: &'static str,
    path: &'a str,
    value: &'a Value,
}

impl Operation<'_> {
    fn id(&self) -> String {
        anchor("operation", self.value["operationId"].as_str().unwrap_or(self.path))
    }

    fn summary(&self) -> &str {
        self.value["summary"].as_str().unwrap_or("")
    }
}

/// Renders the document.
pub(super) fn render(document: &Value, style: &str) -> String {
    let tags = by_tag(document);
    let title = escape(document["info"]["title"].as_str().unwrap_or("API"));
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>{title} API</title><style>{style}</style></head><body>"
    );
    html.push_str(&navigation(&tags, document));
    write!(html, "<main><h1>{title} API</h1>{}", introduction(document)).ok();
    for (tag, operations) in &tags {
        write!(html, "<section id=\"{}\"><h2>{}</h2>", anchor("tag", tag), escape(&capitalised(tag))).ok();
        for operation in operations {
            html.push_str(&article(operation, document));
        }
        html.push_str("</section>");
    }
    html.push_str(&schemas(document));
    html.push_str("</main></body></html>");
    html
}

fn by_tag(document: &Value) -> BTreeMap<&str, Vec<Operation<'_>>> {
    let mut tags: BTreeMap<&str, Vec<Operation<'_>>> = BTreeMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            if let Some(value) = item.get(method) {
                let tag = value["tags"][0].as_str().unwrap_or("other");
                tags.entry(tag).or_default().push(Operation { method, path, value });
            }
        }
    }
    tags
}

fn capitalised(tag: &str) -> String {
    let mut characters = tag.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn navigation(tags: &BTreeMap<&str, Vec<Operation<'_>>>, document: &Value) -> String {
    let mut html = "<nav aria-label=\"Operations\">".to_owned();
    for (tag, operations) in tags {
        write!(html, "<h2><a href=\"#{}\">{}</a></h2><ul>", anchor("tag", tag), escape(&capitalised(tag))).ok();
        for operation in operations {
            write!(html, "<li><a href=\"#{}\">{}</a></li>", operation.id(), escape(operation.summary())).ok();
        }
        html.push_str("</ul>");
    }
    html.push_str("<h2><a href=\"#schemas\">Schemas</a></h2><ul>");
    for name in document["components"]["schemas"].as_object().into_iter().flatten().map(|(name, _)| name) {
        write!(html, "<li>{}</li>", link(name)).ok();
    }
    html.push_str("</ul></nav>");
    html
}

fn introduction(document: &Value) -> String {
    let version = escape(document["info"]["version"].as_str().unwrap_or(""));
    let description = prose(document["info"]["description"].as_str().unwrap_or(""));
    format!(
        "<p>{description}</p><p>Version {version}. The same for programs: <a href=\"/api/openapi.json\">openapi.json</a>.</p>\
         <p>Lists come in pages: <code>items</code>, and in <code>next</code> the cursor that <code>?after=</code> takes for the page \
         that follows, or null on the last. Times are RFC 3339 in UTC.</p>\
         <p>What fails is answered by a {} (<code>application/problem+json</code>). Programs look at its <code>code</code>; \
         <code>request_id</code> finds the request in the server's log.</p>",
        link("Problem")
    )
}

fn article(operation: &Operation<'_>, document: &Value) -> String {
    let (id, method, path) = (operation.id(), operation.method, escape(operation.path));
    let mut html = format!(
        "<article id=\"{id}\"><h3><a href=\"#{id}\">{}</a></h3>\
         <p class=\"address\"><b class=\"{method}\">{}</b> <code>{path}</code>{}</p>",
        escape(operation.summary()),
        method.to_uppercase(),
        needs(operation),
    );
    if let Some(description) = operation.value["description"].as_str() {
        write!(html, "<p>{}</p>", prose(description)).ok();
    }
    html.push_str(&parameters(operation));
    if let Some((media, schema)) = content(&operation.value["requestBody"]) {
        write!(html, "<h4>Body</h4>{}", body(media, schema, document)).ok();
    }
    for (status, response) in operation.value["responses"].as_object().into_iter().flatten() {
        html.push_str(&answer(status, response, document));
    }
    html.push_str("</article>");
    html
}

/// Who may call it, as the document says.
fn needs(operation: &Operation<'_>) -> String {
    match operation.value["x-permission"].as_str().unwrap_or_default() {
        "public" => " <i>public</i>".to_owned(),
        "own" => " <i>for everybody who is signed in</i>".to_owned(),
        "operator" => " <i>for operators of the platform</i>".to_owned(),
        permission => format!(" <i>needs {}</i>", escape(permission)),
    }
}

fn parameters(operation: &Operation<'_>) -> String {
    let mut rows = String::new();
    for parameter in operation.value["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or("");
        let place = parameter["in"].as_str().unwrap_or("");
        let need = if parameter["required"].as_bool() == Some(true) { "" } else { ", optional" };
        let description = parameter["description"].as_str();
        row(&mut rows, name, &format!("{place}{need}"), &parameter["schema"], description);
    }
    if rows.is_empty() { rows } else { format!("<h4>Parameters</h4>{}", table("Parameter", &rows)) }
}

/// The first media type of a body or an answer, and its schema.
fn content(value: &Value) -> Option<(&str, &Value)> {
    let (media, content) = value["content"].as_object()?.iter().next()?;
    Some((media, &content["schema"]))
}

/// A schema by name and with its fields, so that the reader need not follow the link.
fn body(media: &str, schema: &Value, document: &Value) -> String {
    let note = if media == "application/json" { String::new() } else { format!(" (<code>{}</code>)", escape(media)) };
    match referenced(schema) {
        Some(name) => {
            format!("<p>{}{note}</p>{}", type_words(schema), fields(&document["components"]["schemas"][name]))
        }
        None if note.is_empty() => fields(schema),
        None => format!("{}<p>{note}</p>", fields(schema)),
    }
}

fn answer(status: &str, response: &Value, document: &Value) -> String {
    let title = format!("<h4>Answer {}</h4>", escape(status));
    match content(response) {
        None => format!(
            "{title}<p>{}</p>",
            prose(response["description"].as_str().filter(|text| !text.is_empty()).unwrap_or("No body."))
        ),
        // every operation fails in the same form: its fields once, among the schemas, are enough
        Some((_, schema)) if !status.starts_with('2') => format!("{title}<p>{}</p>", type_words(schema)),
        Some((media, schema)) => format!("{title}{}", body(media, schema, document)),
    }
}

fn schemas(document: &Value) -> String {
    let mut html = "<section id=\"schemas\"><h2>Schemas</h2>".to_owned();
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let description = prose(schema["description"].as_str().unwrap_or(""));
        let (id, name) = (anchor("schema", name), escape(name));
        write!(
            html,
            "<article id=\"{id}\"><h3><a href=\"#{id}\">{name}</a></h3><p>{description}</p>{}</article>",
            fields(schema)
        )
        .ok();
    }
    html.push_str("</section>");
    html
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_operation_is_shown_whole_and_harmless() {
        let html = render(
            &json!({
                "info": { "title": "<Product>", "description": "About `it`.", "version": "1" },
                "paths": { "/api/clients/{id}": { "patch": {
                    "tags": ["clients"], "summary": "Rename <it>", "operationId": "client_update", "x-permission": "clients.<edit>",
                    "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } }],
                    "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/ClientUpdate" } } } },
                    "responses": { "204": { "description": "" }, "4XX": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Problem" } } } } },
                } } },
                "components": { "schemas": { "ClientUpdate": { "type": "object", "properties": { "name": { "type": "string" } } }, "Problem": {} } },
            }),
            "",
        );
        for part in [
            "&lt;Product&gt; API",
            "<article id=\"operation-client_update\">",
            "<b class=\"patch\">PATCH</b> <code>/api/clients/{id}</code> <i>needs clients.&lt;edit&gt;</i></p>",
            "<td><code>id</code></td><td>id</td><td>path</td>",
            "<td><code>name</code></td><td>string</td><td>optional</td>",
            "<h4>Answer 204</h4><p>No body.</p>",
            "<h4>Answer 4XX</h4><p><a href=\"#schema-Problem\">Problem</a></p>",
        ] {
            assert!(html.contains(part), "{part} is missing in {html}");
        }
        assert!(!html.contains("<it>"));
    }

    #[test]
    fn every_operation_of_this_server_is_on_the_page() {
        let document = serde_json::to_value(crate::app::openapi()).unwrap();
        let html = render(&document, "");
        let operations = by_tag(&document);
        for operation in operations.values().flatten() {
            assert!(html.contains(&format!("<article id=\"{}\">", operation.id())), "{}", operation.path);
            assert!(!operation.summary().is_empty(), "{} has no summary", operation.path);
        }
        assert!(operations.values().map(Vec::len).sum::<usize>() > 10);
        for target in html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(html.contains(&format!("id=\"{target}\"")), "the link to {target} leads nowhere");
        }
    }
}
