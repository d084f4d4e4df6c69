//! What the server's console does for people, as the owner of the database: so that a locked-out owner is helped. Each act is a row in the
//! audit log of every organisation that it touches, told as the server's own doing.

use gururmm_ids::{GrantId, InvitationId, OrgId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};

use crate::features::auth::link_token;
use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::auth::role::BuiltInRole;
use crate::platform::time::Time;

/// For so long a link for a new password works.
const RESET_FOR: SignedDuration = SignedDuration::from_hours(1);
/// For so long an invitation works.
const INVITED_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Somebody with an account.
#[derive(Debug, Serialize)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// The address they log in with.
    pub email: String,
    /// When the account was closed; it opens nothing since.
    pub disabled_at: Option<Time>,
    /// Whether they are an operator of the platform.
    pub is_operator: bool,
    /// The organisations they are members of, with their status there and the built-in roles they have in the whole of it.
    pub organisations: Value,
}

/// Everybody, or the members of one organisation, by address.
pub async fn list(owner: &mut PgConnection, org: Option<OrgId>) -> sqlx::Result<Vec<Person>> {
    sqlx::query_as!(
        Person,
        r#"select u.id as "id: UserId", u.name, u.email, u.disabled_at as "disabled_at: Time",
                  exists (select from platform_operators p where p.user_id = u.id) as "is_operator!",
                  (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name, 'status', m.status, 'roles',
                              (select coalesce(jsonb_agg(g.built_in), '[]') from grants g where g.org_id = m.org_id and g.user_id = m.user_id
                                   and g.built_in is not null and g.client_id is null and g.effect = 'allow')) order by o.name), '[]')
                       from memberships m join organisations o on o.id = m.org_id
                       where m.user_id = u.id and m.status <> 'removed') as "organisations!"
           from users u
           where $1::uuid is null or exists (select from memberships m where m.user_id = u.id and m.org_id = $1 and m.status <> 'removed')
           order by lower(u.email)"#,
        org as _,
    )
    .fetch_all(owner)
    .await
}

/// Who has this address.
async fn find(owner: &mut PgConnection, email: &str) -> anyhow::Result<(UserId, String)> {
    let row =
        sqlx::query!(r#"select id as "id: UserId", name from users where lower(email) = lower($1)"#, email.trim())
            .fetch_optional(owner)
            .await?;
    row.map(|row| (row.id, row.name)).ok_or_else(|| anyhow::anyhow!("nobody has an account of the address {email}"))
}

/// The row in every organisation that somebody is a member of.
async fn tell(
    owner: &mut PgConnection,
    (id, name): &(UserId, String),
    action: &'static str,
    detail: Value,
    now: Timestamp,
) -> sqlx::Result<()> {
    let orgs = sqlx::query_scalar!(
        r#"select org_id as "org_id: OrgId" from memberships where user_id = $1 and status <> 'removed'"#,
        *id as _
    )
    .fetch_all(&mut *owner)
    .await?;
    for org in orgs {
        let target = Target { kind: "user", id: Some(id.as_uuid()), name: Some(name), ..Target::default() };
        audit::record_own(owner, org, now, AuditEvent { action, target, detail: detail.clone() }).await?;
    }
    Ok(())
}

/// A link by which somebody sets their password anew: its token.
pub async fn reset_link(owner: &mut PgConnection, email: &str, now: Timestamp) -> anyhow::Result<String> {
    let mut tx = owner.begin().await?;
    let person = find(&mut tx, email).await?;
    let (token, hash) = link_token("grmm_reset_");
    sqlx::query!(
        "insert into auth_resets (token_hash, user_id, created_at, expires_at) values ($1, $2, $3, $4)",
        &hash[..],
        person.0 as _,
        Time(now) as _,
        Time(now.saturating_add(RESET_FOR)?) as _,
    )
    .execute(&mut *tx)
    .await?;
    tell(&mut tx, &person, "user.reset_link_made", json!({}), now).await?;
    tx.commit().await?;
    Ok(token)
}

/// A link by which somebody becomes a member with a built-in role: its token.
pub async fn invite(
    owner: &mut PgConnection,
    org: OrgId,
    email: &str,
    role: BuiltInRole,
    now: Timestamp,
) -> anyhow::Result<String> {
    let email =
        crate::features::auth::validate_email(email).map_err(|problem| anyhow::anyhow!("{}", problem.detail))?;
    let mut tx = owner.begin().await?;
    let is_there = sqlx::query_scalar!(r#"select exists(select from organisations where id = $1) as "is!""#, org as _);
    anyhow::ensure!(
        is_there.fetch_one(&mut *tx).await?,
        "there is no organisation {org}: see `gururmm-server org list`"
    );
    let (token, hash) = link_token("grmm_invite_");
    sqlx::query!(
        "update invitations set revoked_at = $3
         where org_id = $1 and lower(email) = lower($2) and accepted_at is null and revoked_at is null",
        org as _,
        email,
        Time(now) as _,
    )
    .execute(&mut *tx)
    .await?;
    let id = InvitationId::generate();
    sqlx::query!(
        "insert into invitations (id, org_id, email, token_hash, grants, created_at, expires_at)
         values ($1, $2, $3, $4, jsonb_build_array(jsonb_build_object('built_in', $5::text)), $6, $7)",
        id as _,
        org as _,
        email,
        &hash[..],
        role.as_str(),
        Time(now) as _,
        Time(now.saturating_add(INVITED_FOR)?) as _,
    )
    .execute(&mut *tx)
    .await?;
    let target = Target { kind: "invitation", id: Some(id.as_uuid()), name: Some(&email), ..Target::default() };
    let detail = json!({ "grants": [{ "built_in": role, "role_name": role.title() }] });
    audit::record_own(&mut tx, org, now, AuditEvent { action: "invitation.created", target, detail }).await?;
    tx.commit().await?;
    Ok(token)
}

/// Ends every session of somebody; says how many there were.
pub async fn sign_out(owner: &mut PgConnection, email: &str, now: Timestamp) -> anyhow::Result<u64> {
    let mut tx = owner.begin().await?;
    let person = find(&mut tx, email).await?;
    let ended = end_sessions(&mut tx, person.0, now).await?;
    tell(&mut tx, &person, "user.signed_out", json!({ "sessions_ended": ended }), now).await?;
    tx.commit().await?;
    Ok(ended)
}

async fn end_sessions(owner: &mut PgConnection, id: UserId, now: Timestamp) -> sqlx::Result<u64> {
    let ended = sqlx::query!(
        "update auth_sessions set revoked_at = $2 where user_id = $1 and revoked_at is null and expires_at > $2",
        id as _,
        Time(now) as _
    );
    Ok(ended.execute(owner).await?.rows_affected())
}

/// Closes an account, or opens it again. A closed one logs in nowhere, and its API keys do nothing.
pub async fn set_disabled(owner: &mut PgConnection, email: &str, disabled: bool, now: Timestamp) -> anyhow::Result<()> {
    let mut tx = owner.begin().await?;
    let person = find(&mut tx, email).await?;
    if disabled && is_only_owner(&mut tx, person.0).await? {
        anyhow::bail!("{email} is the only owner of an organisation: make somebody else an owner there first");
    }
    sqlx::query!(
        "update users set disabled_at = case when $2 then coalesce(disabled_at, $3) end, updated_at = $3 where id = $1",
        person.0 as _,
        disabled,
        Time(now) as _,
    )
    .execute(&mut *tx)
    .await?;
    if disabled {
        end_sessions(&mut tx, person.0, now).await?;
    }
    let action = if disabled { "user.disabled" } else { "user.enabled" };
    tell(&mut tx, &person, action, json!({}), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether an organisation has no other owner who can log in.
async fn is_only_owner(owner: &mut PgConnection, id: UserId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from grants g where g.user_id = $1 and g.built_in = 'owner'
               and not exists (select from grants o join memberships m on m.org_id = o.org_id and m.user_id = o.user_id
                                   join users u on u.id = o.user_id
                                   where o.org_id = g.org_id and o.built_in = 'owner' and o.user_id <> $1 and m.status = 'active'
                                     and u.disabled_at is null)) as "is!""#,
        id as _,
    )
    .fetch_one(owner)
    .await
}

/// Makes somebody an owner of an organisation that they are a member of, whatever was denied to them there; opens their account again.
pub async fn make_owner(owner: &mut PgConnection, org: OrgId, email: &str, now: Timestamp) -> anyhow::Result<()> {
    let mut tx = owner.begin().await?;
    let person = find(&mut tx, email).await?;
    let member = sqlx::query!(
        "update memberships set status = 'active', updated_at = $3 where org_id = $1 and user_id = $2 and status <> 'removed'",
        org as _,
        person.0 as _,
        Time(now) as _,
    );
    let is_member = member.execute(&mut *tx).await?.rows_affected() == 1;
    sqlx::query!("update users set disabled_at = null where id = $1", person.0 as _).execute(&mut *tx).await?;
    anyhow::ensure!(is_member, "{email} is no member of that organisation: invite them as an owner instead");
    sqlx::query!("delete from grants where org_id = $1 and user_id = $2 and effect = 'deny'", org as _, person.0 as _)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "insert into grants (id, org_id, user_id, effect, built_in, created_at) values ($1, $2, $3, 'allow', 'owner', $4) on conflict do nothing",
        GrantId::generate() as _,
        org as _,
        person.0 as _,
        Time(now) as _,
    )
    .execute(&mut *tx)
    .await?;
    let target = Target { kind: "user", id: Some(person.0.as_uuid()), name: Some(&person.1), ..Target::default() };
    let detail = json!({ "grant": { "effect": "allow", "role": "Owner", "place": "the whole organisation" } });
    audit::record_own(&mut tx, org, now, AuditEvent { action: "grant.created", target, detail }).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes somebody an operator of the platform, or takes that away.
pub async fn set_operator(
    owner: &mut PgConnection,
    email: &str,
    is_operator: bool,
    now: Timestamp,
) -> anyhow::Result<()> {
    let mut tx = owner.begin().await?;
    let person = find(&mut tx, email).await?;
    if is_operator {
        sqlx::query!(
            "insert into platform_operators (user_id, created_at) values ($1, $2) on conflict do nothing",
            person.0 as _,
            Time(now) as _
        )
        .execute(&mut *tx)
        .await?;
    } else {
        sqlx::query!("delete from platform_operators where user_id = $1", person.0 as _).execute(&mut *tx).await?;
    }
    let action = if is_operator { "operator.made" } else { "operator.unmade" };
    tell(&mut tx, &person, action, json!({}), now).await?;
    tx.commit().await?;
    Ok(())
}
