//! Open files: every connection is one, and so is every connection to the database.
//!
//! The usual soft limit (1,024) is for programs that may still use `select`. The hard limit is what the machine allows; where that is low,
//! fewer connections are taken, so that the database and the dashboard's files can always be reached.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Files that are no connections: database, listeners, logs, downloads.
const RESERVED: u64 = 256;

/// Raises the limit as far as it goes; answers how many connections fit.
pub(super) fn connections_max(wanted: usize) -> usize {
    let Some(files) = raise() else { return wanted };
    let fitting = fit(wanted, files);
    if fitting < wanted {
        tracing::warn!(
            wanted,
            fitting,
            files,
            "fewer connections are taken than connections_max says: this process may open too few files (LimitNOFILE, ulimit -n)"
        );
    }
    fitting
}

fn raise() -> Option<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
        Ok(()) => Some(hard),
        Err(_) => Some(soft),
    }
}

/// How many connections fit into so many files.
pub(crate) fn fit(wanted: usize, files: u64) -> usize {
    let free = files.saturating_sub(RESERVED).max(1);
    wanted.min(usize::try_from(free).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_other_files() {
        assert_eq!(fit(15_000, 1_048_576), 15_000);
        assert_eq!(fit(15_000, 4_096), 3_840);
        assert_eq!(fit(15_000, 10), 1);
        assert_eq!(fit(10, u64::MAX), 10);
    }

    #[test]
    fn the_limit_is_raised_as_far_as_it_goes() {
        let hard = getrlimit(Resource::RLIMIT_NOFILE).unwrap().1;
        assert_eq!(raise(), Some(hard));
        assert_eq!(getrlimit(Resource::RLIMIT_NOFILE).unwrap().0, hard);
    }
}
