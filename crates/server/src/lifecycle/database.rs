//! The database of this server: the embedded one unless the configuration names another.

use std::path::PathBuf;

use gururmm_embedded_postgres::{Config as EmbeddedConfig, EmbeddedPostgres};

use super::StartError;
use crate::config::Config;
use crate::platform::db::{self, DatabaseUrls};

/// An open, migrated database.
pub struct Database {
    urls: DatabaseUrls,
    embedded: Option<EmbeddedPostgres>,
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
                embedded: None,
            },
            None => Self::embedded(config.data_dir.clone()).await?,
        };
        let database = database.back_up_before_migration(config.data_dir.join("backups")).await?;
        db::migrate(&database.urls.owner).await?;
        Ok(database)
    }

    async fn embedded(data_dir: PathBuf) -> Result<Self, StartError> {
        let config = EmbeddedConfig { data_dir, unprivileged_user: None };
        let embedded = tokio::task::spawn_blocking(move || EmbeddedPostgres::start(config)).await??;
        let url = |user: &str| embedded.connection(user).url();
        let urls = DatabaseUrls {
            owner: url("gururmm_owner"),
            app: Some(url("gururmm_app")),
            ingest: Some(url("gururmm_ingest")),
        };
        Ok(Self { urls, embedded: Some(embedded) })
    }

    async fn back_up_before_migration(mut self, dir: PathBuf) -> Result<Self, StartError> {
        let Some(embedded) = self.embedded.take() else { return Ok(self) };
        let pending = db::pending_migrations(&self.urls.owner).await?;
        let embedded = tokio::task::spawn_blocking(move || {
            if pending > 0 {
                let file = embedded.backup(&dir)?;
                tracing::info!(file = %file.display(), pending, "backed up the database before bringing it up to date");
            }
            Ok::<_, gururmm_embedded_postgres::Error>(embedded)
        })
        .await??;
        Ok(Self { embedded: Some(embedded), ..self })
    }

    /// How to reach it.
    pub fn urls(&self) -> &DatabaseUrls {
        &self.urls
    }

    /// Stops the embedded database.
    pub async fn close(self) {
        let Some(embedded) = self.embedded else { return };
        match tokio::task::spawn_blocking(move || embedded.stop()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the database did not stop cleanly"),
            Err(error) => tracing::warn!(%error, "stopping the database was interrupted"),
        }
    }
}
