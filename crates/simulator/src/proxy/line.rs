//! One way of one connection.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::doubling::Doubling;
use super::{Blocked, Slow, Weather};

/// What is read at once.
const PIECE: usize = 16 * 1024;
/// Pieces that are on their way; the sender waits when there are more, as with any network.
const ON_THE_WAY: usize = 16;

pub(super) struct Line {
    pub(super) weather: watch::Receiver<Weather>,
    pub(super) is_blocked: fn(&Blocked) -> bool,
    pub(super) doubling: Option<Doubling>,
}

struct Piece {
    /// None for the end of the connection, which waits like everything else.
    data: Option<Vec<u8>>,
    arrives: Instant,
}

impl Line {
    /// Carries bytes until either end closes; what arrives while the way is blocked waits.
    pub(super) async fn carry(self, from: OwnedReadHalf, to: OwnedWriteHalf) {
        let Self { weather, is_blocked, doubling } = self;
        let (sender, pieces) = mpsc::channel(ON_THE_WAY);
        tokio::join!(take_in(from, weather.clone(), doubling, sender), hand_out(to, weather, is_blocked, pieces));
    }
}

async fn take_in(
    mut from: OwnedReadHalf,
    weather: watch::Receiver<Weather>,
    mut doubling: Option<Doubling>,
    pieces: mpsc::Sender<Piece>,
) {
    let mut buffer = vec![0; PIECE];
    // when the last byte so far is through the narrow place
    let mut through = Instant::now();
    loop {
        let most = weather.borrow().slow.map_or(PIECE, Slow::piece);
        let count = from.read(&mut buffer[..most]).await.unwrap_or(0);
        let data = (count > 0).then(|| match &mut doubling {
            Some(doubling) => doubling.take(&buffer[..count]),
            None => buffer[..count].to_vec(),
        });
        let slow = weather.borrow().slow;
        through = match slow {
            Some(slow) => through.max(Instant::now()) + slow.lasts(data.as_ref().map_or(0, Vec::len)),
            None => Instant::now(),
        };
        let arrives = through + slow.map_or(Duration::ZERO, |slow| slow.delay);
        if pieces.send(Piece { data, arrives }).await.is_err() || count == 0 {
            break;
        }
    }
}

async fn hand_out(
    mut to: OwnedWriteHalf,
    mut weather: watch::Receiver<Weather>,
    is_blocked: fn(&Blocked) -> bool,
    mut pieces: mpsc::Receiver<Piece>,
) {
    while let Some(piece) = pieces.recv().await {
        tokio::select! {
            () = sleep_until(piece.arrives) => {}
            // the line has become quick meanwhile
            _ = weather.wait_for(|weather| weather.slow.is_none()) => {}
        }
        if weather.wait_for(|weather| !is_blocked(&weather.blocked)).await.is_err() {
            break;
        }
        let Some(data) = piece.data else { break };
        if to.write_all(&data).await.is_err() {
            break;
        }
    }
}

impl Slow {
    /// A tenth of a second of it: a slow line trickles.
    fn piece(self) -> usize {
        (self.bytes_per_second as usize / 10).clamp(1, PIECE)
    }

    fn lasts(self, bytes: usize) -> Duration {
        Duration::from_secs_f64(bytes as f64 / f64::from(self.bytes_per_second.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_line_takes_its_time_for_each_byte() {
        let slow = Slow { delay: Duration::ZERO, bytes_per_second: 1_000 };
        assert_eq!(slow.lasts(500), Duration::from_millis(500));
        assert_eq!(slow.lasts(0), Duration::ZERO);
        assert_eq!((slow.piece(), Slow { bytes_per_second: u32::MAX, ..slow }.piece()), (100, PIECE));
    }
}
