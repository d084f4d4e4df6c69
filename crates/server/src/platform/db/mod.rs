//! The database: three roles, and transactions that see one organisation.
//!
//! * `app` — what handlers use. Row-level security applies; outside [`Db::begin_scoped`] it sees no row of any organisation.
//! * `ingest` — the agents' side: no tables, only functions that take the organisation from the agent.
//! * `owner` — migrations, the server's own secrets and partitions; never reached from a request.

mod connect;
mod migrate;
mod partitions;

use std::sync::Arc;
use std::time::{Duration, Instant};

use gururmm_ids::OrgId;
use parking_lot::Mutex;
use serde_json::{Map, Value};
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, PgPool, Postgres, SqlSafeStr as _, Transaction};

use super::auth::OrgScope;

pub use connect::{BATCHES_AT_ONCE, ConnectError, DatabaseUrls, server_version};
pub use migrate::{Error as MigrationError, MIGRATOR, connect_patiently, migrate, pending_migrations};
pub use partitions::{PartitionReport, PartitionedTable, Unit};

/// The pools.
#[derive(Clone, Debug)]
pub struct Db {
    app: PgPool,
    ingest: PgPool,
    batches: PgPool,
    owner: PgPool,
    /// When it last said so.
    answered: Arc<Mutex<Option<Instant>>>,
}

/// Begins in a task of its own, which always comes to its end: a beginning that whoever asked for it gives up half-way would leave its connection in a
/// transaction of which sqlx knows nothing, and whoever has that connection next would lose what it writes.
async fn begin(pool: &PgPool, statement: String) -> sqlx::Result<Transaction<'static, Postgres>> {
    // whoever gives up waiting for a connection gives up its place
    let connection = pool.acquire().await?;
    let begun = tokio::spawn(Transaction::begin(connection, Some(AssertSqlSafe(statement).into_sql_str())));
    begun.await.map_err(|_| sqlx::Error::WorkerCrashed)?
}

/// How long an answer of the database is believed.
const BELIEVED_FOR: Duration = Duration::from_secs(1);

impl Db {
    /// Opens a transaction that sees and changes those rows of the scope's organisation that the scope reaches, and no others.
    pub async fn begin_scoped(&self, scope: &OrgScope) -> sqlx::Result<Transaction<'static, Postgres>> {
        self.begin_with(&scope.settings()).await
    }

    /// The same before there is a scope: a login knows whose it is from the account it found. It reaches no machine.
    pub async fn begin_for(&self, org_id: OrgId) -> sqlx::Result<Transaction<'static, Postgres>> {
        self.begin_with(&Map::from_iter([("org".to_owned(), org_id.to_string().into())])).await
    }

    /// One round trip for all. The values are words of ours and ids, which are hexadecimal digits and hyphens, whatever they are.
    async fn begin_with(&self, settings: &Map<String, Value>) -> sqlx::Result<Transaction<'static, Postgres>> {
        let set = |(name, value): (&String, &Value)| {
            let value = value.as_str().unwrap_or_default();
            debug_assert!(!value.contains(['\'', '\\']), "{name} is ids or a word");
            format!("set_config('app.{name}', '{value}', true)")
        };
        let all: Vec<_> = settings.iter().map(set).collect();
        begin(&self.app, format!("begin; select {}", all.join(", "))).await
    }

    /// A connection for one statement that is a transaction of its own, in one trip: for functions that take the organisation as an
    /// argument and open its scope themselves. Whatever needs two statements has [`Db::begin_scoped`].
    pub async fn statement(&self) -> sqlx::Result<PoolConnection<Postgres>> {
        self.app.acquire().await
    }

    /// A transaction without organisation: for the named functions that find out whose request it is.
    pub async fn begin_lookup(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        begin(&self.app, "begin".to_owned()).await
    }

    /// A transaction of the agents' side.
    pub async fn begin_ingest(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        begin(&self.ingest, "begin".to_owned()).await
    }

    /// The same for batches of records: whoever comes in numbers at the door, acknowledgements have connections of their own.
    pub async fn begin_batch(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        begin(&self.batches, "begin".to_owned()).await
    }

    /// A connection of the owner, for start-up and periodic jobs.
    pub async fn owner(&self) -> sqlx::Result<PoolConnection<Postgres>> {
        self.owner.acquire().await
    }

    /// Whether the database answers. A yes holds for a second: strangers may ask, and must not take the connections of others.
    pub async fn is_reachable(&self) -> bool {
        let answered = *self.answered.lock();
        if answered.is_some_and(|at| at.elapsed() < BELIEVED_FOR) {
            return true;
        }
        let answers = sqlx::query_scalar!("select 1 as one").fetch_one(&self.app).await.is_ok();
        *self.answered.lock() = answers.then(Instant::now);
        answers
    }

    /// Connections in use and open, of handlers: for the metrics page.
    pub fn app_connections(&self) -> (u32, u32) {
        let open = self.app.size();
        (open.saturating_sub(self.app.num_idle() as u32), open)
    }

    /// Closes all pools.
    pub async fn close(&self) {
        tokio::join!(self.app.close(), self.ingest.close(), self.batches.close(), self.owner.close());
    }
}
