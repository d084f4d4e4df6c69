//! Text forms of keys and secrets, and their hashes.
//!
//! A token is `<prefix><base64url of 32 random bytes>`; servers keep only [`hash`] of it. A site key also carries the
//! fingerprint of the server's public key, so that an agent's first contact is not blind trust.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::VerifyingKey;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Prefix of a per-agent key.
pub const AGENT_KEY_PREFIX: &str = "grmm_agent_";
/// Prefix of a site key.
pub const SITE_KEY_PREFIX: &str = "grmm_site_";

/// SHA-256 of a token: the form in which it is stored.
pub fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// SHA-256 of any bytes as lower-case hexadecimal: for names of keys and checksums.
pub fn hash_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    })
}

/// The name of a server's key in messages: the first 16 digits of [`hash_hex`] of its public half.
pub fn key_id(key: &VerifyingKey) -> String {
    let mut id = hash_hex(key.as_bytes());
    id.truncate(16);
    id
}

/// Writes 32 secret bytes as a per-agent key.
pub fn agent_key(secret: &[u8; 32]) -> String {
    format!("{AGENT_KEY_PREFIX}{}", URL_SAFE_NO_PAD.encode(secret))
}

/// Writes 32 secret bytes and the server's fingerprint as a site key.
pub fn site_key(secret: &[u8; 32], server: &Fingerprint) -> String {
    format!("{SITE_KEY_PREFIX}{}.{}", URL_SAFE_NO_PAD.encode(secret), URL_SAFE_NO_PAD.encode(server.0))
}

/// The beginning of a site key: enough to recognise it in a list, far too little to use it.
pub fn site_key_prefix(key: &str) -> &str {
    key.get(..SITE_KEY_PREFIX.len() + 6).unwrap_or(key)
}

/// The fingerprint inside a site key, or `None` when the text is no site key.
pub fn site_key_fingerprint(key: &str) -> Option<Fingerprint> {
    let (secret, fingerprint) = key.strip_prefix(SITE_KEY_PREFIX)?.split_once('.')?;
    let secret = URL_SAFE_NO_PAD.decode(secret).ok()?;
    let fingerprint = URL_SAFE_NO_PAD.decode(fingerprint).ok()?;
    (secret.len() == 32).then_some(())?;
    Some(Fingerprint(fingerprint.try_into().ok()?))
}

/// The first 16 bytes of SHA-256 over a server's Ed25519 public key.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The fingerprint of `key`.
    pub fn of(key: &VerifyingKey) -> Self {
        let digest = Sha256::digest(key.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(bytes)
    }

    /// Whether `key` has this fingerprint, compared in constant time.
    pub fn matches(&self, key: &VerifyingKey) -> bool {
        self.0.ct_eq(&Self::of(key).0).into()
    }
}

/// Bytes as base64 text in JSON.
pub mod base64_bytes {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    /// Writes bytes as standard base64.
    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    /// Reads standard base64 into anything that bytes convert to.
    pub fn deserialize<'de, D: Deserializer<'de>, T: TryFrom<Vec<u8>>>(deserializer: D) -> Result<T, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text).map_err(D::Error::custom)?;
        T::try_from(bytes).map_err(|_| D::Error::custom("wrong number of bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_key_names_the_server_it_belongs_to() {
        let server = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key();
        let other = ed25519_dalek::SigningKey::from_bytes(&[8; 32]).verifying_key();
        let key = site_key(&[1; 32], &Fingerprint::of(&server));
        let fingerprint = site_key_fingerprint(&key).unwrap();
        assert!(fingerprint.matches(&server));
        assert!(!fingerprint.matches(&other));
        for wrong in ["", "grmm_site_", "grmm_site_AA.BB", "grmm_agent_AAAA", &key[..key.len() - 2]] {
            assert!(site_key_fingerprint(wrong).is_none(), "{wrong}");
        }
    }
}
