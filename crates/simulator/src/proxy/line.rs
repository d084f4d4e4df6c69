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
    data: Vec<u8>,
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
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let data = match &mut doubling {
            Some(doubling) => doubling.take(&buffer[..count]),
            None => buffer[..count].to_vec(),
        };
        let slow = weather.borrow().slow;
        through = through.max(Instant::now()) + slow.map_or(Duration::ZERO, |slow| slow.lasts(data.len()));
        let arrives = through + slow.map_or(Duration::ZERO, |slow| slow.delay);
        if pieces.send(Piece { data, arrives }).await.is_err() {
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
        sleep_until(piece.arrives).await;
        if weather.wait_for(|weather| !is_blocked(&weather.blocked)).await.is_err() {
            break;
        }
        if to.write_all(&piece.data).await.is_err() {
            break;
        }
    }
}

impl Slow {
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
    }
}
