//! Passwords: argon2id, a few at a time, off the async threads.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// Shortest password, characters.
pub const LENGTH_MIN: usize = 12;
/// Longest password, bytes: hashing must stay cheap for whoever is asked.
pub const LENGTH_MAX: usize = 256;
/// Each hash takes [`MEMORY_KIB`]; more at a time would let a flood of logins take the machine's memory.
const AT_A_TIME: usize = 4;
/// OWASP's first recommendation for argon2id (Password Storage Cheat Sheet): 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;

static GATE: Semaphore = Semaphore::const_new(AT_A_TIME);

/// Why a password could not be hashed or compared.
#[derive(Debug, thiserror::Error)]
#[error("a password could not be hashed")]
pub struct PasswordError;

/// Hashes a password.
pub async fn hash(password: String) -> Result<String, PasswordError> {
    work(move || argon2()?.hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(|_| PasswordError))
        .await?
}

/// Whether `password` is the one behind `hash`. Without a hash (nobody has that name) the same work is done and the answer is no, so that the
/// time tells nothing.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool, PasswordError> {
    let Some(hash) = hash else {
        self::hash(password).await?;
        return Ok(false);
    };
    work(move || {
        let parsed = PasswordHash::new(&hash).map_err(|_| PasswordError)?;
        Ok(argon2()?.verify_password(password.as_bytes(), &parsed).is_ok())
    })
    .await?
}

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|_| PasswordError)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

async fn work<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> Result<T, PasswordError> {
    let _permit = GATE.acquire().await.map_err(|_| PasswordError)?;
    tokio::task::spawn_blocking(job).await.map_err(|_| PasswordError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_itself_verifies() {
        let hash = hash("correct horse battery".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("correct horse battery".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!verify("correct horse".to_owned(), Some(hash)).await.unwrap());
        assert!(!verify("anything".to_owned(), None).await.unwrap());
    }
}
