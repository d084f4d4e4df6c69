//! `POST /api/enroll`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use ed25519_dalek::VerifyingKey;
use gururmm_ids::{AgentId, AuditEventId, OrgId};
use gururmm_protocol::enroll::{EnrollRequest, EnrollResponse};
use gururmm_protocol::secret;
use sqlx::types::Json as SqlJson;

use crate::app::AppState;
use crate::features::enrolment::facts::cleaned;
use crate::platform::http::origin::Origin;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};
use crate::platform::live::LiveKind;
use crate::platform::random;
use crate::platform::time::Time;

struct Outcome {
    verdict: String,
    org_id: Option<OrgId>,
    client_name: Option<String>,
    site_name: Option<String>,
}

/// Enrol a machine
///
/// Trades a site key for an agent's identity. The agent key in the answer is shown this once.
#[utoipa::path(post, path = "/enroll", operation_id = "agent_enroll", tag = "enrolment", request_body = serde_json::Value,
    responses((status = 201, body = serde_json::Value), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_enroll(
    State(app): State<AppState>,
    origin: Origin,
    Body(body): Body<EnrollRequest>,
) -> Result<(StatusCode, Json<EnrollResponse>), Problem> {
    app.limits.enroll_by_ip.check(origin.ip)?;
    VerifyingKey::from_bytes(&body.public_key)
        .ok()
        .filter(|key| !key.is_weak())
        .ok_or_else(|| Problem::field("public_key", "This is no Ed25519 public key."))?;
    let agent_id = AgentId::generate();
    let agent_key = secret::agent_key(&random::bytes());
    let outcome = enroll(&app, origin, &body, agent_id, &agent_key).await?;
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
        Json(EnrollResponse { agent_id, agent_key, server_public_key, server_key_id, site_name, client_name }),
    ))
}

async fn enroll(
    app: &AppState,
    origin: Origin,
    body: &EnrollRequest,
    agent_id: AgentId,
    agent_key: &str,
) -> Result<Outcome, Problem> {
    let facts = cleaned(body.facts.clone());
    let mut tx = app.db.begin_lookup().await?;
    let outcome = sqlx::query_as!(
        Outcome,
        r#"select outcome as "verdict!", org_id as "org_id: OrgId", client_name, site_name
           from enrolment_enroll($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::text::inet, $16, $17)"#,
        &secret::hash(body.site_key.trim())[..],
        agent_id as _,
        body.device_id as _,
        &body.public_key[..],
        &secret::hash(agent_key)[..],
        facts.hostname,
        facts.os.as_str(),
        facts.os_name,
        facts.os_version,
        facts.kernel_version,
        facts.arch,
        facts.agent_version,
        SqlJson(&facts.capabilities) as _,
        Time(app.clock.now()) as _,
        origin.ip.to_string(),
        AuditEventId::generate() as _,
        origin.request_id as _,
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(outcome)
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
