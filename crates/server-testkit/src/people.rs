//! People of the first organisation, with the grants that a test wants: made by SQL, so that a test of what somebody may do does not
//! rest on how people are made.

use gururmm_ids::{GrantId, SessionId, UserId};
use gururmm_server::platform::auth::token;
use jiff::SignedDuration;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor as _};

use crate::api::ApiClient;
use crate::server::TestServer;

/// A grant that somebody is to have.
#[derive(Clone, Debug)]
pub struct GrantOf {
    effect: &'static str,
    role: Role,
    client_id: Option<String>,
    site_id: Option<String>,
}

#[derive(Clone, Debug)]
enum Role {
    BuiltIn(&'static str),
    /// A role of these permissions, made for it.
    Own(Vec<String>),
}

/// A built-in role, or a permission by its name, that is given.
pub fn allow(role: &'static str) -> GrantOf {
    GrantOf { effect: "allow", role: Role::named(role), client_id: None, site_id: None }
}

/// The same, denied.
pub fn deny(role: &'static str) -> GrantOf {
    GrantOf { effect: "deny", ..allow(role) }
}

impl Role {
    fn named(name: &'static str) -> Self {
        if name.contains('.') { Self::Own(name.split(' ').map(str::to_owned).collect()) } else { Self::BuiltIn(name) }
    }
}

impl GrantOf {
    /// On this client.
    #[must_use]
    pub fn on_client(self, client: &Value) -> Self {
        Self { client_id: text(&client["id"]), ..self }
    }

    /// On this site.
    #[must_use]
    pub fn on_site(self, site: &Value) -> Self {
        Self { client_id: text(&site["client_id"]), site_id: text(&site["id"]), ..self }
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// A person and their session.
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// Their session's id.
    pub session_id: SessionId,
    /// Their client.
    pub api: ApiClient,
}

impl std::ops::Deref for Person {
    type Target = ApiClient;

    fn deref(&self) -> &ApiClient {
        &self.api
    }
}

impl TestServer {
    /// A person of the first organisation with these grants, who is signed in.
    pub async fn person(&self, grants: &[GrantOf]) -> Person {
        let (id, session_id) = (UserId::generate(), SessionId::generate());
        let (session_secret, _) = token::secret();
        let org = "(select org_id from setup_state)";
        let mut statements = format!(
            "insert into users (id, email, name, password_hash, created_at, updated_at)
                 values ('{id}', 'person.{id}@example.com', 'Technician Three', '-', now(), now());
             insert into memberships values ({org}, '{id}', 'active', now(), now());
             insert into auth_sessions (id, org_id, user_id, created_at, expires_at, secret_hash)
                 values ('{session_id}', {org}, '{id}', now(), now() + interval '1 day', sha256('{session_secret}'));"
        );
        for grant in grants {
            statements.push_str(&grant.statements(id));
        }
        let mut owner = self.db.connect("gururmm_owner").await;
        owner.execute(AssertSqlSafe(statements)).await.expect("the person moves in");
        let now = self.app().clock.now();
        let expires = now.saturating_add(SignedDuration::from_hours(24)).expect("a day from now");
        let token = token::sign(&self.app().secrets.login, id, session_id, session_secret, [now, expires]);
        Person { id, session_id, api: ApiClient::new(&self.origin, Some(token.expect("a token"))) }
    }
}

impl TestServer {
    /// The token of a link for a new password, as the console makes them.
    pub async fn reset_link(&self, user: UserId) -> String {
        let token = SessionId::generate().to_string();
        let statement = format!(
            "insert into auth_resets (token_hash, user_id, created_at, expires_at)
                 values (sha256('{token}'), '{user}', now(), now() + interval '1 hour')"
        );
        let mut owner = self.db.connect("gururmm_owner").await;
        owner.execute(AssertSqlSafe(statement)).await.expect("the link is made");
        token
    }
}

impl GrantOf {
    fn statements(&self, user: UserId) -> String {
        let id = GrantId::generate();
        let org = "(select org_id from setup_state)";
        let quoted = |value: &Option<String>| value.as_ref().map_or("null".to_owned(), |id| format!("'{id}'"));
        let (client, site, effect) = (quoted(&self.client_id), quoted(&self.site_id), self.effect);
        let (role, built_in, role_id) = match &self.role {
            Role::BuiltIn(name) => (String::new(), format!("'{name}'"), "null".to_owned()),
            Role::Own(permissions) => {
                let set = permissions.join(",");
                let made = format!(
                    "insert into roles (id, org_id, name, permissions, created_at, updated_at)
                         values ('{id}', {org}, 'Role {id}', '{{{set}}}', now(), now());"
                );
                (made, "null".to_owned(), format!("'{id}'"))
            }
        };
        format!(
            "{role} insert into grants (id, org_id, user_id, effect, built_in, role_id, client_id, site_id, created_at)
                 values ('{id}', {org}, '{user}', '{effect}', {built_in}, {role_id}, {client}, {site}, now());"
        )
    }
}
