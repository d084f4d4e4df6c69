//! `POST /api/setup`

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum_extra::extract::CookieJar;
use gururmm_ids::{SessionId, UserId};
use gururmm_protocol::secret;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::auth::{Login, NewSession, User, open_session, validate_email};
use crate::features::setup::names::{self, Names};
use crate::features::setup::{Refusal, db};
use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::auth::identity::CredentialId;
use crate::platform::auth::{OrgScope, password};
use crate::platform::http::origin::Origin;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};
use crate::platform::secret::Secret;
use crate::platform::time::Time;
use crate::platform::validate::name;

#[derive(Deserialize, ToSchema)]
#[schema(as = SetupRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// The one-time token that the server printed.
    #[schema(value_type = String)]
    token: Secret<String>,
    /// Your name.
    name: String,
    /// The address you will log in with.
    email: String,
    /// At least 12 characters.
    #[schema(value_type = String)]
    password: Secret<String>,
    /// What your company is called.
    organisation: Option<String>,
    /// What the first client is called, "My organisation" unless told.
    client: Option<String>,
    /// What the first client's site is called, "Main office" unless told.
    site: Option<String>,
}

/// Make the first owner
///
/// Works once, with the token that the server printed on its console. Names the organisation, the client and the site that
/// the first start made. Answers a login.
#[utoipa::path(post, path = "/setup", operation_id = "setup_complete", tag = "setup", request_body = Request, extensions(("x-permission" = json!("public"))),
    responses((status = 201, body = Login), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn setup_complete(
    State(app): State<AppState>,
    origin: Origin,
    headers: HeaderMap,
    Body(body): Body<Request>,
) -> Result<(StatusCode, CookieJar, Json<Login>), Problem> {
    app.limits.setup_by_network.check(origin.network())?;
    let now = app.clock.now();
    let name = name("name", &body.name)?;
    let email = validate_email(&body.email)?;
    password::check("password", body.password.reveal())?;
    let names = Names::parse(body.organisation.as_deref(), body.client.as_deref(), body.site.as_deref())?;
    let token_hash = secret::hash(body.token.reveal().trim());
    refuse(db::peek(&mut *app.db.begin_lookup().await?, &token_hash).await?)?;
    let hash = password::hash(body.password).await.map_err(Problem::internal)?;
    let user = User { id: UserId::generate(), name, email, created_at: Time(now) };
    let mut tx = app.db.begin_lookup().await?;
    refuse(db::complete(&mut tx, &token_hash, &user, &hash).await?)?;
    let place = db::enter_organisation(&mut tx).await?;
    let org_id = place.org;
    let scope = OrgScope::of_arrival(org_id, user.id, CredentialId::Session(SessionId::generate()), &origin);
    let target = Target { kind: "user", id: Some(user.id.as_uuid()), name: Some(&user.name), ..Target::default() };
    let event = AuditEvent { action: "setup.completed", target, detail: json!({ "email": user.email }) };
    audit::record(&mut tx, &scope, now, event).await?;
    names::give(&mut tx, &scope, place, &names, now).await?;
    let (jar, login) = open_session(
        &mut tx,
        &app,
        NewSession { org_id, user, origin, headers: &headers, password_hash: None, until: None },
    )
    .await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, jar, Json(login)))
}

fn refuse(refusal: Option<Refusal>) -> Result<(), Problem> {
    match refusal {
        None => Ok(()),
        Some(Refusal::Closed) => {
            Err(Problem::conflict("setup_closed", "The set-up has been completed. Log in instead."))
        }
        Some(Refusal::WrongToken) => Err(Problem::forbidden(
            "setup_token_wrong",
            "This is not the set-up token. The server prints it when it starts; the newest one counts.",
        )),
    }
}
