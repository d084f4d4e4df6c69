//! SQL of the table `agent_tags`.

use gururmm_ids::{AgentId, ClientId, SiteId};
use sqlx::PgConnection;

use super::model::{Tag, Tags};
use crate::platform::auth::OrgScope;

/// Tags that are listed at once.
pub(super) const LISTED_MAX: i64 = 200;

/// The tags in use that contain the text: the most used, by name.
pub(super) async fn in_use(tx: &mut PgConnection, scope: &OrgScope, text: Option<&str>) -> sqlx::Result<Vec<Tag>> {
    sqlx::query_as!(
        Tag,
        r#"select tag as "tag!", agent_count as "agent_count!"
           from (select key, min(tag) as tag, count(*) as agent_count from agent_tags
                     where org_id = $1 and ($2::text is null or position(lower($2) in key) > 0)
                     group by key order by count(*) desc, key limit $3) t
           order by key"#,
        scope.org_id as _,
        text,
        LISTED_MAX,
    )
    .fetch_all(tx)
    .await
}

/// Gives a machine, which is at this place, these tags and no others.
pub async fn set(
    tx: &mut PgConnection,
    scope: &OrgScope,
    agent_id: AgentId,
    (client_id, site_id): (ClientId, SiteId),
    tags: &Tags,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from agent_tags where org_id = $1 and agent_id = $2 and tag <> all ($3)",
        scope.org_id as _,
        agent_id as _,
        &tags.0,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into agent_tags (org_id, client_id, site_id, agent_id, tag) select $1, $2, $3, $4, tag from unnest($5::text[]) tag
         on conflict do nothing",
        scope.org_id as _,
        client_id as _,
        site_id as _,
        agent_id as _,
        &tags.0,
    )
    .execute(tx)
    .await
    .map(drop)
}
