//! `POST /api/unenroll`

use axum::extract::State;
use axum::http::StatusCode;
use ed25519_dalek::{Signature, VerifyingKey};
use gururmm_protocol::enroll::UnenrollRequest;
use gururmm_protocol::handshake::unenroll_bytes;
use jiff::SignedDuration;

use crate::app::AppState;
use crate::features::enrolment::db::{self, Agent};
use crate::platform::http::origin::Origin;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};
use crate::platform::live::LiveKind;

/// How far the signature's time may be from ours.
const SIGNED_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// Leave
///
/// An agent says that it is gone for good; signed by its device key. Its record stays until somebody removes it.
#[utoipa::path(post, path = "/unenroll", operation_id = "agent_unenroll", tag = "enrolment", request_body = UnenrollRequest, extensions(("x-permission" = json!("public"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_unenroll(
    State(app): State<AppState>,
    origin: Origin,
    Body(body): Body<UnenrollRequest>,
) -> Result<StatusCode, Problem> {
    app.limits.enroll_by_network.check(origin.network())?;
    let now = app.clock.now();
    let mut tx = app.db.begin_lookup().await?;
    let agent = db::find_agent(&mut tx, body.agent_id).await?.ok_or_else(gone)?;
    let is_fresh = now.duration_since(body.at).abs() <= SIGNED_WITHIN;
    if !is_fresh || !is_signed(&agent, &body) {
        return Err(Problem::forbidden(
            "agent_unknown",
            "The request is not signed by this agent, or its time is more than ten minutes off.",
        ));
    }
    if !db::unenroll(&mut tx, body.agent_id, origin, now).await? {
        return Err(gone());
    }
    tx.commit().await?;
    app.gateway.disconnect_removed(body.agent_id);
    app.gateway.strangers.unknown(body.agent_id);
    app.live.publish(agent.org_id, LiveKind::AgentChanged { agent_id: body.agent_id });
    app.live.publish(agent.org_id, LiveKind::TreeChanged {});
    Ok(StatusCode::NO_CONTENT)
}

fn gone() -> Problem {
    Problem::not_found("agent_not_found", "This server knows no such agent: it was removed already.")
}

fn is_signed(agent: &Agent, body: &UnenrollRequest) -> bool {
    let key =
        <[u8; 32]>::try_from(agent.public_key.as_slice()).ok().and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
    let bytes = unenroll_bytes(body.agent_id, agent.device_id, body.at);
    agent.device_id == body.device_id
        && key.is_some_and(|key| key.verify_strict(&bytes, &Signature::from_bytes(&body.signature)).is_ok())
}
