//! The values of custom fields: text in the one spelling of its kind, so that equal values are equal text.

use gururmm_ids::CustomFieldId;
use gururmm_scripts::number;
use jiff::civil::Date;
use serde::Serialize;

use super::model::Kind;
use crate::platform::http::Problem;
use crate::platform::validate::visible;

/// Longest value, characters.
const VALUE_MAX: usize = 500;

/// The value as it is stored, or what is wrong with it.
pub(super) fn parse(kind: Kind, choices: &[String], text: &str) -> Result<String, String> {
    match kind {
        Kind::Text => words(text),
        Kind::Number => number::spelled(text.trim()).ok_or_else(|| "Give a decimal number, such as 12.5.".to_owned()),
        Kind::Date => date(text.trim()).ok_or_else(|| "Give a day, such as 2027-01-31.".to_owned()),
        Kind::Choice => choices
            .iter()
            .find(|choice| *choice == text)
            .cloned()
            .ok_or_else(|| format!("Choose one of: {}.", choices.join(", "))),
        Kind::Checkbox if matches!(text, "true" | "false") => Ok(text.to_owned()),
        Kind::Checkbox => Err("Say true or false.".to_owned()),
    }
}

fn words(text: &str) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        return Err("Control characters are not allowed.".to_owned());
    }
    let text: String = visible(text).collect();
    match text.trim() {
        "" => Err("Give a value, or null for none.".to_owned()),
        text if text.chars().count() > VALUE_MAX => Err(format!("At most {VALUE_MAX} characters.")),
        text => Ok(text.to_owned()),
    }
}

fn date(text: &str) -> Option<String> {
    // the parser reads times and spellings without hyphens too
    let date: Date = text.parse().ok()?;
    (date.to_string() == text).then(|| text.to_owned())
}

/// One field and the value that machines must have in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Filter {
    /// Which field.
    pub id: CustomFieldId,
    /// The value, without regard to case.
    pub value: String,
}

impl Filter {
    /// `<id>:<value>`; none when there is nothing to filter by.
    pub fn parse(text: Option<&str>) -> Result<Option<Self>, Problem> {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
        let wrong = || Problem::invalid_request("field must be the id of a custom field, a colon and a value.");
        let (id, value) = text.split_once(':').ok_or_else(wrong)?;
        let (id, value) = (id.parse().map_err(|_| wrong())?, value.trim());
        if value.is_empty() || value.contains('\0') || value.chars().count() > VALUE_MAX {
            return Err(wrong());
        }
        Ok(Some(Self { id, value: value.to_owned() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_one_spelling() {
        let choices = ["Gold".to_owned()];
        for (kind, given, kept) in [
            (Kind::Text, "  Rack 4 ", "Rack 4"),
            (Kind::Text, "a\u{200b}b", "ab"),
            (Kind::Number, "007.50", "7.5"),
            (Kind::Number, "-0.0", "0"),
            (Kind::Number, "+12", "12"),
            (Kind::Number, "-0.25", "-0.25"),
            (Kind::Number, "000", "0"),
            (Kind::Date, "2028-02-29", "2028-02-29"),
            (Kind::Choice, "Gold", "Gold"),
            (Kind::Checkbox, "true", "true"),
        ] {
            assert_eq!(parse(kind, &choices, given).as_deref(), Ok(kept), "{kind:?} {given:?}");
        }
    }

    #[test]
    fn what_is_no_value_is_refused() {
        let long = "x".repeat(VALUE_MAX + 1);
        for (kind, wrong) in [
            (Kind::Text, " "),
            (Kind::Text, "a\0b"),
            (Kind::Text, long.as_str()),
            (Kind::Number, ""),
            (Kind::Number, "-"),
            (Kind::Number, "1e9"),
            (Kind::Number, "NaN"),
            (Kind::Number, "inf"),
            (Kind::Number, "1,5"),
            (Kind::Number, ".5"),
            (Kind::Number, "1."),
            (Kind::Number, "1234567890123456"),
            (Kind::Number, "١"),
            (Kind::Date, "2027-02-29"),
            (Kind::Date, "20270131"),
            (Kind::Date, "2027-01-31T00:00:00"),
            (Kind::Choice, "gold"),
            (Kind::Choice, ""),
            (Kind::Checkbox, "yes"),
            (Kind::Checkbox, ""),
        ] {
            assert!(parse(kind, &["Gold".to_owned()], wrong).is_err(), "{kind:?} {wrong:?}");
        }
    }

    #[test]
    fn a_filter_names_a_field_and_a_value() {
        let id = CustomFieldId::generate();
        assert_eq!(
            Filter::parse(Some(&format!(" {id}: Rack: 4 "))).unwrap(),
            Some(Filter { id, value: "Rack: 4".to_owned() })
        );
        assert_eq!(Filter::parse(Some(" ")).unwrap(), None);
        for wrong in ["x", "x:y", &format!("{id}"), &format!("{id}: "), &format!("{id}:a\0")] {
            assert_eq!(Filter::parse(Some(wrong)).unwrap_err().code, "invalid_request", "{wrong:?}");
        }
    }
}
