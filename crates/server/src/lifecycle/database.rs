//! The database of this server: the embedded one unless the configuration names another.

use std::path::PathBuf;
use std::sync::Arc;

use gururmm_embedded_postgres::{Config as EmbeddedConfig, EmbeddedPostgres, OWNER};
use parking_lot::Mutex;
use sqlx::{Connection as _, PgConnection};

use super::StartError;
use crate::config::Config;
use crate::platform::db::{self, DatabaseUrls};
use crate::platform::secret::Secret;

/// An open, migrated database.
#[derive(Clone)]
pub struct Database {
    urls: DatabaseUrls,
    embedded: Arc<Mutex<Option<EmbeddedPostgres>>>,
}

impl Database {
    /// Starts the embedded database if it is the one, copies it before it is migrated, and migrates.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        let database = match &config.database_url {
            Some(owner) => Self {
                urls: DatabaseUrls {
                    owner: owner.clone(),
                    app: config.database_app_url.clone(),
                    ingest: config.database_ingest_url.clone(),
                },
                embedded: Arc::default(),
            },
            None => Self::embedded(config).await?,
        };
        let database = database.back_up_before_migration(config.data_dir.join("backups")).await?;
        db::migrate(database.urls.owner.reveal()).await?;
        Ok(database)
    }

    async fn embedded(config: &Config) -> Result<Self, StartError> {
        let config = embedded_config(config);
        let embedded = tokio::task::spawn_blocking(move || EmbeddedPostgres::start(config)).await??;
        let url = |user: &str| Secret::from(embedded.connection(user).url());
        let urls =
            DatabaseUrls { owner: url(OWNER), app: Some(url("gururmm_app")), ingest: Some(url("gururmm_ingest")) };
        Ok(Self { urls, embedded: Arc::new(Mutex::new(Some(embedded))) })
    }

    async fn back_up_before_migration(self, dir: PathBuf) -> Result<Self, StartError> {
        let pending =
            if self.embedded.lock().is_some() { db::pending_migrations(self.urls.owner.reveal()).await? } else { 0 };
        if pending > 0 {
            let embedded = Arc::clone(&self.embedded);
            let file = tokio::task::spawn_blocking(move || {
                embedded.lock().as_ref().map(|embedded| embedded.backup(&dir)).transpose()
            })
            .await??;
            tracing::info!(?file, pending, "backed up the database before bringing it up to date");
        }
        Ok(self)
    }

    /// Starts the embedded database again if it has died (the kernel may have taken it for want of memory).
    pub(super) async fn keep_running(&self) {
        let embedded = Arc::clone(&self.embedded);
        let kept = tokio::task::spawn_blocking(move || {
            embedded.lock().as_mut().map(EmbeddedPostgres::ensure_running).transpose()
        })
        .await;
        if let Ok(Err(error)) = kept {
            tracing::error!(%error, "the database has died and cannot be started; trying again");
        }
    }

    /// How to reach it.
    pub fn urls(&self) -> &DatabaseUrls {
        &self.urls
    }

    /// Stops the embedded database.
    pub async fn close(self) {
        let embedded = Arc::clone(&self.embedded);
        let stop = move || embedded.lock().take().map(EmbeddedPostgres::stop).transpose();
        match tokio::task::spawn_blocking(stop).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the database did not stop cleanly"),
            Err(error) => tracing::warn!(%error, "stopping the database was interrupted"),
        }
    }
}

/// The database as its owner, for a command of the console: beside the server that runs it, or, when none does, started for the moment.
pub struct OwnersDatabase {
    /// Statements may take their time.
    pub connection: PgConnection,
    started: Option<EmbeddedPostgres>,
}

impl OwnersDatabase {
    /// Opens it as it is: nothing is made and nothing migrated.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        if let Some(url) = &config.database_url {
            return Ok(Self { connection: db::connect_patiently(url.reveal()).await?, started: None });
        }
        let embedded = embedded_config(config);
        if !embedded.exists() {
            return Err(StartError::NoDatabase(config.data_dir.clone()));
        }
        if let Some(running) = embedded.running(OWNER) {
            return Ok(Self { connection: db::connect_patiently(&running.url()).await?, started: None });
        }
        let started = tokio::task::spawn_blocking(move || EmbeddedPostgres::start(embedded)).await??;
        let connection = db::connect_patiently(&started.connection(OWNER).url()).await?;
        Ok(Self { connection, started: Some(started) })
    }

    /// Closes it, and stops what was started for it.
    pub async fn close(self) -> Result<(), StartError> {
        self.connection.close().await?;
        if let Some(started) = self.started {
            tokio::task::spawn_blocking(move || started.stop()).await??;
        }
        Ok(())
    }
}

/// The embedded database that the configuration asks for.
pub(crate) fn embedded_config(config: &Config) -> EmbeddedConfig {
    EmbeddedConfig { data_dir: config.data_dir.clone(), unprivileged_user: None, programs: config.postgres_dir.clone() }
}
