//! Two machines with one identity, told by their runs.
//!
//! An agent names its run, from its start to its end, when it connects. On one machine a run that was followed by another has ended. When
//! runs come back in turns, both go on, so there are two machines: an image was made of one that was enrolled, or its identity was stolen.
//! One return alone says nothing: a virtual machine was set back to an earlier state.

use std::collections::HashMap;

use gururmm_ids::{AgentId, RunId};
use parking_lot::Mutex;

/// Returns after which there is no other explanation.
const RETURNS: u8 = 2;

/// The runs of each agent that has come since the server started.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<AgentId, Runs>>);

#[derive(Clone, Copy, Debug)]
struct Runs {
    current: RunId,
    previous: RunId,
    returns: u8,
}

impl Turns {
    /// An agent has come in this run; says whether it takes turns with another.
    pub(super) fn came(&self, agent_id: AgentId, run: RunId) -> bool {
        let mut all = self.0.lock();
        let fresh = Runs { current: run, previous: run, returns: 0 };
        let runs = all.entry(agent_id).or_insert(fresh);
        if run == runs.current {
            return false;
        }
        let returns = if run == runs.previous { runs.returns + 1 } else { 0 };
        *runs = Runs { current: run, previous: runs.current, returns };
        if returns < RETURNS {
            return false;
        }
        all.remove(&agent_id);
        true
    }

    /// Forgets an agent.
    pub(super) fn forget(&self, agent_id: AgentId) {
        self.0.lock().remove(&agent_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_that_take_turns_are_told_from_one_that_starts_anew() {
        let (turns, agent) = (Turns::default(), AgentId::generate());
        let [first, second, third] = [RunId::generate(), RunId::generate(), RunId::generate()];
        for run in [first, first, second, second, third, third] {
            assert!(!turns.came(agent, run), "one machine, started again");
        }
        assert!(!turns.came(agent, second), "set back to an earlier state");
        assert!(turns.came(agent, third), "and the other goes on");
        assert!(!turns.came(agent, second), "it begins anew then");
        assert!(!turns.came(agent, third));
        assert!(!turns.came(agent, second));
        turns.forget(agent);
        assert!(!turns.came(agent, third));
    }
}
