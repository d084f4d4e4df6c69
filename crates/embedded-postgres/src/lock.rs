//! One process per data directory.
//!
//! The kernel holds the lock, so it ends with its process however that ends; the text in the file (the process id) is
//! only for the message.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, Write},
    path::Path,
};

use nix::fcntl::{Flock, FlockArg};

use crate::Error;

/// An exclusive lock that lives as long as the value.
#[derive(Debug)]
pub(crate) struct Lock {
    _held: Flock<File>,
}

impl Lock {
    /// Takes the lock of `dir` or says who has it.
    pub(crate) fn take(dir: &Path) -> Result<Self, Error> {
        let path = dir.join("postgres.lock");
        match Flock::lock(open(&path)?, FlockArg::LockExclusiveNonblock) {
            Ok(held) => Self::holding(held, &path),
            Err((mut file, nix::errno::Errno::EWOULDBLOCK)) => {
                let mut text = String::new();
                let pid = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
                Err(Error::InUse { dir: dir.to_owned(), pid })
            }
            Err((_, errno)) => Err(Error::io("lock", path)(errno.into())),
        }
    }

    /// Takes the lock in `path`, waiting for whoever has it.
    pub(crate) fn wait(path: &Path) -> Result<Self, Error> {
        let held = Flock::lock(open(path)?, FlockArg::LockExclusive)
            .map_err(|(_, errno)| Error::io("lock", path)(errno.into()))?;
        Self::holding(held, path)
    }

    fn holding(mut held: Flock<File>, path: &Path) -> Result<Self, Error> {
        let written =
            held.set_len(0).and_then(|()| held.rewind()).and_then(|()| writeln!(held, "{}", std::process::id()));
        written.map_err(Error::io("write", path))?;
        Ok(Self { _held: held })
    }
}

fn open(path: &Path) -> Result<File, Error> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(Error::io("open", path))
}
