//! The one way to make routes: from OpenAPI operations.
//!
//! axum cannot list its routes; the document can. Whatever is reachable under `/api` is an operation, so the document is
//! complete and the test that calls every operation as every kind of stranger misses none.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{OpenApi, RefOr};
use utoipa_axum::router::OpenApiRouter;

use super::problem::CONTENT_TYPE;
use crate::app::AppState;

/// A router of operations.
pub type Operations = OpenApiRouter<AppState>;

/// No operations yet; add them with `.routes(routes!(operation))`.
pub fn operations() -> Operations {
    OpenApiRouter::new()
}

/// Says of every refusal in the document that it is a problem: operations name the body only, which would make it plain JSON.
pub fn refusals_are_problems(document: &mut OpenApi) {
    for operation in document.paths.paths.values_mut().flat_map(methods) {
        let refusals = operation.responses.responses.iter_mut().filter(|(status, _)| status.starts_with('4'));
        for (_, response) in refusals {
            let RefOr::T(response) = response else { continue };
            if let Some(content) = response.content.shift_remove("application/json") {
                response.content.insert(CONTENT_TYPE.to_owned(), content);
            }
        }
    }
}

/// The operations of one address.
fn methods(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, options, head, patch, trace, .. } = item;
    [get, put, post, delete, options, head, patch, trace].into_iter().flatten()
}
