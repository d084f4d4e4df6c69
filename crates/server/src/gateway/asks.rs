//! Questions to connected agents for whose answer somebody waits. Nothing of them is stored; an answer that comes late, twice, unasked or from another agent is
//! dropped.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gururmm_ids::{AgentId, OrgId};
use gururmm_protocol::message::OutputPart;
use parking_lot::Mutex;
use tokio::sync::oneshot;

/// How long an agent may take to answer.
pub(super) const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Questions that wait at once: of one agent, of those of one organisation, and of all. An answer has up to 128 KiB.
const OF_AGENT_MAX: usize = 4;
const OF_ORG_MAX: usize = 32;
const ALL_MAX: usize = 256;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// It is not connected, or behind with what it was sent.
    #[error("the agent is not there")]
    Away,
    /// Too many ask already.
    #[error("too many ask already")]
    Busy,
    /// It did not answer in time.
    #[error("the agent does not answer")]
    Silent,
}

/// The questions that wait.
#[derive(Debug, Default)]
pub(super) struct Asks {
    last: AtomicU64,
    waiting: Mutex<HashMap<u64, Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    org_id: OrgId,
    agent_id: AgentId,
    sender: oneshot::Sender<OutputPart>,
}

/// A question; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    asks: &'a Asks,
    pub(super) request: u64,
    pub(super) answer: oneshot::Receiver<OutputPart>,
}

impl Asks {
    /// Begins a question to an agent of an organisation.
    pub(super) fn begin(&self, org_id: OrgId, agent_id: AgentId) -> Result<Ask<'_>, AskError> {
        let (sender, answer) = oneshot::channel();
        let request = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let mut waiting = self.waiting.lock();
        let of_org = waiting.values().filter(|one| one.org_id == org_id).count();
        let of_agent = waiting.values().filter(|one| one.agent_id == agent_id).count();
        if waiting.len() >= ALL_MAX || of_org >= OF_ORG_MAX || of_agent >= OF_AGENT_MAX {
            return Err(AskError::Busy);
        }
        waiting.insert(request, Waiting { org_id, agent_id, sender });
        Ok(Ask { asks: self, request, answer })
    }

    /// An agent has answered.
    pub(super) fn answered(&self, agent_id: AgentId, part: OutputPart) {
        let mut waiting = self.waiting.lock();
        if waiting.get(&part.request).is_some_and(|one| one.agent_id == agent_id)
            && let Some(Waiting { sender, .. }) = waiting.remove(&part.request)
        {
            // who asked may have gone
            let _ = sender.send(part);
        }
    }
}

impl Drop for Ask<'_> {
    fn drop(&mut self) {
        self.asks.waiting.lock().remove(&self.request);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(request: u64) -> OutputPart {
        OutputPart { request, data: b"x".to_vec(), end: Some(1) }
    }

    #[tokio::test]
    async fn only_who_was_asked_answers_and_only_once() {
        let asks = Asks::default();
        let (asked, other) = (AgentId::generate(), AgentId::generate());
        let mut ask = asks.begin(OrgId::generate(), asked).unwrap();
        asks.answered(other, part(ask.request));
        asks.answered(asked, part(ask.request + 1));
        assert!(ask.answer.try_recv().is_err());
        asks.answered(asked, part(ask.request));
        asks.answered(asked, OutputPart { data: Vec::new(), ..part(ask.request) });
        assert_eq!(ask.answer.try_recv().unwrap().data, b"x");
    }

    #[tokio::test]
    async fn questions_are_few_and_end_with_who_asks() {
        let asks = Asks::default();
        let (org, agent) = (OrgId::generate(), AgentId::generate());
        let mut open: Vec<_> = (0..OF_AGENT_MAX).map(|_| asks.begin(org, agent).unwrap()).collect();
        assert_eq!(asks.begin(org, agent).unwrap_err(), AskError::Busy);
        let others: Vec<_> =
            (OF_AGENT_MAX..OF_ORG_MAX).map(|_| asks.begin(org, AgentId::generate()).unwrap()).collect();
        assert_eq!(asks.begin(org, AgentId::generate()).unwrap_err(), AskError::Busy, "for this organisation");
        assert!(asks.begin(OrgId::generate(), AgentId::generate()).is_ok());
        drop(others);
        open.pop();
        assert!(asks.begin(org, agent).is_ok());
        assert_eq!(asks.waiting.lock().len(), OF_AGENT_MAX - 1);
    }
}
