//! The API, described: the OpenAPI document for programs and the same as a page for people.
//!
//! The page is rendered once, from the document that the routes are made of, so it cannot tell of an operation that does not
//! exist or leave one out. It loads nothing and runs no script.

mod html;
mod page;
mod schema;

use axum::Router;
use axum::http::{HeaderName, header};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use utoipa::openapi::OpenApi;

use crate::app::AppState;

const STYLE: &str = include_str!("style.css");

type Headers = [(HeaderName, String); 3];

/// This feature's routes.
pub fn routes(document: &OpenApi) -> Router<AppState> {
    let value = serde_json::to_value(document).unwrap_or_default();
    let json = fixed("application/json", "default-src 'none'; frame-ancestors 'none'".to_owned(), value.to_string());
    let page = fixed("text/html; charset=utf-8", content_security_policy(), page::render(&value, STYLE));
    Router::new()
        .route("/api/openapi.json", get(move || std::future::ready(json.clone())))
        .route("/api/docs", get(move || std::future::ready(page.clone())))
}

/// An answer that never changes while the server runs; another version may give another one.
fn fixed(content_type: &str, policy: String, body: String) -> (Headers, Bytes) {
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    (headers, body.into())
}

/// Allows our style sheet, known by its hash, and nothing else.
fn content_security_policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
}
