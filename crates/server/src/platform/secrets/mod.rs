//! The server's own keys: made once, kept in the database, shared by all nodes, and sealed there with a key that is not in it: who has
//! a copy of the database alone signs nothing and opens no session.

mod key_file;
mod seal;

use ed25519_dalek::SigningKey;
use gururmm_protocol::secret::{Fingerprint, key_id};
use jiff::Timestamp;
use sqlx::PgConnection;

use super::random;
use super::time::Time;

pub use key_file::{KeyFile, KeyFileError};
use seal::SealingKey;

/// The keys of this server.
pub struct ServerSecrets {
    /// Signs challenges and commands.
    pub signing: SigningKey,
    /// Names the signing key in messages.
    pub key_id: String,
    /// Signs login tokens (HS256).
    pub login: [u8; 32],
}

/// Why the server's keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The key that seals them cannot be read or made.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// They are sealed with another key than the one that is there.
    #[error(
        "the server's keys in the database are sealed with the key {sealed_with}, and {file} holds {found}: put back the file that \
         belongs to this database (it lies in the data directory of the server that made it, and is not part of a backup of the \
         database). Where it is lost for good, `delete from server_secrets` as the database's owner begins anew: every machine has to \
         be enrolled again"
    )]
    OtherKey {
        /// Names the key that is needed.
        sealed_with: String,
        /// The file with the key that is there.
        file: String,
        /// Names the key that is there, or says that there was none.
        found: String,
    },
    /// A secret was altered.
    #[error("the server's key {0} in the database was altered: it does not open with the key that sealed it")]
    Altered(&'static str),
    /// A statement failed.
    #[error("the server's keys could not be read")]
    Sql(#[from] sqlx::Error),
}

impl ServerSecrets {
    /// Reads the keys, making those that do not exist yet. Needs the owner's connection.
    pub async fn load_or_create(
        owner: &mut PgConnection,
        file: &KeyFile,
        now: Timestamp,
    ) -> Result<Self, SecretsError> {
        let sealing = sealing_key(owner, file).await?;
        let signing = SigningKey::from_bytes(&load_or_create(owner, &sealing, file, "signing", now).await?);
        let login = load_or_create(owner, &sealing, file, "login", now).await?;
        Ok(Self { key_id: key_id(&signing.verifying_key()), signing, login })
    }

    /// The fingerprint that site keys carry.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.signing.verifying_key())
    }
}

/// The key of the file. A new one is made only while nothing is sealed: it would open nothing.
async fn sealing_key(owner: &mut PgConnection, file: &KeyFile) -> Result<SealingKey, SecretsError> {
    if let Some(key) = file.read()? {
        return Ok(SealingKey::new(&key));
    }
    let sealed_with =
        sqlx::query_scalar!("select sealed_with from server_secrets where sealed_with is not null limit 1");
    match sealed_with.fetch_optional(owner).await?.flatten() {
        None => Ok(SealingKey::new(&file.create()?)),
        Some(sealed_with) => Err(other_key(sealed_with, file, "nothing")),
    }
}

fn other_key(sealed_with: String, file: &KeyFile, found: &str) -> SecretsError {
    SecretsError::OtherKey { sealed_with, file: file.to_string(), found: found.to_owned() }
}

async fn load_or_create(
    owner: &mut PgConnection,
    sealing: &SealingKey,
    file: &KeyFile,
    name: &'static str,
    now: Timestamp,
) -> Result<[u8; 32], SecretsError> {
    sqlx::query!(
        "insert into server_secrets (name, secret, sealed_with, created_at) values ($1, $2, $3, $4) on conflict do nothing",
        name,
        sealing.seal(name, &random::bytes()),
        sealing.id(),
        Time(now) as _,
    )
    .execute(&mut *owner)
    .await?;
    let row = sqlx::query!("select secret, sealed_with from server_secrets where name = $1", name);
    let row = row.fetch_one(&mut *owner).await?;
    match row.sealed_with {
        Some(id) if id == sealing.id() => sealing.open(name, &row.secret).ok_or(SecretsError::Altered(name)),
        Some(id) => Err(other_key(id, file, sealing.id())),
        None => {
            let secret = row.secret.try_into().map_err(|_| SecretsError::Altered(name))?;
            seal_in_place(owner, sealing, name, &secret).await?;
            Ok(secret)
        }
    }
}

/// One from before secrets were sealed.
async fn seal_in_place(
    owner: &mut PgConnection,
    sealing: &SealingKey,
    name: &str,
    secret: &[u8; 32],
) -> sqlx::Result<()> {
    sqlx::query!(
        "update server_secrets set secret = $2, sealed_with = $3 where name = $1 and sealed_with is null",
        name,
        sealing.seal(name, secret),
        sealing.id(),
    )
    .execute(owner)
    .await?;
    Ok(())
}
