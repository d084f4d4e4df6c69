//! `gururmm-server config`: the values in force and where each came from. Passwords inside addresses are not shown.

use std::fmt::Write as _;

use figment::Figment;
use url::Url;

use super::Config;

/// The configuration as lines of `name = value   # source`.
pub fn show(figment: &Figment, config: &Config) -> String {
    let mut lines = String::new();
    let value = serde_json::to_value(config).unwrap_or_default();
    walk(&mut lines, figment, "", &value);
    lines
}

fn walk(lines: &mut String, figment: &Figment, path: &str, value: &serde_json::Value) {
    let serde_json::Value::Object(fields) = value else {
        let source = figment.find_metadata(path).map_or_else(|| "built in".to_owned(), source);
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
        _ => "built in".to_owned(),
    }
}

fn shown(value: &serde_json::Value) -> String {
    if let Some(mut url) = value.as_str().and_then(|text| Url::parse(text).ok())
        && url.password().is_some()
    {
        url.set_password(Some("***")).ok();
        return format!("\"{url}\"");
    }
    value.to_string()
}
