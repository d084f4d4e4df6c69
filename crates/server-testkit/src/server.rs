//! A server for one test.

use std::num::NonZeroU32;
use std::sync::Arc;

use gururmm_clock::TestClock;
use gururmm_ids::{ClientId, OrgId, RoleId, SessionId, SiteId, SiteKeyId, UserId};
use gururmm_protocol::secret;
use gururmm_server::config::Config;
use gururmm_server::lifecycle::Server;
use gururmm_server::platform::auth::token;
use jiff::SignedDuration;
use serde_json::json;
use tempfile::TempDir;

use crate::api::ApiClient;
use crate::database::TestDb;
use gururmm_simulator::SimulatedAgent;

/// The owner's address in tests.
pub const EMAIL: &str = "technician.one@example.com";
/// The owner's password in tests.
pub const PASSWORD: &str = "correct horse battery staple";

/// A running server on a port of its own, with a database of its own.
pub struct TestServer {
    /// The server itself.
    pub server: Option<Server>,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// Its database.
    pub db: TestDb,
    /// Its origin.
    pub origin: String,
    /// What the console would say.
    pub setup_token: String,
    /// The one-use key of the first start.
    pub local_site_key: String,
    /// What it was started with.
    pub config: Config,
    _data_dir: TempDir,
}

impl TestServer {
    /// Starts on an empty, migrated database.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts with another configuration.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let db = TestDb::create().await.expect("a database for the test");
        let data_dir = tempfile::tempdir().expect("a folder for the test");
        let mut config = config(&db, &data_dir);
        change(&mut config);
        let clock = TestClock::starting_now();
        let server = Server::start(config.clone(), clock.clone()).await.expect("the server starts");
        let origin = format!("http://{}", server.address);
        let setup_token = server.first_start.setup_token.clone().unwrap_or_default();
        let local_site_key = server.first_start.local_site_key.clone().unwrap_or_default();
        Self { server: Some(server), clock, db, origin, setup_token, local_site_key, config, _data_dir: data_dir }
    }

    /// Where it listens.
    pub fn address(&self) -> std::net::SocketAddr {
        self.server.as_ref().expect("the server runs").address
    }

    /// The server's state.
    pub fn app(&self) -> &gururmm_server::app::AppState {
        &self.server.as_ref().expect("the server runs").app
    }

    /// Stops the server and starts it again on the same database and port.
    pub async fn restart(&mut self) {
        let server = self.server.take().expect("the server runs");
        let address = server.address;
        server.stop().await;
        let config = Config { listen: address, ..self.config.clone() };
        self.server = Some(Server::start(config, self.clock.clone()).await.expect("the server starts again"));
    }

    /// Nobody: a client without token.
    pub fn anonymous(&self) -> ApiClient {
        ApiClient::new(&self.origin, None)
    }

    /// Completes the set-up and logs its owner in, who may do everything.
    pub async fn administrator(&self) -> ApiClient {
        let body = json!({ "token": self.setup_token, "name": "Technician One", "email": EMAIL, "password": PASSWORD });
        let login = self.anonymous().post("/setup", body).await.created();
        ApiClient::new(&self.origin, login["token"].as_str().map(str::to_owned))
    }

    /// Enrols a simulated agent with a fresh key of the first site.
    pub async fn enrol(&self, admin: &ApiClient, hostname: &str) -> SimulatedAgent {
        let sites = admin.get("/sites").await.ok();
        let key =
            admin.post("/site-keys", json!({ "site_id": sites["items"][0]["id"], "name": hostname })).await.created();
        SimulatedAgent::enrol(&self.origin, key["key"].as_str().expect("a key"), hostname)
            .await
            .expect("the machine enrols")
    }

    /// A second organisation, made by SQL as no request can: its owner and the ids of what it owns.
    pub async fn stranger(&self) -> Stranger {
        let (org_id, user_id, session_id) = (OrgId::generate(), UserId::generate(), SessionId::generate());
        let (session_secret, _) = token::secret();
        let stranger = Stranger {
            org_id,
            user_id,
            role_id: RoleId::generate(),
            client_id: ClientId::generate(),
            site_id: SiteId::generate(),
            site_key_id: SiteKeyId::generate(),
            site_key: secret::site_key(&[9; 32], &self.app().secrets.fingerprint()),
            token: {
                let now = self.app().clock.now();
                let expires = now.saturating_add(SignedDuration::from_hours(24)).expect("a day from now");
                token::sign(&self.app().secrets.login, user_id, session_id, session_secret.clone(), [now, expires])
                    .expect("a token")
            },
        };
        let statements = format!(
            "insert into organisations values ('{org_id}', 'Stranger', now());
             insert into users (id, email, name, password_hash, created_at, updated_at)
                 values ('{user_id}', 'stranger@example.com', 'Technician Two', '-', now(), now());
             insert into memberships values ('{org_id}', '{user_id}', 'active', now(), now());
             insert into grants (id, org_id, user_id, effect, built_in, created_at)
                 values (gen_random_uuid(), '{org_id}', '{user_id}', 'allow', 'owner', now());
             insert into roles (id, org_id, name, permissions, created_at, updated_at)
                 values ('{role}', '{org_id}', 'Stranger role', '{{agents.view}}', now(), now());
             insert into auth_sessions (id, org_id, user_id, created_at, expires_at, secret_hash)
                 values ('{session_id}', '{org_id}', '{user_id}', now(), now() + interval '1 day', sha256('{session_secret}'));
             insert into clients values ('{client}', '{org_id}', 'Stranger client', 'corporate', now(), now());
             insert into sites values ('{site}', '{org_id}', '{client}', 'Stranger site', now(), now());
             insert into site_keys (id, org_id, client_id, site_id, name, prefix, key_hash, created_at)
                 values ('{key}', '{org_id}', '{client}', '{site}', 'Stranger key', 'grmm_site_', '\\x{hash}', now());",
            role = stranger.role_id,
            client = stranger.client_id,
            site = stranger.site_id,
            key = stranger.site_key_id,
            hash = secret::hash_hex(stranger.site_key.as_bytes()),
        );
        let mut owner = self.db.connect("gururmm_owner").await;
        sqlx::Executor::execute(&mut owner, sqlx::AssertSqlSafe(statements)).await.expect("the stranger moves in");
        stranger
    }

    /// A client for the second organisation.
    pub fn client_of(&self, stranger: &Stranger) -> ApiClient {
        ApiClient::new(&self.origin, Some(stranger.token.clone()))
    }

    /// Stops the server.
    pub async fn stop(mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
    }
}

/// A second organisation and what it owns.
pub struct Stranger {
    /// The organisation.
    pub org_id: OrgId,
    /// Its owner.
    pub user_id: UserId,
    /// Its role.
    pub role_id: RoleId,
    /// Its client.
    pub client_id: ClientId,
    /// Its site.
    pub site_id: SiteId,
    /// The id of its site key.
    pub site_key_id: SiteKeyId,
    /// Its site key.
    pub site_key: String,
    /// Its owner's token.
    pub token: String,
}

fn config(db: &TestDb, data_dir: &TempDir) -> Config {
    let urls = db.urls();
    let many = NonZeroU32::new(100_000).expect("a constant");
    let mut config = Config {
        listen: ([127, 0, 0, 1], 0).into(),
        data_dir: data_dir.path().to_owned(),
        database_url: Some(urls.owner),
        database_app_url: urls.app,
        database_ingest_url: urls.ingest,
        ..Config::built_in()
    };
    config.rate_limits.login_per_minute = many;
    config.rate_limits.login_per_account_per_minute = many;
    config.rate_limits.login_per_account_per_hour = many;
    config.rate_limits.enroll_per_minute = many;
    config
}
