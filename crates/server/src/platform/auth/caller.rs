//! The caller: a person with a session (by bearer token or cookie) or a program with an API key, and the scope that their grants give them.
//!
//! The cookie is SameSite=Strict, and besides that a request with the cookie, whatever it asks for, must come from our own pages
//! (`Sec-Fetch-Site`, else `Origin` against `Host`, else `X-GuruRMM`).

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, header};
use axum_extra::extract::CookieJar;
use gururmm_ids::{OrgId, RequestId, ScheduleId, UserId};
use gururmm_protocol::secret;
use serde_json::{Map, Value};

use super::access::{Access, Place};
use super::identity::{CredentialId, Identity, Proof};
use super::permission::{Level, Permission};
use super::reach::Reach;
use super::token::{self, Claimed};
use crate::app::AppState;
use crate::platform::audit::refused::Asker;
use crate::platform::http::Problem;
use crate::platform::http::origin::Origin;
use crate::platform::http::places;

/// What our pages send.
const OUR_PAGES: HeaderName = HeaderName::from_static("x-gururmm");

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who they are.
    pub identity: Arc<Identity>,
    origin: Origin,
}

/// The right to see and change some of one organisation's rows, and who has it. Only [`Caller`] hands one out.
#[derive(Clone, Debug)]
pub struct OrgScope {
    /// The organisation.
    pub org_id: OrgId,
    /// The person.
    pub user_id: UserId,
    /// By what they have proven who they are.
    pub credential: CredentialId,
    /// Their address.
    pub ip: IpAddr,
    /// The request.
    pub request_id: RequestId,
    /// Whose rows are seen.
    pub see: Reach,
    /// Whose rows may be changed.
    pub act: Reach,
    /// What was asked for.
    pub permission: Option<Permission>,
}

impl Caller {
    /// The caller's scope, if they have the permission anywhere: it sees what the permission works on, and changes it where the
    /// permission is given. Ask [`OrgScope::at`] once it is known where that is.
    pub fn require(&self, permission: Permission) -> Result<OrgScope, Problem> {
        let access = &self.identity.access;
        let (see, act) = (access.reach(permission.sees()), access.reach(permission));
        let is_held = match permission.level() {
            Level::Organisation => act.contains(Place::Organisation),
            Level::Place => !act.is_empty(),
        };
        if !is_held {
            return Err(refused(permission));
        }
        let act = if permission.is_view() { Reach::default() } else { act };
        Ok(OrgScope { see, act, permission: Some(permission), ..self.own_scope() })
    }

    /// Whose a session's token is, while it holds.
    pub async fn of_token(app: &AppState, token: &str, origin: Origin) -> sqlx::Result<Option<Self>> {
        let Some(claimed) = token::verify(app.secrets.login.reveal(), token) else { return Ok(None) };
        let identity = app.identities.find(&app.db, Proof::Session(claimed), app.clock.now()).await?;
        Ok(identity.map(|identity| Self { identity, origin }))
    }

    /// Whether they still have shown a proof that holds, and it gives what it gave.
    pub async fn still_holds(&self, app: &AppState) -> sqlx::Result<bool> {
        let identity = app.identities.again(&app.db, &self.identity, app.clock.now()).await?;
        Ok(identity.is_some_and(|identity| identity.grants == self.identity.grants))
    }

    /// The scope for the caller's own affairs (their session, their name), which need no permission and see nothing else.
    pub fn own_scope(&self) -> OrgScope {
        OrgScope::of_arrival(self.identity.org_id, self.identity.user_id, self.identity.credential(), &self.origin)
    }

    /// The scope for the caller's own affairs, with the places that they see: to name where they may do what.
    pub fn scope_to_look_around(&self) -> OrgScope {
        OrgScope { see: self.identity.access.reach(Permission::ClientsView), ..self.own_scope() }
    }

    /// The session of a person: keys have no account.
    pub fn person(&self) -> Result<Claimed, Problem> {
        match self.identity.proof {
            Proof::Session(claimed) => Ok(claimed),
            Proof::ApiKey(_) => {
                Err(Problem::forbidden("session_required", "This is for people who are signed in, not for API keys."))
            }
        }
    }

    /// What the caller may do.
    pub fn access(&self) -> &Access {
        &self.identity.access
    }
}

impl OrgScope {
    /// The scope of somebody who is just becoming known: it reaches nothing. For log-ins, which are how one gets a [`Caller`].
    pub(crate) fn of_arrival(org_id: OrgId, user_id: UserId, credential: CredentialId, origin: &Origin) -> Self {
        let (see, act) = (Reach::default(), Reach::default());
        Self { org_id, user_id, credential, ip: origin.ip, request_id: origin.request_id, see, act, permission: None }
    }

    /// The scope in which a schedule does, within its place, what whoever made it may do now.
    pub(crate) fn of_schedule(
        (org_id, user_id): (OrgId, UserId),
        id: ScheduleId,
        access: &Access,
        (permission, place): (Permission, Place),
    ) -> Self {
        let reach = |permission| access.reach(permission).within(&[place]);
        Self {
            org_id,
            user_id,
            credential: CredentialId::Schedule(id),
            ip: Ipv4Addr::UNSPECIFIED.into(),
            request_id: RequestId::generate(),
            see: reach(permission.sees()),
            act: reach(permission),
            permission: Some(permission),
        }
    }

    /// The same, for what lies within a place alone.
    #[must_use]
    pub(crate) fn within(self, place: Place) -> Self {
        Self { see: self.see.within(&[place]), act: self.act.within(&[place]), ..self }
    }

    /// The address of whoever asks, if somebody does.
    pub fn address(&self) -> Option<String> {
        match self.credential {
            CredentialId::Schedule(_) => None,
            CredentialId::Session(_) | CredentialId::ApiKey(_) => Some(self.ip.to_string()),
        }
    }

    /// Whether what was asked for is allowed at this place, where something was found.
    pub fn at(&self, place: Place) -> Result<(), Problem> {
        let reach = if self.permission.is_some_and(Permission::is_view) { &self.see } else { &self.act };
        match self.permission {
            Some(permission) if !reach.contains(place) => Err(refused(permission)),
            _ => Ok(()),
        }
    }

    /// Refuses who may not do it everywhere in this place.
    pub fn at_all_of(&self, place: Place) -> Result<(), Problem> {
        match self.permission {
            Some(permission) if !self.act.contains_whole(place) => Err(refused(permission)),
            _ => Ok(()),
        }
    }

    /// What a scoped transaction tells row-level security, by name.
    pub fn settings(&self) -> Map<String, Value> {
        let mut settings = Map::new();
        settings.insert("org".to_owned(), self.org_id.to_string().into());
        settings.insert("user".to_owned(), self.user_id.to_string().into());
        match self.credential {
            CredentialId::Session(id) => settings.insert("session".to_owned(), id.to_string().into()),
            CredentialId::ApiKey(id) => settings.insert("api_key".to_owned(), id.to_string().into()),
            CredentialId::Schedule(id) => settings.insert("schedule".to_owned(), id.to_string().into()),
        };
        self.see.settings("see", &mut settings);
        self.act.settings("act", &mut settings);
        settings
    }
}

fn refused(permission: Permission) -> Problem {
    Problem::forbidden(
        "forbidden",
        format!("This needs the permission {}, which you do not have here.", permission.as_str()),
    )
}

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    AppState: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let app = AppState::from_ref(state);
        let Ok(origin) = Origin::from_request_parts(parts, state).await;
        let token = match bearer(&parts.headers) {
            Some(token) => token.to_owned(),
            None => cookie_token(parts, origin.is_https)?.ok_or_else(Problem::unauthenticated)?,
        };
        let proof = if is_api_key(&token) {
            let proof = Proof::ApiKey(secret::hash(&token));
            if !app.identities.knows(proof) {
                app.limits.key_by_network.check(origin.network())?;
            }
            proof
        } else {
            Proof::Session(token::verify(app.secrets.login.reveal(), &token).ok_or_else(Problem::unauthenticated)?)
        };
        let identity = app.identities.find(&app.db, proof, app.clock.now()).await?;
        let identity = identity.ok_or_else(Problem::unauthenticated)?;
        let caller = Self { identity: identity.clone(), origin };
        Asker::of(&parts.extensions).is_caller(caller.own_scope());
        check_network(&identity, origin.ip)?;
        if let (Some(key), CredentialId::ApiKey(_)) = (&identity.key, identity.credential()) {
            app.keys_used.note(key.id, origin.ip);
        }
        if let Some(place) = parts.extensions.get::<places::Place>() {
            place.settle();
        }
        parts.extensions.insert(identity);
        Ok(caller)
    }
}

/// How API keys begin.
pub const API_KEY_PREFIX: &str = "grmm_key_";

fn is_api_key(token: &str) -> bool {
    token.starts_with(API_KEY_PREFIX)
}

/// An API key works from its networks only.
fn check_network(identity: &Identity, ip: IpAddr) -> Result<(), Problem> {
    let networks = identity.key.as_ref().map_or(&[][..], |key| &key.networks[..]);
    let ip = ip.to_canonical();
    if networks.is_empty() || networks.iter().any(|network| network.contains(&ip)) {
        return Ok(());
    }
    Err(Problem::forbidden("key_network", "This API key may not be used from your address."))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn cookie_token(parts: &Parts, is_https: bool) -> Result<Option<String>, Problem> {
    let jar = CookieJar::from_headers(&parts.headers);
    let Some(cookie) = jar.get(token::cookie_name(is_https)) else { return Ok(None) };
    if is_from_our_pages(&parts.method, &parts.headers) {
        return Ok(Some(cookie.value().to_owned()));
    }
    Asker::of(&parts.extensions).has_token(cookie.value());
    Err(Problem::forbidden(
        "cross_origin",
        "Another site made this request with your session; it was refused. Scripts use a bearer token.",
    ))
}

/// Whether a browser says that the request comes from our own pages, or from nobody but its user who typed an address.
///
/// Every way has its answer, and none is the absence of something: browsers tell the site of the asker where the connection is one
/// they trust (TLS, this machine); elsewhere they tell the origin of what changes something, and our pages send a header of their own,
/// which another site's page may not send without being allowed to.
fn is_from_our_pages(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin" || (site == "none" && method.is_safe());
    }
    match (text(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, origin_host)| origin_host.eq_ignore_ascii_case(host))
        }
        (Some(_), None) => false,
        (None, _) => text(OUR_PAGES).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_our_own_pages_may_use_the_cookie() {
        let ours = [("origin", "http://localhost:3001"), ("host", "localhost:3001")];
        for method in [Method::GET, Method::POST] {
            let is_ours = |pairs: &[(&'static str, &str)]| is_from_our_pages(&method, &headers(pairs));
            assert!(is_ours(&[("sec-fetch-site", "same-origin")]) && is_ours(&ours));
            assert!(is_ours(&[("host", "localhost:3001"), ("x-gururmm", "1")]));
            for refused in [
                &[][..],
                &[("host", "localhost:3001")],
                &[("sec-fetch-site", "cross-site"), ours[0], ours[1], ("x-gururmm", "1")],
                &[("sec-fetch-site", "same-site"), ("x-gururmm", "1")],
                &[("sec-fetch-site", "")],
                &[("origin", "https://example.com"), ours[1], ("x-gururmm", "1")],
                &[("origin", "https://localhost:3001.example.com"), ours[1]],
                &[("origin", "http://localhost:3002"), ours[1]],
                &[("origin", "null"), ours[1], ("x-gururmm", "1")],
                &[("origin", "*"), ours[1]],
                &[("origin", ""), ours[1], ("x-gururmm", "1")],
                &[ours[0]],
            ] {
                assert!(!is_ours(refused), "{method} {refused:?}");
            }
        }
        let typed = headers(&[("sec-fetch-site", "none")]);
        assert!(is_from_our_pages(&Method::GET, &typed) && !is_from_our_pages(&Method::POST, &typed));
    }
}
