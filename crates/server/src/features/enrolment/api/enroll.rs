//! `POST /api/enroll`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use ed25519_dalek::VerifyingKey;
use gururmm_ids::AgentId;
use gururmm_protocol::enroll::{EnrollRequest, EnrollResponse};
use gururmm_protocol::secret;

use crate::app::AppState;
use crate::features::enrolment::db::{self, New};
use crate::features::enrolment::facts::cleaned;
use crate::features::enrolment::sandbox;
use crate::platform::http::origin::Origin;
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Problem};
use crate::platform::live::LiveKind;
use crate::platform::random;

/// Enrol a machine
///
/// Trades a site key for an agent's identity. The agent key in the answer is shown this once. With a key that needs approval the machine waits
/// until somebody lets it in.
#[utoipa::path(post, path = "/enroll", operation_id = "agent_enroll", tag = "enrolment", request_body = EnrollRequest, extensions(("x-permission" = json!("public"))),
    responses((status = 201, body = EnrollResponse), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_enroll(
    State(app): State<AppState>,
    origin: Origin,
    Body(body): Body<EnrollRequest>,
) -> Result<(StatusCode, Json<EnrollResponse>), Problem> {
    app.limits.enroll_by_network.check(origin.network())?;
    VerifyingKey::from_bytes(&body.public_key)
        .ok()
        .filter(|key| !key.is_weak())
        .ok_or_else(|| Problem::field("public_key", "This is no Ed25519 public key."))?;
    let facts = cleaned(body.facts);
    let (agent_id, agent_key) = (AgentId::generate(), secret::agent_key(&random::bytes()));
    let new = New {
        agent_id,
        key_hash: secret::hash(&agent_key),
        device_id: body.device_id,
        public_key: body.public_key,
        sandbox: sandbox::sign(&facts),
        facts,
    };
    let mut tx = app.db.begin_lookup().await?;
    let outcome = match db::enroll(&mut tx, &secret::hash(body.site_key.trim()), &new, origin, app.clock.now()).await {
        Err(error) if violates(&error, "agent_limit") => return Err(full()),
        result => result?,
    };
    // also what was refused: the attempt is counted and told
    tx.commit().await?;
    let awaits_approval = outcome.verdict == "waiting";
    let (Some(org_id), Some(client_name), Some(site_name)) = (outcome.org_id, outcome.client_name, outcome.site_name)
    else {
        tracing::info!(client.ip = %origin.ip, outcome = outcome.verdict, "an enrolment was refused");
        return Err(refused(&outcome.verdict));
    };
    app.live.publish(org_id, LiveKind::AgentChanged { agent_id });
    app.live.publish(org_id, LiveKind::TreeChanged {});
    let server_public_key = app.secrets.signing.verifying_key().to_bytes();
    let server_key_id = app.secrets.key_id.clone();
    Ok((
        StatusCode::CREATED,
        Json(EnrollResponse {
            agent_id,
            agent_key,
            server_public_key,
            server_key_id,
            site_name,
            client_name,
            awaits_approval,
        }),
    ))
}

fn full() -> Problem {
    Problem::forbidden(
        "agent_limit_reached",
        "This organisation has as many machines as it may. Remove one, or ask whoever runs the server to raise the limit.",
    )
}

fn refused(verdict: &str) -> Problem {
    match verdict {
        "revoked" => Problem::forbidden("site_key_revoked", "This site key was revoked. Ask for a new one."),
        "expired" => Problem::forbidden("site_key_expired", "This site key has expired. Ask for a new one."),
        "used_up" => Problem::forbidden(
            "site_key_used_up",
            "This site key has been used as often as it may be. Ask for a new one.",
        ),
        _ => Problem::forbidden(
            "site_key_invalid",
            "This is not a site key of this server. Copy it again from \"Add a machine\".",
        ),
    }
}
