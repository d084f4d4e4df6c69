//! The values of parameters for one machine.

use std::collections::BTreeMap;

use crate::parameters::{Kind, Parameter, Source, VALUES_MAX};

/// The value of every parameter for one machine; a parameter without one is left out. An error has the name of its parameter.
pub fn values(
    parameters: &[Parameter],
    given: &BTreeMap<String, String>,
    machine: &dyn Fn(&Source) -> Option<String>,
) -> Result<BTreeMap<String, String>, Vec<(String, String)>> {
    let is_known = |name: &str| parameters.iter().any(|parameter| parameter.name == name);
    let unknown = given.keys().filter(|name| !is_known(name));
    let mut wrong: Vec<_> =
        unknown.map(|name| (name.clone(), "The script has no such parameter.".to_owned())).collect();
    let mut values = BTreeMap::new();
    let mut bytes = 0;
    for parameter in parameters {
        match value(parameter, given.get(&parameter.name).map(String::as_str), machine) {
            Ok(None) => {}
            Ok(Some(value)) => {
                let is_over = bytes > VALUES_MAX;
                bytes += value.len();
                if bytes > VALUES_MAX && !is_over {
                    let message = format!("All values together have at most {} KiB.", VALUES_MAX / 1024);
                    wrong.push((parameter.name.clone(), message));
                }
                values.insert(parameter.name.clone(), value);
            }
            Err(message) => wrong.push((parameter.name.clone(), message)),
        }
    }
    if wrong.is_empty() { Ok(values) } else { Err(wrong) }
}

fn value(
    parameter: &Parameter,
    given: Option<&str>,
    machine: &dyn Fn(&Source) -> Option<String>,
) -> Result<Option<String>, String> {
    let (found, missing) = match parameter.kind {
        Kind::Vault => {
            return Err("This script asks for a secret from the vault, which this server does not have yet.".to_owned());
        }
        Kind::AgentField | Kind::CustomField if given.is_some() => {
            return Err("Each machine has its own value of this; leave it out.".to_owned());
        }
        Kind::AgentField | Kind::CustomField => {
            let found = parameter.source().and_then(|source| machine(&source)).filter(|value| !value.is_empty());
            (found, "The machine has no value of this.")
        }
        // a form sends what was left empty
        Kind::Number | Kind::Choice => (given.filter(|text| !text.is_empty()).map(str::to_owned), "Give a value."),
        Kind::String => (given.map(str::to_owned), "Give a value."),
    };
    match found.or_else(|| parameter.default.clone()) {
        Some(text) => parameter.fit(&text).map(Some),
        None if parameter.required => Err(missing.to_owned()),
        None => Ok(None),
    }
}

/// The values as the script's environment variables.
pub fn environment(values: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    values.iter().map(|(name, value)| (variable(name), value.clone())).collect()
}

pub(crate) fn variable(name: &str) -> String {
    format!("PARAM_{}", name.to_ascii_uppercase())
}
