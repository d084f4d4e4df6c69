//! Closing a connection so that the peer hears what was said last.
//!
//! A socket that is closed while bytes wait in it unread is reset, and a reset throws away what the peer has not read yet: the answer
//! to a body that is too large, the goodbye after a frame that breaks the limits. So a connection that is not over when it is dropped
//! goes on for a moment: nothing more is said, and what still comes is read and thrown away.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::Handle;

use super::serve::Place;

const LINGER_MAX: Duration = Duration::from_secs(2);
const DISCARD_MAX: usize = 4 * 1024 * 1024;
const BUFFER: usize = 16 * 1024;

/// A connection that lingers when it is dropped; it keeps its place until it is over.
#[derive(Debug)]
pub(super) struct Lingering {
    stream: Option<TcpStream>,
    place: Place,
    is_over: bool,
}

impl Lingering {
    pub(super) fn new(stream: TcpStream, place: Place) -> Self {
        Self { stream: Some(stream), place, is_over: false }
    }

    fn poll<T>(&mut self, poll: impl FnOnce(Pin<&mut TcpStream>) -> Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        let Some(stream) = &mut self.stream else { return Poll::Ready(Err(io::ErrorKind::NotConnected.into())) };
        let result = poll(Pin::new(stream));
        self.is_over |= matches!(result, Poll::Ready(Err(_)));
        result
    }
}

impl AsyncRead for Lingering {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.remaining();
        let result = self.poll(|stream| stream.poll_read(cx, buffer));
        self.is_over |= result.is_ready() && before > 0 && buffer.remaining() == before;
        result
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll(|stream| stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll(|stream| stream.poll_write_vectored(cx, parts))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(TcpStream::is_write_vectored)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_shutdown(cx))
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let Some(stream) = self.stream.take().filter(|_| !self.is_over) else { return };
        if let Ok(runtime) = Handle::try_current() {
            let place = self.place.clone();
            runtime.spawn(async move {
                tokio::time::timeout(LINGER_MAX, discard(stream)).await.ok();
                drop(place);
            });
        }
    }
}

async fn discard(mut stream: TcpStream) {
    let (mut buffer, mut discarded) = (vec![0; BUFFER], 0);
    if stream.shutdown().await.is_err() {
        return;
    }
    while discarded < DISCARD_MAX {
        match stream.read(&mut buffer).await {
            Ok(count) if count > 0 => discarded += count,
            Ok(_) | Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio::net::TcpSocket;

    use super::*;
    use crate::platform::http::places::Places;

    /// Both ends of a connection that holds little on its way.
    async fn narrow() -> (TcpStream, TcpStream) {
        let listening = TcpSocket::new_v4().unwrap();
        listening.set_recv_buffer_size(16 * 1024).unwrap();
        listening.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = listening.listen(1).unwrap();
        let connecting = TcpSocket::new_v4().unwrap();
        connecting.set_send_buffer_size(16 * 1024).unwrap();
        let near = connecting.connect(listener.local_addr().unwrap()).await.unwrap();
        (near, listener.accept().await.unwrap().0)
    }

    #[tokio::test]
    async fn who_is_still_talking_hears_the_last_word_and_the_place_is_kept_until_then() {
        let mut places = Places::new(1, 1, Vec::new());
        let permit = places.free().await.unwrap();
        let place = places.give(permit, [192, 0, 2, 1].into()).unwrap();
        let (mut talker, stream) = narrow().await;
        let mut lingering = Lingering::new(stream, place);
        lingering.write_all(b"too long").await.unwrap();
        drop(lingering);
        assert!(places.free().now_or_never().is_none());
        talker.write_all(&vec![b'x'; 2 * 1024 * 1024]).await.unwrap();
        let mut heard = String::new();
        talker.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard, "too long");
        drop(talker);
        let _free = places.free().await.unwrap();
    }
}
