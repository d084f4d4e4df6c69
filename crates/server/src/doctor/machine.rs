//! What the machine has to give: a folder, room, the time, open files.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use nix::sys::resource::{Resource, getrlimit};
use nix::sys::statvfs::statvfs;

use super::Check;

const MIB: u64 = 1024 * 1024;
/// Below this a day of measurements may not fit.
const ROOM_LITTLE: u64 = 2 * 1024 * MIB;
/// Below this the database soon stops.
const ROOM_MIN: u64 = 200 * MIB;

/// The folder itself, or the nearest one above it that exists.
fn nearest(dir: &Path) -> Option<PathBuf> {
    dir.ancestors().find(|dir| dir.exists()).map(Path::to_owned)
}

pub(super) fn data_dir(dir: &Path) -> Check {
    writable("data_dir", dir, "--data-dir")
}

/// Where the audit log is signed.
pub(super) fn audit_checkpoints(dir: &Path) -> Check {
    writable("audit folder", dir, "audit_checkpoints_dir")
}

fn writable(name: &'static str, dir: &Path, option: &str) -> Check {
    let shown = dir.display();
    let Some(existing) = nearest(dir) else { return Check::error(name, format!("{shown} cannot be made")) };
    match try_to_write(&existing) {
        Ok(()) if existing == dir => Check::ok(name, format!("{shown} can be written")),
        Ok(()) => Check::ok(name, format!("{shown} will be made at the first start")),
        Err(error) => Check::error(
            name,
            format!(
                "{shown} cannot be written ({}: {error}); change its owner or choose another with {option}",
                existing.display()
            ),
        ),
    }
}

/// Makes a file and removes it.
fn try_to_write(dir: &Path) -> std::io::Result<()> {
    let path = dir.join(format!(".doctor-{}", std::process::id()));
    fs::File::create_new(&path)?;
    fs::remove_file(path)
}

pub(super) fn disk_space(dir: &Path) -> Check {
    const NAME: &str = "disk space";
    let Some(existing) = nearest(dir) else { return Check::warning(NAME, "unknown") };
    match statvfs(&existing) {
        #[expect(clippy::useless_conversion, reason = "the types differ between systems")]
        Ok(found) => room(u64::from(found.blocks_available()).saturating_mul(u64::from(found.fragment_size()))),
        Err(error) => Check::warning(NAME, format!("unknown: {error}")),
    }
}

fn room(bytes: u64) -> Check {
    const NAME: &str = "disk space";
    let message = format!("{} MiB are free", bytes / MIB);
    match bytes {
        ..ROOM_MIN => Check::error(NAME, format!("{message}; the database needs more")),
        ROOM_MIN..ROOM_LITTLE => Check::warning(NAME, format!("{message}; that is little")),
        ROOM_LITTLE.. => Check::ok(NAME, message),
    }
}

/// A clock that stands before the last write of the database, or before this program was made, is wrong.
pub(super) fn clock(dir: &Path) -> Check {
    let written = |path: PathBuf| fs::metadata(path).and_then(|found| found.modified()).ok();
    let known = [std::env::current_exe().ok().and_then(written), written(dir.join("postgres/global/pg_control"))];
    judge_clock(SystemTime::now(), known.into_iter().flatten().max().unwrap_or(UNIX_EPOCH))
}

fn judge_clock(now: SystemTime, known: SystemTime) -> Check {
    const NAME: &str = "clock";
    let shown = |time: SystemTime| {
        jiff::Timestamp::try_from(time)
            .map_or_else(|_| "an impossible time".to_owned(), |time| time.strftime("%F %H:%M UTC").to_string())
    };
    if known > now {
        return Check::error(
            NAME,
            format!("it says {}, but something was written at {}; set it (timedatectl)", shown(now), shown(known)),
        );
    }
    Check::ok(NAME, shown(now))
}

pub(super) fn open_files(connections_max: usize) -> Check {
    const NAME: &str = "open files";
    match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((_, hard)) => {
            let fitting = crate::lifecycle::fit_connections(connections_max, hard);
            if fitting < connections_max {
                return Check::warning(
                    NAME,
                    format!(
                        "{hard} are allowed: {fitting} of connections_max = {connections_max} fit (LimitNOFILE, ulimit -Hn)"
                    ),
                );
            }
            Check::ok(NAME, format!("enough for {connections_max} connections"))
        }
        Err(error) => Check::warning(NAME, format!("unknown: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Verdict;
    use super::*;

    #[test]
    fn a_folder_is_tried_and_left_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(data_dir(dir.path()).verdict, Verdict::Ok);
        assert_eq!(data_dir(&dir.path().join("later/data")).verdict, Verdict::Ok);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        fs::write(dir.path().join("file"), "").unwrap();
        let found = data_dir(&dir.path().join("file/data"));
        assert_eq!(found.verdict, Verdict::Error, "{}", found.message);
    }

    #[test]
    fn little_room_is_told_and_none_is_an_error() {
        assert_eq!(room(ROOM_LITTLE).verdict, Verdict::Ok);
        assert_eq!(room(ROOM_LITTLE - 1).verdict, Verdict::Warning);
        assert_eq!(room(ROOM_MIN - 1).verdict, Verdict::Error);
    }

    #[test]
    fn a_clock_that_was_set_back_is_wrong() {
        let now = UNIX_EPOCH + Duration::from_hours(500_000);
        assert_eq!(judge_clock(now, now - Duration::from_secs(1)).verdict, Verdict::Ok);
        let found = judge_clock(now, now + Duration::from_hours(1));
        assert_eq!(found.verdict, Verdict::Error);
        assert!(found.message.contains("2027-01-15 08:00 UTC"), "{}", found.message);
    }
}
