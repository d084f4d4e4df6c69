//! Asking for a run: everything is chosen, signed and stored in one transaction, or nothing is.

use std::collections::{BTreeMap, HashMap};

use gururmm_ids::{AgentId, CommandId, CommandRunId, ScriptId};
use gururmm_protocol::command::SignedOrder;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::model::{Mode, Run};
use super::targets::{Target, Targets, Wanted};
use super::{counts, db, model};
use crate::app::AppState;
use crate::features::agents;
use crate::features::commands::{self, Asked, What, Wish, expiry};
use crate::features::scripts::{Use, sha256};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::OrgScope;
use crate::platform::http::Problem;
use crate::platform::http::problem::violates;
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

/// Rows that one statement adds.
pub(super) const CHUNK: usize = 500;
/// Most bytes of the orders of one run, all machines together: each has an order of its own.
const ORDERS_MAX: usize = 128 << 20;
const RATE: std::ops::RangeInclusive<i32> = 1..=100_000;
const FAILURES: std::ops::RangeInclusive<i32> = 1..=20_000;

/// How fast, and in which order.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[schema(as = CommandRunPace)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pace {
    /// In which order machines are told; `parallel` unless told.
    #[serde(default)]
    pub(super) mode: Mode,
    /// How many machines are told in a minute, 1 to 100,000; as many as there are unless told. For `parallel`.
    pub(super) rate_per_minute: Option<i32>,
    /// After so many failed machines the rest is not told any more, 1 to 20,000. For `ordered`, or with a rate.
    pub(super) stop_after_failures: Option<i32>,
}

impl Pace {
    fn check(self) -> Result<Self, Problem> {
        if self.rate_per_minute.is_some_and(|rate| !RATE.contains(&rate)) {
            return Err(Problem::field("rate_per_minute", "Between 1 and 100,000 machines in a minute."));
        }
        if self.mode == Mode::Ordered && self.rate_per_minute.is_some() {
            return Err(Problem::field("rate_per_minute", "Machines that are told one after the other have no rate."));
        }
        if self.stop_after_failures.is_some_and(|failures| !FAILURES.contains(&failures)) {
            return Err(Problem::field("stop_after_failures", "Between 1 and 20,000 failed machines."));
        }
        if self.stop_after_failures.is_some() && self.is_all_at_once() {
            let detail =
                "All machines are told at once, so there is no rest to stop. Choose a rate, or one after the other.";
            return Err(Problem::field("stop_after_failures", detail));
        }
        Ok(self)
    }

    /// That of a run.
    pub(super) fn of(run: &Run) -> Result<Self, Problem> {
        let mode = serde_json::from_value(run.mode.as_str().into()).map_err(Problem::internal)?;
        Ok(Self { mode, rate_per_minute: run.rate_per_minute, stop_after_failures: run.stop_after_failures })
    }

    pub(super) fn is_all_at_once(self) -> bool {
        self.mode == Mode::Parallel && self.rate_per_minute.is_none()
    }
}

/// What is to be run.
pub(super) enum Work {
    /// A text.
    Text(Wish),
    /// A script of the library.
    Script(Box<Use>),
}

impl Work {
    fn script(&self) -> Option<&Use> {
        match self {
            Self::Text(_) => None,
            Self::Script(script) => Some(script),
        }
    }

    fn wish(&self) -> Result<Wish, Problem> {
        match self {
            Self::Text(wish) => Ok(wish.clone()),
            Self::Script(script) => script.wish(),
        }
    }
}

/// What somebody wants.
pub(super) struct Wanting {
    pub(super) targets: Wanted,
    pub(super) work: Work,
    pub(super) pace: Pace,
    pub(super) expires_in_seconds: Option<i64>,
    pub(super) rerun_of: Option<CommandRunId>,
}

/// A run to be.
pub(super) struct New {
    pub(super) id: CommandRunId,
    pub(super) what: What,
    pub(super) pace: Pace,
    pub(super) selection: Value,
    pub(super) refused: BTreeMap<&'static str, u32>,
    pub(super) rerun_of: Option<CommandRunId>,
    pub(super) script: Option<(ScriptId, i32)>,
    /// What was given for the script's parameters.
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) awaits_approval: bool,
    pub(super) expires_in_seconds: i32,
    pub(super) created_at: Time,
    pub(super) expires_at: Time,
}

impl New {
    /// Whether every command may go out as soon as it is stored.
    pub(super) fn is_released_at_once(&self) -> bool {
        !self.awaits_approval && self.pace.is_all_at_once()
    }
}

/// One machine's part of a run.
pub(super) struct Part {
    pub(super) id: CommandId,
    pub(super) agent_id: AgentId,
    /// Variables of the machine's own, beside those that all get.
    pub(super) own: BTreeMap<String, String>,
    /// None while somebody has to approve.
    pub(super) order: Option<SignedOrder>,
    pub(super) is_connected: bool,
}

impl Part {
    pub(super) fn new(app: &AppState, id: CommandId, agent_id: AgentId, own: BTreeMap<String, String>) -> Self {
        Self { id, agent_id, own, order: None, is_connected: app.gateway.is_connected(agent_id) }
    }
}

/// Stores what is wanted, and tells those machines whose turn it is.
pub(super) async fn create(app: AppState, scope: OrgScope, wanting: Wanting) -> Result<Run, Problem> {
    let pace = wanting.pace.check()?;
    let expires_in = expiry(wanting.expires_in_seconds)?;
    let what = wanting.work.wish()?.checked()?;
    let selection = wanting.targets.told()?;
    let now = Time::stored(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    let threshold = db::approval_threshold(&mut tx, &scope).await?;
    let targets = wanting.targets.find(&mut tx, &scope).await?;
    let (targets, mut own) = fitting(&mut tx, &scope, wanting.work.script(), targets).await?;
    let targets = targets.some()?;
    check_size(&what, &targets)?;
    check_pace(pace, &targets, expires_in)?;
    let new = New {
        id: CommandRunId::generate(),
        awaits_approval: targets.need_approval(threshold),
        what,
        pace,
        selection,
        refused: targets.refused.clone(),
        rerun_of: wanting.rerun_of,
        script: wanting.work.script().map(|script| (script.script.id, script.number())),
        parameters: wanting.work.script().map(|script| script.given.clone()).unwrap_or_default(),
        expires_in_seconds: expires_in.as_secs() as i32,
        created_at: now,
        expires_at: later(now, expires_in)?,
    };
    db::insert(&mut tx, &scope, &new).await?;
    let mut orders = Vec::new();
    for (place, chunk) in targets.found.chunks(CHUNK).enumerate() {
        let mut part = |target: &Target| {
            let own = own.remove(&target.agent_id).unwrap_or_default();
            Part::new(&app, CommandId::generate(), target.agent_id, own)
        };
        let parts = chunk.iter().map(&mut part).collect();
        let parts =
            if new.awaits_approval { parts } else { signed(&app, parts, &new.what, (now, new.expires_at)).await? };
        let sent = db::insert_parts(&mut tx, &scope, &new, (chunk, place * CHUNK), &parts).await.map_err(why_not)?;
        orders.extend(db::orders(parts, &sent));
    }
    let run = seen(&mut tx, &scope, new.id).await?;
    let detail = told(&run);
    let event = AuditEvent { action: "command_run.created", target: run.target(), detail };
    audit::record(&mut tx, &scope, now.0, event).await?;
    tx.commit().await?;
    send(&app, orders);
    app.live.publish(scope.org_id, LiveKind::CommandRunChanged { run_id: run.id });
    app.touched_runs.add([(scope.org_id, run.id)]);
    Ok(run)
}

/// The machines on which a script can run, with the variables that each of them adds.
async fn fitting(
    tx: &mut PgConnection,
    scope: &OrgScope,
    script: Option<&Use>,
    targets: Targets,
) -> Result<(Targets, HashMap<AgentId, BTreeMap<String, String>>), Problem> {
    let Some(script) = script else { return Ok((targets, HashMap::new())) };
    let targets = targets.keep("platform_mismatch", |target| script.is_for(&target.os));
    let ids: Vec<AgentId> = targets.found.iter().map(|target| target.agent_id).collect();
    let own = script.of_machines(tx, scope, &ids).await?;
    Ok((targets.keep("parameter_missing", |target| own.contains_key(&target.agent_id)), own))
}

/// A run with its numbers, as the transaction sees it.
pub(super) async fn seen(tx: &mut PgConnection, scope: &OrgScope, id: CommandRunId) -> Result<Run, Problem> {
    let run = db::find(tx, scope, id).await?.ok_or_else(model::not_found)?;
    let mut run = run.shown_to(scope);
    counts::count(tx, std::slice::from_mut(&mut run)).await?;
    Ok(run)
}

/// Tells agents. What does not reach one is repeated by the job that offers commands again.
pub(super) fn send(app: &AppState, orders: Vec<(AgentId, SignedOrder)>) {
    for (agent_id, order) in orders {
        app.gateway.send_order(agent_id, order);
    }
}

/// Signs what is to be run for each of these machines.
pub(super) async fn signed(
    app: &AppState,
    mut parts: Vec<Part>,
    what: &What,
    (created_at, expires_at): (Time, Time),
) -> Result<Vec<Part>, Problem> {
    let (app, what) = (app.clone(), what.clone());
    tokio::task::spawn_blocking(move || {
        for part in &mut parts {
            let mut what = what.clone();
            what.environment.extend(std::mem::take(&mut part.own));
            let asked = Asked { id: part.id, agent_id: part.agent_id, what, created_at, expires_at };
            part.order = Some(asked.sign(&app.secrets)?);
        }
        Ok(parts)
    })
    .await
    .map_err(Problem::internal)?
}

pub(super) fn later(now: Time, by: SignedDuration) -> Result<Time, Problem> {
    Ok(Time(now.0.saturating_add(by).map_err(Problem::internal)?))
}

fn check_size(what: &What, targets: &Targets) -> Result<(), Problem> {
    let most = ORDERS_MAX / targets.found.len().max(1);
    // as it is in an order, where a control character is six
    let size = serde_json::to_string(what).map_err(Problem::internal)?.len();
    if size <= most {
        return Ok(());
    }
    let detail = format!(
        "For so many machines text, arguments and variables may have about {most} bytes together. Choose fewer machines, or let them fetch it."
    );
    Err(Problem::field("what.command", detail))
}

/// A turn that comes after the commands have expired is none.
fn check_pace(pace: Pace, targets: &Targets, expires_in: SignedDuration) -> Result<(), Problem> {
    let Some(rate) = pace.rate_per_minute else { return Ok(()) };
    let seconds = targets.found.len() as i64 * 60 / i64::from(rate);
    if seconds <= expires_in.as_secs() {
        return Ok(());
    }
    let detail = format!(
        "At this rate the last machine has its turn after {seconds} seconds, when its command has expired. Wait longer, or go faster."
    );
    Err(Problem::field("rate_per_minute", detail))
}

fn why_not(error: sqlx::Error) -> Problem {
    if violates(&error, "commands_stopped") {
        return commands::stopped();
    }
    if violates(&error, "command_agent_active") || violates(&error, "commands_agent_fkey") {
        // in this moment: whoever asks again is told which
        return agents::not_active();
    }
    error.into()
}

/// What the audit log keeps of it: enough to know what was run, and to prove it.
pub(super) fn told(run: &Run) -> Value {
    json!({
        "script": run.script_name,
        "script_version": run.script_version,
        "command_type": run.command_type,
        "command": run.beginning(),
        "command_sha256": sha256(&run.command),
        "interpreter": run.interpreter,
        "arguments": run.arguments,
        "variables": run.variables,
        "context": run.context,
        "timeout_seconds": run.timeout_seconds,
        "on_disconnect": run.on_disconnect,
        "machines": run.counts.total(),
        "mode": run.mode,
        "rate_per_minute": run.rate_per_minute,
        "stop_after_failures": run.stop_after_failures,
        "selection": run.selection,
        "status": run.status,
        "rerun_of": run.rerun_of,
    })
}
