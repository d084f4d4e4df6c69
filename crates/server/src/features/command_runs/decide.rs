//! The second person: approves what somebody else asked for, and signs it by that, or rejects it.

use std::collections::BTreeMap;

use gururmm_ids::{AgentId, CommandRunId};
use gururmm_protocol::command::SignedOrder;
use jiff::SignedDuration;
use serde_json::json;
use sqlx::PgConnection;

use super::create::{CHUNK, Part, later, seen, send, signed, told};
use super::db;
use super::model::{self, Run};
use super::pace::Pace;
use crate::app::AppState;
use crate::features::scripts;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::stored::access_of;
use crate::platform::auth::{Access, OrgScope, Permission, Place};
use crate::platform::http::Problem;
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

const REASON_MAX: usize = 1_000;

/// What somebody has decided.
pub(super) enum Decision {
    /// It may run, as it was when they read it.
    Approve {
        /// The digest of what they have read.
        digest: String,
    },
    /// It may not.
    Reject,
}

/// Carries out a decision about a run that waits for one.
pub(super) async fn decide(
    app: AppState,
    scope: OrgScope,
    id: CommandRunId,
    decision: Decision,
    reason: Option<String>,
) -> Result<Run, Problem> {
    let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    if reason.as_ref().is_some_and(|reason| reason.chars().count() > REASON_MAX) {
        return Err(Problem::field("reason", format!("At most {REASON_MAX} characters.")));
    }
    let now = Time::stored(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    let run = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    // before the decision, which forgets them
    let variables = db::environment(&mut tx, id).await?;
    let (approves, digest) = match &decision {
        Decision::Approve { digest } => (true, Some(&**digest)),
        Decision::Reject => (false, None),
    };
    let outcome = db::decide(&mut tx, &scope, id, (approves, digest), reason.as_deref(), now).await?;
    check_outcome(&outcome, &run)?;
    let orders = if approves {
        let variables = variables.into_iter().map(|(name, value)| (name, value.unwrap_or_default())).collect();
        sign(&app, &mut tx, &scope, &run, variables, now).await?
    } else {
        Vec::new()
    };
    let after = seen(&mut tx, &scope, id).await?;
    let action = if approves { "command_run.approved" } else { "command_run.rejected" };
    let mut detail = told(&run);
    detail["asked_by"] = json!(run.created_by_name);
    detail["reason"] = json!(reason);
    detail["digest"] = json!(digest);
    audit::record(&mut tx, &scope, now.0, AuditEvent { action, target: after.target(), detail }).await?;
    tx.commit().await?;
    send(&app, orders);
    app.live.publish(scope.org_id, LiveKind::CommandRunChanged { run_id: id });
    app.touched_runs.add([(scope.org_id, id)]);
    Ok(after)
}

/// Signs what was approved, if whoever asked for it still may.
async fn sign(
    app: &AppState,
    tx: &mut PgConnection,
    scope: &OrgScope,
    run: &Run,
    variables: BTreeMap<String, String>,
    now: Time,
) -> Result<Vec<(AgentId, SignedOrder)>, Problem> {
    let awaiting = db::awaiting(tx, scope, run.id).await?;
    let asker = Access { grants: access_of(&db::asker_grants(tx, run.id, now).await?), limits: None };
    let reach = asker.reach(needed(tx, scope, run).await?);
    if !awaiting.iter().all(|command| reach.contains(Place::Site(command.client_id, command.site_id))) {
        return Err(Problem::conflict(
            "access_changed",
            "Whoever asked for this may no longer run commands on all of these machines. Reject it, or ask for it yourself.",
        ));
    }
    let what = run.wish(variables)?.checked()?;
    let expires_at = later(now, SignedDuration::from_secs(run.expires_in_seconds.into()))?;
    let is_released = Pace::of(run)?.is_all_at_once();
    let mut orders = Vec::new();
    for chunk in awaiting.chunks(CHUNK) {
        let parts = chunk.iter().map(|command| Part::new(app, command.id, command.agent_id, command.own())).collect();
        let parts = signed(app, parts, &what, (now, expires_at)).await?;
        let sent = db::sign(tx, scope, (run.id, is_released), &parts, (now, expires_at)).await?;
        orders.extend(db::orders(parts, &sent));
    }
    Ok(orders)
}

/// What whoever asked for a run must be allowed to: for the version of a script that runs by itself less than for any other text.
async fn needed(tx: &mut PgConnection, scope: &OrgScope, run: &Run) -> Result<Permission, Problem> {
    let (Some(script), Some(number)) = (run.script_id, run.script_version) else { return Ok(Permission::CommandsRun) };
    let is_approved = scripts::is_approved(tx, scope, (script, number)).await?;
    Ok(if is_approved { Permission::ScriptsRun } else { Permission::CommandsRun })
}

fn check_outcome(outcome: &str, run: &Run) -> Result<(), Problem> {
    match outcome {
        "done" => Ok(()),
        "not_found" => Err(model::not_found()),
        "own" => Err(Problem::forbidden(
            "own_request",
            "You have asked for this yourself; somebody else has to decide about it.",
        )),
        "not_everywhere" => Err(model::not_everywhere("decide")),
        "too_late" => Err(Problem::conflict(
            "not_awaiting_approval",
            "Its time is over: nobody approved it soon enough. Ask for it again.",
        )),
        "changed" => Err(Problem::conflict(
            "command_run_changed",
            "This run has changed since you read it, perhaps because a machine was removed. Read it again, then decide.",
        )),
        _ => Err(Problem::conflict(
            "not_awaiting_approval",
            format!("Nobody has to decide about this run any more: it is {}.", run.status),
        )),
    }
}
