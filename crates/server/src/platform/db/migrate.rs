//! Migrations run by themselves at start, one server at a time (the migrator holds an advisory lock).

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use super::connect::{ConnectError, options};

/// Every migration of this build.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Why the database could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database does not answer.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A migration failed or the database belongs to a newer server.
    #[error("the database could not be brought up to date")]
    Migrate(#[from] MigrateError),
    /// A statement failed.
    #[error("the state of the database could not be read")]
    Sql(#[from] sqlx::Error),
}

/// Applies what is missing.
pub async fn migrate(owner_url: &str) -> Result<(), Error> {
    let mut connection = connect_patiently(owner_url).await?;
    MIGRATOR.run(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// How many migrations are missing in a database that has some already; 0 for an empty one, which has nothing to lose.
pub async fn pending_migrations(owner_url: &str) -> Result<usize, Error> {
    let mut connection = connect_patiently(owner_url).await?;
    let exists: Option<bool> = sqlx::query_scalar("select to_regclass('public._sqlx_migrations') is not null")
        .fetch_one(&mut connection)
        .await?;
    let applied: i64 = if exists == Some(true) {
        sqlx::query_scalar("select count(*) from _sqlx_migrations where success").fetch_one(&mut connection).await?
    } else {
        0
    };
    connection.close().await?;
    let all = MIGRATOR.iter().count();
    Ok(if applied == 0 { 0 } else { all.saturating_sub(usize::try_from(applied).unwrap_or(0)) })
}

/// A connection whose statements may take their time, as those of a migration do, or waiting for another server's.
pub async fn connect_patiently(owner_url: &str) -> Result<PgConnection, ConnectError> {
    let options = options(owner_url)?.options([("statement_timeout", "0")]);
    options.connect().await.map_err(ConnectError::Connect)
}
