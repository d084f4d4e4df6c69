//! The login token: a JWT that names a session. The signature alone proves nothing that lasts; the session is asked every time.

use axum_extra::extract::cookie::{Cookie, SameSite};
use gururmm_ids::{SessionId, UserId};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

const ISSUER: &str = "gururmm";

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: UserId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

/// Signs a token for a session.
pub fn sign(
    key: &[u8; 32],
    user: UserId,
    session: SessionId,
    now: Timestamp,
    expires: Timestamp,
) -> Result<String, jsonwebtoken::errors::Error> {
    let claims =
        Claims { iss: ISSUER.to_owned(), sub: user, sid: session, iat: now.as_second(), exp: expires.as_second() };
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(key))
}

/// The session a token names, when the signature is ours. Expiry is the session's matter: its clock is injected.
pub fn verify(key: &[u8; 32], token: &str) -> Option<SessionId> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["iss", "sub", "exp"]);
    validation.validate_exp = false;
    let data = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(key), &validation).ok()?;
    Some(data.claims.sid)
}

/// The name of the session cookie. Over TLS the prefix pins it to this host, path and to TLS.
pub const fn cookie_name(is_https: bool) -> &'static str {
    if is_https { "__Host-gururmm_session" } else { "gururmm_session" }
}

/// The session cookie.
pub fn cookie(token: String, is_https: bool) -> Cookie<'static> {
    Cookie::build((cookie_name(is_https), token))
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(is_https)
        .path("/")
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_unaltered_token_names_a_session() {
        let session = SessionId::generate();
        let now = Timestamp::UNIX_EPOCH;
        let token = sign(&[1; 32], UserId::generate(), session, now, now).unwrap();
        assert_eq!(verify(&[1; 32], &token), Some(session));
        assert_eq!(verify(&[2; 32], &token), None);
        assert_eq!(verify(&[1; 32], &format!("{token}x")), None);
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).unwrap());
        assert_eq!(verify(&[1; 32], &unsigned), None);
    }
}
