//! Ending what runs already.

use super::db::ToEnd;
use crate::app::AppState;

/// Asks agents to end commands. Whoever does not hear it now is asked again.
pub(super) fn tell_agents(app: &AppState, to_end: Vec<ToEnd>) {
    for command in to_end {
        app.gateway.send_cancel(command.agent_id, command.id);
    }
}
