//! Asking for a run: everything is chosen, signed and stored in one transaction, or nothing is.

use std::collections::{BTreeMap, HashMap, HashSet};

use gururmm_ids::{AgentId, CommandId, CommandRunId, ScheduleId, ScriptId, SiteId};
use gururmm_protocol::command::SignedOrder;
use jiff::SignedDuration;
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::model::Run;
use super::pace::Pace;
use super::targets::{Preview, Target, Targets, Wanted, needs_approval};
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

/// What is to be run.
pub(crate) enum Work {
    /// A text.
    Text(Wish),
    /// A script of the library.
    Script(Box<Use>),
}

impl Work {
    /// The script, if it is one.
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

/// What somebody wants, or a schedule.
pub(crate) struct Wanting {
    pub(crate) targets: Wanted,
    pub(crate) work: Work,
    pub(crate) pace: Pace,
    pub(crate) expires_in_seconds: Option<i64>,
    pub(crate) rerun_of: Option<CommandRunId>,
    pub(crate) scheduled: Option<Scheduled>,
}

/// By which schedule a run begins, and for what time.
pub(crate) struct Scheduled {
    pub(crate) schedule_id: ScheduleId,
    /// The time zone in which it was due: it runs once there for each time. None where every machine has a time of its own.
    pub(crate) zone: Option<String>,
    pub(crate) due_at: Time,
    pub(crate) turn: Turn,
    /// A second person has agreed beforehand to so many machines.
    pub(crate) agreed_to: usize,
}

/// Whose turn it is, of the machines that a schedule is for.
pub(crate) enum Turn {
    /// Those of these sites.
    Sites(HashSet<SiteId>),
    /// These.
    Machines(HashSet<AgentId>),
}

impl Turn {
    fn is_of(&self, target: &Target) -> bool {
        match self {
            Self::Sites(sites) => sites.contains(&target.site_id),
            Self::Machines(machines) => machines.contains(&target.agent_id),
        }
    }
}

/// The machines of a run, with the variables that each of them adds.
struct Chosen {
    targets: Targets,
    own: HashMap<AgentId, BTreeMap<String, String>>,
    /// Machines that it is for, also those whose turn comes at another time: who lets a schedule tell many one by one tells many.
    reach: usize,
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
    pub(super) scheduled: Option<Scheduled>,
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

/// A run that is stored, and the orders that go out with it once the transaction is committed.
pub(crate) struct Stored {
    run: Run,
    orders: Vec<(AgentId, SignedOrder)>,
}

impl Stored {
    /// Tells those machines whose turn it is, and whoever looks.
    pub(crate) fn tell(self, app: &AppState, scope: &OrgScope) -> Run {
        send(app, self.orders);
        app.live.publish(scope.org_id, LiveKind::CommandRunChanged { run_id: self.run.id });
        app.touched_runs.add([(scope.org_id, self.run.id)]);
        self.run
    }
}

/// Stores what is wanted, and tells those machines whose turn it is.
pub(super) async fn create(app: AppState, scope: OrgScope, wanting: Wanting) -> Result<Run, Problem> {
    let mut tx = app.db.begin_scoped(&scope).await?;
    let stored = store(&app, &mut tx, &scope, wanting).await?;
    tx.commit().await?;
    Ok(stored.tell(&app, &scope))
}

/// Stores what is wanted: all of it, or nothing.
pub(crate) async fn store(
    app: &AppState,
    tx: &mut PgConnection,
    scope: &OrgScope,
    wanting: Wanting,
) -> Result<Stored, Problem> {
    let pace = wanting.pace.check()?;
    let expires_in = expiry(wanting.expires_in_seconds)?;
    let what = wanting.work.wish()?.checked()?;
    let selection = wanting.targets.told()?;
    let now = Time::stored(app.clock.now());
    let Chosen { targets, mut own, reach } = chosen(tx, scope, &wanting).await?;
    check_size(&what, &targets)?;
    check_pace(pace, &targets, expires_in)?;
    let agreed_to = wanting.scheduled.as_ref().map_or(0, |scheduled| scheduled.agreed_to);
    let new = New {
        id: CommandRunId::generate(),
        awaits_approval: reach > agreed_to && needs_approval(reach, db::approval_threshold(tx, scope).await?),
        what,
        pace,
        selection,
        refused: targets.refused.clone(),
        rerun_of: wanting.rerun_of,
        script: wanting.work.script().map(|script| (script.script.id, script.number())),
        parameters: wanting.work.script().map(|script| script.given.clone()).unwrap_or_default(),
        scheduled: wanting.scheduled,
        expires_in_seconds: expires_in.as_secs() as i32,
        created_at: now,
        expires_at: later(now, expires_in)?,
    };
    db::insert(tx, scope, &new).await.map_err(why_not)?;
    let mut orders = Vec::new();
    for (place, chunk) in targets.found.chunks(CHUNK).enumerate() {
        let mut part = |target: &Target| {
            let own = own.remove(&target.agent_id).unwrap_or_default();
            Part::new(app, CommandId::generate(), target.agent_id, own)
        };
        let parts = chunk.iter().map(&mut part).collect();
        let parts =
            if new.awaits_approval { parts } else { signed(app, parts, &new.what, (now, new.expires_at)).await? };
        let sent = db::insert_parts(tx, scope, &new, (chunk, place * CHUNK), &parts).await.map_err(why_not)?;
        orders.extend(db::orders(parts, &sent));
    }
    let run = seen(tx, scope, new.id).await?;
    let event = AuditEvent { action: "command_run.created", target: run.target(), detail: told(&run) };
    audit::record(tx, scope, now.0, event).await?;
    Ok(Stored { run, orders })
}

/// What a run would reach.
pub(crate) async fn preview(
    tx: &mut PgConnection,
    scope: &OrgScope,
    targets: &Wanted,
    script: Option<&Use>,
) -> Result<Preview, Problem> {
    let threshold = db::approval_threshold(tx, scope).await?;
    let targets = targets.find(tx, scope).await?;
    Ok(fitting(tx, scope, script, targets).await?.0.preview(threshold))
}

/// The machines of a run, if there are any.
async fn chosen(tx: &mut PgConnection, scope: &OrgScope, wanting: &Wanting) -> Result<Chosen, Problem> {
    let mut targets = wanting.targets.find(tx, scope).await?;
    let script = wanting.work.script();
    let Some(scheduled) = &wanting.scheduled else {
        let (targets, own) = fitting(tx, scope, script, targets).await?;
        return Ok(Chosen { reach: targets.found.len(), targets: targets.some()?, own });
    };
    let is_for = |target: &&Target| script.is_none_or(|script| script.is_for(&target.os));
    let reach = targets.found.iter().filter(is_for).count();
    targets.found.retain(|target| scheduled.turn.is_of(target));
    let (targets, own) = fitting(tx, scope, script, targets).await?;
    Ok(Chosen { reach, targets: targets.some()?, own })
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
    if violates(&error, "command_runs_due") {
        return Problem::conflict("schedule_ran", "The schedule has run for this time.");
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
        "schedule": run.schedule_name,
    })
}
