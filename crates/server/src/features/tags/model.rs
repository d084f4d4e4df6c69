//! What a tag is, and what is done with those of one machine.

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::http::Problem;
use crate::platform::validate;

/// Longest tag, characters.
const TAG_MAX: usize = 40;
/// Most tags of a machine.
pub const TAGS_MAX: usize = 20;
/// Most tags that one filter names.
const FILTER_MAX: usize = 20;

/// A tag, and how many machines have it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Tag {
    /// The tag, as somebody has typed it.
    pub(super) tag: String,
    /// Machines that have it, of those that the caller sees.
    pub(super) agent_count: i64,
}

/// What tags are told apart by.
fn key_of(tag: &str) -> String {
    tag.to_lowercase()
}

/// One tag as it is stored: trimmed, without what is not seen, without the comma that separates tags.
fn parse(field: &'static str, text: &str) -> Result<String, Problem> {
    let tag = validate::name(field, text)?;
    if tag.chars().count() > TAG_MAX {
        return Err(Problem::field(field, format!("A tag has at most {TAG_MAX} characters.")));
    }
    if tag.contains(',') {
        return Err(Problem::field(field, "A tag has no comma."));
    }
    Ok(tag)
}

/// Several tags, each once, in the order given.
pub fn list(field: &'static str, texts: &[String]) -> Result<Tags, Problem> {
    // whoever sends more than can be kept is not read to the end
    if texts.len() > 4 * TAGS_MAX {
        return Err(too_many(field));
    }
    let tags: Vec<String> = texts.iter().map(|text| parse(field, text)).collect::<Result<_, _>>()?;
    let tags = Tags::default().with(&tags);
    if tags.0.len() > TAGS_MAX { Err(too_many(field)) } else { Ok(tags) }
}

fn too_many(field: &'static str) -> Problem {
    Problem::field(field, format!("At most {TAGS_MAX} tags."))
}

/// The tags that a filter names, separated by commas; empty when there is nothing to filter by.
pub fn wanted(text: Option<&str>) -> Result<Vec<String>, Problem> {
    let parts = text.unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty());
    let tags: Vec<String> = parts.map(str::to_owned).collect();
    let is_readable = |tag: &String| tag.chars().count() <= TAG_MAX && !tag.contains('\0');
    if tags.len() > FILTER_MAX || !tags.iter().all(is_readable) {
        return Err(Problem::invalid_request(format!(
            "tag must be at most {FILTER_MAX} tags of at most {TAG_MAX} characters, separated by commas."
        )));
    }
    Ok(tags)
}

/// The tags of one machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(pub Vec<String>);

impl Tags {
    /// These and those; what is there already stays as it was typed.
    #[must_use]
    pub fn with(mut self, more: &[String]) -> Self {
        for tag in more {
            if !self.has(tag) {
                self.0.push(tag.clone());
            }
        }
        self
    }

    /// These without those.
    #[must_use]
    pub fn without(mut self, gone: &[String]) -> Self {
        self.0.retain(|tag| !gone.iter().any(|gone| key_of(gone) == key_of(tag)));
        self
    }

    fn has(&self, tag: &str) -> bool {
        self.0.iter().any(|known| key_of(known) == key_of(tag))
    }
}

/// Whether both are the same tags, whatever their order.
pub fn is_same(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().all(|tag| b.contains(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(tags: &[&str]) -> Vec<String> {
        tags.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_tag_is_short_seen_and_of_one_piece() {
        assert_eq!(parse("tags", " Tier 1 ").unwrap(), "Tier 1");
        assert_eq!(parse("tags", "dc\u{200d}01").unwrap(), "dc01");
        for wrong in ["", " ", "a,b", "a\nb", "\u{200b}", &"x".repeat(TAG_MAX + 1)] {
            assert_eq!(parse("tags", wrong).unwrap_err().code, "validation_failed", "{wrong:?}");
        }
        assert!(parse("tags", &"ä".repeat(TAG_MAX)).is_ok());
    }

    #[test]
    fn tags_are_told_apart_without_regard_to_case() {
        assert_eq!(list("tags", &texts(&["Web", "web", "WEB ", "db"])).unwrap().0, ["Web", "db"]);
        let tags = Tags(texts(&["Web", "db"]));
        assert_eq!(tags.clone().with(&texts(&["WEB", "new"])).0, ["Web", "db", "new"]);
        assert_eq!(tags.without(&texts(&["WEB", "other"])).0, ["db"]);
        assert!(is_same(&texts(&["a", "b"]), &texts(&["b", "a"])) && !is_same(&texts(&["a"]), &texts(&["A"])));
    }

    #[test]
    fn a_machine_has_so_many_tags_and_no_more() {
        let tags: Vec<String> = (0..=TAGS_MAX).map(|number| format!("tag-{number}")).collect();
        assert!(list("tags", &tags[1..]).is_ok());
        assert_eq!(list("tags", &tags).unwrap_err().code, "validation_failed");
        assert!(list("tags", &vec!["same".to_owned(); 4 * TAGS_MAX + 1]).is_err());
    }

    #[test]
    fn a_filter_names_tags_separated_by_commas() {
        assert_eq!(wanted(Some(" Web, db,,two words ")).unwrap(), ["Web", "db", "two words"]);
        assert!(wanted(Some(" , ")).unwrap().is_empty() && wanted(None).unwrap().is_empty());
        for wrong in ["a\0b".to_owned(), "x".repeat(TAG_MAX + 1), "x,".repeat(21)] {
            assert_eq!(wanted(Some(&wrong)).unwrap_err().code, "invalid_request", "{wrong:?}");
        }
    }
}
