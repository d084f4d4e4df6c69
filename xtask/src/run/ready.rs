//! Is the server ready to serve? It says so itself, by the protocol with which services tell systemd: a datagram to the
//! socket that `NOTIFY_SOCKET` names, after the keys are written and the address is printed. Whoever else may answer on
//! its port is not asked.

use std::{
    io::ErrorKind,
    os::unix::net::UnixDatagram,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

use super::children::POLL;

/// A socket that one server reports to.
pub(crate) struct Readiness {
    socket: UnixDatagram,
    folder: TempDir,
}

impl Readiness {
    pub(crate) fn listen() -> Result<Self> {
        // a short path: addresses of sockets have about a hundred bytes
        let folder = tempfile::Builder::new().prefix("grmm").tempdir_in("/tmp")?;
        let socket = UnixDatagram::bind(address(&folder)).context("could not make a socket in /tmp")?;
        socket.set_read_timeout(Some(POLL))?;
        Ok(Self { socket, folder })
    }

    /// The value of `NOTIFY_SOCKET`.
    pub(crate) fn address(&self) -> PathBuf {
        address(&self.folder)
    }

    /// Waits until the server says that it is ready. False when `go_on` ended the waiting.
    pub(crate) fn wait(self, patience: Duration, mut go_on: impl FnMut() -> bool) -> Result<bool> {
        let deadline = Instant::now() + patience;
        let mut message = [0; 4096];
        while go_on() {
            match self.socket.recv(&mut message) {
                Ok(length) if is_ready(&message[..length]) => return Ok(true),
                Ok(_) => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                Err(error) => return Err(error.into()),
            }
            if Instant::now() > deadline {
                bail!("the server was not ready within {} s; its messages are above", patience.as_secs());
            }
        }
        Ok(false)
    }
}

fn address(folder: &TempDir) -> PathBuf {
    folder.path().join("ready")
}

fn is_ready(message: &[u8]) -> bool {
    message.split(|byte| *byte == b'\n').any(|line| line == b"READY=1")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn only_the_server_itself_can_say_that_it_is_ready() {
        let readiness = Readiness::listen().unwrap();
        let server = UnixDatagram::unbound().unwrap();
        for message in ["STATUS=READY=1", "READY=1"] {
            server.send_to(message.as_bytes(), readiness.address()).unwrap();
        }
        assert!(readiness.wait(LONG, || true).unwrap());
    }

    #[test]
    fn a_server_that_has_ended_is_not_ready() {
        let mut server = super::super::children::tests::shell("exit 1");
        assert!(!Readiness::listen().unwrap().wait(LONG, || server.is_running()).unwrap());
    }
}
