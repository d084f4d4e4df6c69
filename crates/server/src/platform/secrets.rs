//! The server's own keys: made once, kept in the database, shared by all nodes.

use ed25519_dalek::SigningKey;
use gururmm_protocol::secret::{Fingerprint, key_id};
use jiff::Timestamp;
use sqlx::PgConnection;

use super::random;
use super::time::Time;

/// The keys of this server.
pub struct ServerSecrets {
    /// Signs challenges and commands.
    pub signing: SigningKey,
    /// Names the signing key in messages.
    pub key_id: String,
    /// Signs login tokens (HS256).
    pub login: [u8; 32],
}

impl ServerSecrets {
    /// Reads the keys, making those that do not exist yet. Needs the owner's connection.
    pub async fn load_or_create(owner: &mut PgConnection, now: Timestamp) -> sqlx::Result<Self> {
        let signing = SigningKey::from_bytes(&load_or_create(owner, "signing", now).await?);
        let login = load_or_create(owner, "login", now).await?;
        Ok(Self { key_id: key_id(&signing.verifying_key()), signing, login })
    }

    /// The fingerprint that site keys carry.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.signing.verifying_key())
    }
}

async fn load_or_create(owner: &mut PgConnection, name: &str, now: Timestamp) -> sqlx::Result<[u8; 32]> {
    sqlx::query!(
        "insert into server_secrets (name, secret, created_at) values ($1, $2, $3) on conflict do nothing",
        name,
        &random::bytes::<32>()[..],
        Time(now) as _,
    )
    .execute(&mut *owner)
    .await?;
    let secret =
        sqlx::query_scalar!("select secret from server_secrets where name = $1", name).fetch_one(owner).await?;
    secret.try_into().map_err(|_| sqlx::Error::Protocol(format!("the server secret {name} is not 32 bytes long")))
}
