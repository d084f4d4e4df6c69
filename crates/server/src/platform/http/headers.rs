//! What every answer gets: a request id, the security headers, a problem's final form, one log line for what went wrong.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use gururmm_ids::RequestId;
use gururmm_observe::ErrorChain;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};

use super::origin::Origin;
use super::problem::Problem;
use crate::app::AppState;
use crate::platform::audit::refused::{self, Asker};

/// Largest request body, bytes.
const BODY_MAX: usize = 1024 * 1024;
/// Longest time for an answer to begin; streams begin at once.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Time for open requests once the server stops: a little less than connections get, so that the rest is answered too.
const STOPPING_MAX: Duration = Duration::from_secs(4);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Without a page of its own an answer may load and frame nothing.
const CSP_NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// Wraps the finished router.
pub fn finish(router: Router<AppState>, app: &AppState) -> Router<AppState> {
    let compressible = SizeAbove::new(1024).and(NotForContentType::IMAGES).and(NotForContentType::SSE);
    router
        .layer(CompressionLayer::new().gzip(true).compress_when(compressible))
        .layer(CatchPanicLayer::custom(|_| Problem::internal("a handler panicked").into_response()))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(from_fn_with_state(app.clone(), every_request))
}

async fn every_request(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let request_id = RequestId::generate();
    let is_api = request.uri().path().starts_with("/api/");
    let asker = Asker::default();
    request.extensions_mut().insert(request_id);
    request.extensions_mut().insert(asker.clone());
    let origin = Origin::of(request.extensions(), request.headers(), &app);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = match app.hosts.check(&path, request.headers()) {
        Ok(()) => answer(&app, request, next).await,
        Err(problem) => problem.into_response(),
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        log(&problem, request_id, method.as_str(), &path);
        refused::tell(&app, &asker, &problem, origin, [method.as_str(), &path]);
        response = keep_headers(response, problem.response(Some(request_id)));
    }
    add_headers(&mut response, request_id, is_api);
    if origin.is_https && app.config.hsts_seconds > 0 {
        // whoever has come by TLS once comes no other way
        if let Ok(value) = HeaderValue::from_str(&format!("max-age={}", app.config.hsts_seconds)) {
            response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, value);
        }
    }
    response
}

async fn answer(app: &AppState, request: Request, next: Next) -> Response {
    tokio::select! {
        response = next.run(request) => response,
        () = tokio::time::sleep(ANSWER_MAX) => Problem::too_slow("the answer took too long").into_response(),
        () = time_is_up(app) => Problem::stopping().into_response(),
    }
}

/// Waits until the server stops and the time for open requests is over. An answer that is cut off may hide a change that was made: what
/// can still be finished is.
async fn time_is_up(app: &AppState) {
    app.stopping.cancelled().await;
    tokio::time::sleep(STOPPING_MAX).await;
}

/// The one place where a failed request is logged.
fn log(problem: &Problem, request_id: RequestId, method: &str, path: &str) {
    if let Some(source) = &problem.source {
        let error = ErrorChain(source.as_ref());
        tracing::error!(request.id = %request_id, http.method = method, http.path = path, code = problem.code, %error, "a request failed");
    } else {
        tracing::debug!(request.id = %request_id, http.method = method, http.path = path, code = problem.code, "a request was refused");
    }
}

/// Headers a handler set besides its problem (a cookie to delete, the methods it knows) survive.
fn keep_headers(old: Response, mut new: Response) -> Response {
    for name in [header::SET_COOKIE, header::ALLOW] {
        for value in old.headers().get_all(&name) {
            new.headers_mut().append(&name, value.clone());
        }
    }
    new
}

fn add_headers(response: &mut Response, request_id: RequestId, is_api: bool) {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&request_id.to_string()) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP_NOTHING));
    }
    if is_api && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
