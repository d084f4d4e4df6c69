//! The one way to make routes: from OpenAPI operations.
//!
//! axum cannot list its routes; the document can. Whatever is reachable under `/api` is an operation, so the document is
//! complete and the test that calls every operation as every kind of stranger misses none.

use utoipa_axum::router::OpenApiRouter;

use crate::app::AppState;

/// A router of operations.
pub type Operations = OpenApiRouter<AppState>;

/// No operations yet; add them with `.routes(routes!(operation))`.
pub fn operations() -> Operations {
    OpenApiRouter::new()
}
