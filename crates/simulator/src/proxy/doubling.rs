//! Messages that arrive twice.
//!
//! TCP repeats nothing, but what stands between two ends may: a proxy that tries again, an end that sends again what it thinks lost. The
//! frames of a WebSocket (RFC 6455, section 5.2) are found in the bytes of one way and those with data are passed on twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Frames of the handshake, either way: an end that is proven once is not proven again.
const HANDSHAKE: usize = 2;

/// Finds frames in the bytes of one way of one connection, from its first byte on.
#[derive(Debug)]
pub(super) struct Doubling {
    count: Arc<AtomicUsize>,
    phase: Phase,
    /// What is not complete yet.
    waiting: Vec<u8>,
}

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    /// The head of the request, or of its answer.
    Head,
    /// So many messages have gone by.
    Frames(usize),
    /// No WebSocket.
    Other,
}

impl Doubling {
    /// Counts there what it doubles.
    pub(super) fn counting(count: Arc<AtomicUsize>) -> Self {
        Self { count, phase: Phase::Head, waiting: Vec::new() }
    }

    /// What is to be passed on after these bytes have come.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.waiting.extend_from_slice(bytes);
        let mut out = Vec::new();
        if self.phase == Phase::Head
            && let Some(end) = self.waiting.windows(4).position(|four| four == b"\r\n\r\n")
        {
            let head: Vec<u8> = self.waiting.drain(..end + 4).collect();
            let is_upgrade = String::from_utf8_lossy(&head).to_lowercase().contains("\nupgrade: websocket");
            self.phase = if is_upgrade { Phase::Frames(0) } else { Phase::Other };
            out.extend(head);
        }
        if self.phase == Phase::Other {
            out.append(&mut self.waiting);
        }
        while let Phase::Frames(seen) = &mut self.phase
            && let Some(length) = frame_length(&self.waiting)
        {
            let frame: Vec<u8> = self.waiting.drain(..length).collect();
            out.extend_from_slice(&frame);
            if is_data(&frame) {
                *seen += 1;
                if *seen > HANDSHAKE {
                    out.extend_from_slice(&frame);
                    self.count.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        out
    }
}

/// Text or binary, whole.
fn is_data(frame: &[u8]) -> bool {
    matches!(frame[0], 0x81 | 0x82)
}

/// How long the first frame is, once all of it has come.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    let second = *bytes.get(1)?;
    let (extended, payload) = match second & 0x7f {
        126 => (2, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (8, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
        short => (0, usize::from(short)),
    };
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let length = 2 + extended + mask + payload;
    (bytes.len() >= length).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"GET /ws/agent HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";

    /// One byte at a time, and all at once.
    fn both_ways(bytes: &[u8]) -> Vec<u8> {
        let doubling = || Doubling::counting(Arc::default());
        let whole = doubling().take(bytes);
        let mut one_by_one = doubling();
        let pieces: Vec<u8> = bytes.iter().flat_map(|byte| one_by_one.take(&[*byte])).collect();
        assert_eq!(whole, pieces);
        whole
    }

    #[test]
    fn what_follows_the_handshake_comes_twice_and_pings_do_not() {
        let long = [vec![0x82, 126, 1, 0], vec![7; 256]].concat();
        let frames: [&[u8]; 5] = [b"\x81\x81mask1", b"\x82\x02ab", b"\x81\x02cd", b"\x89\x00", &long];
        let came = both_ways(&[HEAD, &frames.concat()].concat());
        let wanted = [frames[0], frames[1], frames[2], frames[2], frames[3], &long, &long];
        assert_eq!(came, [HEAD, &wanted.concat()].concat());
    }

    #[test]
    fn other_requests_pass_as_they_are() {
        let request = b"POST /api/enroll HTTP/1.1\r\nhost: localhost\r\n\r\n{\x81\x01a\x81\x01a}";
        assert_eq!(both_ways(request), request);
    }
}
