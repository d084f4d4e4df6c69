//! `POST /api/auth/reset`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::auth::db::links::reset_password;
use crate::features::auth::links;
use crate::platform::auth::password;
use crate::platform::http::origin::Origin;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = PasswordReset)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// What stands in the link.
    token: String,
    /// The new password, at least 12 characters.
    password: String,
}

/// Set a password anew
///
/// By a link that the server's console made (`gururmm-server user reset-password`). Every session of the account ends.
#[utoipa::path(post, path = "/auth/reset", operation_id = "auth_reset", tag = "auth", request_body = Request,
    extensions(("x-permission" = json!("public"))), responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn auth_reset(
    State(app): State<AppState>,
    origin: Origin,
    Body(body): Body<Request>,
) -> Result<StatusCode, Problem> {
    app.limits.link_by_network.check(origin.network())?;
    password::check("password", &body.password)?;
    let token_hash = links::token_hash(&body.token);
    // hashing is dear: only for who has a link
    if !links::is_reset(&mut *app.db.begin_lookup().await?, &token_hash, Time(app.clock.now())).await? {
        return Err(not_found());
    }
    let hash = password::hash(body.password).await.map_err(Problem::internal)?;
    let mut tx = app.db.begin_lookup().await?;
    if !reset_password(&mut tx, &token_hash, &hash, &origin, Time(app.clock.now())).await? {
        return Err(not_found());
    }
    tx.commit().await?;
    app.identities.forget_all();
    Ok(StatusCode::NO_CONTENT)
}

fn not_found() -> Problem {
    Problem::not_found("reset_not_found", "This link does not work: it was used or is too old. Ask for a new one.")
}
