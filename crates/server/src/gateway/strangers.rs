//! Addresses from which nobody could prove to be an agent.
//!
//! Whoever fails pays: a failure costs its address half a second of credit, and who comes from an address without credit is turned away
//! before anything is asked of the database. Agents that can prove themselves cost nothing, however many share an address and however
//! often they come; and one that has proven itself from an address, since the server started, is let in from there whatever others failed.
//! Ids of agents are not guessable, and one that was learnt saves its thief no failure.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use gururmm_ids::AgentId;
use ipnet::IpNet;
use parking_lot::Mutex;

use crate::platform::http::origin::network;

/// What a failure costs.
const COST: Duration = Duration::from_millis(500);
/// Credit of an address that has not failed lately.
const CREDIT: Duration = Duration::from_mins(1);
/// An address is turned away for so long at most after its last failure: who comes there next is not to blame.
const DEBT_MAX: Duration = Duration::from_mins(1);
/// An agent is known at an address for so long.
const KNOWN_FOR: Duration = Duration::from_hours(30 * 24);

/// Failures by address, and where agents have proven themselves.
#[derive(Debug, Default)]
pub struct Strangers {
    paid_off: Mutex<HashMap<IpNet, Instant>>,
    /// The last address only: a machine that moves is a stranger at first.
    known: Mutex<HashMap<AgentId, (IpNet, Instant)>>,
}

impl Strangers {
    /// Somebody could not prove to be an agent.
    pub fn failed(&self, ip: IpAddr, now: Instant) {
        let mut paid_off = self.paid_off.lock();
        let at = paid_off.entry(network(ip)).or_insert(now);
        *at = ((*at).max(now) + COST).min(now + CREDIT + DEBT_MAX);
    }

    /// An agent has proven itself.
    pub fn proven(&self, ip: IpAddr, agent_id: AgentId, now: Instant) {
        self.known.lock().insert(agent_id, (network(ip), now));
    }

    /// There is no such agent (any more).
    pub fn unknown(&self, agent_id: AgentId) {
        self.known.lock().remove(&agent_id);
    }

    /// How long who says to be this agent has to stay away; none when it may try.
    pub fn turned_away(&self, ip: IpAddr, agent_id: AgentId, now: Instant) -> Option<Duration> {
        let network = network(ip);
        let paid_off = *self.paid_off.lock().get(&network)?;
        let beyond = paid_off.saturating_duration_since(now).saturating_sub(CREDIT);
        let is_known = || self.known.lock().get(&agent_id).is_some_and(|(place, _)| *place == network);
        (!beyond.is_zero() && !is_known()).then_some(beyond)
    }

    /// Drops addresses that owe nothing, and agents that have not come for long.
    pub fn sweep(&self, now: Instant) {
        self.paid_off.lock().retain(|_, paid_off| *paid_off > now);
        self.known.lock().retain(|_, (_, proven)| now.saturating_duration_since(*proven) < KNOWN_FOR);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_fails_too_often_waits_until_it_has_paid() {
        let (strangers, start) = (Strangers::default(), Instant::now());
        let [bad, good] = ["192.0.2.1", "192.0.2.2"].map(|ip| ip.parse().unwrap());
        let [unknown, known] = [AgentId::generate(), AgentId::generate()];
        strangers.proven(bad, known, start);
        for _ in 0..120 {
            assert_eq!(strangers.turned_away(bad, unknown, start), None);
            strangers.failed(bad, start);
        }
        assert_eq!(strangers.turned_away(bad, unknown, start), None);
        strangers.failed(bad, start);
        assert_eq!(strangers.turned_away(bad, unknown, start), Some(COST));
        assert_eq!(strangers.turned_away(bad, known, start), None, "an agent that is known there gets in");
        assert_eq!(strangers.turned_away(good, unknown, start), None);
        for _ in 0..10_000 {
            strangers.failed(good, start);
        }
        assert_eq!(strangers.turned_away(good, unknown, start), Some(DEBT_MAX), "and no longer, however many failed");
        strangers.proven(good, known, start);
        strangers.unknown(known);
        assert_eq!(strangers.turned_away(good, known, start), Some(DEBT_MAX));
        strangers.proven(bad, known, start);
        assert_eq!(strangers.turned_away(bad, unknown, start + COST), None);
        strangers.sweep(start + CREDIT);
        assert_eq!(strangers.paid_off.lock().len(), 2);
        strangers.sweep(start + CREDIT * 2);
        assert_eq!(strangers.paid_off.lock().len(), 0);
        assert_eq!(strangers.known.lock().len(), 1);
        strangers.sweep(start + KNOWN_FOR);
        assert_eq!(strangers.known.lock().len(), 0);
    }
}
