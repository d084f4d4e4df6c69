//! `gururmm-server config`: the values in force and where each came from. Passwords inside addresses are not shown.

use std::fmt::Write as _;

use figment::Figment;
use url::Url;

use super::Config;

const BUILT_IN: &str = "built in";

/// The configuration as lines of `name = value   # source`.
pub fn show(figment: &Figment, config: &Config) -> String {
    let mut lines = String::new();
    let value = serde_json::to_value(config).unwrap_or_default();
    walk(&mut lines, figment, "", &value);
    lines
}

/// Whether nobody has set this value.
pub(super) fn is_built_in(figment: &Figment, path: &str) -> bool {
    figment.find_metadata(path).is_none_or(|metadata| source(metadata) == BUILT_IN)
}

fn walk(lines: &mut String, figment: &Figment, path: &str, value: &serde_json::Value) {
    let serde_json::Value::Object(fields) = value else {
        let source = figment.find_metadata(path).map_or_else(|| BUILT_IN.to_owned(), source);
        writeln!(lines, "{path} = {}   # {source}", shown(value)).ok();
        return;
    };
    for (name, value) in fields {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        walk(lines, figment, &path, value);
    }
}

fn source(metadata: &figment::Metadata) -> String {
    match &metadata.source {
        Some(figment::Source::File(file)) => file.display().to_string(),
        _ if metadata.name.contains("environment") => "environment".to_owned(),
        _ if metadata.name.contains("flags") => "flag".to_owned(),
        _ => BUILT_IN.to_owned(),
    }
}

fn shown(value: &serde_json::Value) -> String {
    match value.as_str().and_then(|text| Url::parse(text).ok()) {
        Some(mut url) if is_secret(&url) => {
            mask(&mut url);
            format!("\"{url}\"")
        }
        _ => value.to_string(),
    }
}

fn is_secret(url: &Url) -> bool {
    url.password().is_some() || url.query_pairs().any(|(name, _)| is_secret_name(&name))
}

/// PostgreSQL takes the password as a parameter too, and those of keys.
fn is_secret_name(name: &str) -> bool {
    name.to_lowercase().contains("password")
}

fn mask(url: &mut Url) {
    if url.password().is_some() {
        url.set_password(Some("***")).ok();
    }
    if url.query().is_some() {
        let shown: Vec<(String, String)> = url
            .query_pairs()
            .map(|(name, value)| {
                (name.to_string(), if is_secret_name(&name) { "***".into() } else { value.to_string() })
            })
            .collect();
        url.query_pairs_mut().clear().extend_pairs(shown);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown_wherever_it_stands() {
        let shown = |text: &str| shown(&serde_json::json!(text));
        assert_eq!(shown("postgres://gururmm:secret@192.0.2.1/rmm"), "\"postgres://gururmm:***@192.0.2.1/rmm\"");
        let by_parameter =
            shown("postgres://192.0.2.1/rmm?user=gururmm&password=secret&sslmode=require&sslpassword=other");
        assert_eq!(
            by_parameter,
            "\"postgres://192.0.2.1/rmm?user=gururmm&password=***&sslmode=require&sslpassword=***\""
        );
        assert_eq!(shown("postgres://gururmm@192.0.2.1/rmm"), "\"postgres://gururmm@192.0.2.1/rmm\"");
        assert_eq!(shown("/var/lib/gururmm-server"), "\"/var/lib/gururmm-server\"");
    }
}
