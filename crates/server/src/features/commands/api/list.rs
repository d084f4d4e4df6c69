//! `GET /api/commands`

use axum::Json;
use axum::extract::State;
use gururmm_ids::{AgentId, ClientId, CommandRunId, SiteId};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::AppState;
use crate::features::commands::db::{self, Filter};
use crate::features::commands::model::Command;
use crate::features::commands::status::CommandStatus;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::page::page;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Page, PageQuery, Problem, Query};
use crate::platform::time::Time;
use crate::platform::validate::search;

const ORDER: &str = "commands:newest";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Of this machine.
    agent_id: Option<AgentId>,
    /// Of this client's machines.
    client_id: Option<ClientId>,
    /// Of this site's machines.
    site_id: Option<SiteId>,
    /// Of this run.
    run_id: Option<CommandRunId>,
    /// One or more statuses, separated by commas.
    status: Option<String>,
    /// Part of the text.
    search: Option<String>,
    /// Created at this time or later.
    from: Option<Time>,
    /// Created before this time.
    to: Option<Time>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Rows wanted, 1 to 200; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// List commands, newest first
#[utoipa::path(get, path = "/commands", operation_id = "command_list", tag = "commands", params(ListQuery), security(("bearer" = [])), extensions(("x-permission" = json!("commands.view"))),
    responses((status = 200, body = Page<Command>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Command>>, Problem> {
    let scope = caller.require(Permission::CommandsView)?;
    let paging = PageQuery { after: query.after, limit: query.limit };
    let (limit, cursor) = (paging.limit()?, paging.cursor(ORDER)?);
    let filter = Filter {
        agent_id: query.agent_id,
        client_id: query.client_id,
        site_id: query.site_id,
        run_id: query.run_id,
        status: statuses(query.status.as_deref())?,
        search: search(query.search.as_deref())?,
        from: query.from.map(Time::since_1970),
        to: query.to.map(Time::since_1970),
    };
    let mut tx = app.db.begin_scoped(&scope).await?;
    let rows = db::list(&mut tx, &scope, filter, cursor.as_ref(), limit).await?;
    Ok(Json(page(rows, limit, |command| Cursor::new(ORDER, None, command.id.as_uuid()))))
}

fn statuses(text: Option<&str>) -> Result<Vec<String>, Problem> {
    let known =
        |part: &str| serde_json::from_value::<CommandStatus>(part.into()).map(|status| status.as_str().to_owned());
    text.into_iter()
        .flat_map(|text| text.split(','))
        .map(|part| {
            known(part.trim()).map_err(|_| {
                Problem::invalid_request(
                    "status must be statuses of commands separated by commas, such as queued,running.",
                )
            })
        })
        .collect()
}
