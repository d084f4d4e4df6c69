//! The accept loop: HTTP/1.1 with bounds that a stranger cannot talk us out of.
//!
//! The number of connections is bounded, headers must arrive in time, buffers are small (a connection of an idle agent lives for
//! months), and a stop lets requests finish for a while and then ends what is left.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::linger::Lingering;

const HEADERS_WITHIN: Duration = Duration::from_secs(15);
const BUFFER_MAX: usize = 32 * 1024;
/// Time for open requests to finish once the server stops.
const FINISH_WITHIN: Duration = Duration::from_secs(5);
/// After a failed accept (no file descriptor left, say) the loop breathes.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// One of the places for connections, in every request's extensions. Whoever keeps the connection beyond its request (a WebSocket) keeps this
/// too.
#[derive(Clone, Debug)]
pub struct Place(#[expect(dead_code, reason = "held, not read")] Arc<OwnedSemaphorePermit>);

/// Serves until `stopping`, then until open requests are done or their time is up.
pub async fn serve(listener: TcpListener, router: Router, connections_max: usize, stopping: CancellationToken) {
    let permits = Arc::new(Semaphore::new(connections_max));
    let connections = TaskTracker::new();
    loop {
        let Some(Ok(permit)) = either(&stopping, Arc::clone(&permits).acquire_owned()).await else { break };
        let (stream, peer) = match either(&stopping, listener.accept()).await {
            None => break,
            Some(Ok(accepted)) => accepted,
            Some(Err(error)) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let place = Place(Arc::new(permit));
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
        .serve_connection(TokioIo::new(stream), service)
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
