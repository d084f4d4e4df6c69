//! `gururmm-server org …`

use clap::{Args, Subcommand};
use gururmm_ids::OrgId;
use gururmm_server::features::organisations::{Limits, console};
use gururmm_server::features::users::console as users;
use gururmm_server::platform::auth::role::BuiltInRole;

use super::console::{Console, Flags, table};

#[derive(Subcommand)]
pub(super) enum Command {
    /// List organisations with their limits and how far they are used
    List(List),
    /// Make an organisation and print the link for its first owner
    Create(Create),
    /// Set all limits of an organisation; what is not named has none
    Limits(SetLimits),
    /// Let nobody in; its machines go on reporting
    Suspend(One),
    /// Let people in again
    Resume(One),
}

#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    flags: Flags,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Create {
    #[command(flatten)]
    flags: Flags,
    /// Its name
    #[arg(long)]
    name: String,
    /// The address of its first owner
    #[arg(long, value_name = "EMAIL")]
    owner_email: String,
}

#[derive(Args)]
pub(super) struct SetLimits {
    #[command(flatten)]
    flags: Flags,
    /// The organisation
    #[arg(value_name = "ID")]
    org: OrgId,
    /// Machines it may have
    #[arg(long, value_name = "NUMBER")]
    agents_max: Option<i64>,
    /// People it may have
    #[arg(long, value_name = "NUMBER")]
    users_max: Option<i64>,
    /// Days for which measurements are kept at most
    #[arg(long, value_name = "DAYS")]
    retention_days_max: Option<i64>,
}

#[derive(Args)]
pub(super) struct One {
    #[command(flatten)]
    flags: Flags,
    /// The organisation
    #[arg(value_name = "ID")]
    org: OrgId,
}

pub(super) async fn run(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::List(List { flags, json }) => list(flags, *json).await,
        Command::Create(command) => create(command).await,
        Command::Limits(command) => {
            let (agents_max, users_max) = (command.agents_max, command.users_max);
            let limits = Limits { agents_max, users_max, retention_days_max: command.retention_days_max };
            update(&command.flags, command.org, Some(limits), None, "The limits are set.").await
        }
        Command::Suspend(One { flags, org }) => update(flags, *org, None, Some(true), "Nobody gets in any more.").await,
        Command::Resume(One { flags, org }) => update(flags, *org, None, Some(false), "People get in again.").await,
    }
}

async fn list(flags: &Flags, json: bool) -> anyhow::Result<()> {
    let mut console = Console::open(flags).await?;
    let organisations = console::list(&mut console.owner.connection).await;
    console
        .close(organisations?, |organisations| {
            if json {
                return Ok(format!("{}\n", serde_json::to_string_pretty(&organisations)?));
            }
            let of = |count: i64, max: Option<i32>| max.map_or(count.to_string(), |max| format!("{count}/{max}"));
            let rows = organisations.iter().map(|row| {
                let state = if row.suspended_at.is_some() { "suspended" } else { "" };
                let machines = of(row.agent_count, row.agents_max);
                [row.id.to_string(), row.name.clone(), machines, of(row.user_count, row.users_max), state.to_owned()]
            });
            Ok(table(["ID", "NAME", "MACHINES", "PEOPLE", "STATE"], rows))
        })
        .await
}

async fn create(command: &Create) -> anyhow::Result<()> {
    let mut console = Console::open(&command.flags).await?;
    let owner = &mut console.owner.connection;
    let made = async {
        let id = console::create(owner, &command.name, console.now).await?;
        let token = users::invite(owner, id, &command.owner_email, BuiltInRole::Owner, console.now).await?;
        anyhow::Ok((id, token))
    };
    let (id, token) = made.await?;
    let url = console.link("join", &token);
    let text =
        format!("Organisation {id} is made. Its first owner joins by this link, once, within a week:\n\n    {url}\n\n");
    console.close((), |()| Ok(text)).await
}

async fn update(
    flags: &Flags,
    org: OrgId,
    limits: Option<Limits>,
    suspended: Option<bool>,
    done: &str,
) -> anyhow::Result<()> {
    let mut console = Console::open(flags).await?;
    console::update(&mut console.owner.connection, org, limits, suspended, console.now).await?;
    console.close((), |()| Ok(format!("{done}\n"))).await
}
