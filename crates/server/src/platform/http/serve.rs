//! The accept loop: HTTP/1.1 with bounds that a stranger cannot talk us out of.
//!
//! The number of connections is bounded ([`Places`]), headers must arrive in time, answers must be read in time, buffers are small (a
//! connection of an idle agent lives for months), and a stop lets requests finish for a while and then ends what is left.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::linger::Lingering;
use super::patient::Patient;

pub use super::places::{Place, Places};

const HEADERS_WITHIN: Duration = Duration::from_secs(15);
/// Longest time in which a peer reads nothing of an answer.
const READ_WITHIN: Duration = Duration::from_secs(30);
const BUFFER_MAX: usize = 32 * 1024;
/// Time for open requests to finish once the server stops.
const FINISH_WITHIN: Duration = Duration::from_secs(5);
/// After a failed accept (no file descriptor left, say) the loop breathes.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stopping`, then until open requests are done or their time is up.
pub async fn serve(listener: TcpListener, router: Router, mut places: Places, stopping: CancellationToken) {
    let connections = TaskTracker::new();
    loop {
        let Some(Ok(permit)) = either(&stopping, places.free()).await else { break };
        let (stream, peer) = match either(&stopping, listener.accept()).await {
            None => break,
            Some(Ok(accepted)) => accepted,
            Some(Err(error)) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(place) = places.give(permit, peer.ip()) else { continue };
        connections.spawn(connection(stream, peer, place, router.clone(), stopping.clone()));
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(FINISH_WITHIN, connections.wait()).await.is_err() {
        tracing::info!(open = connections.len(), "requests were still open when the server stopped");
    }
}

async fn either<T>(stopping: &CancellationToken, work: impl Future<Output = T>) -> Option<T> {
    stopping.run_until_cancelled(work).await
}

async fn connection(stream: TcpStream, peer: SocketAddr, place: Place, router: Router, stopping: CancellationToken) {
    // small messages must not wait for the peer's delayed acknowledgement
    stream.set_nodelay(true).ok();
    let stream = Lingering::new(stream, place.clone());
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(place.clone());
        router.clone().oneshot(request.map(axum::body::Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(BUFFER_MAX)
        .serve_connection(TokioIo::new(Patient::new(stream, READ_WITHIN)), service)
        .with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        result = connection.as_mut() => {
            if let Err(error) = result {
                tracing::trace!(%error, peer = %peer, "a connection ended early");
            }
        }
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await.ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    async fn ask(address: SocketAddr) -> std::io::Result<(TcpStream, Vec<u8>)> {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await?;
        let mut answer = vec![0; 12];
        stream.read_exact(&mut answer).await?;
        Ok((stream, answer))
    }

    #[tokio::test]
    async fn a_network_with_too_many_strangers_is_refused_until_one_leaves() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let stopping = CancellationToken::new();
        let router = Router::new().fallback(|| async { "here" });
        let serving = tokio::spawn(serve(listener, router, Places::new(100, 2, Vec::new()), stopping.clone()));
        let (first, answer) = ask(address).await.unwrap();
        assert_eq!(answer, b"HTTP/1.1 200");
        let _second = ask(address).await.unwrap();
        ask(address).await.unwrap_err();
        drop(first);
        while ask(address).await.is_err() {
            tokio::task::yield_now().await;
        }
        stopping.cancel();
        serving.await.unwrap();
    }
}
