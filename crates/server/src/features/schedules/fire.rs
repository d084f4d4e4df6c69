//! Carrying out what is due. It depends on what is stored and on the clock alone: it may be asked at any moment, by several servers.

use gururmm_ids::{OrgId, ScheduleId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};

use super::mandate::{Agreed, Mandate};
use super::trigger::{Missed, Trigger};
use super::zones::{self, Zone};
use super::{db, marks};
use crate::app::AppState;
use crate::features::command_runs::{self, NO_TARGETS, Scheduled, Turn, Wanting, Work};
use crate::features::scripts::{self, Use};
use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::auth::stored::{StoredGrant, access_of};
use crate::platform::auth::{Access, OrgScope, Permission};
use crate::platform::http::Problem;
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

/// A run that begins so much later than it was due is one that was missed; until then it may have waited for others.
const LATE: SignedDuration = SignedDuration::from_mins(5);

/// A schedule that is being looked at, in the name of whoever has given its mandate.
pub(super) struct Firing<'a> {
    pub(super) app: &'a AppState,
    pub(super) id: ScheduleId,
    name: String,
    pub(super) mandate: Mandate,
    pub(super) scope: OrgScope,
    pub(super) enabled_at: Time,
    /// How many machines a second person has agreed to, who may still decide about them.
    pub(super) agreed_to: usize,
    pub(super) now: Timestamp,
    /// Which version of its row was read: nothing is carried out for another.
    row_version: String,
}

/// What came of a time that was due.
#[derive(Debug)]
pub(super) enum Outcome {
    Ran,
    Skipped(String),
    Nothing,
    Refused(String),
}

impl Outcome {
    /// Its name in SQL, and why.
    pub(super) fn told(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Ran => ("ran", None),
            Self::Skipped(why) => ("skipped", Some(why)),
            Self::Nothing => ("nothing", Some("There was no machine for it.")),
            Self::Refused(why) => ("refused", Some(why)),
        }
    }

    /// Of what came in several zones that which says most.
    fn weight(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Ran => 1,
            Self::Skipped(_) => 2,
            Self::Refused(_) => 3,
        }
    }
}

/// Looks at one schedule.
pub(super) async fn one(app: &AppState, (id, org_id): (ScheduleId, OrgId)) -> Result<(), Problem> {
    let mut tx = app.db.begin_for(org_id).await?;
    let Some(stored) = db::work(&mut tx, id).await? else { return Ok(()) };
    tx.commit().await?;
    let opened = stored.signed.open_for(&app.secrets, (id, org_id), stored.changed_by);
    let access = Access { grants: access_of(&stored.grants), limits: None };
    let place = opened.as_ref().map_or(crate::platform::auth::Place::Organisation, Mandate::place);
    let scope = OrgScope::of_schedule((org_id, stored.changed_by), id, &access, (Permission::ScriptsRun, place));
    let Some(mandate) = opened else {
        let why = "What it says is not what this server has signed. Look at it, and save it again.";
        return suspend(app, &scope, (id, &stored.row_version), why).await;
    };
    if !access.decide(Permission::SchedulesEdit, place).is_allowed {
        let why = "Whoever changed it last may not run it there any more. Somebody who may has to save it again.";
        return suspend(app, &scope, (id, &stored.row_version), why).await;
    }
    let agreed_to = agreed_to(&mandate, stored.approved_by, &stored.approved_grants);
    let firing = Firing {
        app,
        id,
        name: stored.name,
        mandate,
        scope,
        enabled_at: stored.enabled_at,
        agreed_to,
        now: app.clock.now(),
        row_version: stored.row_version,
    };
    match firing.script().await {
        Ok(script) if script.is_approved() => firing.look(script).await,
        // another version is a text of its author's own, wherever that may be run
        Ok(script) if access.decide(Permission::CommandsRun, place).is_allowed => {
            let by = (Permission::CommandsRun, place);
            let scope = OrgScope::of_schedule((org_id, stored.changed_by), id, &access, by);
            Firing { scope, ..firing }.look(script).await
        }
        Ok(_) => firing.suspend("Its version of the script is not approved any more.").await,
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => firing.suspend(&problem.detail).await,
    }
}

/// How many machines whoever agreed to it lets it tell: none when they may not decide about runs everywhere there any more.
fn agreed_to(mandate: &Mandate, approved_by: Option<UserId>, grants: &[StoredGrant]) -> usize {
    let holds = |agreed: &Agreed| {
        let access = Access { grants: access_of(grants), limits: None };
        approved_by == Some(agreed.by) && access.reach(Permission::CommandsApprove).contains_whole(mandate.place())
    };
    mandate.agreed.filter(holds).map_or(0, |agreed| agreed.machines_max.unsigned_abs() as usize)
}

/// It does nothing until somebody has looked at it, if it is still the one that was read.
async fn suspend(
    app: &AppState,
    scope: &OrgScope,
    (id, row_version): (ScheduleId, &str),
    why: &str,
) -> Result<(), Problem> {
    let now = Time::stored(app.clock.now());
    let mut tx = app.db.begin_scoped(scope).await?;
    if let Some(was) = db::suspend(&mut tx, (id, row_version), why, now).await? {
        let (client_id, site_id) = (was.client_id, was.site_id);
        let name = Some(was.name.as_str());
        let target = Target { kind: "schedule", id: Some(id.as_uuid()), name, client_id, site_id, ..Target::default() };
        let event = AuditEvent { action: "schedule.suspended", target, detail: json!({ "reason": why }) };
        audit::record(&mut tx, scope, now.0, event).await?;
    }
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::SchedulesChanged {});
    Ok(())
}

impl Firing<'_> {
    /// The version that the mandate names, if it still says what it said.
    async fn script(&self) -> Result<Use, Problem> {
        let mut tx = self.app.db.begin_scoped(&self.scope).await?;
        let asked = (self.mandate.script_id, Some(self.mandate.script_version));
        let script = scripts::find_use(&mut tx, &self.scope, asked, self.mandate.parameters.clone()).await?;
        if script.digest()? == self.mandate.script_digest {
            return Ok(script);
        }
        Err(Problem::conflict("script_changed", "Its version of the script is not what it was. Look at both."))
    }

    async fn look(&self, script: Use) -> Result<(), Problem> {
        match &self.mandate.trigger {
            Trigger::Cron { .. } => self.by_the_clock(&script).await,
            Trigger::Enrolment {} | Trigger::FirstContact { .. } => marks::look(self, &script).await,
        }
    }

    async fn suspend(&self, why: &str) -> Result<(), Problem> {
        suspend(self.app, &self.scope, (self.id, &self.row_version), why).await
    }

    async fn by_the_clock(&self, script: &Use) -> Result<(), Problem> {
        let Some(timing) = self.mandate.trigger.timing() else {
            return self.suspend("Its times are not understood here. Say anew when it runs.").await;
        };
        let mut tx = self.app.db.begin_scoped(&self.scope).await?;
        if !self.hold(&mut tx).await? {
            return Ok(());
        }
        let zones =
            zones::of_place(&mut tx, &self.scope, self.mandate.place(), self.mandate.trigger.time_zone()).await?;
        let names: Vec<String> = zones.iter().map(|zone| zone.name.clone()).collect();
        let reached = db::zones_now(&mut tx, self.id, &names, Time::stored(self.now)).await?;
        tx.commit().await?;
        let (mut came, mut next): (Option<(Timestamp, Outcome)>, Option<Timestamp>) = (None, None);
        for zone in &zones {
            let base = reached.get(&zone.name).map_or(self.now, |at| at.0);
            if let Some((due, _)) = timing.latest_at_or_before(base, self.now, &zone.clock)
                && let Some(outcome) = self.due(script, zone, due).await?
                && came.as_ref().is_none_or(|(_, before)| outcome.weight() >= before.weight())
            {
                came = Some((due, outcome));
            }
            let after = timing.next_after(self.now.max(base), &zone.clock);
            next = next.into_iter().chain(after).min();
        }
        self.note(next, came).await
    }

    /// Writes down what came of it, and when it is next.
    pub(super) async fn note(
        &self,
        next: Option<Timestamp>,
        came: Option<(Timestamp, Outcome)>,
    ) -> Result<(), Problem> {
        let mut tx = self.app.db.begin_scoped(&self.scope).await?;
        let told = came.as_ref().map(|(due, outcome)| {
            let (name, why) = outcome.told();
            (Time::stored(*due), name, why)
        });
        db::looked_at(&mut tx, (self.id, &self.row_version), (Time::stored(self.now), next.map(Time::stored)), told)
            .await?;
        tx.commit().await?;
        if came.is_some() {
            self.app.live.publish(self.scope.org_id, LiveKind::SchedulesChanged {});
        }
        Ok(())
    }

    /// Keeps the schedule as it was read until the end of the transaction; false when it has changed since.
    pub(super) async fn hold(&self, tx: &mut PgConnection) -> sqlx::Result<bool> {
        db::hold(tx, self.id, &self.row_version).await
    }

    /// Carries out what is due in a zone; nothing when another server does, or it says something else by now.
    async fn due(&self, script: &Use, zone: &Zone, due: Timestamp) -> Result<Option<Outcome>, Problem> {
        let mut tx = self.app.db.begin_scoped(&self.scope).await?;
        if !self.hold(&mut tx).await? || !db::zone_claim(&mut tx, self.id, &zone.name, Time::stored(due)).await? {
            return Ok(None);
        }
        if let Some(why) = self.too_late(due) {
            let outcome = Outcome::Skipped(why);
            self.tell(&mut tx, &outcome).await?;
            tx.commit().await?;
            return Ok(Some(outcome));
        }
        let scheduled = Scheduled {
            schedule_id: self.id,
            zone: Some(zone.name.clone()),
            due_at: Time::stored(due),
            turn: Turn::Sites(zone.sites.iter().copied().collect()),
            agreed_to: self.agreed_to,
        };
        let (outcome, stored) = self.begin(&mut tx, script, scheduled).await?;
        tx.commit().await?;
        if let Some(stored) = stored {
            stored.tell(self.app, &self.scope);
        }
        Ok(Some(outcome))
    }

    /// Stores a run: it, or why there is none.
    pub(super) async fn begin(
        &self,
        tx: &mut PgConnection,
        script: &Use,
        scheduled: Scheduled,
    ) -> Result<(Outcome, Option<command_runs::Stored>), Problem> {
        let wanting = Wanting {
            targets: self.mandate.targets.clone(),
            work: Work::Script(Box::new(script.clone())),
            pace: self.mandate.pace,
            expires_in_seconds: self.mandate.expires_in_seconds,
            rerun_of: None,
            scheduled: Some(scheduled),
        };
        let mut inner = tx.begin().await?;
        match command_runs::store(self.app, &mut inner, &self.scope, wanting).await {
            Ok(stored) => {
                inner.commit().await?;
                Ok((Outcome::Ran, Some(stored)))
            }
            // a machine has changed in this moment: it is tried again, and nothing is claimed
            Err(problem) if problem.status.is_server_error() || problem.code == "agent_not_active" => Err(problem),
            // a clock that was ahead has had it
            Err(problem) if problem.code == "schedule_ran" => {
                inner.rollback().await?;
                Ok((Outcome::Ran, None))
            }
            Err(problem) => {
                inner.rollback().await?;
                let is_nobody = problem.code == NO_TARGETS;
                let outcome = if is_nobody { Outcome::Nothing } else { Outcome::Refused(problem.detail.into_owned()) };
                self.tell(tx, &outcome).await?;
                Ok((outcome, None))
            }
        }
    }

    /// Why it does not begin any more what was due then.
    fn too_late(&self, due: Timestamp) -> Option<String> {
        let Trigger::Cron { missed, missed_within_minutes, .. } = self.mandate.trigger else { return None };
        let late = self.now.duration_since(due);
        let within = match missed {
            Missed::Skip => LATE,
            // as the job that looks at it may itself be late
            Missed::Once => LATE.max(SignedDuration::from_mins(missed_within_minutes.into())),
        };
        (late > within).then(|| format!("It was missed: nothing could be begun for {} minutes.", late.as_mins()))
    }

    /// The audit log keeps what did not run although it was due.
    async fn tell(&self, tx: &mut PgConnection, outcome: &Outcome) -> Result<(), Problem> {
        let (Outcome::Skipped(why) | Outcome::Refused(why)) = outcome else { return Ok(()) };
        let (client_id, site_id) = self.mandate.place().ids();
        let (id, name) = (Some(self.id.as_uuid()), Some(self.name.as_str()));
        let target = Target { kind: "schedule", id, name, client_id, site_id, ..Target::default() };
        let event = AuditEvent { action: "schedule.skipped", target, detail: json!({ "reason": why }) };
        Ok(audit::record(tx, &self.scope, self.now, event).await?)
    }
}
