//! The server's own database.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Binaries, Connection, DATABASE, Error,
    account::{self, Account},
    backup, binaries, cluster,
    cluster::Recipe,
    lock::Lock,
    pidfile::PidFile,
    postmaster::{Postmaster, Start},
    socket,
};

const RECIPE: Recipe = Recipe {
    settings: "
# Set by GuruRMM when this cluster was made. These lines are yours to change; how the database is reached is not.
max_connections = 100
jit = off
wal_compression = on
",
    durable: true,
};

/// Fixed on the command line, so that an edited file cannot open the database or fill the disk with logs.
const OPTIONS: [&str; 7] = [
    "logging_collector=on",
    "log_directory=log",
    "log_filename=postgresql-%a.log",
    "log_truncate_on_rotation=on",
    "log_rotation_age=1d",
    "log_rotation_size=0",
    "cluster_name=gururmm",
];

/// Where the database lives and who runs it.
#[derive(Clone, Debug)]
pub struct Config {
    /// The server's data directory; the cluster becomes its sub-directory `postgres`.
    pub data_dir: PathBuf,
    /// Who runs PostgreSQL when this process is root. `None`: `gururmm`, else `postgres`.
    pub unprivileged_user: Option<String>,
    /// The folder with PostgreSQL's programs. `None`: looked for where systems keep them.
    pub programs: Option<PathBuf>,
}

impl Config {
    fn search_path(&self) -> Vec<PathBuf> {
        self.programs.clone().map_or_else(binaries::search_path, |folder| vec![folder])
    }

    /// The major version that would run the cluster, without starting or making anything.
    pub fn version(&self) -> Result<u32, Error> {
        binaries_for(&self.data_dir.join("postgres"), &self.search_path()).map(|binaries| binaries.major())
    }

    /// Whether a cluster was ever made here.
    pub fn exists(&self) -> bool {
        self.data_dir.join("postgres").exists()
    }

    /// How to reach the cluster beside the server that runs it; `None` when it does not run. Starts and changes nothing.
    pub fn running(&self, user: &str) -> Option<Connection> {
        let data = fs::canonicalize(&self.data_dir).ok()?.join("postgres");
        let found = PidFile::read(&data).filter(|found| found.is_live(&data))?;
        Some(connection(&found.socket_dir, user))
    }
}

/// A running private database that stops when this value is dropped.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    postmaster: Postmaster,
    data_dir: PathBuf,
    binaries: Binaries,
    account: Account,
    adopted: bool,
    // released last: the next server may start only when the postmaster is gone
    _lock: Lock,
}

impl EmbeddedPostgres {
    /// Makes the cluster if there is none, starts it and waits until it answers.
    pub fn start(config: Config) -> Result<Self, Error> {
        let data_dir = prepare_data_dir(&config.data_dir)?;
        let lock = Lock::take(&data_dir)?;
        let data = data_dir.join("postgres");
        let binaries = binaries_for(&data, &config.search_path())?;
        let account = Account::choose(&data, config.unprivileged_user.as_deref())?;
        account.require_access(&data_dir)?;
        if !data.exists() {
            tracing::info!(directory = %data.display(), version = binaries.major(), "creating the database");
            cluster::create(&data, &binaries, &account, RECIPE)?;
        }
        let adopted = Postmaster::adopt(&data)?;
        let was_adopted = adopted.is_some();
        let postmaster = match adopted {
            Some(postmaster) => {
                tracing::info!(pid = postmaster.pid(), "took over the database of a server that was killed");
                postmaster
            }
            None => launch(&data_dir, &data_dir.join("run"), &binaries, &account)?,
        };
        Ok(Self { postmaster, data_dir, binaries, account, adopted: was_adopted, _lock: lock })
    }

    /// How to connect to the product's database as `user`.
    pub fn connection(&self, user: &str) -> Connection {
        connection(self.postmaster.socket_dir(), user)
    }

    /// Whether this start took over a postmaster that was already running.
    pub fn was_adopted(&self) -> bool {
        self.adopted
    }

    /// The postmaster's process id.
    pub fn pid(&self) -> i32 {
        self.postmaster.pid()
    }

    /// PostgreSQL's major version.
    pub fn major_version(&self) -> u32 {
        self.binaries.major()
    }

    /// Starts the postmaster again if it has died. True when it had. Its address stays the same: [`Self::connection`] has been handed out.
    pub fn ensure_running(&mut self) -> Result<bool, Error> {
        if self.postmaster.is_running() {
            return Ok(false);
        }
        tracing::error!(pid = self.postmaster.pid(), "the database has died; it is started again");
        self.postmaster = launch(&self.data_dir, self.postmaster.socket_dir(), &self.binaries, &self.account)?;
        Ok(true)
    }

    /// Writes a dump of the product's database into `dir` (made if missing) and keeps the newest three there.
    pub fn backup(&self, dir: &Path) -> Result<PathBuf, Error> {
        backup::write(dir, &self.binaries, &self.connection(crate::OWNER))
    }

    /// Stops the postmaster and waits for its end. Dropping the value does the same and only logs a failure.
    pub fn stop(mut self) -> Result<(), Error> {
        self.postmaster.stop()
    }
}

impl Drop for EmbeddedPostgres {
    fn drop(&mut self) {
        if let Err(error) = self.postmaster.stop() {
            tracing::error!(%error, "could not stop the database");
        }
    }
}

fn connection(socket_dir: &Path, user: &str) -> Connection {
    Connection {
        socket_dir: socket_dir.to_owned(),
        port: socket::PORT,
        user: user.to_owned(),
        database: DATABASE.to_owned(),
    }
}

/// The installed version that fits the cluster, or the newest one for a new cluster.
fn binaries_for(data: &Path, search_path: &[PathBuf]) -> Result<Binaries, Error> {
    let wanted = cluster::major_version(data)?;
    let binaries = Binaries::find_in(search_path, wanted)?;
    match wanted {
        Some(cluster) if cluster != binaries.major() => Err(Error::OtherVersion {
            dir: data.to_owned(),
            cluster,
            installed: format!("PostgreSQL {}", binaries.major()),
        }),
        _ => Ok(binaries),
    }
}

fn launch(data_dir: &Path, socket_dir: &Path, binaries: &Binaries, account: &Account) -> Result<Postmaster, Error> {
    Postmaster::start(&Start {
        data: &data_dir.join("postgres"),
        binaries,
        account,
        socket_dir,
        first_log: &data_dir.join("postgres-start.log"),
        options: &OPTIONS,
    })
}

/// Makes the data directory if it is missing and proves that files can be made in it.
fn prepare_data_dir(dir: &Path) -> Result<PathBuf, Error> {
    let not_writable =
        |source| Error::NotWritable { dir: dir.to_owned(), user: format!("`{}`", account::my_name()), source };
    account::make_passable(dir).map_err(not_writable)?;
    tempfile::Builder::new().prefix(".write-test-").tempfile_in(dir).map_err(not_writable)?;
    fs::canonicalize(dir).map_err(Error::io("find", dir))
}
