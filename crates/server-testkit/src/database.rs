//! A database for one test: a clone of a template that is migrated once.

use anyhow::Context as _;
use gururmm_embedded_postgres::TemporaryPostgres;
use gururmm_protocol::secret::hash_hex;
use gururmm_server::platform::db::{DatabaseUrls, MIGRATOR, migrate};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use uuid::Uuid;

use crate::wait_for;

/// A database of its own; dropped with the value.
pub struct TestDb {
    cluster: TemporaryPostgres,
    name: String,
}

impl TestDb {
    /// Clones the template, making it first if this is the first test of these migrations.
    pub async fn create() -> anyhow::Result<Self> {
        let cluster = tokio::task::spawn_blocking(TemporaryPostgres::shared).await??;
        let template = template_name();
        let mut admin =
            PgConnection::connect(&cluster.owner().url()).await.context("the tests' PostgreSQL does not answer")?;
        make_template(&cluster, &mut admin, &template).await?;
        let name = format!("test_{}", Uuid::new_v4().simple());
        execute(&mut admin, format!("create database {name} template {template} strategy file_copy")).await?;
        Ok(Self { cluster, name })
    }

    /// An empty database, not even migrated.
    pub async fn empty() -> anyhow::Result<Self> {
        let cluster = tokio::task::spawn_blocking(TemporaryPostgres::shared).await??;
        let mut admin = PgConnection::connect(&cluster.owner().url()).await?;
        let name = format!("test_{}", Uuid::new_v4().simple());
        execute(&mut admin, format!("create database {name}")).await?;
        Ok(Self { cluster, name })
    }

    /// The address for a role.
    pub fn url(&self, role: &str) -> String {
        self.cluster.connection(role, &self.name).url()
    }

    /// The addresses for a server.
    pub fn urls(&self) -> DatabaseUrls {
        DatabaseUrls {
            owner: self.url("gururmm_owner").into(),
            app: Some(self.url("gururmm_app").into()),
            ingest: Some(self.url("gururmm_ingest").into()),
        }
    }

    /// A connection as a role.
    pub async fn connect(&self, role: &str) -> PgConnection {
        PgConnection::connect(&self.url(role)).await.expect("the test's database answers")
    }

    /// Waits until a statement of the server waits for a lock that the test holds.
    pub async fn wait_for_blocked(&self) {
        self.wait_for_all_blocked(1).await;
    }

    /// Waits until so many statements of the server wait for locks that the test holds.
    pub async fn wait_for_all_blocked(&self, count: i64) {
        let mut owner = self.connect("gururmm_owner").await;
        let blocked =
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        wait_for("statements to wait for locks", async || {
            let waiting: i64 = sqlx::query_scalar(blocked).fetch_one(&mut owner).await.expect("the catalogue");
            (waiting >= count).then_some(())
        })
        .await;
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let (url, name) = (self.cluster.owner().url(), self.name.clone());
        // a thread, because a test's runtime cannot be waited for from within
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut admin = PgConnection::connect(&url).await?;
                execute(&mut admin, format!("drop database if exists {name} with (force)")).await
            })
        });
        dropping.join().ok();
    }
}

fn template_name() -> String {
    let checksums: Vec<u8> = MIGRATOR.iter().flat_map(|migration| migration.checksum.to_vec()).collect();
    format!("template_{}", &hash_hex(&checksums)[..16])
}

/// Made under another name and renamed when it is whole, one process at a time.
async fn make_template(cluster: &TemporaryPostgres, admin: &mut PgConnection, template: &str) -> anyhow::Result<()> {
    admin.execute("select pg_advisory_lock(729114)").await?;
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(template)
        .fetch_one(&mut *admin)
        .await?;
    if !exists {
        execute(admin, "drop database if exists template_unfinished with (force)".to_owned()).await?;
        execute(admin, "create database template_unfinished".to_owned()).await?;
        migrate(&cluster.connection("gururmm_owner", "template_unfinished").url()).await?;
        execute(admin, format!("alter database template_unfinished rename to {template}")).await?;
    }
    admin.execute("select pg_advisory_unlock(729114)").await?;
    Ok(())
}

async fn execute(connection: &mut PgConnection, sql: String) -> anyhow::Result<()> {
    connection.execute(AssertSqlSafe(sql)).await?;
    Ok(())
}
