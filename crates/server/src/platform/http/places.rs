//! Places for connections: bounded in all, and for strangers also per network.
//!
//! A connection is a stranger's until it has shown a session, or is an agent's that got through its handshake. Without the second bound one
//! host could hold every place by doing nothing at all. Exempt networks (this machine, trusted proxies) speak for many and are not counted.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ipnet::IpNet;
use parking_lot::Mutex;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use super::origin::network;

/// Places that run out are told of once in this time.
const WARN_EVERY: Duration = Duration::from_mins(1);

/// All places.
pub struct Places {
    all: Arc<Semaphore>,
    strangers: Arc<Strangers>,
    warned: Option<Instant>,
}

/// One of the places, in every request's extensions. Whoever keeps the connection beyond its request (a WebSocket) keeps this too.
#[derive(Clone, Debug)]
pub struct Place(Arc<Held>);

#[derive(Debug)]
struct Held {
    _permit: OwnedSemaphorePermit,
    strangers: Arc<Strangers>,
    stranger: Mutex<Option<Stranger>>,
}

#[derive(Debug)]
struct Strangers {
    per_network: usize,
    exempt: Vec<IpNet>,
    counts: Mutex<HashMap<IpNet, usize>>,
}

/// A connection that has proven nothing yet; counted while this lives.
#[derive(Debug)]
struct Stranger {
    strangers: Arc<Strangers>,
    network: IpNet,
}

impl Places {
    /// So many places in all, and so many for the strangers of one network.
    pub fn new(all: usize, per_network: usize, exempt: Vec<IpNet>) -> Self {
        let strangers = Arc::new(Strangers { per_network, exempt, counts: Mutex::default() });
        Self { all: Arc::new(Semaphore::new(all.min(Semaphore::MAX_PERMITS))), strangers, warned: None }
    }

    /// Waits until a place is free.
    pub(super) async fn free(&mut self) -> Result<OwnedSemaphorePermit, AcquireError> {
        if self.all.available_permits() == 0 {
            self.warn("every place for a connection is taken; whoever comes next waits (connections_max)");
        }
        Arc::clone(&self.all).acquire_owned().await
    }

    /// The place for a connection from `ip`; none when the strangers of its network have too many.
    pub(super) fn give(&mut self, permit: OwnedSemaphorePermit, ip: IpAddr) -> Option<Place> {
        let ip = ip.to_canonical();
        let is_exempt = self.strangers.is_exempt(ip);
        let stranger = if is_exempt { None } else { Stranger::count(&self.strangers, network(ip)) };
        if stranger.is_none() && !is_exempt {
            self.warn("a network holds too many connections without a session; more are refused (connections_per_network_max)");
            return None;
        }
        let strangers = Arc::clone(&self.strangers);
        Some(Place(Arc::new(Held { _permit: permit, strangers, stranger: Mutex::new(stranger) })))
    }

    fn warn(&mut self, message: &str) {
        if self.warned.is_none_or(|warned| warned.elapsed() >= WARN_EVERY) {
            self.warned = Some(Instant::now());
            tracing::warn!("{message}");
        }
    }
}

impl Strangers {
    fn is_exempt(&self, ip: IpAddr) -> bool {
        self.exempt.iter().any(|net| net.contains(&ip))
    }
}

impl Stranger {
    fn count(strangers: &Arc<Strangers>, network: IpNet) -> Option<Self> {
        let mut counts = strangers.counts.lock();
        let count = counts.entry(network).or_default();
        if *count >= strangers.per_network {
            return None;
        }
        *count += 1;
        Some(Self { strangers: Arc::clone(strangers), network })
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let mut counts = self.strangers.counts.lock();
        if let Some(count) = counts.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.network);
            }
        }
    }
}

impl Place {
    /// A connection that will be kept counts as one of its client's, whom an exempt peer (a proxy) speaks for. False when the strangers of
    /// that client's network have too many.
    pub fn count_as(&self, client: IpAddr) -> bool {
        let client = client.to_canonical();
        let mut stranger = self.0.stranger.lock();
        if stranger.is_none() && !self.0.strangers.is_exempt(client) {
            *stranger = Stranger::count(&self.0.strangers, network(client));
            return stranger.is_some();
        }
        true
    }

    /// Whoever holds this place has proven who they are: it no longer counts as a stranger's.
    pub fn settle(&self) {
        self.0.stranger.lock().take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    async fn taken(places: &mut Places, from: &str) -> Option<Place> {
        let permit = places.free().await.unwrap();
        places.give(permit, ip(from))
    }

    #[tokio::test]
    async fn a_network_has_so_many_places_for_strangers_and_gets_them_back() {
        let mut places = Places::new(100, 2, vec!["198.51.100.0/24".parse().unwrap()]);
        let first = taken(&mut places, "2001:db8::1").await.unwrap();
        let second = taken(&mut places, "2001:db8::2").await.unwrap();
        assert!(taken(&mut places, "2001:db8::3").await.is_none(), "the same network");
        taken(&mut places, "2001:db8:0:1::3").await.expect("another network");
        taken(&mut places, "192.0.2.1").await.expect("another network");
        drop(second);
        let third = taken(&mut places, "2001:db8::3").await.expect("a place was given back");
        assert!(taken(&mut places, "2001:db8::4").await.is_none());
        first.settle();
        let fourth = taken(&mut places, "2001:db8::4").await.expect("one is no stranger any more");
        assert!(taken(&mut places, "2001:db8::5").await.is_none());
        drop((first, third, fourth));
        assert!(places.strangers.counts.lock().is_empty());
        assert_eq!(places.all.available_permits(), 100);
    }

    #[tokio::test]
    async fn strangers_behind_a_proxy_are_counted_by_their_own_address() {
        let mut places = Places::new(100, 1, vec!["198.51.100.0/24".parse().unwrap()]);
        let proxy = "198.51.100.7";
        let [first, second, third] =
            [taken(&mut places, proxy).await, taken(&mut places, proxy).await, taken(&mut places, proxy).await]
                .map(Option::unwrap);
        assert!(first.count_as(ip("192.0.2.1")) && first.count_as(ip("192.0.2.1")), "once for each connection");
        assert!(!second.count_as(ip("192.0.2.1")), "the same network");
        assert!(second.count_as(ip("192.0.2.2")) && third.count_as(ip(proxy)));
        first.settle();
        assert!(third.count_as(ip("192.0.2.1")), "the first is no stranger any more");
    }

    #[tokio::test]
    async fn who_speaks_for_many_is_not_counted() {
        let mut places = Places::new(100, 1, vec!["198.51.100.0/24".parse().unwrap()]);
        let mut held = Vec::new();
        for _ in 0..5 {
            held.push(taken(&mut places, "::ffff:198.51.100.7").await.unwrap());
        }
    }
}
