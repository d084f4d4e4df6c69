//! Private PostgreSQL clusters: the database that the server brings along, and the throw-away one of the tests.
//!
//! A *cluster* is one PostgreSQL data directory, a *postmaster* the process that serves it. Both kinds here listen on a
//! Unix socket in a directory of mode 0700 and on nothing else, so that "who may connect" is decided by the file system.
//!
//! * [`EmbeddedPostgres`] belongs to one server process. Invariants: at most one process uses a data directory at a time;
//!   a half-made cluster is never mistaken for a whole one; the postmaster ends when the handle does, and a postmaster
//!   that outlived a killed server is taken over instead of being fought.
//! * [`TemporaryPostgres`] is shared by all test processes of a user and may lose everything at any time.
//!
//! PostgreSQL refuses to run as root. Started by root, both run it as an unprivileged system user, who must be able to
//! reach the directory; nothing else that root owns is touched, executed or used as working directory by that user.
//!
//! The calls block (a first start takes about a second): use a blocking thread from async code.

mod account;
mod backup;
mod binaries;
mod cluster;
mod connection;
mod embedded;
mod error;
mod lock;
mod pidfile;
mod postmaster;
mod probe;
mod socket;
mod temporary;

pub use crate::{
    binaries::{Binaries, MINIMUM_MAJOR},
    connection::Connection,
    embedded::{Config, EmbeddedPostgres},
    error::Error,
    probe::answers,
    temporary::TemporaryPostgres,
};

/// The role that owns the cluster and everything migrations create.
pub const OWNER: &str = "gururmm_owner";

/// The database that [`EmbeddedPostgres`] creates with its cluster.
pub const DATABASE: &str = "gururmm";
