//! Schedules that machines set off: each has its run once, since it enrolled or on a day.

use jiff::civil::Time as CivilTime;

use super::db::{self, Candidate};
use super::fire::{Firing, Outcome};
use super::trigger::{Trigger, time_of_day};
use super::zones;
use crate::features::command_runs::{Scheduled, Turn};
use crate::features::scripts::Use;
use crate::platform::http::Problem;
use crate::platform::time::Time;

/// Machines that are looked at at once; the others are looked at in a moment.
const MACHINES_MAX: i32 = 500;

/// Begins a run for the machines whose turn it is.
pub(super) async fn look(firing: &Firing<'_>, script: &Use) -> Result<(), Problem> {
    let mut tx = firing.app.db.begin_scoped(&firing.scope).await?;
    let candidates = candidates(&mut tx, firing).await?;
    if candidates.is_empty() || !firing.hold(&mut tx).await? {
        tx.commit().await?;
        return firing.note(None, None).await;
    }
    let claimed = db::claim(&mut tx, firing.id, &candidates).await?;
    let scheduled = Scheduled {
        schedule_id: firing.id,
        zone: None,
        due_at: Time::stored(firing.now),
        turn: Turn::Machines(claimed.into_iter().collect()),
        agreed_to: firing.agreed_to,
    };
    let (outcome, stored) = firing.begin(&mut tx, script, scheduled).await?;
    tx.commit().await?;
    if let Some(stored) = stored {
        stored.tell(firing.app, &firing.scope);
    }
    match outcome {
        // a machine that the script is not for sets nothing off
        Outcome::Nothing => firing.note(None, None).await,
        outcome => firing.note(None, Some((firing.now, outcome))).await,
    }
}

async fn candidates(tx: &mut sqlx::PgConnection, firing: &Firing<'_>) -> Result<Vec<Candidate>, Problem> {
    let Trigger::FirstContact { not_before } = &firing.mandate.trigger else {
        return Ok(db::enrolled(tx, firing.id, firing.enabled_at, MACHINES_MAX).await?);
    };
    let not_before = not_before.as_deref().map(time_of_day).transpose()?.unwrap_or(CivilTime::MIN);
    let zones = zones::of_place(tx, &firing.scope, firing.mandate.place(), None).await?;
    let (mut sites, mut days) = (Vec::new(), Vec::new());
    for zone in zones {
        let local = zone.clock.to_datetime(firing.now);
        if local.time() >= not_before {
            days.extend(std::iter::repeat_n(local.date().to_string(), zone.sites.len()));
            sites.extend(zone.sites.iter().map(|id| id.as_uuid()));
        }
    }
    Ok(db::contacts(tx, firing.id, (&sites, &days), MACHINES_MAX).await?)
}
