//! Addresses from which nobody could prove to be an agent.
//!
//! Whoever fails pays: a failure costs its address half a second of credit, and an address without credit is turned away before
//! anything is asked of the database. Agents that can prove themselves cost nothing, however many share an address and however
//! often they come.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// What a failure costs.
const COST: Duration = Duration::from_millis(500);
/// Credit of an address that has not failed lately.
const CREDIT: Duration = Duration::from_mins(1);

/// Failures by address.
#[derive(Debug, Default)]
pub struct Strangers(Mutex<HashMap<IpAddr, Instant>>);

impl Strangers {
    /// Somebody could not prove to be an agent.
    pub fn failed(&self, ip: IpAddr, now: Instant) {
        let mut paid_off = self.0.lock();
        let at = paid_off.entry(network(ip)).or_insert(now);
        *at = (*at).max(now) + COST;
    }

    /// How long the address has to stay away; none when it may try.
    pub fn turned_away(&self, ip: IpAddr, now: Instant) -> Option<Duration> {
        let paid_off = *self.0.lock().get(&network(ip))?;
        let beyond = paid_off.saturating_duration_since(now).saturating_sub(CREDIT);
        (!beyond.is_zero()).then_some(beyond)
    }

    /// Drops addresses that owe nothing.
    pub fn sweep(&self, now: Instant) {
        self.0.lock().retain(|_, paid_off| *paid_off > now);
    }
}

/// A host of IPv6 has a network of addresses.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_fails_too_often_waits_until_it_has_paid() {
        let (strangers, start) = (Strangers::default(), Instant::now());
        let [bad, good] = ["192.0.2.1", "192.0.2.2"].map(|ip| ip.parse().unwrap());
        for _ in 0..120 {
            assert_eq!(strangers.turned_away(bad, start), None);
            strangers.failed(bad, start);
        }
        assert_eq!(strangers.turned_away(bad, start), None);
        strangers.failed(bad, start);
        assert_eq!(strangers.turned_away(bad, start), Some(COST));
        assert_eq!(strangers.turned_away(good, start), None);
        assert_eq!(strangers.turned_away(bad, start + COST), None);
        strangers.sweep(start + CREDIT);
        assert_eq!(strangers.0.lock().len(), 1);
        strangers.sweep(start + CREDIT * 2);
        assert_eq!(strangers.0.lock().len(), 0);
    }

    #[test]
    fn all_addresses_of_a_network_are_one() {
        let [one, other, elsewhere] =
            ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"].map(|ip| ip.parse().unwrap());
        assert_eq!(network(one), network(other));
        assert_ne!(network(one), network(elsewhere));
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), "192.0.2.1".parse::<IpAddr>().unwrap());
    }
}
