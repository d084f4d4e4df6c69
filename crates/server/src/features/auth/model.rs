//! Users, sessions and logins.

use axum::http::HeaderMap;
use axum_extra::extract::CookieJar;
use gururmm_ids::{OrgId, SessionId, UserId};
use jiff::SignedDuration;
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::db::{self, OrganisationOption};
use crate::app::AppState;
use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::auth::identity::{CredentialId, Identity};
use crate::platform::auth::stored::StoredGrant;
use crate::platform::auth::{OrgScope, token};
use crate::platform::http::Problem;
use crate::platform::http::origin::Origin;
use crate::platform::time::Time;

const SESSION_FOR: SignedDuration = SignedDuration::from_hours(24);
const EMAIL_MAX: usize = 254;
const USER_AGENT_MAX: usize = 300;

/// A person who logs in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// The address they log in with.
    pub email: String,
    /// When the account was created.
    pub created_at: Time,
}

impl User {
    /// Who somebody is.
    pub(super) fn of(identity: &Identity) -> Self {
        let (id, created_at) = (identity.user_id, identity.user_created_at);
        Self { id, name: identity.user_name.clone(), email: identity.email.clone(), created_at }
    }

    /// The person as the target of an audit event.
    pub(super) fn target(&self) -> Target<'_> {
        Target { kind: "user", id: Some(self.id.as_uuid()), name: Some(&self.name), ..Target::default() }
    }
}

/// A fresh login.
#[derive(Debug, Serialize, ToSchema)]
pub struct Login {
    /// For `Authorization: Bearer`.
    pub token: String,
    /// When it ends.
    pub expires_at: Time,
    /// Who logged in.
    pub user: User,
}

/// A session to be made.
pub(crate) struct NewSession<'a> {
    /// Whose.
    pub(crate) org_id: OrgId,
    /// Who logs in.
    pub(crate) user: User,
    /// From where.
    pub(crate) origin: Origin,
    /// The request's headers, for the browser's name.
    pub(crate) headers: &'a HeaderMap,
    /// The hash of the password that was compared: another one by now opens nothing.
    pub(crate) password_hash: Option<&'a str>,
    /// Its end, when it is not a day from now.
    pub(crate) until: Option<Time>,
}

/// Makes a session in the caller's scoped transaction, with its audit row, and the cookie that carries it.
pub(crate) async fn open_session(
    tx: &mut PgConnection,
    app: &AppState,
    new: NewSession<'_>,
) -> Result<(CookieJar, Login), Problem> {
    let (id, now) = (SessionId::generate(), app.clock.now());
    let expires = match new.until {
        Some(until) => until.0,
        None => now.saturating_add(SESSION_FOR).map_err(Problem::internal)?,
    };
    // what happened to the account since it was looked at counts, and what happens now waits for this
    if !db::hold_account(tx, new.user.id, new.org_id, new.password_hash).await? {
        return Err(Problem::unauthenticated());
    }
    let scope = OrgScope::of_arrival(new.org_id, new.user.id, CredentialId::Session(id), &new.origin);
    let (secret, secret_hash) = token::secret();
    let user_agent = user_agent(new.headers);
    db::insert_session(tx, &scope, id, [Time(now), Time(expires)], user_agent.as_deref(), secret_hash).await?;
    let target = Target { kind: "session", id: Some(id.as_uuid()), ..Target::default() };
    audit::record(tx, &scope, now, AuditEvent { action: "session.opened", target, detail: serde_json::json!({}) })
        .await?;
    let token =
        token::sign(app.secrets.login.reveal(), new.user.id, id, secret, [now, expires]).map_err(Problem::internal)?;
    let jar = CookieJar::new().add(token::cookie(token.clone(), new.origin.is_https));
    Ok((jar, Login { token, expires_at: Time(expires), user: new.user }))
}

/// The organisation that a log-in enters: the one that is asked for, or the one that was entered last. None when it is no member there.
pub(super) fn choose(organisations: &[OrganisationOption], asked: Option<OrgId>) -> Option<OrgId> {
    match asked {
        Some(id) => organisations.iter().map(|option| option.id).find(|option| *option == id),
        None => organisations.iter().max_by_key(|option| option.last_used_at.map(|at| at.0)).map(|option| option.id),
    }
}

/// The audit row of somebody who has become a member.
pub(super) async fn record_joining(
    tx: &mut PgConnection,
    org_id: OrgId,
    user: &User,
    grants: &[StoredGrant],
    origin: &Origin,
    now: Time,
) -> Result<(), Problem> {
    let scope = OrgScope::of_arrival(org_id, user.id, CredentialId::Session(SessionId::generate()), origin);
    let roles: Vec<_> = grants.iter().filter_map(|grant| grant.told().role_name).collect();
    let detail = serde_json::json!({ "email": user.email, "roles": roles.join(", ") });
    let event = AuditEvent { action: "user.joined", target: user.target(), detail };
    Ok(audit::record(tx, &scope, now.0, event).await?)
}

/// The audit row of a session that somebody has ended themselves.
pub(super) async fn record_closing(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: SessionId,
    now: Time,
) -> Result<(), Problem> {
    let target = Target { kind: "session", id: Some(id.as_uuid()), ..Target::default() };
    let event = AuditEvent { action: "session.closed", target, detail: serde_json::json!({}) };
    Ok(audit::record(tx, scope, now.0, event).await?)
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(axum::http::header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(USER_AGENT_MAX).collect())
}

/// An e-mail address as it is stored. Only its shape is checked: whether it works shows when mail is sent.
pub fn validate_email(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    let is_address =
        text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    let is_plain = !text.chars().any(|c| c.is_control() || c.is_whitespace());
    if is_address && is_plain && text.len() <= EMAIL_MAX {
        Ok(text.to_owned())
    } else {
        Err(Problem::field("email", "Give an e-mail address, such as technician@example.com."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        assert_eq!(validate_email(" technician@example.com ").unwrap(), "technician@example.com");
        for wrong in [
            "",
            "technician",
            "@example.com",
            "a@",
            "a@b@c",
            "a b@example.com",
            "a@exa\u{0}mple.com",
            &format!("{}@b", "a".repeat(300)),
        ] {
            assert!(validate_email(wrong).is_err(), "{wrong}");
        }
    }
}
