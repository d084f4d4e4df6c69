//! What a custom field is, and what may be said of one.

use gururmm_ids::CustomFieldId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::audit::Target;
use crate::platform::http::Problem;
use crate::platform::time::Time;
use crate::platform::validate;

/// Most fields of an organisation: each may be a column.
pub(super) const FIELDS_MAX: i64 = 50;
/// Longest name, characters.
const NAME_MAX: usize = 80;
/// Most choices of a field.
const CHOICES_MAX: usize = 100;
/// Longest choice, characters.
const CHOICE_MAX: usize = 100;

/// What its values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CustomFieldKind)]
pub enum Kind {
    /// Up to 500 characters.
    Text,
    /// A decimal number, such as `-12.5`.
    Number,
    /// A day, such as `2027-01-31`.
    Date,
    /// One of the field's choices.
    Choice,
    /// `true` or `false`.
    Checkbox,
}

impl Kind {
    /// The name in SQL and JSON.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Date => "date",
            Self::Choice => "choice",
            Self::Checkbox => "checkbox",
        }
    }

    /// The kind of this name; text, of which every value is one, for a name that a newer server has written.
    pub(super) fn named(text: &str) -> Self {
        let all = [Self::Number, Self::Date, Self::Choice, Self::Checkbox];
        all.into_iter().find(|kind| kind.as_str() == text).unwrap_or(Self::Text)
    }
}

/// A field of an organisation's machines.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CustomField {
    /// Its id.
    pub id: CustomFieldId,
    /// Its name, unique in the organisation without regard to case.
    pub name: String,
    /// What its values are.
    pub kind: Kind,
    /// What may be chosen, in this order; empty unless it is a choice.
    pub choices: Vec<String>,
    /// Machines that have a value, of those that the caller sees.
    pub agent_count: i64,
    /// When it was made.
    pub created_at: Time,
    /// When its name or choices last changed.
    pub updated_at: Time,
}

impl CustomField {
    /// The field as the target of an audit event.
    pub(super) fn target(&self) -> Target<'_> {
        Target { kind: "custom_field", id: Some(self.id.as_uuid()), name: Some(&self.name), ..Target::default() }
    }
}

/// The checked name.
pub(super) fn name(text: &str) -> Result<String, Problem> {
    let name = validate::name("name", text)?;
    if name.chars().count() > NAME_MAX {
        return Err(Problem::field("name", format!("At most {NAME_MAX} characters.")));
    }
    Ok(name)
}

/// The checked choices of a field of this kind: each once, at least one for a choice and none for the others.
pub(super) fn choices(kind: Kind, texts: &[String]) -> Result<Vec<String>, Problem> {
    let wrong = |message: String| Err(Problem::field("choices", message));
    match (kind, texts.len()) {
        (Kind::Choice, 0) => return wrong("Give at least one choice.".to_owned()),
        (Kind::Choice, CHOICES_MAX..) if texts.len() > CHOICES_MAX => {
            return wrong(format!("At most {CHOICES_MAX} choices."));
        }
        (Kind::Choice, _) | (_, 0) => {}
        _ => return wrong("Only a field of the kind choice has choices.".to_owned()),
    }
    let mut choices: Vec<String> = Vec::new();
    for text in texts {
        let choice = validate::name("choices", text)?;
        if choice.chars().count() > CHOICE_MAX {
            return wrong(format!("A choice has at most {CHOICE_MAX} characters."));
        }
        if choices.iter().any(|known| known.to_lowercase() == choice.to_lowercase()) {
            return wrong(format!("The choice {choice} is there twice."));
        }
        choices.push(choice);
    }
    Ok(choices)
}

pub(super) fn not_found() -> Problem {
    Problem::not_found("custom_field_not_found", "There is no such field.")
}

pub(super) fn name_taken() -> Problem {
    Problem::conflict("name_taken", "Another field has this name. Choose another one.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_has_choices_and_nothing_else_has() {
        let some = ["A1".to_owned(), " B2 ".to_owned()];
        assert_eq!(choices(Kind::Choice, &some).unwrap(), ["A1", "B2"]);
        assert!(choices(Kind::Text, &[]).unwrap().is_empty());
        for (kind, texts) in [
            (Kind::Choice, vec![]),
            (Kind::Text, vec!["A1".to_owned()]),
            (Kind::Choice, vec!["a1".to_owned(), "A1".to_owned()]),
            (Kind::Choice, vec![String::new()]),
            (Kind::Choice, vec!["x".repeat(CHOICE_MAX + 1)]),
            (Kind::Choice, (0..=CHOICES_MAX).map(|number| number.to_string()).collect()),
        ] {
            assert_eq!(choices(kind, &texts).unwrap_err().code, "validation_failed", "{kind:?} {texts:?}");
        }
    }

    #[test]
    fn kinds_are_known_by_name() {
        for kind in [Kind::Text, Kind::Number, Kind::Date, Kind::Choice, Kind::Checkbox] {
            assert_eq!(Kind::named(kind.as_str()), kind);
        }
    }
}
