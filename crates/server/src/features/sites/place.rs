//! The place that a client and a site name, as they are asked for.

use gururmm_ids::{ClientId, SiteId};
use sqlx::PgConnection;

use super::db::client_of;
use crate::features::clients;
use crate::platform::auth::{OrgScope, Place};
use crate::platform::http::Problem;

/// The place that these name: a site, a client, or with neither the organisation. A site may stand alone.
pub(crate) async fn place_of(
    tx: &mut PgConnection,
    scope: &OrgScope,
    (client, site): (Option<ClientId>, Option<SiteId>),
) -> Result<Place, Problem> {
    match (client, site) {
        (None, None) => Ok(Place::Organisation),
        (Some(client), None) if clients::exists(tx, scope, client).await? => Ok(Place::Client(client)),
        (Some(_), None) => Err(no_such_client()),
        (client, Some(site)) => {
            let of = client_of(tx, scope, site).await?.ok_or_else(no_such_site)?;
            if client.is_some_and(|asked| asked != of) { Err(no_such_site()) } else { Ok(Place::Site(of, site)) }
        }
    }
}

/// What is asked for names no site.
pub(crate) fn no_such_site() -> Problem {
    Problem::field("site_id", "There is no such site.")
}

/// What is asked for names no client.
pub(crate) fn no_such_client() -> Problem {
    Problem::field("client_id", "There is no such client.")
}
