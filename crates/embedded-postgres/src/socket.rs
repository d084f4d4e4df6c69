//! The directory of the Unix socket. The kernel allows 107 bytes for the path of a socket, so a deep data directory needs
//! another place.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Error, account::Account};

pub(crate) const PORT: u16 = 5432;
const LONGEST_PATH: usize = 107;
const SHORT_PLACES: [&str; 2] = ["/run", "/tmp"];
const SHORT_PREFIX: &str = "gururmm-pg-";

/// The socket's path in `dir`.
pub(crate) fn path(dir: &Path) -> PathBuf {
    dir.join(format!(".s.PGSQL.{PORT}"))
}

/// Makes the private directory for the socket: `preferred`, or a new short one when that is too long.
pub(crate) fn make_dir(preferred: &Path, account: &Account) -> Result<PathBuf, Error> {
    if path(preferred).as_os_str().len() <= LONGEST_PATH {
        account.make_private(preferred)?;
        remove_stale(preferred);
        return Ok(preferred.to_owned());
    }
    let mut failure = None;
    for place in SHORT_PLACES {
        match tempfile::Builder::new().prefix(SHORT_PREFIX).tempdir_in(place) {
            Ok(dir) => {
                let dir = dir.keep();
                account.make_private(&dir)?;
                return Ok(dir);
            }
            Err(error) => failure = Some(error),
        }
    }
    let source = failure.unwrap_or_else(|| std::io::ErrorKind::NotFound.into());
    Err(Error::io("make a directory for the database socket in", "/tmp")(source))
}

/// What a killed postmaster left would stop the next one, were its process id in use again.
fn remove_stale(dir: &Path) {
    let socket = path(dir);
    let _ = fs::remove_file(socket.with_extension(format!("{PORT}.lock")));
    let _ = fs::remove_file(socket);
}

/// Removes a directory that [`make_dir`] made in a short place; any other is left alone.
pub(crate) fn remove_dir(dir: &Path) {
    let is_ours = dir.file_name().is_some_and(|name| name.to_string_lossy().starts_with(SHORT_PREFIX))
        && dir.parent().is_some_and(|parent| SHORT_PLACES.iter().any(|place| parent == Path::new(place)));
    if is_ours {
        let _ = fs::remove_dir_all(dir);
    }
}
