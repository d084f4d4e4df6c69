//! Machines of a run that came to the same end with the same output.

use gururmm_ids::{CommandId, CommandRunId};
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::features::commands::CommandStatus;

/// Most groups of an answer, the largest.
const GROUPS_MAX: i32 = 100;

/// Commands with the same end, the same exit code and, byte for byte, the same output.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommandRunGroup)]
pub(crate) struct Group {
    /// How they ended.
    #[schema(value_type = CommandStatus)]
    status: String,
    /// Why, when the exit code does not tell.
    status_reason: Option<String>,
    /// Their exit code.
    exit_code: Option<i32>,
    /// How many.
    count: i64,
    /// One of them, whose output is that of all.
    command_id: CommandId,
    /// Bytes that it wrote, of both streams.
    output_bytes: i64,
    /// The names of the first few machines.
    agent_names: Vec<String>,
}

/// Groups of what has ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommandRunGroups)]
pub(crate) struct Groups {
    /// How many there are; the largest are listed.
    total: i64,
    /// The largest, at most 100.
    items: Vec<Group>,
}

/// The groups of a run among what the transaction sees.
pub(super) async fn of(tx: &mut PgConnection, run_id: CommandRunId) -> sqlx::Result<Groups> {
    let rows = sqlx::query_as!(
        Row,
        r#"select status as "status!", status_reason, exit_code, count as "count!", command_id as "command_id!: CommandId",
                  output_bytes as "output_bytes!", agent_names as "agent_names!", total as "total!"
           from command_run_groups($1, $2)"#,
        run_id as _,
        GROUPS_MAX,
    )
    .fetch_all(tx)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    Ok(Groups { total, items: rows.into_iter().map(Group::from).collect() })
}

struct Row {
    status: String,
    status_reason: Option<String>,
    exit_code: Option<i32>,
    count: i64,
    command_id: CommandId,
    output_bytes: i64,
    agent_names: Vec<String>,
    total: i64,
}

impl From<Row> for Group {
    fn from(row: Row) -> Self {
        let Row { status, status_reason, exit_code, count, command_id, output_bytes, agent_names, .. } = row;
        Self { status, status_reason, exit_code, count, command_id, output_bytes, agent_names }
    }
}
