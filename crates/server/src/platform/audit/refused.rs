//! What somebody who is known was refused: a request without the permission, a cookie that another site used, a wrong password.
//!
//! Nothing was changed, so there is no transaction for the row to be in: a task writes it after the answer, which tells nobody how long
//! that takes. A caller gets so many rows a minute; what is beyond is counted into their next row.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use axum::http::{Extensions, StatusCode};
use gururmm_ids::{AgentId, ClientId, OrgId, SiteId, UserId};
use parking_lot::Mutex;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{AuditEvent, Target, record_refused, record_stranger};
use crate::app::AppState;
use crate::platform::auth::{Caller, OrgScope};
use crate::platform::http::Problem;
use crate::platform::http::origin::Origin;
use crate::platform::rate_limit::Limit;

/// Rows for one caller in a minute.
const PER_MINUTE: u32 = 60;
/// Longest path that is written down, characters.
const PATH_MAX: usize = 200;

/// Who makes a request, as far as it was found out: it lies with the request from its beginning, and [`Caller`] fills it.
#[derive(Clone, Debug, Default)]
pub struct Asker(Arc<OnceLock<Who>>);

#[derive(Clone, Debug)]
enum Who {
    Caller(Box<OrgScope>),
    /// Not looked at yet, because the request was refused before.
    Token(String),
}

impl Asker {
    /// Of a request with these extensions.
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// Somebody who is known.
    pub fn is_caller(&self, scope: OrgScope) {
        self.0.set(Who::Caller(Box::new(scope))).ok();
    }

    /// Whoever has this token, if it is one.
    pub fn has_token(&self, token: &str) {
        self.0.set(Who::Token(token.to_owned())).ok();
    }
}

/// How many rows callers have got.
pub struct Refusals {
    rows: Limit,
    passed_over: Mutex<HashMap<UserId, u32>>,
}

impl Default for Refusals {
    fn default() -> Self {
        Self { rows: Limit::per_minute(PER_MINUTE), passed_over: Mutex::default() }
    }
}

impl Refusals {
    /// Whether there is a row for this attempt, and how many attempts had none since the last.
    fn admit(&self, user_id: UserId) -> Option<u32> {
        if self.rows.check(user_id).is_ok() {
            return Some(self.passed_over.lock().remove(&user_id).unwrap_or(0));
        }
        *self.passed_over.lock().entry(user_id).or_default() += 1;
        None
    }

    /// Forgets callers who may have rows again.
    pub fn sweep(&self) {
        self.rows.sweep();
    }
}

/// Whether somebody wanted what they may not, and not what makes no sense or is not there.
fn is_refusal(problem: &Problem) -> bool {
    problem.status == StatusCode::FORBIDDEN || problem.code == "last_owner"
}

/// Writes down that a request was refused, if it was, and to somebody who is known.
pub fn tell(app: &AppState, asker: &Asker, problem: &Problem, origin: Origin, [method, path]: [&str; 2]) {
    let Some(who) = asker.0.get().filter(|_| is_refusal(problem)).cloned() else { return };
    let path: String = path.chars().take(PATH_MAX).collect();
    let detail = json!({ "method": method, "path": path, "code": problem.code, "answer": problem.detail });
    let state = app.clone();
    app.tasks.spawn(async move { logged(write(&state, who, origin, &path, detail).await) });
}

async fn write(app: &AppState, who: Who, origin: Origin, path: &str, mut detail: Value) -> sqlx::Result<()> {
    let scope = match who {
        Who::Caller(scope) => *scope,
        Who::Token(token) => match Caller::of_token(app, &token, origin).await? {
            Some(caller) => caller.own_scope(),
            None => return Ok(()),
        },
    };
    let Some(passed_over) = app.refusals.admit(scope.user_id) else { return Ok(()) };
    detail["passed_over"] = some(passed_over);
    let mut tx = app.db.begin_scoped(&scope).await?;
    let event = AuditEvent { action: "request.refused", target: target(path), detail };
    record_refused(&mut tx, &scope, app.clock.now(), event).await?;
    tx.commit().await
}

/// What the address names: a thing that may not exist.
fn target(path: &str) -> Target<'_> {
    let mut parts = path.split('/').skip(2);
    let kind = parts.next().unwrap_or_default();
    let id = parts.next().and_then(|id| id.parse::<Uuid>().ok());
    Target {
        kind: "request",
        id,
        name: Some(path),
        agent_id: id.filter(|_| kind == "agents").map(AgentId::from_uuid),
        client_id: id.filter(|_| kind == "clients").map(ClientId::from_uuid),
        site_id: id.filter(|_| kind == "sites").map(SiteId::from_uuid),
    }
}

/// Writes down, for each organisation of an account, that somebody gave a wrong password for it.
pub fn tell_login(app: &AppState, organisations: Vec<OrgId>, (user_id, name): (UserId, String), origin: Origin) {
    let state = app.clone();
    app.tasks.spawn(async move {
        let Some(passed_over) = state.refusals.admit(user_id) else { return };
        let detail = json!({ "reason": "password", "passed_over": some(passed_over) });
        for org_id in organisations {
            let target = Target { kind: "user", id: Some(user_id.as_uuid()), name: Some(&name), ..Target::default() };
            let event = AuditEvent { action: "session.refused", target, detail: detail.clone() };
            logged(write_login(&state, org_id, origin, event).await);
        }
    });
}

async fn write_login(app: &AppState, org_id: OrgId, origin: Origin, event: AuditEvent<'_>) -> sqlx::Result<()> {
    let mut tx = app.db.begin_for(org_id).await?;
    record_stranger(&mut tx, org_id, app.clock.now(), (origin.ip, origin.request_id), event).await?;
    tx.commit().await
}

/// Nothing is said of none.
fn some(passed_over: u32) -> Value {
    (passed_over > 0).then_some(passed_over).into()
}

fn logged(written: sqlx::Result<()>) {
    if let Err(error) = written {
        tracing::error!(%error, "what somebody was refused could not be written down");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_limit_is_counted_into_the_next_row() {
        let (refusals, one, other) = (Refusals::default(), UserId::generate(), UserId::generate());
        let rows = (0..PER_MINUTE + 10).filter(|_| refusals.admit(one).is_some()).count();
        assert!((60..=62).contains(&rows), "{rows}");
        assert_eq!(refusals.admit(other), Some(0), "everybody has a limit of their own");
        assert!(*refusals.passed_over.lock().get(&one).unwrap() >= 8);
        let again = Refusals { rows: Limit::per_minute(PER_MINUTE), ..refusals };
        assert!(again.admit(one).unwrap() >= 8);
        assert_eq!(again.admit(one), Some(0));
    }

    #[test]
    fn an_address_names_its_thing() {
        let id = Uuid::now_v7();
        let path = format!("/api/agents/{id}/command");
        assert_eq!((target(&path).id, target(&path).agent_id), (Some(id), Some(AgentId::from_uuid(id))));
        assert_eq!(target("/api/agents/summary").id, None);
        assert_eq!(target("/x").id, None);
    }
}
