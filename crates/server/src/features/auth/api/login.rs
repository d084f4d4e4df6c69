//! `POST /api/auth/login`

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum_extra::extract::CookieJar;
use gururmm_ids::OrgId;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::auth::db;
use crate::features::auth::model::{self, Login, NewSession, User, open_session};
use crate::platform::audit::refused;
use crate::platform::auth::password;
use crate::platform::http::origin::Origin;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};
use crate::platform::secret::Secret;

#[derive(Deserialize, ToSchema)]
#[schema(as = LoginRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// The account's e-mail address.
    email: String,
    /// Its password.
    #[schema(value_type = String)]
    password: Secret<String>,
    /// Which of its organisations to enter; the one entered last unless told.
    organisation_id: Option<OrgId>,
}

/// Log in
///
/// Answers a token and sets it as the dashboard's cookie. A wrong address and a wrong password are told apart by nothing, not even time.
#[utoipa::path(post, path = "/auth/login", operation_id = "auth_login", tag = "auth", request_body = Request, extensions(("x-permission" = json!("public"))),
    responses((status = 200, body = Login), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn auth_login(
    State(app): State<AppState>,
    origin: Origin,
    headers: HeaderMap,
    Body(body): Body<Request>,
) -> Result<(CookieJar, Json<Login>), Problem> {
    // the limits' key; the database folds the case of what it compares itself
    let email = body.email.trim().to_lowercase();
    app.limits.login_by_network.check(origin.network())?;
    app.limits.login_by_account_and_network.check((&email, origin.network()))?;
    let crowd = app.limits.login_by_account.check(&email);
    if body.email.contains('\0') || body.password.reveal().len() > password::LENGTH_MAX {
        return Err(failed());
    }
    let account = {
        let mut lookup = app.db.begin_lookup().await?;
        db::find_account(&mut lookup, body.email.trim(), origin.network()).await?
    };
    // its owner is not locked out by others who guess
    if let Err(too_many) = crowd
        && !account.as_ref().is_some_and(|account| account.is_known_here)
    {
        return Err(too_many);
    }
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let is_right = password::verify(body.password, hash).await.map_err(Problem::internal)?;
    if let Some(account) = account.as_ref().filter(|_| !is_right) {
        let organisations = account.organisations.iter().map(|option| option.id).collect();
        refused::tell_login(&app, organisations, (account.id, account.name.clone()), origin);
    }
    let entered = account.filter(|_| is_right).and_then(|account| {
        model::choose(&account.organisations, body.organisation_id).map(|org_id| (account, org_id))
    });
    let Some((account, org_id)) = entered else {
        tracing::info!(client.ip = %origin.ip, "a login failed");
        return Err(failed());
    };
    let user = User { id: account.id, name: account.name, email: account.email, created_at: account.created_at };
    let password_hash = Some(account.password_hash.as_str());
    let mut tx = app.db.begin_for(org_id).await?;
    let new = NewSession { org_id, user, origin, headers: &headers, password_hash, until: None };
    let (jar, login) = open_session(&mut tx, &app, new).await?;
    tx.commit().await?;
    Ok((jar, Json(login)))
}

fn failed() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "login_failed", "The e-mail address or the password is wrong.")
}
