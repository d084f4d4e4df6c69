//! `GET /install.sh`

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::app::AppState;

const SCRIPT: &str = include_str!("../../../../../packaging/install.sh");
const ORIGIN: &str = "__SERVER_ORIGIN__";

/// The install script, knowing this server's address.
pub(super) async fn install_script(State(app): State<AppState>) -> Response {
    let script = SCRIPT.replace(ORIGIN, &shell_safe(&app.config.public_origin()));
    let headers = [(header::CONTENT_TYPE, "text/x-shellscript; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, script).into_response()
}

/// An address in which no character means anything to a shell, quoted or not; the others are percent-encoded, which in an address
/// is the same.
fn shell_safe(address: &str) -> String {
    let mut safe = String::with_capacity(address.len());
    for byte in address.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b':' | b'/' | b'.' | b'_' | b'-' | b'%' | b'[' | b']' => {
                safe.push(char::from(byte));
            }
            other => {
                write!(safe, "%{other:02X}").ok();
            }
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_cannot_leave_its_quotes() {
        for plain in ["https://rmm.example.com", "http://localhost:3001", "https://[2001:db8::1]:8443/rmm"] {
            assert_eq!(shell_safe(plain), plain);
        }
        assert_eq!(
            shell_safe("https://example.com/a'b\"c$(d)`e` f;g"),
            "https://example.com/a%27b%22c%24%28d%29%60e%60%20f%3Bg"
        );
    }
}
