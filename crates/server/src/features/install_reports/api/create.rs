//! `POST /api/install-reports`

use axum::extract::State;
use axum::http::StatusCode;
use gururmm_protocol::enroll::InstallReportRequest;

use crate::app::AppState;
use crate::features::install_reports::db::{self, New};
use crate::features::install_reports::model::{log, message, word};
use crate::platform::http::origin::Origin;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};

/// Tell of an installation that failed
///
/// For installers. It is kept where the site key belongs; texts are cut to what fits, and what looks like a key is left out. The answer is the same whether the site key is
/// known or not.
#[utoipa::path(post, path = "/install-reports", operation_id = "install_report_create", tag = "enrolment",
    request_body = InstallReportRequest, extensions(("x-permission" = json!("public"))),
    responses((status = 202), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn install_report_create(
    State(app): State<AppState>,
    origin: Origin,
    Body(body): Body<InstallReportRequest>,
) -> Result<StatusCode, Problem> {
    app.limits.enroll_by_network.check(origin.network())?;
    let is_hash = body.site_key_hash.len() == 64 && body.site_key_hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hash {
        return Err(Problem::field("site_key_hash", "Give the SHA-256 of the site key as 64 hexadecimal digits."));
    }
    let new = New {
        site_key_hash: body.site_key_hash,
        hostname: word(&body.hostname),
        os: word(&body.os),
        arch: word(&body.arch),
        agent_version: word(&body.agent_version),
        step: word(&body.step),
        message: message(&body.message),
        log: body.log.as_deref().and_then(log),
        ip: origin.ip.to_string(),
    };
    let mut tx = app.db.begin_lookup().await?;
    let is_known = db::insert(&mut tx, &new, app.clock.now()).await?;
    tx.commit().await?;
    tracing::info!(client.ip = %origin.ip, is_known, step = new.step, "an installation failed");
    Ok(StatusCode::ACCEPTED)
}
