//! The server's state, and the table of contents of the product.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::Router;
use axum::extract::FromRef;
use gururmm_clock::SharedClock;
use gururmm_ids::{OrgId, UserId};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use crate::config::Config;
use crate::features;
use crate::features::command_runs::TouchedRuns;
use crate::gateway::Gateway;
use crate::ingest::IngestQueue;
use crate::platform::audit::Checkpoints;
use crate::platform::audit::refused::Refusals;
use crate::platform::auth::identity::IdentityCache;
use crate::platform::auth::keys_used::KeysUsed;
use crate::platform::auth::streams::Streams;
use crate::platform::db::Db;
use crate::platform::http::hosts::Hosts;
use crate::platform::http::routes::{Operations, operations, refusals_are_problems};
use crate::platform::http::{Problem, headers};
use crate::platform::live::{Live, LiveKind};
use crate::platform::outgoing::Outgoing;
use crate::platform::rate_limit::RateLimits;
use crate::platform::secrets::ServerSecrets;

/// What every handler can reach. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

/// The parts of [`AppState`].
pub struct Inner {
    /// The configuration in force.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: SharedClock,
    /// The server's own keys.
    pub secrets: ServerSecrets,
    /// Who was seen lately.
    pub identities: IdentityCache,
    /// API keys used lately.
    pub keys_used: KeysUsed,
    /// Streams that sessions keep open.
    pub streams: Streams,
    /// Whether the set-up was seen closed: it never opens again.
    pub setup_closed: OnceLock<()>,
    /// Limits of attempts.
    pub limits: RateLimits,
    /// The names by which the server may be called.
    pub hosts: Hosts,
    /// Requests to addresses that users configure.
    pub outgoing: Outgoing,
    /// What callers were refused, as far as the audit log tells it.
    pub refusals: Refusals,
    /// Where the audit log is signed.
    pub checkpoints: Arc<Checkpoints>,
    /// Live events.
    pub live: Live,
    /// Runs of commands that have gone on.
    pub touched_runs: TouchedRuns,
    /// Connected agents.
    pub gateway: Gateway,
    /// Records on their way into the database.
    pub ingest: IngestQueue,
    /// Cancelled when the server begins to stop: streams end, no new work is taken.
    pub stopping: CancellationToken,
    /// Everything that must end before the server does.
    pub tasks: TaskTracker,
    /// When this process began to serve.
    pub started: Instant,
}

impl AppState {
    /// Wraps the parts.
    pub fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// What somebody may do was changed here: their sessions are asked anew, and whoever looks hears of it.
    pub fn access_changed(&self, org_id: OrgId, user_id: UserId) {
        self.identities.forget_person(user_id);
        self.live.publish(org_id, LiveKind::AccessChanged { user_id });
        self.live.publish(org_id, LiveKind::UsersChanged {});
    }

    /// A role was changed here: the same for whoever may have it.
    pub fn role_changed(&self, org_id: OrgId) {
        self.identities.forget_organisation(org_id);
        self.live.publish(org_id, LiveKind::RoleChanged {});
        self.live.publish(org_id, LiveKind::UsersChanged {});
    }
}

impl std::ops::Deref for AppState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl FromRef<AppState> for Arc<Inner> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.0)
    }
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "GuruRMM", description = "Remote monitoring and management. Log in at `/api/auth/login` and send the token as `Authorization: Bearer`."),
    components(schemas(crate::platform::http::problem::ProblemBody)),
    modifiers(&Security)
)]
struct ApiDocument;

struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, openapi: &mut OpenApi) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        openapi.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// Every operation of the API: one line per feature.
fn api() -> Operations {
    operations()
        .merge(features::setup::operations())
        .merge(features::auth::operations())
        .merge(features::users::operations())
        .merge(features::roles::operations())
        .merge(features::invitations::operations())
        .merge(features::api_keys::operations())
        .merge(features::organisations::operations())
        .merge(features::clients::operations())
        .merge(features::sites::operations())
        .merge(features::site_keys::operations())
        .merge(features::enrolment::operations())
        .merge(features::findings::operations())
        .merge(features::install_reports::operations())
        .merge(features::agents::operations())
        .merge(features::tags::operations())
        .merge(features::custom_fields::operations())
        .merge(features::saved_views::operations())
        .merge(features::metrics::operations())
        .merge(features::history::operations())
        .merge(features::network::operations())
        .merge(features::commands::operations())
        .merge(features::command_runs::operations())
        .merge(features::scripts::operations())
        .merge(features::schedules::operations())
        .merge(features::audit::operations())
        .merge(features::events::operations())
}

/// The OpenAPI document.
pub fn openapi() -> OpenApi {
    document().1
}

fn document() -> (Router<AppState>, OpenApi) {
    let (router, mut document) = Operations::with_openapi(ApiDocument::openapi()).nest("/api", api()).split_for_parts();
    refusals_are_problems(&mut document);
    (router, document)
}

/// The whole server as a router.
pub fn router(app: &AppState) -> Router {
    let (api, document) = document();
    let router = api
        .merge(features::docs::routes(&document))
        .merge(features::health::routes())
        .merge(features::downloads::routes())
        .merge(crate::gateway::routes())
        .merge(features::dashboard::routes())
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() });
    headers::finish(router, app).with_state(app.clone())
}

/// What `metrics_listen` answers.
pub fn metrics_router(app: &AppState) -> Router {
    let router =
        features::health::metrics_routes().method_not_allowed_fallback(|| async { Problem::method_not_allowed() });
    headers::finish(router, app).with_state(app.clone())
}
