//! Streams that sessions and API keys keep open: each holds a connection and is told of everything, so each has so many and no more.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::identity::CredentialId;

/// Streams of one session: a tab leads for all tabs of its browser, and opens the next before it closes the last.
const STREAMS_MAX: usize = 20;

/// Open streams by what they were opened with.
#[derive(Clone, Debug, Default)]
pub struct Streams(Arc<Mutex<HashMap<CredentialId, usize>>>);

/// A stream, until it is dropped.
#[derive(Debug)]
pub struct OpenStream {
    streams: Streams,
    credential: CredentialId,
}

impl Streams {
    /// Room for one more; none when the session has too many.
    pub fn open(&self, credential: CredentialId) -> Option<OpenStream> {
        let mut counts = self.0.lock();
        let count = counts.entry(credential).or_default();
        if *count >= STREAMS_MAX {
            return None;
        }
        *count += 1;
        Some(OpenStream { streams: self.clone(), credential })
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut counts = self.streams.0.lock();
        if let Some(count) = counts.get_mut(&self.credential) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.credential);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use gururmm_ids::SessionId;

    use super::*;

    #[test]
    fn a_session_has_so_many_streams_and_gets_them_back() {
        let (streams, session, other) = (
            Streams::default(),
            CredentialId::Session(SessionId::generate()),
            CredentialId::Session(SessionId::generate()),
        );
        let mut open: Vec<_> = (0..STREAMS_MAX).map(|_| streams.open(session).unwrap()).collect();
        assert!(streams.open(session).is_none());
        streams.open(other).expect("another session");
        open.pop();
        open.push(streams.open(session).expect("one was closed"));
        drop(open);
        assert!(streams.0.lock().is_empty());
    }
}
