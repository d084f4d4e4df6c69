//! `POST /api/auth/register`

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum_extra::extract::CookieJar;
use gururmm_ids::UserId;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::auth::db::links::{Acceptor, accept};
use crate::features::auth::links;
use crate::features::auth::model::{Login, NewSession, User, open_session, record_joining};
use crate::platform::auth::password;
use crate::platform::http::origin::Origin;
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Problem};
use crate::platform::live::LiveKind;
use crate::platform::secret::Secret;
use crate::platform::time::Time;
use crate::platform::validate::name;

#[derive(Deserialize, ToSchema)]
#[schema(as = RegisterRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// What stands in the link of the invitation.
    #[schema(value_type = String)]
    token: Secret<String>,
    /// Your name.
    name: String,
    /// At least 12 characters.
    #[schema(value_type = String)]
    password: Secret<String>,
}

/// Make an account by an invitation
///
/// The only way to make one. The account is of the address that was invited; whoever has one logs in and accepts instead. Answers a login.
#[utoipa::path(post, path = "/auth/register", operation_id = "auth_register", tag = "auth", request_body = Request,
    extensions(("x-permission" = json!("public"))),
    responses((status = 201, body = Login), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn auth_register(
    State(app): State<AppState>,
    origin: Origin,
    headers: HeaderMap,
    Body(body): Body<Request>,
) -> Result<(StatusCode, CookieJar, Json<Login>), Problem> {
    app.limits.link_by_network.check(origin.network())?;
    let now = Time(app.clock.now());
    let name = name("name", &body.name)?;
    password::check("password", body.password.reveal())?;
    let token_hash = links::token_hash(body.token.reveal());
    let invitation = {
        let mut lookup = app.db.begin_lookup().await?;
        links::open_invitation(&mut lookup, &token_hash, now).await?
    };
    if invitation.has_account {
        return Err(account_exists());
    }
    let hash = password::hash(body.password).await.map_err(Problem::internal)?;
    let user = User { id: UserId::generate(), name, email: invitation.email, created_at: now };
    let mut tx = app.db.begin_for(invitation.org_id).await?;
    // hashing took its time: what the inviter may give is asked again
    links::open_invitation(&mut tx, &token_hash, now).await?;
    let acceptor = Acceptor::New { id: user.id, name: &user.name, password_hash: &hash };
    match accept(&mut tx, &token_hash, acceptor, now).await {
        Ok(true) => {}
        // used or revoked in this moment
        Ok(false) => return Err(links::not_found()),
        Err(error) if violates(&error, "users_email") => return Err(account_exists()),
        Err(error) if violates(&error, "user_limit") => return Err(links::full()),
        Err(error) if links::is_void(&error) => return Err(links::void()),
        Err(error) => return Err(error.into()),
    }
    record_joining(&mut tx, invitation.org_id, &user, &invitation.grants, &origin, now).await?;
    let new =
        NewSession { org_id: invitation.org_id, user, origin, headers: &headers, password_hash: None, until: None };
    let (jar, login) = open_session(&mut tx, &app, new).await?;
    tx.commit().await?;
    app.live.publish(invitation.org_id, LiveKind::UsersChanged {});
    Ok((StatusCode::CREATED, jar, Json(login)))
}

fn account_exists() -> Problem {
    Problem::conflict("account_exists", "This address has an account. Log in with it, then accept the invitation.")
}
