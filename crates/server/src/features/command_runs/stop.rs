//! Ending what was stopped: a part at a time, by whoever asks and by a job, until nothing is left.

use gururmm_ids::{AgentId, CommandId, CommandRunId, OrgId};

use crate::app::AppState;
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

/// Commands that one transaction gives up.
const AT_ONCE: i32 = 1_000;

/// Gives up what is open of what was stopped. What somebody else holds at this moment is left for the next time.
pub(super) async fn give_up(app: &AppState) -> sqlx::Result<()> {
    loop {
        let mut tx = app.db.begin_ingest().await?;
        let given_up = sqlx::query!(
            r#"select id as "id!: CommandId", org_id as "org_id!: OrgId", agent_id as "agent_id!: AgentId", run_id as "run_id: CommandRunId",
                      is_ended as "is_ended!"
               from commands_give_up($1, $2)"#,
            Time(app.clock.now()) as _,
            AT_ONCE,
        )
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        for command in given_up.iter().filter(|command| !command.is_ended) {
            app.gateway.send_cancel(command.agent_id, command.id);
        }
        for command in &given_up {
            match command.run_id {
                Some(run_id) => app.touched_runs.add([(command.org_id, run_id)]),
                None if command.is_ended => {
                    let (command_id, agent_id) = (command.id, command.agent_id);
                    app.live.publish(
                        command.org_id,
                        LiveKind::CommandChanged { command_id, agent_id, status: "cancelled" },
                    );
                }
                None => {}
            }
        }
        if given_up.len() < AT_ONCE as usize {
            return Ok(());
        }
    }
}
