//! The file: its tables, how it is opened, and what happens when it is damaged.

use std::path::{Path, PathBuf};

use gururmm_agent_core::commands::memory::{Fate, Remembered};
use gururmm_fsx::{FileError, make_private, remove_if_exists};
use gururmm_ids::{AgentId, CommandId, SpoolId};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, params};

use super::ballast::{self, Ballast};
use super::numbering::BLOCK;
use super::worker::{KIND_METRICS, Totals};

const VERSION: i64 = 1;

/// What a damaged file is renamed to.
const DAMAGED: &str = ".damaged";

const TABLES: &str = "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE commands (
        command_id TEXT PRIMARY KEY,
        issued_at TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        fate INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE records (sequence INTEGER PRIMARY KEY, kind INTEGER NOT NULL, command_id TEXT, json TEXT NOT NULL);
    CREATE INDEX records_metrics ON records (sequence) WHERE kind = 0;
    CREATE INDEX records_commands ON records (command_id) WHERE command_id IS NOT NULL;
";

/// Why there is no store.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("could not use the agent's database")]
    Database(#[from] rusqlite::Error),
    #[error("could not use the agent's database")]
    File(#[from] FileError),
    #[error("could not start the thread that writes the agent's database")]
    Thread(#[source] std::io::Error),
    #[error("the agent's database has version {0}, which this agent does not know; update the agent")]
    Version(i64),
}

impl StoreError {
    /// Whether the disk takes nothing, rather than that something is wrong with what is on it.
    fn is_no_room(&self) -> bool {
        match self {
            Self::Database(error) => is_no_room(error),
            Self::File(error) => error.kind() == std::io::ErrorKind::StorageFull,
            Self::Thread(_) | Self::Version(_) => false,
        }
    }
}

pub(super) struct Content {
    pub(super) connection: Connection,
    /// Nothing of it outlives the process.
    pub(super) is_in_memory: bool,
    pub(super) spool_id: SpoolId,
    /// The highest number that earlier runs are known to have reached.
    pub(super) known: u64,
    pub(super) next: u64,
    pub(super) reserved: u64,
    pub(super) remembered: Vec<Remembered>,
    pub(super) not_before: Option<Timestamp>,
    pub(super) memory_lost: bool,
    pub(super) ahead_of_wall: SignedDuration,
    pub(super) totals: Totals,
}

/// Makes an empty store for a new identity, in place of any other.
pub(crate) fn create_anew(path: &Path, agent_id: AgentId) -> Result<(), StoreError> {
    remove(path)?;
    create(path, agent_id, false)?;
    Ok(())
}

/// Removes the store and everything that was kept beside it.
pub(crate) fn remove(path: &Path) -> Result<(), FileError> {
    remove_parts(path)?;
    ballast::remove(path)?;
    remove_if_exists(&with_suffix(path, DAMAGED))
}

fn remove_parts(path: &Path) -> Result<(), FileError> {
    for suffix in ["", "-wal", "-shm"] {
        remove_if_exists(&with_suffix(path, suffix))?;
    }
    Ok(())
}

/// Records that wait, without disturbing an agent that runs; `None` when there is no readable store.
pub(crate) fn depth(path: &Path) -> Option<u64> {
    let count: i64 = look_into(path)?.query_row("SELECT count(*) FROM records", [], |row| row.get(0)).ok()?;
    Some(count as u64)
}

/// How far the server's clock was last known to be ahead of this machine's; zero when nothing is known.
pub(crate) fn ahead_of_wall(path: &Path) -> SignedDuration {
    let kept = look_into(path).and_then(|connection| clock_in(&connection).ok());
    kept.unwrap_or(SignedDuration::ZERO)
}

fn look_into(path: &Path) -> Option<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).ok()?;
    connection.busy_timeout(std::time::Duration::from_secs(2)).ok()?;
    Some(connection)
}

fn clock_in(connection: &Connection) -> rusqlite::Result<SignedDuration> {
    let millis = get(connection, "ahead_of_wall_ms")?.and_then(|text| text.parse().ok()).unwrap_or(0);
    Ok(SignedDuration::from_millis(millis))
}

/// Opens the store, if need be in the room of the ballast, and without any room in memory.
pub(super) fn open(path: &Path, agent_id: AgentId, ballast: &mut Ballast) -> Result<Content, StoreError> {
    let opened = match open_file(path, agent_id) {
        Err(error) if error.is_no_room() && ballast.release() => open_file(path, agent_id),
        other => other,
    };
    match opened {
        Err(error) if error.is_no_room() => open_memory(path, agent_id).map_err(|_| error),
        opened => {
            ballast.hold();
            opened
        }
    }
}

/// A machine with a full disk must be reachable more than any other.
fn open_memory(path: &Path, agent_id: AgentId) -> Result<Content, StoreError> {
    tracing::error!("the disk takes nothing: records and ids of commands are kept in memory, until the agent ends");
    if path.exists() {
        // a later start must not take it for a memory of what runs from here on; renaming needs no room
        move_aside(path)?;
    }
    let connection = fill(Connection::open_in_memory()?, agent_id, true)?;
    Ok(Content { is_in_memory: true, ..load(connection)? })
}

fn open_file(path: &Path, agent_id: AgentId) -> Result<Content, StoreError> {
    if !path.exists() {
        tracing::error!("the agent's database is missing; a new one is made");
        remove_parts(path)?;
        return load(create(path, agent_id, true)?);
    }
    match open_existing(path, agent_id) {
        Err(StoreError::Database(error)) if is_damage(&error) => {
            tracing::error!(%error, "the agent's database is damaged; it is moved aside and a new one is made");
            move_aside(path)?;
            load(create(path, agent_id, true)?)
        }
        other => other,
    }
}

/// Whether the disk refused.
pub(super) fn is_no_room(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::DiskFull | ErrorCode::CannotOpen | ErrorCode::SystemIoFailure))
}

/// Whether the file's content is at fault, rather than the disk or another process.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
        || matches!(
            error,
            rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::QueryReturnedNoRows
        )
        || matches!(error, rusqlite::Error::SqliteFailure(_, Some(text)) if text.starts_with("no such table"))
}

fn open_existing(path: &Path, agent_id: AgentId) -> Result<Content, StoreError> {
    let connection = connect(path)?;
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version > VERSION {
        return Err(StoreError::Version(version));
    }
    let sound: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if sound != "ok" {
        return Err(damaged(&sound).into());
    }
    // another identity's memory is no memory of this one
    if get(&connection, "agent_id")?.as_deref() != Some(&agent_id.to_string()) {
        drop(connection);
        move_aside(path)?;
        return load(create(path, agent_id, true)?);
    }
    load(connection)
}

pub(super) fn damaged(text: &str) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT), Some(text.to_owned()))
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    // its log and its index get the same mode
    make_private(path)?;
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    // small: an agent has 10 MB for everything. Checkpoints are made by the worker when nobody waits.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
         PRAGMA cache_size = -256; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;",
    )?;
    Ok(connection)
}

fn create(path: &Path, agent_id: AgentId, memory_lost: bool) -> Result<Connection, StoreError> {
    fill(connect(path)?, agent_id, memory_lost)
}

fn fill(mut connection: Connection, agent_id: AgentId, memory_lost: bool) -> Result<Connection, StoreError> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    set(&transaction, "agent_id", &agent_id.to_string())?;
    set(&transaction, "spool_id", &SpoolId::generate().to_string())?;
    set(&transaction, "reserved", "1")?;
    if memory_lost {
        set(&transaction, "memory_lost", "1")?;
    }
    transaction.commit()?;
    Ok(connection)
}

fn load(connection: Connection) -> Result<Content, StoreError> {
    let text = |key| get(&connection, key);
    let missing = || damaged("a setting is missing");
    let spool_id = text("spool_id")?.and_then(|text| text.parse().ok()).ok_or_else(missing)?;
    let used: u64 = text("reserved")?.and_then(|text| text.parse().ok()).ok_or_else(missing)?;
    let highest: i64 = connection.query_row("SELECT coalesce(max(sequence), 0) FROM records", [], |row| row.get(0))?;
    let number = |key| Ok::<u64, StoreError>(text(key)?.and_then(|text| text.parse().ok()).unwrap_or(0));
    // a run that crashed before its first write may have sent what it handed out first
    let known = number("acknowledged")?.max(number("begun")?).max(highest as u64);
    // whatever was handed out before is below the block reserved then
    let next = used.max(highest as u64 + 1).max(1);
    let reserved = next + BLOCK;
    set(&connection, "reserved", &reserved.to_string())?;
    set(&connection, "begun", &next.to_string())?;
    let totals = connection.query_row(
        "SELECT coalesce(sum(octet_length(json)), 0), count(*) FILTER (WHERE kind = ?1) FROM records",
        [KIND_METRICS],
        |row| Ok(Totals { bytes: row.get::<_, i64>(0)? as u64, metrics: row.get::<_, i64>(1)? as u64 }),
    )?;
    let ahead_of_wall = clock_in(&connection)?;
    let not_before = text("not_before")?.and_then(|text| text.parse().ok());
    let memory_lost = text("memory_lost")?.is_some();
    let remembered = remembered(&connection)?;
    Ok(Content {
        is_in_memory: false,
        spool_id,
        known,
        next,
        reserved,
        remembered,
        not_before,
        memory_lost,
        ahead_of_wall,
        totals,
        connection,
    })
}

fn remembered(connection: &Connection) -> Result<Vec<Remembered>, StoreError> {
    let mut statement = connection.prepare("SELECT command_id, issued_at, expires_at, fate FROM commands")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, i64>(3)?))
    })?;
    let mut entries = Vec::new();
    for row in rows {
        let (id, issued_at, expires_at, fate) = row?;
        let entry = (|| {
            Some(Remembered {
                command_id: id.parse::<CommandId>().ok()?,
                issued_at: issued_at.parse().ok()?,
                expires_at: expires_at.parse().ok()?,
                fate: fate_of(fate)?,
            })
        })();
        entries.push(entry.ok_or_else(|| damaged("a remembered command cannot be read"))?);
    }
    Ok(entries)
}

pub(super) fn number_of(fate: Fate) -> i64 {
    match fate {
        Fate::Accepted => 1,
        Fate::Ended => 2,
        Fate::CancelledEarly => 3,
    }
}

fn fate_of(number: i64) -> Option<Fate> {
    match number {
        1 => Some(Fate::Accepted),
        2 => Some(Fate::Ended),
        3 => Some(Fate::CancelledEarly),
        _ => None,
    }
}

pub(super) fn get(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0)).optional()
}

pub(super) fn set(connection: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    connection.prepare_cached(sql)?.execute(params![key, value]).map(|_| ())
}

pub(super) fn unset(connection: &Connection, key: &str) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM meta WHERE key = ?1", [key]).map(|_| ())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Keeps one damaged file for whoever wants to look at it.
pub(crate) fn move_aside(path: &Path) -> Result<(), FileError> {
    let aside = with_suffix(path, DAMAGED);
    std::fs::rename(path, &aside).map_err(|source| FileError::new("could not move aside", path, source))?;
    // these belong to the damaged file, and would be applied to the new one
    remove_if_exists(&with_suffix(path, "-wal"))?;
    remove_if_exists(&with_suffix(path, "-shm"))
}
