//! Dumps before something dangerous happens to the database.
//!
//! A dump appears under its final name only when it is whole, and is readable by its owner alone.

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::{Binaries, Connection, Error, account, cluster};

const KEPT: usize = 3;
const SUFFIX: &str = ".dump";

/// Dumps the database behind `connection` into `dir`.
pub(crate) fn write(dir: &Path, binaries: &Binaries, connection: &Connection) -> Result<PathBuf, Error> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(Error::io("create", dir))?;
    let dir = &fs::canonicalize(dir).map_err(Error::io("find", dir))?;
    let name = format!("{}-{}{SUFFIX}", connection.database, file_time(SystemTime::now()));
    let whole = dir.join(&name);
    let partial = dir.join(format!("{name}.partial"));
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&partial)
        .map_err(Error::io("create", &partial))?;
    let mut command = account::clean_command(&binaries.pg_dump());
    command.arg("--host").arg(&connection.socket_dir).args(["--port", &connection.port.to_string()]);
    command.args(["--username", &connection.user, "--format=custom", "--no-password", "--file"]).arg(&partial);
    command.args(["--dbname", &connection.database]);
    if let Err(error) = cluster::run("pg_dump", &mut command) {
        let _ = fs::remove_file(&partial);
        return Err(error);
    }
    fs::File::open(&partial).and_then(|file| file.sync_all()).map_err(Error::io("sync", &partial))?;
    fs::rename(&partial, &whole).map_err(Error::io("rename", &partial))?;
    remove_old(dir)?;
    Ok(whole)
}

/// Names sort by time, so the last ones are the newest.
fn remove_old(dir: &Path) -> Result<(), Error> {
    let entries = fs::read_dir(dir).map_err(Error::io("list", dir))?;
    let mut dumps: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(SUFFIX)))
        .collect();
    dumps.sort();
    for old in &dumps[..dumps.len().saturating_sub(KEPT)] {
        fs::remove_file(old).map_err(Error::io("remove the old backup", old))?;
    }
    Ok(())
}

/// `20261121T084500123Z`, UTC.
fn file_time(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since.as_secs();
    let (year, month, day) = civil_from_days(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}{:03}Z", since.subsec_millis())
}

/// Days since 1970-01-01 as a date of the Gregorian calendar, counted in years that begin in March.
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn file_times_are_dates() {
        let at = |seconds| file_time(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "19700101T000000000Z");
        assert_eq!(at(951_782_400), "20000229T000000000Z");
        assert_eq!(at(1_795_250_701), "20261121T084501000Z");
    }

    #[test]
    fn only_the_newest_three_stay() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["g-1.dump", "g-2.dump", "g-3.dump", "g-4.dump", "g-5.dump", "note.txt"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        remove_old(dir.path()).unwrap();
        let mut left: Vec<_> =
            fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        left.sort();
        assert_eq!(left, ["g-3.dump", "g-4.dump", "g-5.dump", "note.txt"]);
    }
}
