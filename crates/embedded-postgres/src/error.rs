use std::{io, path::PathBuf};

/// What can go wrong with a private cluster. Every text says what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error(
        "PostgreSQL {minimum} or newer is not installed (looked in {searched}). Install it with `apt-get install \
         postgresql` (Debian, Ubuntu), `dnf install postgresql-server` (Fedora, RHEL), `apk add postgresql` (Alpine) or \
         `brew install postgresql` (macOS), or set DATABASE_URL to a database that exists"
    )]
    BinariesMissing { minimum: u32, searched: String },

    #[error(
        "the database in {} was made by PostgreSQL {cluster}, but only {installed} is installed. Install PostgreSQL \
         {cluster} again (its packages can stand beside newer ones), or move the data with pg_upgrade \
         (https://www.postgresql.org/docs/current/pgupgrade.html)",
        dir.display()
    )]
    OtherVersion { dir: PathBuf, cluster: u32, installed: String },

    #[error("cannot write to the data directory {}; make it writable for {user} or choose another one", dir.display())]
    NotWritable {
        dir: PathBuf,
        user: String,
        #[source]
        source: io::Error,
    },

    #[error(
        "the data directory {} is in use by {}; stop it first or choose another directory",
        dir.display(),
        pid.map_or_else(|| "another process".to_owned(), |pid| format!("the process {pid}"))
    )]
    InUse { dir: PathBuf, pid: Option<u32> },

    #[error(
        "PostgreSQL refuses to run as root and there is neither a user `gururmm` nor a user `postgres`. Create one with \
         `useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin gururmm`"
    )]
    NoUnprivilegedUser,

    #[error("there is no user `{name}` on this machine")]
    UnknownUser { name: String },

    #[error("PostgreSQL refuses to run as `{name}`; choose a user that is not root")]
    PrivilegedUser { name: String },

    #[error(
        "the user `{user}`, who runs PostgreSQL, cannot enter {}. Allow it with `chmod o+x {}` or choose a data directory \
         elsewhere, for example below /var/lib",
        dir.display(),
        dir.display()
    )]
    Unreachable { dir: PathBuf, user: String },

    #[error("the database in {} belongs to the user {owner}; start the server as that user or as root", dir.display())]
    ForeignOwner { dir: PathBuf, owner: String },

    #[error(
        "{} exists but is not a PostgreSQL cluster (it has no readable PG_VERSION); move it away and start again",
        dir.display()
    )]
    NotACluster { dir: PathBuf },

    #[error("{program} failed: {detail}")]
    Failed { program: &'static str, detail: String },

    #[error("PostgreSQL did not start: {detail}")]
    NotStarted { detail: String },

    #[error("PostgreSQL (process {pid}) did not stop")]
    NotStopped { pid: i32 },

    #[error("could not {what} {}", path.display())]
    Io {
        what: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`: what was being done with which path.
    pub(crate) fn io(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { what, path, source }
    }
}
