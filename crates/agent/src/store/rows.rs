//! Rows: how each write becomes SQL.

use gururmm_agent_core::commands::memory::{Fate, Remembered};
use gururmm_ids::CommandId;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};
use serde::de::IgnoredAny;

use super::worker::{KIND_METRICS, KIND_RESULT, Operation, Row, Totals};
use super::{Limits, Ready, schema};

/// Metrics dropped at once when there are too many.
const DROP_AT_ONCE: i64 = 64;

/// Writes one operation. A record is sent before it is written, so it may be `acknowledged` already: then it need not come.
pub(super) fn apply(
    connection: &Connection,
    write: &Operation,
    acknowledged: u64,
    totals: &mut Totals,
) -> rusqlite::Result<()> {
    match write {
        Operation::Insert(row) => {
            if row.sequence > acknowledged {
                insert(connection, row)?;
                totals.bytes += row.json.len() as u64;
                totals.metrics += u64::from(row.kind == KIND_METRICS);
            }
            match (&row.entry, row.command_id) {
                (Some(entry), _) => remember_fate(connection, entry),
                (None, Some(id)) if row.kind == KIND_RESULT => set_ended(connection, id),
                _ => Ok(()),
            }
        }
        // an acceptance never overwrites the end that came after it
        Operation::Remember { entry, .. } => upsert(connection, entry, "NOTHING"),
        Operation::Note(entry) => remember_fate(connection, entry),
        Operation::Forget { ids, not_before } => {
            for id in ids {
                let mut statement = connection.prepare_cached("DELETE FROM commands WHERE command_id = ?1")?;
                statement.execute([id.to_string()])?;
            }
            if let Some(not_before) = not_before {
                schema::set(connection, "not_before", &not_before.to_string())?;
                schema::unset(connection, "memory_lost")?;
            }
            Ok(())
        }
        Operation::Clock(ahead) => schema::set(connection, "ahead_of_wall_ms", &ahead.as_millis().to_string()),
        Operation::NewLife { spool_id, .. } => {
            schema::set(connection, "spool_id", &spool_id.to_string())?;
            schema::unset(connection, "acknowledged")?;
            schema::set(connection, "memory_lost", "1")
        }
        Operation::Acknowledged
        | Operation::Read { .. }
        | Operation::Commands { .. }
        | Operation::Settle { .. }
        | Operation::Close => Ok(()),
    }
}

fn insert(connection: &Connection, row: &Row) -> rusqlite::Result<()> {
    let sql = "INSERT INTO records (sequence, kind, command_id, json) VALUES (?1, ?2, ?3, ?4)";
    let command_id = row.command_id.map(|id| id.to_string());
    connection.prepare_cached(sql)?.execute(params![row.sequence as i64, row.kind, command_id, &*row.json]).map(|_| ())
}

fn set_ended(connection: &Connection, id: CommandId) -> rusqlite::Result<()> {
    let sql = "UPDATE commands SET fate = ?2 WHERE command_id = ?1";
    connection.prepare_cached(sql)?.execute(params![id.to_string(), schema::number_of(Fate::Ended)]).map(|_| ())
}

fn remember_fate(connection: &Connection, entry: &Remembered) -> rusqlite::Result<()> {
    upsert(connection, entry, "UPDATE SET fate = excluded.fate")
}

fn upsert(connection: &Connection, entry: &Remembered, on_conflict: &str) -> rusqlite::Result<()> {
    let sql = format!(
        "INSERT INTO commands (command_id, issued_at, expires_at, fate) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (command_id) DO {on_conflict}"
    );
    let (id, fate) = (entry.command_id.to_string(), schema::number_of(entry.fate));
    let row = params![id, entry.issued_at.to_string(), entry.expires_at.to_string(), fate];
    connection.prepare_cached(&sql)?.execute(row).map(|_| ())
}

/// Drops the oldest metrics until the limits hold or none are left.
pub(super) fn drop_metrics(connection: &Connection, limits: Limits, totals: &mut Totals) -> rusqlite::Result<()> {
    while totals.metrics > limits.metrics || (totals.bytes > limits.bytes && totals.metrics > 0) {
        let many = if totals.bytes > limits.bytes { DROP_AT_ONCE } else { (totals.metrics - limits.metrics) as i64 };
        let oldest = "sequence IN (SELECT sequence FROM records WHERE kind = 0 ORDER BY sequence LIMIT ?1)";
        remove(connection, oldest, many, totals)?;
    }
    Ok(())
}

pub(super) fn remove(connection: &Connection, which: &str, value: i64, totals: &mut Totals) -> rusqlite::Result<()> {
    let sql = format!("DELETE FROM records WHERE {which} RETURNING octet_length(json), kind");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([value])?;
    while let Some(row) = rows.next()? {
        totals.bytes = totals.bytes.saturating_sub(row.get::<_, i64>(0)? as u64);
        if row.get::<_, i64>(1)? == KIND_METRICS {
            totals.metrics = totals.metrics.saturating_sub(1);
        }
    }
    Ok(())
}

/// What was read at once.
pub(super) struct Page {
    pub(super) ready: Vec<Ready>,
    /// Numbers of records that are no JSON any more.
    pub(super) damaged: Vec<i64>,
    /// There may be more on disk: it was too much for one page.
    pub(super) is_cut: bool,
}

/// Up to `limit` records after `after`, in order, and no more than `bytes` and the one that passes it.
pub(super) fn read(connection: &Connection, after: u64, limit: usize, bytes: usize) -> rusqlite::Result<Page> {
    let sql = "SELECT sequence, kind, json FROM records WHERE sequence > ?1 ORDER BY sequence LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![after as i64, limit as i64])?;
    let mut page = Page { ready: Vec::new(), damaged: Vec::new(), is_cut: false };
    let mut read = 0;
    while let Some(row) = rows.next()? {
        let sequence: i64 = row.get(0)?;
        match json_of(row.get_ref(2)?) {
            Some(json) => {
                read += json.len();
                page.ready.push((sequence as u64, json.into()));
            }
            None if row.get::<_, i64>(1)? == KIND_RESULT => {
                return Err(schema::damaged("a command's result cannot be read"));
            }
            None => page.damaged.push(sequence),
        }
        if read >= bytes {
            page.is_cut = true;
            break;
        }
    }
    Ok(page)
}

fn json_of(value: ValueRef<'_>) -> Option<&str> {
    let ValueRef::Text(bytes) = value else { return None };
    let text = std::str::from_utf8(bytes).ok()?;
    serde_json::from_str::<IgnoredAny>(text).is_ok().then_some(text)
}
