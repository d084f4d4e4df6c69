//! Streams that sessions keep open: each holds a connection and is told of everything, so a session has so many and no more.

use std::collections::HashMap;
use std::sync::Arc;

use gururmm_ids::SessionId;
use parking_lot::Mutex;

/// Streams of one session: a tab leads for all tabs of its browser, and opens the next before it closes the last.
const STREAMS_MAX: usize = 20;

/// Open streams by session.
#[derive(Clone, Debug, Default)]
pub struct Streams(Arc<Mutex<HashMap<SessionId, usize>>>);

/// A stream, until it is dropped.
#[derive(Debug)]
pub struct OpenStream {
    streams: Streams,
    session_id: SessionId,
}

impl Streams {
    /// Room for one more; none when the session has too many.
    pub fn open(&self, session_id: SessionId) -> Option<OpenStream> {
        let mut counts = self.0.lock();
        let count = counts.entry(session_id).or_default();
        if *count >= STREAMS_MAX {
            return None;
        }
        *count += 1;
        Some(OpenStream { streams: self.clone(), session_id })
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut counts = self.streams.0.lock();
        if let Some(count) = counts.get_mut(&self.session_id) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.session_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_so_many_streams_and_gets_them_back() {
        let (streams, session, other) = (Streams::default(), SessionId::generate(), SessionId::generate());
        let mut open: Vec<_> = (0..STREAMS_MAX).map(|_| streams.open(session).unwrap()).collect();
        assert!(streams.open(session).is_none());
        streams.open(other).expect("another session");
        open.pop();
        open.push(streams.open(session).expect("one was closed"));
        drop(open);
        assert!(streams.0.lock().is_empty());
    }
}
