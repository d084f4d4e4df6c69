//! The login token: a JWT that names a session and carries its secret, of which the database has the SHA-256. The signature alone proves
//! nothing that lasts; the session is asked every time. Who reads the database, the key of the signature included, opens no session.

use axum_extra::extract::cookie::{Cookie, SameSite};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gururmm_ids::{SessionId, UserId};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::platform::random;

const ISSUER: &str = "gururmm";

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: UserId,
    sid: SessionId,
    /// The session's secret.
    jti: String,
    iat: i64,
    exp: i64,
}

/// What a token claims to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The session.
    pub session_id: SessionId,
    /// The SHA-256 of its secret.
    pub secret_hash: [u8; 32],
}

/// A new secret for a session, and its SHA-256.
pub fn secret() -> (String, [u8; 32]) {
    let secret = URL_SAFE_NO_PAD.encode(random::bytes::<32>());
    let hash = Sha256::digest(secret.as_bytes()).into();
    (secret, hash)
}

/// Signs a token for a session with this secret.
pub fn sign(
    key: &[u8; 32],
    user: UserId,
    session: SessionId,
    secret: String,
    [now, expires]: [Timestamp; 2],
) -> Result<String, jsonwebtoken::errors::Error> {
    let (iat, exp) = (now.as_second(), expires.as_second());
    let claims = Claims { iss: ISSUER.to_owned(), sub: user, sid: session, jti: secret, iat, exp };
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(key))
}

/// What a token claims, when the signature is ours. Expiry is the session's matter: its clock is injected.
pub fn verify(key: &[u8; 32], token: &str) -> Option<Claimed> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["iss", "sub", "exp"]);
    validation.validate_exp = false;
    let data = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(key), &validation).ok()?;
    let secret_hash = Sha256::digest(data.claims.jti.as_bytes()).into();
    Some(Claimed { session_id: data.claims.sid, secret_hash })
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
        let session_id = SessionId::generate();
        let (secret, secret_hash) = secret();
        let now = Timestamp::UNIX_EPOCH;
        let token = sign(&[1; 32], UserId::generate(), session_id, secret, [now, now]).unwrap();
        assert_eq!(verify(&[1; 32], &token), Some(Claimed { session_id, secret_hash }));
        assert_eq!(verify(&[2; 32], &token), None);
        assert_eq!(verify(&[1; 32], &format!("{token}x")), None);
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).unwrap());
        assert_eq!(verify(&[1; 32], &unsigned), None);
    }
}
