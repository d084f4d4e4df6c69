//! What a saved view is, and what may be said of one.

use std::collections::BTreeMap;

use gururmm_ids::SavedViewId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::audit::Target;
use crate::platform::auth::{Caller, Permission, Place};
use crate::platform::http::Problem;
use crate::platform::time::Time;
use crate::platform::validate;

/// Most views of a person.
pub(super) const VIEWS_MAX: i64 = 100;
/// Longest name, characters.
const NAME_MAX: usize = 80;
/// Most bytes of a view's search and columns together, as JSON.
const SIZE_MAX: usize = 8 * 1024;

/// The parameters of the table's address, by name.
pub(super) type Search = BTreeMap<String, String>;
/// Columns that are switched on or off; the others are as the table has them.
pub(super) type Columns = BTreeMap<String, bool>;

/// A view of the table of machines.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SavedView {
    /// Its id.
    pub id: SavedViewId,
    /// Its name, unique among its owner's.
    pub name: String,
    /// Whether everybody of the organisation sees it.
    pub is_shared: bool,
    /// Whether it is the caller's.
    pub is_own: bool,
    /// Whose it is.
    pub owner_name: String,
    /// The parameters of the table's address, by name.
    #[schema(value_type = BTreeMap<String, String>)]
    pub search: Search,
    /// Columns that are switched on or off; the others are as the table has them.
    #[schema(value_type = BTreeMap<String, bool>)]
    pub columns: Columns,
    /// When it was saved.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

impl SavedView {
    /// The view as the target of an audit event.
    pub(super) fn target(&self) -> Target<'_> {
        Target { kind: "saved_view", id: Some(self.id.as_uuid()), name: Some(&self.name), ..Target::default() }
    }

    /// Whether the caller, who sees it, may change it.
    pub(super) fn may_change(&self, caller: &Caller) -> Result<(), Problem> {
        let edits_all = caller.access().reach(Permission::OrganisationEdit).contains(Place::Organisation);
        if self.is_own || edits_all {
            return Ok(());
        }
        Err(Problem::forbidden("forbidden", "This view is somebody else's. Save one of your own."))
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

/// Checks that a view can be kept.
pub(super) fn check(search: &Search, columns: &Columns) -> Result<(), Problem> {
    let size: usize = search.iter().map(|(name, value)| name.len() + value.len() + 6).sum::<usize>()
        + columns.keys().map(|name| name.len() + 9).sum::<usize>();
    if size > SIZE_MAX {
        return Err(Problem::field("search", "A view is at most 8 KiB of search and columns."));
    }
    let has_control = |text: &String| text.chars().any(char::is_control);
    if search.iter().any(|(name, value)| has_control(name) || has_control(value)) {
        return Err(Problem::field("search", "Control characters are not allowed."));
    }
    if columns.keys().any(has_control) {
        return Err(Problem::field("columns", "Control characters are not allowed."));
    }
    Ok(())
}

pub(super) fn not_found() -> Problem {
    Problem::not_found("saved_view_not_found", "There is no such view.")
}

pub(super) fn name_taken() -> Problem {
    Problem::conflict("name_taken", "There is a view of this name already. Choose another one.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_small_and_readable() {
        let of = |name: &str, value: &str| Search::from([(name.to_owned(), value.to_owned())]);
        assert!(check(&of("tag", "web,db"), &Columns::from([("tags".to_owned(), true)])).is_ok());
        assert!(check(&of("search", &"x".repeat(SIZE_MAX)), &Columns::new()).is_err());
        assert!(check(&of("search", "a\0b"), &Columns::new()).is_err());
        assert!(check(&of("a\nb", "x"), &Columns::new()).is_err());
        assert!(check(&Search::new(), &Columns::from([("a\0b".to_owned(), true)])).is_err());
    }
}
