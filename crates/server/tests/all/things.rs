//! Something for every operation to work on, and how each is called.

use ed25519_dalek::Signer as _;
use gururmm_protocol::enroll::{EnrollRequest, UnenrollRequest};
use gururmm_protocol::facts::{Facts, Hardware};
use gururmm_protocol::secret::hash_hex;
use gururmm_server_testkit::{
    ApiClient, EMAIL, PASSWORD, Person, SimulatedAgent, TestServer, allow, facts, http_client,
};
use serde_json::{Value, json};

use crate::operations::Operation;

/// Machines of one of everything: two that work, one that waits and one that is quarantined.
pub(crate) const MACHINES: i64 = 4;
/// Commands of one of everything: one by itself, one of a run, and two of a run that waits for somebody.
pub(crate) const COMMANDS: usize = 4;

/// One of everything.
pub(crate) struct Things {
    pub(crate) client: Value,
    pub(crate) site: Value,
    pub(crate) site_key: Value,
    pub(crate) agent: SimulatedAgent,
    held: Held,
    pub(crate) command: String,
    runs: Runs,
    scripts: Scripts,
    schedules: Schedules,
    pub(crate) person: Person,
    pub(crate) role: String,
    pub(crate) grant: String,
    pub(crate) invitation: Value,
    pub(crate) api_key: Value,
    pub(crate) custom_field: String,
    pub(crate) saved_view: String,
    /// A session of the owner's, for them to end.
    session: String,
    /// An invitation of another organisation for the owner.
    elsewhere: Elsewhere,
    reset_token: String,
    departure: Value,
    name: String,
}

fn id(created: &Value) -> String {
    created["id"].as_str().unwrap().to_owned()
}

impl Things {
    /// Makes one of everything in a client of its own.
    pub(crate) async fn make(server: &TestServer, admin: &ApiClient, name: &str) -> Self {
        let client = admin.post("/clients", json!({ "name": name })).await.created();
        let site = admin.post("/sites", json!({ "client_id": client["id"], "name": name })).await.created();
        let site_key = admin.post("/site-keys", json!({ "site_id": site["id"], "name": name })).await.created();
        let agent = enrol(server, &site_key, name, name).await;
        let held = Held::make(server, admin, &site, (&site_key, name)).await;
        let command = admin.post(&format!("/agents/{}/command", agent.agent_id), json!({ "command": "id" })).await;
        let runs =
            Runs::make(server, admin, &agent, &enrol(server, &site_key, "second", &format!("{name} second")).await)
                .await;
        let scripts = Scripts::make(server, admin, name).await;
        let schedules = Schedules::make(server, admin, &client, (&scripts.approved, name)).await;
        let role = admin.post("/roles", json!({ "name": name, "permissions": ["agents.view"] })).await.created();
        let person = server.person(&[]).await;
        let grant = json!({ "effect": "allow", "built_in": "viewer" });
        let grant = admin.post(&format!("/users/{}/grants", person.id), grant).await.created();
        let departure = departure(server, &agent);
        let invited = json!({ "email": format!("{}@example.com", client["id"].as_str().unwrap()), "grants": [{ "built_in": "viewer" }] });
        let invitation = admin.post("/invitations", invited).await.created();
        let key = json!({ "name": name, "permissions": ["agents.view"] });
        let api_key = admin.post("/api-keys", key).await.created();
        let custom_field = custom_field(admin, name).await;
        let saved_view = admin.post("/saved-views", json!({ "name": name, "is_shared": true })).await.created();
        let elsewhere = Elsewhere::make(server).await;
        let login = json!({ "email": EMAIL, "password": PASSWORD, "organisation_id": elsewhere.home });
        let login = server.anonymous().post("/auth/login", login).await.ok();
        let session = ApiClient::new(&server.origin, login["token"].as_str().map(str::to_owned));
        let session = id(&session.get("/auth/me").await.ok()["session"]);
        let reset_token = server.reset_link(person.id).await;
        let (command, role, grant) = (id(&command.accepted()), id(&role), id(&grant));
        let saved_view = id(&saved_view);
        let name = name.to_owned();
        Self {
            client,
            site,
            site_key,
            agent,
            held,
            command,
            runs,
            scripts,
            schedules,
            person,
            role,
            grant,
            invitation,
            api_key,
            custom_field,
            saved_view,
            session,
            elsewhere,
            reset_token,
            departure,
            name,
        }
    }

    /// The address of an operation on one of them.
    pub(crate) fn path(&self, operation: &Operation) -> String {
        let path = operation.path.replace("{id}", &self.id_for(operation));
        match operation.id.as_str() {
            "agent_sparklines" => format!("{path}?agent_ids={}", self.agent.agent_id),
            "command_output" => format!("{path}?stream=stdout"),
            "audit_event_export" => format!("{path}?format=csv"),
            _ => path,
        }
    }

    fn id_for(&self, operation: &Operation) -> String {
        let segments: Vec<_> = operation.path.trim_start_matches("/api/").split('/').collect();
        match segments[0] {
            "agents" if ["agent_approve", "agent_reject"].contains(&operation.id.as_str()) => self.held.waiting.clone(),
            "agents" if operation.id == "agent_release" => self.held.quarantined.clone(),
            "findings" => self.held.finding.clone(),
            "agents" => self.agent.agent_id.to_string(),
            "clients" => id(&self.client),
            "sites" => id(&self.site),
            "site-keys" => id(&self.site_key["site_key"]),
            "commands" => self.command.clone(),
            "command-runs" if ["command_run_approve", "command_run_reject"].contains(&operation.id.as_str()) => {
                self.runs.awaiting.clone()
            }
            "command-runs" => self.runs.running.clone(),
            "scripts" if operation.id == "script_approve" => self.scripts.new.clone(),
            "scripts" => self.scripts.approved.clone(),
            "schedules" if operation.id == "schedule_resume" => self.schedules.paused.clone(),
            "schedules" => self.schedules.active.clone(),
            "users" => self.person.id.to_string(),
            "grants" => self.grant.clone(),
            "roles" => self.role.clone(),
            "invitations" => id(&self.invitation["invitation"]),
            "api-keys" => id(&self.api_key["api_key"]),
            "custom-fields" => self.custom_field.clone(),
            "saved-views" => self.saved_view.clone(),
            "platform" => self.elsewhere.org.clone(),
            "auth" if operation.path.contains("{id}") => self.session.clone(),
            _ if !operation.path.contains("{id}") => String::new(),
            other => panic!("say which id {other} takes"),
        }
    }

    /// What is sent with it, for those that take something.
    pub(crate) fn body(&self, operation: &Operation) -> Option<Value> {
        operation.takes_body.then(|| match operation.id.as_str() {
            "auth_login" => json!({ "email": EMAIL, "password": PASSWORD }),
            "site_key_update" => json!({ "max_uses": 7 }),
            "client_create"
            | "client_update"
            | "site_update"
            | "role_update"
            | "auth_update"
            | "organisation_update"
            | "saved_view_update" => {
                json!({ "name": format!("{} renamed", self.name) })
            }
            "site_create" => json!({ "client_id": self.client["id"], "name": "New" }),
            "site_key_create" => json!({ "site_id": self.site["id"], "name": "New" }),
            "audit_retention_update" => json!({ "days": 100 }),
            "history_retention_update" => json!({ "hours_days": 100 }),
            "user_update" => json!({ "status": "suspended" }),
            "grant_create" => json!({ "effect": "allow", "built_in": "technician" }),
            "role_create" => json!({ "name": format!("{} new", self.name), "permissions": ["agents.view"] }),
            "invitation_create" => {
                json!({ "email": format!("{}@example.com", self.command), "grants": [{ "built_in": "viewer" }] })
            }
            "invitation_peek" => json!({ "token": self.invitation["token"] }),
            "auth_register" => {
                json!({ "token": self.invitation["token"], "name": "Technician Four", "password": PASSWORD })
            }
            "auth_accept" => json!({ "token": self.elsewhere.token }),
            "auth_reset" => json!({ "token": self.reset_token, "password": PASSWORD }),
            "auth_password" => json!({ "current_password": PASSWORD, "new_password": PASSWORD }),
            "auth_switch" => json!({ "organisation_id": self.elsewhere.away }),
            "platform_organisation_create" => json!({ "name": "New", "owner_email": "owner@example.com" }),
            "platform_organisation_update" => json!({ "limits": { "agents_max": 10 }, "suspended": true }),
            "api_key_create" => json!({ "name": "New", "permissions": ["agents.view"] }),
            "agent_adopt" => json!({ "agent_id": self.held.waiting }),
            "agent_quarantine" | "agent_revoke_key" => json!({ "reason": "It was stolen." }),
            "install_report_create" => json!({
                "site_key_hash": hash_hex(self.site_key["key"].as_str().unwrap().as_bytes()),
                "hostname": "new", "os": "linux", "step": "download", "message": "It could not be reached."
            }),
            "agent_enroll" => self.enrolment(),
            "agent_unenroll" => self.departure.clone(),
            "agent_update" => json!({ "display_name": "Renamed" }),
            "agent_bulk" => {
                json!({ "ids": [self.agent.agent_id], "action": { "kind": "add_tags", "tags": ["new"] } })
            }
            "custom_field_create" => json!({ "name": format!("{} new", self.command), "kind": "text" }),
            "custom_field_update" => json!({ "name": format!("{} renamed", self.command) }),
            "saved_view_create" => json!({ "name": format!("{} new", self.name) }),
            "command_run" => json!({ "command": "id" }),
            "command_run_create" => {
                json!({ "targets": { "ids": [self.agent.agent_id] }, "what": { "command": "id" } })
            }
            "script_create" => json!({ "name": format!("{} new", self.name), "version": Scripts::version() }),
            "script_import" => json!({ "file_name": format!("{}.sh", self.command), "content": "ZWNobyBoaQo=" }),
            "script_update" => json!({ "description": "Renamed" }),
            "script_version_create" => json!({ "based_on": 1, "version": Scripts::version() }),
            "script_approve" => json!({ "number": 1 }),
            "script_run" | "script_preview" | "command_run_preview" => {
                json!({ "targets": { "ids": [self.agent.agent_id] } })
            }
            "schedule_create" | "schedule_replace" => {
                Schedules::wish(&self.client, &self.scripts.approved, &format!("{} new", self.name))
            }
            "schedule_preview" => json!({ "client_id": self.client["id"], "trigger": { "kind": "enrolment" } }),
            "schedule_approve" => json!({ "digest": self.schedules.digest, "machines_max": 100 }),
            "command_run_rerun" => json!({ "statuses": ["queued"] }),
            "command_run_approve" => json!({ "digest": self.runs.digest }),
            "command_run_reject" => json!({ "reason": "Not today." }),
            "command_stop_all" => json!({ "reason": "A wrong script." }),
            "setup_complete" => json!({ "token": "none", "name": "Nobody", "email": EMAIL, "password": PASSWORD }),
            other => panic!("say what is sent to {other}"),
        })
    }

    fn enrolment(&self) -> Value {
        let public_key = ed25519_dalek::SigningKey::from_bytes(&[5; 32]).verifying_key().to_bytes();
        let site_key = self.site_key["key"].as_str().unwrap().to_owned();
        let device_id = gururmm_ids::DeviceId::generate();
        serde_json::to_value(EnrollRequest { site_key, device_id, public_key, facts: facts("new") }).unwrap()
    }
}

/// Enrols a machine on hardware of this name.
async fn enrol(server: &TestServer, key: &Value, hostname: &str, hardware: &str) -> SimulatedAgent {
    let serial = Some(format!("EX-{hardware}-{}", hash_hex(hardware.as_bytes())));
    let facts = Facts { hardware: Some(Hardware { serial, ..Hardware::default() }), ..facts(hostname) };
    let key = key["key"].as_str().unwrap();
    SimulatedAgent::enrol_with(&http_client().unwrap(), &server.origin, key, facts).await.unwrap()
}

/// Runs of commands.
struct Runs {
    running: String,
    /// Somebody else than the owner has asked for it.
    awaiting: String,
    /// Of that one.
    digest: String,
}

impl Runs {
    async fn make(server: &TestServer, admin: &ApiClient, first: &SimulatedAgent, second: &SimulatedAgent) -> Self {
        let body = |agents: &[&SimulatedAgent]| {
            let ids: Vec<_> = agents.iter().map(|agent| agent.agent_id).collect();
            json!({ "targets": { "ids": ids }, "what": { "command": "id" } })
        };
        let running = id(&admin.post("/command-runs", body(&[first])).await.accepted());
        let asker = server.person(&[allow("technician")]).await;
        admin.patch("/organisation", json!({ "approval_threshold": 1 })).await.ok();
        let awaiting = id(&asker.post("/command-runs", body(&[first, second])).await.accepted());
        admin.patch("/organisation", json!({ "approval_threshold": 25 })).await.ok();
        let digest = asker.get(&format!("/command-runs/{awaiting}")).await.ok()["digest"].as_str().unwrap().to_owned();
        Self { running, awaiting, digest }
    }
}

/// Scripts that somebody else than the owner has written: one whose version is approved, and a new one.
struct Scripts {
    approved: String,
    new: String,
}

impl Scripts {
    fn version() -> Value {
        json!({ "text": "echo hello", "interpreter": "sh", "platforms": ["linux"] })
    }

    async fn make(server: &TestServer, admin: &ApiClient, name: &str) -> Self {
        let author = server.person(&[allow("technician")]).await;
        let script = async |suffix| {
            let body = json!({ "name": format!("{name} {suffix}"), "version": Self::version() });
            id(&author.post("/scripts", body).await.created())
        };
        let (approved, new) = (script("approved").await, script("unapproved").await);
        admin.post(&format!("/scripts/{approved}/approve"), json!({ "number": 1 })).await.ok();
        Self { approved, new }
    }
}

/// Schedules of the client that somebody else than the owner has made: one that works, and one that is paused.
struct Schedules {
    active: String,
    paused: String,
    /// Of the one that works.
    digest: String,
}

impl Schedules {
    fn wish(client: &Value, script: &str, name: &str) -> Value {
        json!({
            "name": name,
            "client_id": client["id"],
            "trigger": { "kind": "cron", "timing": "30 2 * * *" },
            "targets": { "filter": {} },
            "script_id": script,
        })
    }

    async fn make(server: &TestServer, admin: &ApiClient, client: &Value, (script, name): (&str, &str)) -> Self {
        let author = server.person(&[allow("technician")]).await;
        let active = author.post("/schedules", Self::wish(client, script, name)).await.created();
        let paused = author.post("/schedules", Self::wish(client, script, &format!("{name} paused"))).await.created();
        let (active, paused) = (id(&active), id(&paused));
        admin.post(&format!("/schedules/{paused}/pause"), json!({})).await.ok();
        let digest = admin.get(&format!("/schedules/{active}")).await.ok()["digest"].as_str().unwrap().to_owned();
        Self { active, paused, digest }
    }
}

/// What has to be so that an operation does something.
pub(crate) async fn prepare(admin: &ApiClient, operation: &Operation) {
    if operation.id == "command_start_again" {
        admin.post("/commands/stop-all", json!({ "reason": "A wrong script." })).await.ok();
    }
}

/// Takes back what would keep the next operation from its work.
pub(crate) async fn undo(admin: &ApiClient, operation: &Operation) {
    if operation.id == "command_stop_all" {
        admin.post("/commands/start-again", json!({})).await;
    }
}

/// Machines that may not work.
struct Held {
    waiting: String,
    quarantined: String,
    /// About the one that waits.
    finding: String,
}

impl Held {
    /// The one that waits has the hardware of the one that works: it could be that one, installed anew.
    async fn make(server: &TestServer, admin: &ApiClient, site: &Value, (key, hardware): (&Value, &str)) -> Self {
        let quarantined = enrol(server, key, "copied", "another").await.agent_id.to_string();
        admin.post(&format!("/agents/{quarantined}/quarantine"), json!({})).await.ok();
        let key = json!({ "site_id": site["id"], "name": "By appointment", "needs_approval": true });
        let key = admin.post("/site-keys", key).await.created();
        let waiting = enrol(server, &key, "cuckoo", hardware).await.agent_id.to_string();
        let findings = admin.get(&format!("/findings?agent_id={waiting}")).await.ok();
        Self { finding: id(&findings["items"][0]), waiting, quarantined }
    }
}

/// A field of the organisation's: one that is there, since there are not as many as of other things.
async fn custom_field(admin: &ApiClient, name: &str) -> String {
    let fields = admin.get("/custom-fields").await.ok();
    match fields["items"].as_array().unwrap().first() {
        Some(field) => id(field),
        None => id(&admin.post("/custom-fields", json!({ "name": name, "kind": "text" })).await.created()),
    }
}

/// An organisation that the owner is invited to, one that they are a member of, and the one where they are.
struct Elsewhere {
    org: String,
    token: String,
    away: String,
    home: String,
}

impl Elsewhere {
    async fn make(server: &TestServer) -> Self {
        let (org, away) = (gururmm_ids::OrgId::generate(), gururmm_ids::OrgId::generate());
        let token = gururmm_ids::InvitationId::generate().to_string();
        let statements = format!(
            "insert into organisations values ('{org}', 'Elsewhere', now()), ('{away}', 'Away', now());
             insert into memberships select '{away}', id, 'active', now(), now() from users where email = '{EMAIL}';
             insert into invitations (id, org_id, email, token_hash, grants, created_at, expires_at)
                 values (gen_random_uuid(), '{org}', '{EMAIL}', sha256('{token}'), '[{{\"built_in\": \"viewer\"}}, {{\"built_in\": \"owner\"}}]', now(), now() + interval '1 day')"
        );
        let mut owner = server.db.connect("gururmm_owner").await;
        sqlx::Executor::execute(&mut owner, sqlx::AssertSqlSafe(statements)).await.unwrap();
        let home = sqlx::query_scalar("select org_id::text from setup_state").fetch_one(&mut owner).await.unwrap();
        Self { org: org.to_string(), token, away: away.to_string(), home }
    }
}

pub(crate) fn departure(server: &TestServer, agent: &SimulatedAgent) -> Value {
    let at = server.app().clock.now();
    let bytes = gururmm_protocol::handshake::unenroll_bytes(agent.agent_id, agent.device_id, at);
    let signature = agent.key.sign(&bytes).to_bytes();
    serde_json::to_value(UnenrollRequest { agent_id: agent.agent_id, device_id: agent.device_id, at, signature })
        .unwrap()
}
