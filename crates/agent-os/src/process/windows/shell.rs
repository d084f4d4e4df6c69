//! What a command is waited for by, and what it writes: a child's pipes, or those of a host in the session of a person.

use std::io;
use std::pin::Pin;
use std::process::ExitStatus;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, DuplexStream, ReadBuf};
use tokio::process::{Child, ChildStderr, ChildStdout};
use tokio::sync::watch;
use tokio_util::sync::DropGuard;

/// A process that is waited for.
#[derive(Debug)]
pub enum Shell {
    /// A child of this program.
    Child(Child),
    /// One in another session: how it ended, once it has.
    Host(watch::Receiver<Option<ExitStatus>>),
}

impl Shell {
    /// Waits until it has ended. May be given up and asked again.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        match self {
            Self::Child(child) => child.wait().await,
            Self::Host(ended) => {
                let status = ended.wait_for(Option::is_some).await.map_err(io::Error::other)?;
                status.ok_or_else(|| io::Error::other("it has not ended"))
            }
        }
    }
}

impl From<Child> for Shell {
    fn from(child: Child) -> Self {
        Self::Child(child)
    }
}

/// What a command writes.
#[derive(Debug)]
pub enum Stream {
    /// A child, as its result.
    Stdout(ChildStdout),
    /// A child, as its errors.
    Stderr(ChildStderr),
    /// One in another session. Who reads no more lets go of its pipe by that.
    Host(DuplexStream, DropGuard),
}

impl From<ChildStdout> for Stream {
    fn from(stream: ChildStdout) -> Self {
        Self::Stdout(stream)
    }
}

impl From<ChildStderr> for Stream {
    fn from(stream: ChildStderr) -> Self {
        Self::Stderr(stream)
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Stdout(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Stderr(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Host(stream, _) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}
