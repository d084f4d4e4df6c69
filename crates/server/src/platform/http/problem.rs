//! Errors as clients see them: RFC 9457 `application/problem+json` with a stable `code`.
//!
//! A [`Problem`] may carry the internal error that caused it. That text never reaches a client; it is logged once, by
//! [`super::headers::finish`], under the request id that the client does see.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use gururmm_ids::RequestId;
use serde::Serialize;
use sqlx::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;
use utoipa::ToSchema;

/// What the body of every problem is.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// A clear answer to a request that cannot be met.
#[derive(Clone, Debug)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable and snake_case: what programs look at.
    pub code: &'static str,
    /// What happened and what to do, for a person.
    pub detail: Cow<'static, str>,
    /// Which fields are wrong.
    pub errors: Vec<FieldError>,
    /// Seconds after which to try again.
    pub retry_after: Option<u64>,
    /// What really happened; for the log.
    pub source: Option<Arc<dyn Error + Send + Sync>>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// Its name in the request.
    pub field: Cow<'static, str>,
    /// What is wrong and what is right.
    pub message: Cow<'static, str>,
}

impl From<(String, String)> for FieldError {
    fn from((field, message): (String, String)) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// The document that travels (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always `about:blank`: `code` tells problems apart.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: Cow<'static, str>,
    /// HTTP status.
    pub status: u16,
    /// What happened and what to do, for a person.
    pub detail: Cow<'static, str>,
    /// Stable and snake_case: what programs look at.
    pub code: &'static str,
    /// Names the request in the server's log.
    pub request_id: Option<RequestId>,
    /// Which fields are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// A problem of any kind.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, detail: detail.into(), errors: Vec::new(), retry_after: None, source: None }
    }

    /// The request cannot be read (400).
    pub fn invalid_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", detail)
    }

    /// The request can be read and asks for something impossible (422).
    pub fn validation(errors: Vec<FieldError>) -> Self {
        let detail = errors.first().map_or(Cow::Borrowed("The request is not valid."), |first| first.message.clone());
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation_failed", detail) }
    }

    /// One field is wrong (422).
    pub fn field(field: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::validation(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// There is no such thing, or it is not visible to the caller (404).
    pub fn not_found(code: &'static str, detail: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    /// The address knows other methods (405).
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This address does not know this method; the header Allow names those it knows.",
        )
    }

    /// The state does not allow it (409).
    pub fn conflict(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// Nobody is logged in (401).
    pub fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Log in first: the request carries no valid token or session.",
        )
    }

    /// Visible, but not allowed (403).
    pub fn forbidden(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    /// Too often (429).
    pub fn rate_limited(retry_after: u64) -> Self {
        let detail = format!("Too many attempts. Try again in {retry_after} seconds.");
        Self { retry_after: Some(retry_after), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail) }
    }

    /// Something is broken here (500). The source is logged, never sent.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let detail = "The server could not do this. Its log tells more under this request id.";
        Self { source: Some(source.into().into()), ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail) }
    }

    /// The database is away for the moment (503). The source is logged, never sent.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let detail = "The server cannot reach its database at the moment. Try again shortly.";
        Self { source: Some(source.into().into()), ..Self::later(detail) }
    }

    /// Somebody else changed the same things at the same time, and the database let them go first (503).
    fn collided(source: sqlx::Error) -> Self {
        let detail = "Somebody changed the same things at the same moment; nothing was done here. Try again.";
        Self { source: Some(Arc::new(source)), retry_after: Some(1), ..Self::later(detail) }
    }

    /// The answer took longer than anybody waits (503).
    pub fn too_slow(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let detail =
            "The server did not get this done in time. Try again, and ask for less if it was a search or a list.";
        Self { source: Some(source.into().into()), ..Self::later(detail) }
    }

    /// The database found no room on its disk (507).
    fn disk_full(source: sqlx::Error) -> Self {
        let detail = "The server's disk is full and nothing was done. Free some space there, then try again.";
        let problem = Self::new(StatusCode::INSUFFICIENT_STORAGE, "disk_full", detail);
        Self { source: Some(Arc::new(source)), retry_after: Some(30), ..problem }
    }

    /// Row-level security refused what a check before should have (403): logged, as a fault of ours.
    fn refused_below(source: sqlx::Error) -> Self {
        let problem = Self::forbidden("forbidden", "You may not do this here.");
        Self { source: Some(Arc::new(source)), ..problem }
    }

    /// The server stops, and this was not done before the time for open requests was over (503).
    pub fn stopping() -> Self {
        Self::later("The server is stopping. Try again when it is back.")
    }

    fn later(detail: &'static str) -> Self {
        Self { retry_after: Some(5), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail) }
    }

    /// The document that travels.
    pub fn body(&self, request_id: Option<RequestId>) -> ProblemBody {
        ProblemBody {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error").into(),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            code: self.code,
            request_id,
            errors: self.errors.clone(),
        }
    }

    /// The answer, naming the request.
    pub fn response(&self, request_id: Option<RequestId>) -> Response {
        let body = serde_json::to_vec(&self.body(request_id)).unwrap_or_default();
        let mut response = (self.status, [(header::CONTENT_TYPE, CONTENT_TYPE)], body).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::unavailable(error)
            }
            sqlx::Error::Database(ref database) if is_going_away(database.code().as_deref()) => {
                Self::unavailable(error)
            }
            sqlx::Error::Database(ref database) if database.code().as_deref() == Some(STATEMENT_TOOK_TOO_LONG) => {
                Self::too_slow(error)
            }
            sqlx::Error::Database(ref database) if is_kept_out(database.as_ref()) => Self::refused_below(error),
            sqlx::Error::Database(ref database) if is_collision(database.code().as_deref()) => Self::collided(error),
            sqlx::Error::Database(ref database) if database.code().as_deref() == Some(DISK_FULL) => {
                Self::disk_full(error)
            }
            other => Self::internal(other),
        }
    }
}

/// SQLSTATE of a statement that found no room on the disk.
const DISK_FULL: &str = "53100";

/// Whether row-level security did not let a row in. The SQLSTATE alone is that of every missing right: those are faults of ours.
fn is_kept_out(error: &dyn DatabaseError) -> bool {
    let check = "ExecWithCheckOptions";
    error.try_downcast_ref::<PgDatabaseError>().is_some_and(|error| error.routine() == Some(check))
}

/// SQLSTATE of a statement that met `statement_timeout`.
const STATEMENT_TOOK_TOO_LONG: &str = "57014";

/// SQLSTATE classes of a server that stops, starts or has no connection left.
fn is_going_away(code: Option<&str>) -> bool {
    code.is_some_and(|code| code.starts_with("57P") || code.starts_with("08") || code == "53300")
}

/// SQLSTATEs of a transaction that was given up so that another one could go on: a deadlock, a serialisation failure.
fn is_collision(code: Option<&str>) -> bool {
    matches!(code, Some("40P01" | "40001"))
}

/// Whether `error` is a violation of the named unique index or constraint.
pub fn violates(error: &sqlx::Error, constraint: &str) -> bool {
    matches!(error, sqlx::Error::Database(database) if database.constraint() == Some(constraint))
}

impl IntoResponse for Problem {
    /// The answer without a request id; [`super::headers::finish`] replaces it by one that names the request.
    fn into_response(self) -> Response {
        let mut response = self.response(None);
        response.extensions_mut().insert(self);
        response
    }
}
