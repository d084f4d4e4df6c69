//! The console: commands that work on the database as its owner, whether the server runs or not. A running server feels what they change
//! within a second.

use gururmm_clock::SystemClock;
use gururmm_ids::OrgId;
use gururmm_server::features::organisations;
use gururmm_server::lifecycle::OwnersDatabase;
use jiff::Timestamp;

pub(super) use super::Flags;
use super::{load_and_log, print};

/// An open database.
pub(super) struct Console {
    pub(super) owner: OwnersDatabase,
    pub(super) now: Timestamp,
    origin: String,
}

impl Console {
    /// Opens the database that the configuration names.
    pub(super) async fn open(flags: &Flags) -> anyhow::Result<Self> {
        let (_, config) = load_and_log(flags)?;
        let owner = OwnersDatabase::open(&config).await?;
        Ok(Self { owner, now: SystemClock::shared().now(), origin: config.public_origin() })
    }

    /// The organisation that is named, or the only one there is.
    pub(super) async fn organisation(&mut self, named: Option<OrgId>) -> anyhow::Result<OrgId> {
        if let Some(id) = named {
            return Ok(id);
        }
        match organisations::console::list(&mut self.owner.connection).await?.as_slice() {
            [only] => Ok(only.id),
            [] => anyhow::bail!("there is no organisation yet: start the server first"),
            _ => anyhow::bail!("there are several organisations: name one with --org, see `gururmm-server org list`"),
        }
    }

    /// The address of a page that takes a token. Behind `#` it reaches no server and no log.
    pub(super) fn link(&self, page: &str, token: &str) -> String {
        format!("{}/{page}#token={token}", self.origin)
    }

    /// Closes the database, then prints what is to be said.
    pub(super) async fn close<T>(self, value: T, text: impl FnOnce(T) -> anyhow::Result<String>) -> anyhow::Result<()> {
        self.owner.close().await?;
        print(&text(value)?)
    }
}

/// Rows in columns that are as wide as their widest.
pub(super) fn table<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let rows: Vec<[String; N]> = std::iter::once(head.map(str::to_owned)).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    for row in &rows {
        let line: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(line.join("  ").trim_end());
        text.push('\n');
    }
    text
}
