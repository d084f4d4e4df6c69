//! Start and stop.
//!
//! A start takes the database first (it locks the data directory), then migrates, then listens; a stop goes backwards: no new work,
//! open requests and records finish within bounds, and the database ends last.

mod database;
mod files;
mod jobs;

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use gururmm_clock::SharedClock;
use ipnet::{IpNet, Ipv4Net};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::{self, AppState, Inner};
use crate::config::Config;
use crate::features::command_runs::TouchedRuns;
use crate::features::history::Retention;
use crate::features::setup::{FirstStart, first_start};
use crate::features::{self};
use crate::gateway::{self, Gateway};
use crate::ingest::{self, IngestQueue};
use crate::platform::audit::Checkpoints;
use crate::platform::audit::checkpoints::CheckpointsError;
use crate::platform::audit::refused::Refusals;
use crate::platform::auth::identity::IdentityCache;
use crate::platform::auth::keys_used::KeysUsed;
use crate::platform::auth::streams::Streams;
use crate::platform::db::Db;
use crate::platform::http::hosts::Hosts;
use crate::platform::http::serve::{Places, serve};
use crate::platform::live::Live;
use crate::platform::outgoing::Outgoing;
use crate::platform::rate_limit::RateLimits;
use crate::platform::secrets::{SecretsError, ServerSecrets};

pub(crate) use database::embedded_config;
pub use database::{Database, OwnersDatabase};
pub(crate) use files::fit as fit_connections;

/// Time for records and jobs to finish once nobody can connect any more.
const FINISH_WITHIN: Duration = Duration::from_secs(10);
/// Connections at the same time to the address of `/metrics`.
const METRICS_CONNECTIONS_MAX: usize = 16;
/// Time for connections to the database to close.
const CLOSE_WITHIN: Duration = Duration::from_secs(3);

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The embedded database cannot be used.
    #[error(transparent)]
    Embedded(#[from] gururmm_embedded_postgres::Error),
    /// The database could not be brought up to date.
    #[error(transparent)]
    Migrate(#[from] crate::platform::db::MigrationError),
    /// The database does not answer.
    #[error(transparent)]
    Connect(#[from] crate::platform::db::ConnectError),
    /// The server's keys cannot be used.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The audit log could not be signed.
    #[error(transparent)]
    Checkpoints(#[from] CheckpointsError),
    /// A statement failed.
    #[error("the database could not be prepared")]
    Sql(#[from] sqlx::Error),
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {hint}")]
    Listen {
        /// What was to be listened on.
        address: SocketAddr,
        /// What to do.
        hint: String,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// A file of the data directory cannot be written.
    #[error("cannot write {path}")]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// There is nothing to look at.
    #[error("there is no database in {0}, and no database_url that names another")]
    NoDatabase(std::path::PathBuf),
    /// A task of the start-up failed.
    #[error("the start was interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// A running server.
pub struct Server {
    /// Its state.
    pub app: AppState,
    /// Where it listens.
    pub address: SocketAddr,
    /// Where `/metrics` alone is answered, if anywhere.
    pub metrics_address: Option<SocketAddr>,
    /// What the operator must be told.
    pub first_start: FirstStart,
    serving: Vec<JoinHandle<()>>,
    writing: Vec<JoinHandle<()>>,
    failed: CancellationToken,
    jobs_stopping: CancellationToken,
    database: Database,
}

impl Server {
    /// Starts everything.
    pub async fn start(config: Config, clock: SharedClock) -> Result<Self, StartError> {
        for warning in config.warnings() {
            tracing::warn!("{warning}");
        }
        // the port first: a second server must not touch anything before it finds out
        let (listener, address) = listen(config.listen, "--listen").await?;
        let metrics = match config.metrics_listen {
            Some(address) => Some(listen(address, "metrics_listen").await?),
            None => None,
        };
        let database = Database::open(&config).await?;
        let db = Db::connect(database.urls()).await?;
        let (secrets, first_start) = prepare(&db, &config, &clock).await?;
        let (ingest, items) = IngestQueue::new();
        let checkpoints = Arc::new(Checkpoints::open(&config)?);
        let app = AppState::new(Inner {
            limits: RateLimits::new(&config.rate_limits),
            hosts: Hosts::of(&config),
            outgoing: Outgoing::new(&config.outgoing.allow),
            config,
            db,
            clock,
            secrets,
            identities: IdentityCache::default(),
            keys_used: KeysUsed::default(),
            streams: Streams::default(),
            setup_closed: OnceLock::new(),
            refusals: Refusals::default(),
            checkpoints,
            live: Live::default(),
            touched_runs: TouchedRuns::default(),
            gateway: Gateway::default(),
            ingest,
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
            started: Instant::now(),
        });
        let jobs_stopping = CancellationToken::new();
        jobs::spawn(&app, &database, &jobs_stopping);
        app.tasks.spawn(gateway::sweep_after_start(app.clone()));
        let failed = CancellationToken::new();
        let writing = items.into_iter().map(|items| vital(&failed, ingest::run(app.clone(), items))).collect();
        let router = app::router(&app);
        let mut serving = vec![vital(&failed, serve(listener, router, places(&app.config), app.stopping.clone()))];
        let metrics_address = metrics.as_ref().map(|(_, address)| *address);
        serving.extend(metrics.map(|(listener, _)| {
            let places = Places::new(METRICS_CONNECTIONS_MAX, METRICS_CONNECTIONS_MAX, Vec::new());
            vital(&failed, serve(listener, app::metrics_router(&app), places, app.stopping.clone()))
        }));
        Ok(Self { app, address, metrics_address, first_start, serving, writing, failed, jobs_stopping, database })
    }

    /// Waits until a part ends without which the server is none, before it was asked to stop. A process that answers and stores nothing
    /// is worse than one that its supervisor starts again.
    pub async fn failed(&self) {
        self.failed.cancelled().await;
    }

    /// Stops everything, in order and in bounded time.
    pub async fn stop(self) {
        self.app.stopping.cancel();
        for serving in self.serving {
            serving.await.ok();
        }
        self.jobs_stopping.cancel();
        self.app.tasks.close();
        let finished = async {
            self.app.tasks.wait().await;
            for writer in self.writing {
                writer.await.ok();
            }
        };
        if tokio::time::timeout(FINISH_WITHIN, finished).await.is_err() {
            tracing::warn!(open = self.app.tasks.len(), "some work was still open when the server stopped");
        }
        tokio::time::timeout(CLOSE_WITHIN, jobs::seal_at_the_end(&self.app)).await.ok();
        // waits for connections that are in use; the database ends those itself
        tokio::time::timeout(CLOSE_WITHIN, self.app.db.close()).await.ok();
        self.database.close().await;
    }

    /// Lets go of everything at once, as a crash would: for tests.
    pub fn abort(self) {
        self.serving.iter().chain(&self.writing).for_each(JoinHandle::abort);
        self.jobs_stopping.cancel();
        self.app.stopping.cancel();
    }
}

/// Runs a part that must not end before the server does; `failed` tells when it does, by a panic or otherwise.
fn vital(failed: &CancellationToken, part: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    let ended = failed.clone().drop_guard();
    tokio::spawn(async move {
        let _ended = ended;
        part.await;
    })
}

/// Binds an address; `setting` is where it was set.
async fn listen(address: SocketAddr, setting: &str) -> Result<(TcpListener, SocketAddr), StartError> {
    let bound = TcpListener::bind(address).await.and_then(|listener| Ok((listener.local_addr()?, listener)));
    bound.map(|(address, listener)| (listener, address)).map_err(|source| listen_error(address, setting, source))
}

pub(crate) fn listen_error(address: SocketAddr, setting: &str, source: std::io::Error) -> StartError {
    let hint = match source.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("another program uses this port; stop it or choose another with {setting}")
        }
        std::io::ErrorKind::PermissionDenied => {
            format!("this port needs more rights; choose one above 1024 with {setting}")
        }
        std::io::ErrorKind::AddrNotAvailable => format!("this machine has no such address; correct {setting}"),
        _ => source.to_string(),
    };
    StartError::Listen { address, hint, source }
}

/// Places for connections. Proxies, and whoever is on this machine already, speak for many.
fn places(config: &Config) -> Places {
    let loopback =
        [IpNet::from(Ipv4Net::new_assert([127, 0, 0, 0].into(), 8)), IpAddr::from(Ipv6Addr::LOCALHOST).into()];
    let exempt = config.trusted_proxies.iter().copied().chain(loopback).collect();
    Places::new(files::connections_max(config.connections_max), config.connections_per_network_max, exempt)
}

async fn prepare(db: &Db, config: &Config, clock: &SharedClock) -> Result<(ServerSecrets, FirstStart), StartError> {
    let now = clock.now();
    let mut owner = db.owner().await?;
    let secrets = ServerSecrets::load_or_create(&mut owner, &config.server_key(), now).await?;
    let told = first_start(&mut owner, &secrets, now).await?;
    gateway::forget_connections(&mut owner).await?;
    drop(owner);
    // a long reader (a dump) may be in its way; that is no reason not to start: the ingest makes what it lacks
    if let Err(error) = maintain_partitions(db, now, config).await {
        tracing::warn!(%error, "the partitions of measurements could not be kept; the job tries again");
    }
    Ok((secrets, told))
}

/// Partitions of measurements and of their history.
async fn maintain_partitions(db: &Db, now: Timestamp, config: &Config) -> sqlx::Result<()> {
    features::metrics::maintain(db, now, config.metrics_retention_days).await?;
    features::history::maintain(db, now, Retention::of_server(config)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_vital_part_that_panics_or_ends_is_noticed() {
        for panics in [true, false] {
            let failed = CancellationToken::new();
            let part = vital(&failed, async move { assert!(!panics, "a mistake") });
            failed.cancelled().await;
            assert_eq!(part.await.is_err(), panics);
        }
        let failed = CancellationToken::new();
        let part = vital(&failed, std::future::pending());
        tokio::task::yield_now().await;
        assert!(!failed.is_cancelled());
        part.abort();
    }
}
