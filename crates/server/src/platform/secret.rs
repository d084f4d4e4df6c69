//! What is not to be seen: a value that shows itself to nobody.
//!
//! A [`Secret`] prints as dots, is no part of any answer (it has no `Serialize`), and is overwritten when it goes. Whoever needs the value says
//! so: [`Secret::reveal`] is the word to search for. Copies that others make (a library's, the request's own bytes) are not overwritten.

use std::fmt;

use serde::{Deserialize, Deserializer, Serializer};
use zeroize::Zeroize;

/// A value that is not to be seen.
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// The value itself.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Zeroize + Clone> Clone for Secret<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl<T: Zeroize> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl<'de, T: Zeroize + Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

/// Writes a secret of the configuration where its sources are put together. Whatever shows the result hides it by itself.
#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
pub(crate) fn revealed<S: Serializer>(secret: &Option<Secret<String>>, serializer: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => serializer.serialize_some(secret.reveal()),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn a_secret_prints_as_dots() {
        #[derive(Debug, Deserialize)]
        struct Request {
            #[expect(dead_code, reason = "printed")]
            password: Secret<String>,
        }
        let request: Request = serde_json::from_str(r#"{"password": "correct horse"}"#).unwrap();
        assert_eq!(format!("{request:?}"), "Request { password: … }");
        let secret = Secret::from([7; 4]);
        assert_eq!((format!("{secret} {secret:?}"), *secret.reveal()), ("… …".to_owned(), [7; 4]));
    }

    #[test]
    fn a_secret_is_overwritten_when_it_goes() {
        struct Told(Arc<AtomicBool>);
        impl Zeroize for Told {
            fn zeroize(&mut self) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let overwritten = Arc::<AtomicBool>::default();
        let secret = Secret::from(Told(Arc::clone(&overwritten)));
        assert!(!overwritten.load(Ordering::Relaxed));
        drop(secret);
        assert!(overwritten.load(Ordering::Relaxed));
    }
}
