//! Passwords: argon2id, a few at a time, off the async threads.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::platform::http::Problem;
use crate::platform::secret::Secret;

/// Shortest password, characters.
pub const LENGTH_MIN: usize = 12;
/// Longest password, bytes: hashing must stay cheap for whoever is asked.
pub const LENGTH_MAX: usize = 256;
/// Each hash takes [`MEMORY_KIB`]; more at a time would let a flood of logins take the machine's memory.
const AT_A_TIME: usize = 4;
/// OWASP's first recommendation for argon2id (Password Storage Cheat Sheet): 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;

static PLACES: Semaphore = Semaphore::const_new(AT_A_TIME);

/// Why a password could not be hashed or compared.
#[derive(Debug, thiserror::Error)]
#[error("a password could not be hashed")]
pub struct PasswordError;

/// Whether a new password is long enough, and not too long to be hashed.
pub fn check(field: &'static str, password: &str) -> Result<(), Problem> {
    if password.chars().count() < LENGTH_MIN {
        return Err(Problem::field(
            field,
            format!("At least {LENGTH_MIN} characters; a few words make a good password."),
        ));
    }
    if password.len() > LENGTH_MAX {
        return Err(Problem::field(field, format!("At most {LENGTH_MAX} characters.")));
    }
    Ok(())
}

/// Hashes a password.
pub async fn hash(password: impl Into<Secret<String>>) -> Result<String, PasswordError> {
    let password = password.into();
    work(&PLACES, move || {
        argon2()?.hash_password(password.reveal().as_bytes()).map(|hash| hash.to_string()).map_err(|_| PasswordError)
    })
    .await?
}

/// Whether `password` is the one behind `hash`. Without a hash (nobody has that name) the same work is done and the answer is no, so that the
/// time tells nothing.
pub async fn verify(password: impl Into<Secret<String>>, hash: Option<String>) -> Result<bool, PasswordError> {
    let password = password.into();
    let Some(hash) = hash else {
        self::hash(password).await?;
        return Ok(false);
    };
    work(&PLACES, move || {
        let parsed = PasswordHash::new(&hash).map_err(|_| PasswordError)?;
        Ok(argon2()?.verify_password(password.reveal().as_bytes(), &parsed).is_ok())
    })
    .await?
}

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|_| PasswordError)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Runs a job once it has a place. The job holds the place, not the caller: whoever hangs up in the middle stops waiting, but the job runs to
/// its end, and its memory is in use until then.
async fn work<T: Send + 'static>(
    places: &'static Semaphore,
    job: impl FnOnce() -> T + Send + 'static,
) -> Result<T, PasswordError> {
    let place = places.acquire().await.map_err(|_| PasswordError)?;
    let job = move || {
        let _place = place;
        job()
    };
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

    #[tokio::test]
    async fn a_place_is_free_again_when_the_job_is_done_and_not_when_its_caller_has_gone() {
        static ONE: Semaphore = Semaphore::const_new(1);
        let (release, held) = std::sync::mpsc::channel::<()>();
        let (begin, begun) = tokio::sync::oneshot::channel();
        let caller = tokio::spawn(work(&ONE, move || {
            begin.send(()).ok();
            held.recv().ok();
        }));
        begun.await.unwrap();
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        assert_eq!(ONE.available_permits(), 0, "the job still runs");
        drop(release);
        work(&ONE, || ()).await.unwrap();
    }
}
