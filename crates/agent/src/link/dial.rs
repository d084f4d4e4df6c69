//! From a host name to an open connection.
//!
//! A name may stand for several addresses, and some of them may swallow every packet: often IPv6 where only half of the way
//! knows it. The addresses are tried in the system's order, each beginning a moment after the one before, and the first that
//! answers wins; one that swallows delays the others by that moment only.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::sleep;

/// Head start of each address before the next (RFC 8305 proposes 250 ms).
const HEAD_START: Duration = Duration::from_millis(300);

/// Connects to the first address of `host` that answers.
pub(super) async fn dial(host: &str, port: u16) -> io::Result<TcpStream> {
    first_of(lookup_host((host, port)).await?, TcpStream::connect).await
}

async fn first_of<T, F: Future<Output = io::Result<T>>>(
    addresses: impl Iterator<Item = SocketAddr>,
    connect: impl Fn(SocketAddr) -> F,
) -> io::Result<T> {
    let mut addresses = addresses.peekable();
    let mut attempts = FuturesUnordered::new();
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    loop {
        attempts.extend(addresses.next().map(&connect));
        tokio::select! {
            attempt = attempts.next() => match attempt {
                Some(Ok(connected)) => return Ok(connected),
                Some(Err(error)) => failed = error,
                None => return Err(failed),
            },
            () = sleep(HEAD_START), if addresses.peek().is_some() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(ports: &[u16]) -> impl Iterator<Item = SocketAddr> {
        ports.iter().map(|port| SocketAddr::from(([192, 0, 2, 1], *port)))
    }

    /// Port 1 swallows, port 2 refuses, all others answer with their number.
    async fn connect(address: SocketAddr) -> io::Result<u16> {
        match address.port() {
            1 => std::future::pending().await,
            2 => Err(io::Error::new(io::ErrorKind::ConnectionRefused, "refused")),
            port => Ok(port),
        }
    }

    #[tokio::test]
    async fn an_address_that_swallows_does_not_hide_the_next() {
        for ports in [&[1, 7][..], &[1, 1, 2, 7], &[2, 1, 7], &[7, 1]] {
            assert_eq!(first_of(addresses(ports), connect).await.unwrap(), 7, "{ports:?}");
        }
    }

    #[tokio::test]
    async fn an_address_that_answers_late_is_still_waited_for() {
        let late = async |address: SocketAddr| {
            if address.port() == 1 {
                sleep(2 * HEAD_START).await;
                return Ok(1);
            }
            connect(address).await
        };
        assert_eq!(first_of(addresses(&[1, 2]), late).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn when_no_address_answers_it_is_said_why() {
        let refused = first_of(addresses(&[2, 2]), connect).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        let none = first_of(addresses(&[]), connect).await.unwrap_err();
        assert_eq!(none.kind(), io::ErrorKind::NotFound);
    }
}
