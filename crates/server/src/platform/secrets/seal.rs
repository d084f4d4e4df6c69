//! Sealing: AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits in front and the secret's name as associated data, so that
//! no sealed secret can stand in for another.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// Bytes of a key's hash that are its name.
const ID_BYTES: usize = 12;

pub(super) struct SealingKey {
    key: RandomizedNonceKey,
    id: String,
}

impl SealingKey {
    #[expect(clippy::expect_used, reason = "32 bytes are a key")]
    pub(super) fn new(bytes: &[u8; 32]) -> Self {
        let id = URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..ID_BYTES]);
        Self { key: RandomizedNonceKey::new(&AES_256_GCM, bytes).expect("a key of 32 bytes"), id }
    }

    /// Names the key and tells nothing of it: the beginning of its SHA-256.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The nonce, the ciphertext and its tag.
    #[expect(clippy::expect_used, reason = "nothing so short can be too long")]
    pub(super) fn seal(&self, name: &str, secret: &[u8; 32]) -> Vec<u8> {
        let mut sealed = secret.to_vec();
        let nonce = self.key.seal_in_place_append_tag(Aad::from(name), &mut sealed).expect("32 bytes can be sealed");
        [nonce.as_ref().as_slice(), &sealed].concat()
    }

    /// The secret; none when it was altered, or was sealed with another key or under another name.
    pub(super) fn open(&self, name: &str, sealed: &[u8]) -> Option<[u8; 32]> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut sealed = sealed.to_vec();
        let secret = self.key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(name), &mut sealed).ok()?;
        <[u8; 32]>::try_from(&*secret).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_with_its_key_and_name_only_and_unaltered() {
        let (key, other) = (SealingKey::new(&[1; 32]), SealingKey::new(&[2; 32]));
        let sealed = key.seal("login", &[7; 32]);
        assert_eq!(key.open("login", &sealed), Some([7; 32]));
        assert_ne!(key.seal("login", &[7; 32]), sealed, "each time anew");
        assert!(!sealed.windows(8).any(|part| part == [7; 8]));
        assert_eq!(other.open("login", &sealed), None);
        assert_eq!(key.open("signing", &sealed), None);
        for place in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[place] ^= 1;
            assert_eq!(key.open("login", &altered), None, "{place}");
        }
        assert_eq!(key.open("login", &sealed[..sealed.len() - 1]), None);
        assert_eq!(key.open("login", b""), None);
        assert_eq!((key.id().len(), key.id() == other.id()), (16, false));
    }
}
