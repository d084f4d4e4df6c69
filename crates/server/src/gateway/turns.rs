//! Two machines with one identity, told by their runs.
//!
//! An agent names its run, from its start to its end, when it connects. On one machine a run that was followed by another has ended. When
//! runs come back, several go on, so there are two machines: an image was made of one that was enrolled, or its identity was stolen. A thief who names
//! another run each time makes the owner's come back just so. One return alone says nothing: a virtual machine was set back to an
//! earlier state.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use gururmm_ids::{AgentId, RunId};
use parking_lot::Mutex;

/// Returns within [`WINDOW`] after which there is no other explanation.
const RETURNS: u8 = 2;
/// An agent that was replaced comes back after five to eight minutes.
const WINDOW: Duration = Duration::from_hours(1);
/// Runs of an agent that are remembered.
const REMEMBERED: usize = 4;

/// The runs of each agent that has come since the server started.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<AgentId, Runs>>);

#[derive(Clone, Copy, Debug)]
struct Runs {
    /// The newest first.
    recent: [RunId; REMEMBERED],
    returns: u8,
    /// When the first of the returns was.
    since: Instant,
}

impl Turns {
    /// An agent has come in this run; says whether several runs of it go on.
    pub(super) fn came(&self, agent_id: AgentId, run: RunId, now: Instant) -> bool {
        let mut all = self.0.lock();
        let fresh = Runs { recent: [run; REMEMBERED], returns: 0, since: now };
        let runs = all.entry(agent_id).or_insert(fresh);
        if run == runs.recent[0] {
            return false;
        }
        if runs.recent.contains(&run) {
            if runs.returns == 0 || now.saturating_duration_since(runs.since) > WINDOW {
                (runs.returns, runs.since) = (0, now);
            }
            runs.returns += 1;
        }
        runs.recent.rotate_right(1);
        runs.recent[0] = run;
        let is_fight = runs.returns >= RETURNS;
        if is_fight {
            all.remove(&agent_id);
        }
        is_fight
    }

    /// Forgets an agent.
    pub(super) fn forget(&self, agent_id: AgentId) {
        self.0.lock().remove(&agent_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs<const N: usize>() -> [RunId; N] {
        std::array::from_fn(|_| RunId::generate())
    }

    #[test]
    fn two_that_take_turns_are_told_from_one_that_starts_anew() {
        let (turns, agent, now) = (Turns::default(), AgentId::generate(), Instant::now());
        let [first, second, third] = runs();
        for run in [first, first, second, second, third, third] {
            assert!(!turns.came(agent, run, now), "one machine, started again");
        }
        assert!(!turns.came(agent, second, now), "set back to an earlier state");
        assert!(turns.came(agent, third, now), "and the other goes on");
        assert!(!turns.came(agent, second, now), "it begins anew then");
        assert!(!turns.came(agent, third, now));
        assert!(!turns.came(agent, second, now));
        turns.forget(agent);
        assert!(!turns.came(agent, third, now));
    }

    #[test]
    fn a_thief_who_names_another_run_each_time_is_noticed() {
        let (turns, agent, now) = (Turns::default(), AgentId::generate(), Instant::now());
        let [owner, one, two] = runs();
        for run in [owner, one, owner, two] {
            assert!(!turns.came(agent, run, now));
        }
        assert!(turns.came(agent, owner, now));
    }

    #[test]
    fn a_machine_that_is_set_back_now_and_then_is_one() {
        let (turns, agent, start) = (Turns::default(), AgentId::generate(), Instant::now());
        let [kept, mut later] = runs();
        assert!(!turns.came(agent, kept, start));
        for day in 1..5 {
            let now = start + WINDOW * 24 * day;
            assert!(!turns.came(agent, later, now));
            assert!(!turns.came(agent, kept, now));
            later = RunId::generate();
        }
    }
}
