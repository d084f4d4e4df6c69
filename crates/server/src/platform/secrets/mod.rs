//! The server's own keys: made once, kept in the database, shared by all nodes, and sealed there with a key that is not in it: who has
//! a copy of the database alone signs nothing and opens no session.

mod key_file;
mod seal;

use ed25519_dalek::SigningKey;
use gururmm_protocol::secret::{Fingerprint, key_id};
use jiff::Timestamp;
use sqlx::{Connection as _, PgConnection};

use super::random;
use super::secret::Secret;
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
    pub login: Secret<[u8; 32]>,
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
    #[error(
        "the server's key {0} in the database was altered: it does not open with the key that sealed it, or is no longer sealed"
    )]
    Altered(&'static str),
    /// A statement failed.
    #[error("the server's keys could not be read")]
    Sql(#[from] sqlx::Error),
}

impl ServerSecrets {
    /// Reads the keys, making those that do not exist yet. Needs the owner's connection. One server at a time: two that start together on
    /// a new database must not seal with two keys.
    pub async fn load_or_create(
        owner: &mut PgConnection,
        file: &KeyFile,
        now: Timestamp,
    ) -> Result<Self, SecretsError> {
        let mut tx = owner.begin().await?;
        sqlx::query!("lock table server_secrets in exclusive mode").execute(&mut *tx).await?;
        let sealing = Sealing::open(&mut tx, file).await?;
        let signing = SigningKey::from_bytes(&sealing.load_or_create(&mut tx, "signing", now).await?);
        let login = sealing.load_or_create(&mut tx, "login", now).await?.into();
        tx.commit().await?;
        Ok(Self { key_id: key_id(&signing.verifying_key()), signing, login })
    }

    /// The fingerprint that site keys carry.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.signing.verifying_key())
    }
}

/// What seals, and where it comes from.
struct Sealing<'a> {
    key: SealingKey,
    file: &'a KeyFile,
    /// Made just now. Only then secrets from before there was a key are taken and sealed; later one that is not sealed was put there by
    /// somebody else.
    is_new: bool,
}

impl<'a> Sealing<'a> {
    /// The key of the file. A new one is made only while nothing is sealed: it would open nothing.
    async fn open(owner: &mut PgConnection, file: &'a KeyFile) -> Result<Self, SecretsError> {
        if let Some(key) = file.read()? {
            return Ok(Self { key: SealingKey::new(&key), file, is_new: false });
        }
        let sealed_with =
            sqlx::query_scalar!("select sealed_with from server_secrets where sealed_with is not null limit 1");
        match sealed_with.fetch_optional(owner).await?.flatten() {
            None => {
                let key = SealingKey::new(&file.create()?);
                tracing::info!(%file, "made the key that seals this server's secrets: keep a copy of it, apart from copies of the database");
                Ok(Self { key, file, is_new: true })
            }
            Some(sealed_with) => {
                Err(SecretsError::OtherKey { sealed_with, file: file.to_string(), found: "nothing".to_owned() })
            }
        }
    }

    async fn load_or_create(
        &self,
        owner: &mut PgConnection,
        name: &'static str,
        now: Timestamp,
    ) -> Result<[u8; 32], SecretsError> {
        let row = sqlx::query!("select secret, sealed_with from server_secrets where name = $1", name);
        let Some(row) = row.fetch_optional(&mut *owner).await? else {
            let secret = random::bytes();
            self.store(owner, name, &secret, now).await?;
            return Ok(secret);
        };
        match row.sealed_with {
            Some(id) if id == self.key.id() => self.key.open(name, &row.secret).ok_or(SecretsError::Altered(name)),
            Some(sealed_with) => {
                let (file, found) = (self.file.to_string(), self.key.id().to_owned());
                Err(SecretsError::OtherKey { sealed_with, file, found })
            }
            None if self.is_new => {
                let secret = row.secret.try_into().map_err(|_| SecretsError::Altered(name))?;
                self.store(owner, name, &secret, now).await?;
                Ok(secret)
            }
            None => Err(SecretsError::Altered(name)),
        }
    }

    async fn store(&self, owner: &mut PgConnection, name: &str, secret: &[u8; 32], now: Timestamp) -> sqlx::Result<()> {
        sqlx::query!(
            "insert into server_secrets (name, secret, sealed_with, created_at) values ($1, $2, $3, $4)
             on conflict (name) do update set secret = excluded.secret, sealed_with = excluded.sealed_with",
            name,
            self.key.seal(name, secret),
            self.key.id(),
            Time(now) as _,
        )
        .execute(owner)
        .await?;
        Ok(())
    }
}
