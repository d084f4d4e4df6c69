//! `POST /api/auth/switch`

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum_extra::extract::CookieJar;
use gururmm_ids::OrgId;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::auth::db::{self, own};
use crate::features::auth::model::{Login, NewSession, User, open_session, record_closing};
use crate::platform::auth::Caller;
use crate::platform::http::origin::Origin;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = OrganisationSwitch)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// One of the organisations that one is a member of.
    organisation_id: OrgId,
}

/// Look at another organisation
///
/// Opens a session there and ends this one: a session sees one organisation. Answers a login, and sets it as the dashboard's cookie.
#[utoipa::path(post, path = "/auth/switch", operation_id = "auth_switch", tag = "auth", request_body = Request, security(("bearer" = [])),
    extensions(("x-permission" = json!("own"))),
    responses((status = 200, body = Login), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn auth_switch(
    State(app): State<AppState>,
    caller: Caller,
    origin: Origin,
    headers: HeaderMap,
    Body(body): Body<Request>,
) -> Result<(CookieJar, Json<Login>), Problem> {
    let (claimed, scope) = (caller.person()?, caller.own_scope());
    let now = Time(app.clock.now());
    let options = own::organisations(&mut *app.db.begin_lookup().await?, claimed, now).await?;
    if !options.iter().any(|option| option.id == body.organisation_id) {
        return Err(Problem::not_found("organisation_not_found", "You are a member of no such organisation."));
    }
    if body.organisation_id == scope.org_id {
        return Err(Problem::field("organisation_id", "You are there already."));
    }
    let user = User::of(&caller.identity);
    let mut tx = app.db.begin_for(body.organisation_id).await?;
    // the end of this one is the end of the next: nobody stays signed in by going to and fro
    let until = Some(caller.identity.expires_at);
    let new = NewSession { org_id: body.organisation_id, user, origin, headers: &headers, password_hash: None, until };
    let (jar, login) = open_session(&mut tx, &app, new).await?;
    if own::end_sessions(&mut tx, claimed, Some(claimed.session_id), now).await? == 0 {
        return Err(Problem::unauthenticated());
    }
    db::enter(&mut tx, scope.org_id).await?;
    record_closing(&mut tx, &scope, claimed.session_id, now).await?;
    tx.commit().await?;
    app.identities.forget_person(scope.user_id);
    Ok((jar, Json(login)))
}
