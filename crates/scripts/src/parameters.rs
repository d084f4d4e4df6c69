//! The parameters of a script's version: what may be given, and what reaches the script.
//!
//! A value is never put into the text of a script. It travels as the environment variable `PARAM_<NAME>`, so no value is ever
//! read as code, and none can set a variable of another name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::number;
use crate::values::variable;

/// Most parameters of a version.
pub const PARAMETERS_MAX: usize = 30;
/// Longest value, bytes.
pub const VALUE_MAX: usize = 4 * 1024;
/// Most bytes of all values together.
pub const VALUES_MAX: usize = 16 * 1024;
/// Most environment variables of a version.
pub const ENVIRONMENT_MAX: usize = 32;
/// Longest name of a parameter.
const NAME_MAX: usize = 40;
/// Longest name of an environment variable.
const VARIABLE_MAX: usize = 64;
/// Longest label and longest name of a field, characters.
const LABEL_MAX: usize = 100;
/// Most choices of a parameter.
const CHOICES_MAX: usize = 100;
/// Longest choice, characters.
const CHOICE_MAX: usize = 100;
/// Farthest bound of a number; up to there the bounds are exact.
const BOUND_MAX: f64 = 1e15;

/// One thing that a script asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Small letters, digits and `_`; the script reads `PARAM_<NAME>`.
    pub name: String,
    /// What a person reads beside the value.
    pub label: String,
    /// What its values are.
    pub kind: Kind,
    /// Whether the script cannot run without it.
    #[serde(default)]
    pub required: bool,
    /// What it is when nothing is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Smallest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Largest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Longest string, characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// What may be chosen, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// Where the value comes from: a property of the machine, a custom field or an entry of the vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// What the values of a parameter are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Text, which may have several lines.
    String,
    /// A decimal number, such as `-12.5`.
    Number,
    /// One of the parameter's choices.
    Choice,
    /// A property of the machine.
    AgentField,
    /// The machine's value of a custom field.
    CustomField,
    /// A secret.
    Vault,
}

/// A property of a machine that a script can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentField {
    /// As the machine calls itself.
    Hostname,
    /// As people call it.
    DisplayName,
    /// The name of its client.
    Client,
    /// The name of its site.
    Site,
    /// `linux`, `windows` or `macos`.
    Os,
    /// Its id.
    AgentId,
}

impl AgentField {
    const ALL: [Self; 6] = [Self::Hostname, Self::DisplayName, Self::Client, Self::Site, Self::Os, Self::AgentId];

    /// The name in a definition.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hostname => "hostname",
            Self::DisplayName => "display_name",
            Self::Client => "client",
            Self::Site => "site",
            Self::Os => "os",
            Self::AgentId => "agent_id",
        }
    }

    fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == text)
    }
}

/// Where a machine's own value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A property that every machine has.
    Agent(AgentField),
    /// The custom field that the definition names.
    Custom(String),
}

impl Parameter {
    /// The environment variable in which the script reads it.
    pub fn variable(&self) -> String {
        variable(&self.name)
    }

    /// Where the machine's value comes from; none when somebody gives it.
    pub fn source(&self) -> Option<Source> {
        let field = self.field.as_deref()?;
        match self.kind {
            Kind::AgentField => AgentField::named(field).map(Source::Agent),
            Kind::CustomField => Some(Source::Custom(field.to_owned())),
            Kind::String | Kind::Number | Kind::Choice | Kind::Vault => None,
        }
    }

    /// The value as the script gets it, or what is wrong with it.
    pub(crate) fn fit(&self, text: &str) -> Result<String, String> {
        match self.kind {
            Kind::String => self.fit_text(text),
            Kind::Number => self.fit_number(text),
            Kind::Choice if self.choices.iter().any(|choice| choice == text) => Ok(text.to_owned()),
            Kind::Choice => Err(format!("Choose one of: {}.", self.choices.join(", "))),
            Kind::AgentField | Kind::CustomField | Kind::Vault => plain(text),
        }
    }

    fn fit_text(&self, text: &str) -> Result<String, String> {
        match self.max_length {
            _ if self.required && text.trim().is_empty() => Err("Give a value.".to_owned()),
            Some(max) if text.chars().count() > max as usize => Err(format!("At most {max} characters.")),
            _ => plain(text),
        }
    }

    fn fit_number(&self, text: &str) -> Result<String, String> {
        let wrong = || "Give a decimal number, such as 12.5.".to_owned();
        let text = number::spelled(text.trim()).ok_or_else(wrong)?;
        let value: f64 = text.parse().map_err(|_| wrong())?;
        match (self.min, self.max) {
            (Some(min), Some(max)) if !(min..=max).contains(&value) => Err(format!("Between {min} and {max}.")),
            (Some(min), None) if value < min => Err(format!("At least {min}.")),
            (None, Some(max)) if value > max => Err(format!("At most {max}.")),
            _ => Ok(text),
        }
    }
}

/// Checks the parameters of a version that is to be saved. An error has the path of what is wrong, such as `parameters[2].default`.
pub fn check_definition(parameters: &[Parameter]) -> Result<(), Vec<(String, String)>> {
    let mut wrong = Vec::new();
    if parameters.len() > PARAMETERS_MAX {
        wrong.push(("parameters".to_owned(), format!("At most {PARAMETERS_MAX} parameters.")));
    }
    for (index, parameter) in parameters.iter().take(PARAMETERS_MAX).enumerate() {
        let mut say = |field: &str, message: String| wrong.push((format!("parameters[{index}].{field}"), message));
        check_name(parameter, &parameters[..index], &mut say);
        check_bounds(parameter, &mut say);
        check_choices(parameter, &mut say);
        check_field(parameter, &mut say);
        check_default(parameter, &mut say);
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn check_name(parameter: &Parameter, others: &[Parameter], say: &mut impl FnMut(&str, String)) {
    let Parameter { name, label, .. } = parameter;
    if !is_name(name) {
        let what = "Small letters, digits and _, a letter first";
        say("name", format!("{what}; at most {NAME_MAX} characters."));
    } else if others.iter().any(|other| other.name == *name) {
        say("name", format!("The parameter {name} is there twice."));
    }
    if let Err(message) = line(label, LABEL_MAX) {
        say("label", message);
    }
}

fn check_bounds(parameter: &Parameter, say: &mut impl FnMut(&str, String)) {
    let is_number = parameter.kind == Kind::Number;
    for (field, bound) in [("min", parameter.min), ("max", parameter.max)] {
        match bound {
            Some(_) if !is_number => say(field, "Only a number has bounds.".to_owned()),
            Some(bound) if !(-BOUND_MAX..=BOUND_MAX).contains(&bound) => {
                say(field, format!("Between -{BOUND_MAX} and {BOUND_MAX}."));
            }
            _ => {}
        }
    }
    if let (true, Some(min), Some(max)) = (is_number, parameter.min, parameter.max)
        && min > max
    {
        say("max", "The largest number is below the smallest one.".to_owned());
    }
    match parameter.max_length {
        Some(_) if parameter.kind != Kind::String => {
            say("max_length", "Only a string has a longest length.".to_owned());
        }
        Some(max) if !(1..=VALUE_MAX).contains(&(max as usize)) => {
            say("max_length", format!("Between 1 and {VALUE_MAX}."));
        }
        _ => {}
    }
}

fn check_choices(parameter: &Parameter, say: &mut impl FnMut(&str, String)) {
    let choices = &parameter.choices;
    match (parameter.kind == Kind::Choice, choices.len()) {
        (true, 1..=CHOICES_MAX) | (false, 0) => {}
        (true, _) => return say("choices", format!("Between 1 and {CHOICES_MAX} choices.")),
        (false, _) => return say("choices", "Only a parameter of the kind choice has choices.".to_owned()),
    }
    for (index, choice) in choices.iter().enumerate() {
        if let Err(message) = line(choice, CHOICE_MAX) {
            return say("choices", message);
        }
        if choices[..index].contains(choice) {
            return say("choices", format!("The choice {choice} is there twice."));
        }
    }
}

fn check_field(parameter: &Parameter, say: &mut impl FnMut(&str, String)) {
    match (parameter.kind, parameter.field.as_deref()) {
        (Kind::String | Kind::Number | Kind::Choice, Some(_)) => {
            say("field", "Only agent_field, custom_field and vault have a field.".to_owned());
        }
        (Kind::AgentField, field) if field.and_then(AgentField::named).is_none() => {
            let names = AgentField::ALL.map(AgentField::as_str).join(", ");
            say("field", format!("Name one of: {names}."));
        }
        (Kind::CustomField | Kind::Vault, field) => {
            if let Err(message) = line(field.unwrap_or_default(), LABEL_MAX) {
                say("field", message);
            }
        }
        (Kind::String | Kind::Number | Kind::Choice | Kind::AgentField, _) => {}
    }
}

fn check_default(parameter: &Parameter, say: &mut impl FnMut(&str, String)) {
    match &parameter.default {
        Some(_) if parameter.kind == Kind::Vault => {
            say("default", "A secret has no default: everybody who sees the script would read it.".to_owned());
        }
        Some(default) => {
            if let Err(message) = parameter.fit(default) {
                say("default", message);
            }
        }
        None => {}
    }
}

/// Checks the environment variables that a version sets by itself. An error has the path of what is wrong, such as `environment.PATH`.
pub fn check_environment(environment: &BTreeMap<String, String>) -> Result<(), Vec<(String, String)>> {
    let mut wrong = Vec::new();
    if environment.len() > ENVIRONMENT_MAX {
        wrong.push(("environment".to_owned(), format!("At most {ENVIRONMENT_MAX} variables.")));
    }
    if environment.values().map(String::len).sum::<usize>() > VALUES_MAX {
        let message = format!("All values together have at most {} KiB.", VALUES_MAX / 1024);
        wrong.push(("environment".to_owned(), message));
    }
    let mut known = Vec::new();
    for (name, value) in environment.iter().take(ENVIRONMENT_MAX) {
        // Windows does not tell them apart by case
        let folded = name.to_ascii_uppercase();
        let message = if !is_variable(name) {
            Some(format!("Letters, digits and _, no digit first; at most {VARIABLE_MAX} characters."))
        } else if folded.starts_with("GURURMM_") || folded.starts_with("PARAM_") {
            Some("Names with GURURMM_ or PARAM_ at their beginning are the server's.".to_owned())
        } else if known.contains(&folded) {
            Some(format!("The variable {name} is there twice; Windows takes no notice of case."))
        } else {
            plain(value).err()
        };
        wrong.extend(message.map(|message| (format!("environment.{name}"), message)));
        known.push(folded);
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn is_name(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.len() <= NAME_MAX && text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(is_allowed)
}

fn is_variable(text: &str) -> bool {
    let is_first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    text.len() <= VARIABLE_MAX
        && text.bytes().next().is_some_and(is_first)
        && text.bytes().all(|byte| is_first(byte) || byte.is_ascii_digit())
}

/// A value as it is, when an environment can hold it.
pub(crate) fn plain(text: &str) -> Result<String, String> {
    if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err("Control characters are not allowed, but for tabs and ends of lines (LF).".to_owned());
    }
    if text.len() > VALUE_MAX {
        return Err(format!("At most {} KiB.", VALUE_MAX / 1024));
    }
    Ok(text.to_owned())
}

/// Something on one line that people read.
fn line(text: &str, max: usize) -> Result<(), String> {
    if text.trim().is_empty() {
        Err("Give a text.".to_owned())
    } else if text.trim() != text || text.contains(char::is_control) {
        Err("No control characters, and no white space at the beginning or end.".to_owned())
    } else if text.chars().count() > max {
        Err(format!("At most {max} characters."))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::values::{environment, values};

    fn parameter(value: serde_json::Value) -> Parameter {
        let mut whole = json!({"name": "a", "label": "A", "kind": "string"});
        for (key, value) in value.as_object().unwrap() {
            whole[key] = value.clone();
        }
        serde_json::from_value(whole).unwrap()
    }

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn run(of: &Parameter, given: Option<&str>) -> Result<Option<String>, String> {
        let given = given.map(|given| map(&[(&of.name, given)])).unwrap_or_default();
        let machine = |source: &Source| match source {
            Source::Agent(AgentField::Hostname) => Some("web-1".to_owned()),
            Source::Custom(field) if field == "Rack" => Some("a\0".to_owned()),
            _ => None,
        };
        match values(std::slice::from_ref(of), &given, &machine) {
            Ok(values) => Ok(values.get(&of.name).cloned()),
            Err(wrong) => Err(wrong[0].1.clone()),
        }
    }

    #[test]
    fn every_kind_has_a_definition() {
        let good = [
            json!({"required": true, "default": "x", "max_length": 4096}),
            json!({"name": "a_1", "kind": "number", "min": -1, "max": 2.5, "default": "0.5"}),
            json!({"name": "b", "kind": "choice", "choices": ["x", "y"], "default": "y"}),
            json!({"name": "c", "kind": "agent_field", "field": "display_name"}),
            json!({"name": "d", "kind": "custom_field", "field": "Rack", "default": "none"}),
            json!({"name": "e", "kind": "vault", "field": "backup password", "required": true}),
        ];
        let good: Vec<_> = good.into_iter().map(parameter).collect();
        check_definition(&good).unwrap();
        let kept = serde_json::to_string(&good).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Parameter>>(&kept).unwrap(), good);
        assert!(
            serde_json::from_str::<Parameter>(r#"{"name":"a","label":"A","kind":"string","pattern":"x"}"#).is_err()
        );
    }

    #[test]
    fn what_makes_no_sense_is_no_definition() {
        let many: Vec<_> = (0..=CHOICES_MAX).map(|number| number.to_string()).collect();
        for (wrong, field) in [
            (json!({"name": ""}), "name"),
            (json!({"name": "1a"}), "name"),
            (json!({"name": "aB"}), "name"),
            (json!({"name": "a-b"}), "name"),
            (json!({"name": "x".repeat(41)}), "name"),
            (json!({"label": " "}), "label"),
            (json!({"label": "a\nb"}), "label"),
            (json!({"label": "x".repeat(101)}), "label"),
            (json!({"min": 1}), "min"),
            (json!({"kind": "number", "max": 1e300}), "max"),
            (json!({"kind": "number", "min": 2, "max": 1}), "max"),
            (json!({"kind": "number", "max_length": 1}), "max_length"),
            (json!({"max_length": 0}), "max_length"),
            (json!({"max_length": 4097}), "max_length"),
            (json!({"choices": ["a"]}), "choices"),
            (json!({"kind": "choice"}), "choices"),
            (json!({"kind": "choice", "choices": many}), "choices"),
            (json!({"kind": "choice", "choices": ["a", "a"]}), "choices"),
            (json!({"kind": "choice", "choices": [""]}), "choices"),
            (json!({"field": "hostname"}), "field"),
            (json!({"kind": "agent_field"}), "field"),
            (json!({"kind": "agent_field", "field": "password"}), "field"),
            (json!({"kind": "custom_field"}), "field"),
            (json!({"kind": "vault"}), "field"),
            (json!({"kind": "vault", "field": "x", "default": "secret"}), "default"),
            (json!({"default": "ab", "max_length": 1}), "default"),
            (json!({"default": "", "required": true}), "default"),
            (json!({"default": "a\0"}), "default"),
            (json!({"kind": "number", "default": "x"}), "default"),
            (json!({"kind": "number", "default": "3", "max": 2}), "default"),
            (json!({"kind": "choice", "choices": ["a"], "default": "b"}), "default"),
        ] {
            let found = check_definition(&[parameter(wrong.clone())]).unwrap_err();
            assert_eq!(found.len(), 1, "{wrong} {found:?}");
            assert_eq!(found[0].0, format!("parameters[0].{field}"), "{wrong} {found:?}");
        }
        let nan = Parameter { min: Some(f64::NAN), ..parameter(json!({"kind": "number"})) };
        assert_eq!(check_definition(&[nan]).unwrap_err()[0].0, "parameters[0].min");
    }

    #[test]
    fn a_definition_has_each_name_once_and_an_end() {
        let twice = [parameter(json!({})), parameter(json!({}))];
        assert_eq!(check_definition(&twice).unwrap_err()[0].0, "parameters[1].name");
        let of = |count| (0..count).map(|number| parameter(json!({"name": format!("p{number}")}))).collect::<Vec<_>>();
        check_definition(&of(PARAMETERS_MAX)).unwrap();
        assert_eq!(check_definition(&of(PARAMETERS_MAX + 1)).unwrap_err()[0].0, "parameters");
    }

    #[test]
    fn a_value_fits_its_kind() {
        let number = parameter(json!({"kind": "number", "min": 1, "max": 10}));
        assert_eq!(run(&number, Some(" +07.50 ")), Ok(Some("7.5".to_owned())));
        assert_eq!(run(&number, Some("")), Ok(None));
        for wrong in ["0", "10.1", "1e1", "NaN", "1;id", "1 2", "-"] {
            assert!(run(&number, Some(wrong)).is_err(), "{wrong}");
        }
        let choice = parameter(json!({"kind": "choice", "choices": ["a b", "c"], "default": "c"}));
        assert_eq!(run(&choice, Some("a b")), Ok(Some("a b".to_owned())));
        assert_eq!(run(&choice, None), Ok(Some("c".to_owned())));
        assert_eq!(run(&choice, Some("C")), Err("Choose one of: a b, c.".to_owned()));
        let text = parameter(json!({"max_length": 3, "default": "x"}));
        assert_eq!(run(&text, Some("$(i")), Ok(Some("$(i".to_owned())));
        assert_eq!(run(&text, Some("")), Ok(Some(String::new())));
        assert_eq!(run(&text, Some("äöü")), Ok(Some("äöü".to_owned())));
        for wrong in ["abcd", "a\0", "a\r"] {
            assert!(run(&text, Some(wrong)).is_err(), "{wrong:?}");
        }
        assert!(run(&parameter(json!({})), Some(&"x".repeat(VALUE_MAX + 1))).is_err());
    }

    #[test]
    fn what_is_missing_is_told() {
        let required = parameter(json!({"required": true}));
        assert_eq!(run(&required, None), Err("Give a value.".to_owned()));
        assert_eq!(run(&required, Some(" ")), Err("Give a value.".to_owned()));
        assert_eq!(run(&parameter(json!({})), None), Ok(None));
        let number = parameter(json!({"required": true, "kind": "number"}));
        assert_eq!(run(&number, Some("")), Err("Give a value.".to_owned()));
    }

    #[test]
    fn a_machine_has_its_own_values() {
        let of = |kind: &str, field: &str, required: bool| {
            parameter(json!({"kind": kind, "field": field, "required": required}))
        };
        assert_eq!(run(&of("agent_field", "hostname", true), None), Ok(Some("web-1".to_owned())));
        assert_eq!(run(&of("agent_field", "site", false), None), Ok(None));
        assert_eq!(run(&of("agent_field", "site", true), None), Err("The machine has no value of this.".to_owned()));
        assert!(run(&of("agent_field", "hostname", true), Some("other")).is_err());
        assert!(run(&of("custom_field", "Rack", true), None).is_err(), "a machine's value is checked like any other");
        let fallback = Parameter { default: Some("none".to_owned()), ..of("custom_field", "Floor", true) };
        assert_eq!(run(&fallback, None), Ok(Some("none".to_owned())));
        assert!(run(&of("vault", "password", false), None).unwrap_err().contains("vault"));
    }

    #[test]
    fn unknown_names_and_too_much_are_refused() {
        let none = |_: &Source| None;
        let wrong = values(&[parameter(json!({}))], &map(&[("a", "1"), ("PATH", "2")]), &none).unwrap_err();
        assert_eq!(wrong, [("PATH".to_owned(), "The script has no such parameter.".to_owned())]);
        let five: Vec<_> = (0..6).map(|number| parameter(json!({"name": format!("p{number}")}))).collect();
        let long = "x".repeat(VALUE_MAX);
        let given = (0..6).map(|number| (format!("p{number}"), long.clone())).collect();
        let wrong = values(&five, &given, &none).unwrap_err();
        assert_eq!((wrong.len(), wrong[0].0.as_str()), (1, "p4"));
    }

    #[test]
    fn a_version_sets_no_variable_of_the_server() {
        check_environment(&map(&[("LANG", "C"), ("_x1", "a\nb"), ("PATH", "")])).unwrap();
        for wrong in ["", "1A", "A-B", "A B", "Ä", "GURURMM_X", "gururmm_x", "PARAM_DAYS", "Param_days", "A=B"] {
            let found = check_environment(&map(&[(wrong, "x")])).unwrap_err();
            assert_eq!(found[0].0, format!("environment.{wrong}"));
        }
        assert!(check_environment(&map(&[(&"X".repeat(65), "x")])).is_err());
        assert!(check_environment(&map(&[("Path", "x"), ("PATH", "y")])).is_err());
        assert!(check_environment(&map(&[("A", "x\0")])).is_err());
        let many = (0..=ENVIRONMENT_MAX).map(|number| (format!("V{number}"), String::new())).collect();
        assert_eq!(check_environment(&many).unwrap_err()[0].0, "environment");
    }

    proptest! {
        #[test]
        fn a_value_sets_only_its_own_variable(name in "[a-z][a-z0-9_]{0,39}", given in any::<String>()) {
            let of = parameter(json!({"name": name}));
            if let Ok(found) = values(std::slice::from_ref(&of), &map(&[(&name, &given)]), &|_| None) {
                prop_assert_eq!(environment(&found), map(&[(&of.variable(), &given)]));
                prop_assert!(!given.contains('\0') && of.variable().starts_with("PARAM_"));
            }
        }
    }
}
