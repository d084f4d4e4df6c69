//! Opening the pools.

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, PgPool};
use tracing::log::LevelFilter;

use super::Db;
use crate::platform::secret::Secret;

const ACQUIRE_MAX: Duration = Duration::from_secs(10);

/// Batches that are written at the same time, each on a connection of its own: while one waits for the database another is put
/// together, and no database writes faster for many.
pub const BATCHES_AT_ONCE: u32 = 4;

/// The role of people's requests.
const APP: &str = "gururmm_app";

/// Where the database is. With only the owner's address, the other pools connect as the owner and give its rights up at once
/// (`set role`); with three, they log in as what they are.
#[derive(Clone, Debug)]
pub struct DatabaseUrls {
    /// May create tables and roles.
    pub owner: Secret<String>,
    /// Logs in as `gururmm_app`.
    pub app: Option<Secret<String>>,
    /// Logs in as `gururmm_ingest`.
    pub ingest: Option<Secret<String>>,
}

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address makes no sense.
    #[error("the database address cannot be read (expected postgres://user@host/database)")]
    Address(#[source] sqlx::Error),
    /// Nobody answers, or not as wished.
    #[error("cannot connect to the database")]
    Connect(#[source] sqlx::Error),
}

impl Db {
    /// Opens the pools. The database must be migrated: the roles come from there.
    pub async fn connect(urls: &DatabaseUrls) -> Result<Self, ConnectError> {
        let owner = pool(options(urls.owner.reveal())?, 4, None).await?;
        let app = role_pool(urls, urls.app.as_ref(), APP, 24).await?;
        let ingest = role_pool(urls, urls.ingest.as_ref(), "gururmm_ingest", 8).await?;
        let batches = role_pool(urls, urls.ingest.as_ref(), "gururmm_ingest", BATCHES_AT_ONCE).await?;
        Ok(Self { app, ingest, batches, owner, answered: Arc::default() })
    }
}

/// Shorter than anybody waits for an answer: a statement whose asker has given up must not keep its connection.
const APP_STATEMENT_MAX: &str = "25s";

pub(super) fn options(url: &str) -> Result<PgConnectOptions, ConnectError> {
    let options = PgConnectOptions::from_str(url).map_err(ConnectError::Address)?;
    // statements are short and many: to compile one takes longer than to run it
    let settings = [
        ("timezone", "UTC"),
        ("statement_timeout", "60s"),
        ("idle_in_transaction_session_timeout", "60s"),
        ("jit", "off"),
    ];
    Ok(options
        .application_name("gururmm-server")
        .options(settings)
        .log_statements(LevelFilter::Trace)
        .log_slow_statements(LevelFilter::Warn, Duration::from_secs(1)))
}

/// The major version of the database server.
pub async fn server_version(url: &str) -> Result<u32, ConnectError> {
    let mut connection = options(url)?.connect().await.map_err(ConnectError::Connect)?;
    let version: i32 = sqlx::query_scalar("select current_setting('server_version_num')::int")
        .fetch_one(&mut connection)
        .await
        .map_err(ConnectError::Connect)?;
    connection.close().await.map_err(ConnectError::Connect)?;
    Ok(u32::try_from(version / 10_000).unwrap_or(0))
}

async fn role_pool(
    urls: &DatabaseUrls,
    url: Option<&Secret<String>>,
    role: &'static str,
    max: u32,
) -> Result<PgPool, ConnectError> {
    let mut options = options(url.unwrap_or(&urls.owner).reveal())?;
    if role == APP {
        options = options.options([("statement_timeout", APP_STATEMENT_MAX)]);
    }
    pool(options, max, url.is_none().then_some(role)).await
}

async fn pool(options: PgConnectOptions, max: u32, set_role: Option<&'static str>) -> Result<PgPool, ConnectError> {
    PgPoolOptions::new()
        .max_connections(max)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_MAX)
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                match set_role {
                    Some(APP) => connection.execute("set role gururmm_app").await.map(drop),
                    Some(_) => connection.execute("set role gururmm_ingest").await.map(drop),
                    None => Ok(()),
                }
            })
        })
        .connect_with(options)
        .await
        .map_err(ConnectError::Connect)
}
