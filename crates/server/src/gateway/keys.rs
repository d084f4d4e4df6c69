//! Another key for an agent, while it works.
//!
//! The server offers a key and keeps its hash beside that of the one before; the agent stores it and says so; then the one before is good no
//! more. Whoever is cut off in between connects with whichever it has. Until an agent has taken its key it is offered one at each arrival.

use gururmm_ids::AgentId;
use gururmm_protocol::secret;

use super::registry::Connection;
use crate::app::AppState;
use crate::platform::live::LiveKind;
use crate::platform::random;
use crate::platform::time::Time;

/// Offers a key to an agent that is connected; `comes` says that it has come just now, with the key before.
pub(super) async fn offer(app: &AppState, connection: &Connection, comes: bool) -> sqlx::Result<()> {
    // of two that want to offer one at the same time, one does: the agent must not store what the other has replaced
    let Some(offering) = connection.begin_offer() else { return Ok(()) };
    let agent_key = secret::agent_key(&random::bytes());
    let mut tx = app.db.begin_ingest().await?;
    let is_wanted = sqlx::query_scalar!(
        r#"select gateway_offer_key($1, $2, $3, $4) as "offered!""#,
        connection.agent_id as _,
        connection.id,
        &secret::hash(&agent_key)[..],
        comes,
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    if is_wanted {
        connection.offer_key(agent_key, &app.secrets.signing);
        offering.stands();
    }
    Ok(())
}

/// Offers a key to an agent, if it is connected. When it is not, it is offered one when it comes.
pub async fn rotate(app: &AppState, agent_id: AgentId) -> sqlx::Result<()> {
    match app.gateway.find(agent_id) {
        Some(connection) => offer(app, &connection, false).await,
        None => Ok(()),
    }
}

/// An agent says that it has stored the key of this hash.
pub(super) async fn taken(app: &AppState, connection: &Connection, key_hash: &[u8; 32]) -> sqlx::Result<()> {
    let mut tx = app.db.begin_ingest().await?;
    let is_offered = sqlx::query_scalar!(
        r#"select gateway_key_taken($1, $2, $3) as "taken!""#,
        connection.agent_id as _,
        &key_hash[..],
        Time(app.clock.now()) as _,
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    if is_offered {
        connection.end_offer();
        app.live.publish(connection.org_id, LiveKind::AgentChanged { agent_id: connection.agent_id });
    }
    Ok(())
}
