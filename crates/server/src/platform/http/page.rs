//! Cursor paging: `?after=<cursor>&limit=`, answered by `{items, next}`.
//!
//! A cursor is opaque to clients: base64url of the last row's sort value and id, and of the order it belongs to. One that was
//! tampered with, or that belongs to another order, is a clear 400; it can never show rows that the caller may not see,
//! because row-level security does not ask the cursor.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::problem::Problem;

/// Rows of a page unless told.
pub const LIMIT_DEFAULT: u32 = 50;
/// Most rows of a page.
pub const LIMIT_MAX: u32 = 200;
const CURSOR_MAX: usize = 2_048;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// The cursor of the next page, or null on the last.
    pub next: Option<String>,
    /// Rows of all pages together; only with `?count=true` where it is offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
}

/// The query parameters of paging.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The `next` of the page before.
    pub after: Option<String>,
    /// Rows wanted, 1 to 200; 50 unless told.
    pub limit: Option<u32>,
}

impl PageQuery {
    /// The checked number of rows.
    pub fn limit(&self) -> Result<u32, Problem> {
        match self.limit {
            None => Ok(LIMIT_DEFAULT),
            Some(limit) if (1..=LIMIT_MAX).contains(&limit) => Ok(limit),
            Some(_) => Err(Problem::invalid_request(format!("limit must be between 1 and {LIMIT_MAX}."))),
        }
    }

    /// The checked cursor of the given order.
    pub fn cursor(&self, order: &str) -> Result<Option<Cursor>, Problem> {
        self.after.as_deref().map(|text| Cursor::decode(text, order)).transpose()
    }
}

/// A place in a list: the last row seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Which order it belongs to.
    #[serde(rename = "o")]
    order: String,
    /// The row's sort value as SQL text; null where the id alone orders.
    #[serde(rename = "v")]
    pub value: Option<String>,
    /// The row's id, which breaks ties.
    #[serde(rename = "i")]
    pub id: Uuid,
}

impl Cursor {
    /// The place of a row.
    pub fn new(order: &str, value: Option<String>, id: Uuid) -> Self {
        Self { order: order.to_owned(), value, id }
    }

    /// The opaque text.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    fn decode(text: &str, order: &str) -> Result<Self, Problem> {
        if text.len() > CURSOR_MAX {
            return Err(Self::invalid());
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Self::invalid())?;
        let cursor: Self = serde_json::from_slice(&bytes).map_err(|_| Self::invalid())?;
        let has_nul = cursor.value.as_ref().is_some_and(|value| value.contains('\0'));
        if cursor.order == order && !has_nul { Ok(cursor) } else { Err(Self::invalid()) }
    }

    /// The row's sort value, in an order where every row has one.
    pub fn required_value(&self) -> Result<&str, Problem> {
        self.value.as_deref().ok_or_else(Self::invalid)
    }

    /// The answer to a cursor that cannot be one of ours.
    pub fn invalid() -> Problem {
        Problem::new(
            axum::http::StatusCode::BAD_REQUEST,
            "cursor_invalid",
            "This cursor does not belong to this list and order. Start again without `after`.",
        )
    }
}

/// Makes a page of rows that were read with one more than the limit.
pub fn page<T>(mut rows: Vec<T>, limit: u32, cursor: impl Fn(&T) -> Cursor) -> Page<T> {
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = if more { rows.last().map(|row| cursor(row).encode()) } else { None };
    Page { items: rows, next, count: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_holds_only_for_its_order_and_untampered() {
        let cursor = Cursor::new("name:asc", Some("web-1".to_owned()), Uuid::nil());
        let text = cursor.encode();
        assert_eq!(Cursor::decode(&text, "name:asc").unwrap(), cursor);
        for (text, order) in
            [(text.as_str(), "name:desc"), ("%%%", "name:asc"), ("e30", "name:asc"), (&text[1..], "name:asc")]
        {
            assert_eq!(Cursor::decode(text, order).unwrap_err().code, "cursor_invalid", "{text}");
        }
    }

    #[test]
    fn limits_outside_the_range_are_refused() {
        for limit in [0, 201, u32::MAX] {
            let query = PageQuery { limit: Some(limit), after: None };
            assert_eq!(query.limit().unwrap_err().code, "invalid_request");
        }
    }
}
