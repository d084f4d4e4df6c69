//! The dashboard: its files, embedded when the server is built.
//!
//! It is one page that routes by itself, so every address that looks like a page is answered by that page. What belongs to
//! programs (the API, downloads, the agents' socket) never is: there, what does not exist is a problem with status 404.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use include_dir::{Dir, File, include_dir};

use crate::app::AppState;
use crate::platform::http::Problem;
use crate::platform::random;

static FILES: Dir<'_> = include_dir!("$DASHBOARD_DIR");
const PAGE: &str = "index.html";
const NONCE: &str = "__CSP_NONCE__";
/// Addresses that are never pages, with everything below them.
const NOT_PAGES: [&str; 4] = ["/api", "/assets", "/downloads", "/ws"];
/// For scripts and the rest: a worker obeys the policy of its own file, not that of the page.
const CSP_FILES: &str = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
/// Names below `assets/` carry a hash of their content.
const CACHE_FOR_EVER: &str = "public, max-age=31536000, immutable";
const CACHE_AN_HOUR: &str = "public, max-age=3600";

/// Answers every address that no other feature has.
pub fn routes() -> Router<AppState> {
    Router::new().fallback(serve)
}

async fn serve(request: Request) -> Response {
    let path = request.uri().path();
    match answer(request.method(), path) {
        Answer::Page(file) => page(file),
        Answer::File(file) => self::file(path, file),
        Answer::Absent => Problem::not_found("not_found", "There is nothing at this address.").into_response(),
        Answer::WrongMethod => {
            let mut response = Problem::method_not_allowed().into_response();
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            response
        }
    }
}

enum Answer {
    Page(&'static File<'static>),
    File(&'static File<'static>),
    Absent,
    WrongMethod,
}

fn answer(method: &Method, path: &str) -> Answer {
    let name = path.trim_start_matches('/');
    let file = FILES.get_file(name).filter(|_| name != PAGE);
    let is_page = file.is_none() && !is_for_programs(path) && (name == PAGE || !has_extension(path));
    let is_read = method == Method::GET || method == Method::HEAD;
    match (file, is_page) {
        (None, false) => Answer::Absent,
        _ if !is_read => Answer::WrongMethod,
        (Some(file), _) => Answer::File(file),
        (None, true) => FILES.get_file(PAGE).map_or(Answer::Absent, Answer::Page),
    }
}

fn is_for_programs(path: &str) -> bool {
    NOT_PAGES
        .iter()
        .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// A name with a dot is a file's: a missing picture must not be answered by a page.
fn has_extension(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|last| last.contains('.'))
}

fn page(file: &File<'_>) -> Response {
    let nonce = STANDARD.encode(random::bytes::<16>());
    let html = String::from_utf8_lossy(file.contents()).replace(NONCE, &nonce);
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (header::CONTENT_SECURITY_POLICY, content_security_policy(&nonce)),
    ];
    (StatusCode::OK, headers, html).into_response()
}

fn content_security_policy(nonce: &str) -> String {
    format!(
        "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; connect-src 'self'; \
         frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )
}

fn file(path: &str, file: &'static File<'static>) -> Response {
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    let mime = if mime.type_() == "text" { format!("{mime}; charset=utf-8") } else { mime.to_string() };
    let cache = if path.starts_with("/assets/") { CACHE_FOR_EVER } else { CACHE_AN_HOUR };
    let headers = [
        (header::CONTENT_TYPE, mime),
        (header::CACHE_CONTROL, cache.to_owned()),
        (header::CONTENT_SECURITY_POLICY, CSP_FILES.to_owned()),
    ];
    (headers, file.contents()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(method: Method, path: &str) -> &'static str {
        match answer(&method, path) {
            Answer::Page(_) => "page",
            Answer::File(_) => "file",
            Answer::Absent => "absent",
            Answer::WrongMethod => "wrong method",
        }
    }

    #[test]
    fn what_looks_like_a_page_is_the_page() {
        for path in ["/", "/agents", "/agents/0197-abc", "/setup", "/index.html", "/apiary", "/wsx"] {
            assert_eq!(kind(Method::GET, path), "page", "{path}");
            assert_eq!(kind(Method::HEAD, path), "page", "{path}");
            assert_eq!(kind(Method::POST, path), "wrong method", "{path}");
        }
    }

    #[test]
    fn what_belongs_to_programs_never_is() {
        for path in [
            "/api",
            "/api/",
            "/api/nothing",
            "/assets/gone-1a2b.js",
            "/assets",
            "/downloads/x",
            "/ws/y",
            "/logo.png",
            "/.env",
        ] {
            assert_eq!(kind(Method::GET, path), "absent", "{path}");
            assert_eq!(kind(Method::POST, path), "absent", "{path}");
        }
    }

    #[test]
    fn every_page_has_its_own_nonce_in_header_and_text() {
        let page_nonce = || {
            let response = page(FILES.get_file(PAGE).unwrap());
            let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
            policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned()
        };
        let (first, second) = (page_nonce(), page_nonce());
        assert_eq!(first.len(), 24);
        assert_ne!(first, second);
        assert!(content_security_policy("abc").contains("style-src 'self' 'nonce-abc';"));
        assert!(!content_security_policy("abc").contains("unsafe"));
    }
}
