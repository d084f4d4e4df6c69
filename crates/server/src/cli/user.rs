//! `gururmm-server user …`: whoever is locked out is helped here.

use clap::{Args, Subcommand, ValueEnum};
use gururmm_ids::OrgId;
use gururmm_server::features::users::console;
use gururmm_server::platform::auth::role::BuiltInRole;

use super::console::{Console, Flags, table};

#[derive(Subcommand)]
pub(super) enum Command {
    /// List people with the organisations they are members of
    List(List),
    /// Print a link by which somebody joins an organisation
    Invite(Invite),
    /// Print a link by which somebody sets their password anew, within an hour
    ResetPassword(One),
    /// End every session of somebody
    SignOut(One),
    /// Close an account: it logs in nowhere, and its API keys do nothing
    Disable(One),
    /// Open an account again
    Enable(One),
    /// Make a member an owner of their organisation, and take away whatever is denied to them there
    Owner(Owner),
    /// Make somebody an operator of the platform, who manages organisations and sees nothing in them
    Operator(Operator),
}

#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    flags: Flags,
    /// Only members of this organisation
    #[arg(long, value_name = "ID")]
    org: Option<OrgId>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A built-in role.
#[derive(Clone, Copy, ValueEnum)]
enum Role {
    Owner,
    Administrator,
    Technician,
    ScriptRunner,
    Viewer,
}

#[derive(Args)]
pub(super) struct Invite {
    #[command(flatten)]
    flags: Flags,
    /// Their address
    #[arg(value_name = "EMAIL")]
    email: String,
    /// The organisation; needed when there are several
    #[arg(long, value_name = "ID")]
    org: Option<OrgId>,
    /// Their role in the whole organisation
    #[arg(long, value_enum, default_value = "technician")]
    role: Role,
}

#[derive(Args)]
pub(super) struct One {
    #[command(flatten)]
    flags: Flags,
    /// Their address
    #[arg(value_name = "EMAIL")]
    email: String,
}

#[derive(Args)]
pub(super) struct Owner {
    #[command(flatten)]
    flags: Flags,
    /// Their address
    #[arg(value_name = "EMAIL")]
    email: String,
    /// The organisation; needed when there are several
    #[arg(long, value_name = "ID")]
    org: Option<OrgId>,
}

#[derive(Args)]
pub(super) struct Operator {
    #[command(flatten)]
    flags: Flags,
    /// Their address
    #[arg(value_name = "EMAIL")]
    email: String,
    /// Take it away instead
    #[arg(long)]
    remove: bool,
}

impl From<Role> for BuiltInRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Administrator => Self::Administrator,
            Role::Technician => Self::Technician,
            Role::ScriptRunner => Self::ScriptRunner,
            Role::Viewer => Self::Viewer,
        }
    }
}

pub(super) async fn run(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::List(command) => list(command).await,
        Command::Invite(command) => invite(command).await,
        Command::ResetPassword(One { flags, email }) => {
            let mut console = Console::open(flags).await?;
            let token = console::reset_link(&mut console.owner.connection, email, console.now).await?;
            let url = console.link("reset", &token);
            let text = format!("By this link, once, within an hour, {email} sets the password anew:\n\n    {url}\n\n");
            console.close((), |()| Ok(text)).await
        }
        Command::SignOut(One { flags, email }) => {
            let mut console = Console::open(flags).await?;
            let ended = console::sign_out(&mut console.owner.connection, email, console.now).await?;
            console.close((), |()| Ok(format!("{ended} sessions have ended.\n"))).await
        }
        Command::Disable(one) => set_disabled(one, true, "The account is closed.").await,
        Command::Enable(one) => set_disabled(one, false, "The account is open.").await,
        Command::Owner(Owner { flags, email, org }) => {
            let mut console = Console::open(flags).await?;
            let org = console.organisation(*org).await?;
            console::make_owner(&mut console.owner.connection, org, email, console.now).await?;
            console.close((), |()| Ok(format!("{email} is an owner.\n"))).await
        }
        Command::Operator(Operator { flags, email, remove }) => {
            let mut console = Console::open(flags).await?;
            console::set_operator(&mut console.owner.connection, email, !remove, console.now).await?;
            let is = if *remove { "is no operator any more" } else { "is an operator of the platform" };
            console.close((), |()| Ok(format!("{email} {is}.\n"))).await
        }
    }
}

async fn list(command: &List) -> anyhow::Result<()> {
    let mut console = Console::open(&command.flags).await?;
    let people = console::list(&mut console.owner.connection, command.org).await?;
    console
        .close(people, |people| {
            if command.json {
                return Ok(format!("{}\n", serde_json::to_string_pretty(&people)?));
            }
            let rows = people.iter().map(|person| {
                let state = if person.disabled_at.is_some() { "closed" } else { "" };
                [person.email.clone(), person.name.clone(), organisations(person), state.to_owned()]
            });
            Ok(table(["ADDRESS", "NAME", "ORGANISATIONS", "STATE"], rows))
        })
        .await
}

/// Such as `Example Services (owner), Other (suspended)`.
fn organisations(person: &console::Person) -> String {
    let one = |org: &serde_json::Value| {
        let roles = org["roles"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
        let suspended = (org["status"] == "suspended").then_some("suspended");
        let words: Vec<_> = suspended.into_iter().chain(roles).collect();
        format!("{} ({})", org["name"].as_str().unwrap_or_default(), words.join(", "))
    };
    let mut all: Vec<_> = person.organisations.as_array().into_iter().flatten().map(one).collect();
    all.extend(person.is_operator.then(|| "operator of the platform".to_owned()));
    all.join("; ")
}

async fn invite(command: &Invite) -> anyhow::Result<()> {
    let mut console = Console::open(&command.flags).await?;
    let org = console.organisation(command.org).await?;
    let (owner, role) = (&mut console.owner.connection, BuiltInRole::from(command.role));
    let token = console::invite(owner, org, &command.email, role, console.now).await?;
    let url = console.link("join", &token);
    let text = format!("{} joins by this link, once, within a week:\n\n    {url}\n\n", command.email);
    console.close((), |()| Ok(text)).await
}

async fn set_disabled(one: &One, disabled: bool, done: &str) -> anyhow::Result<()> {
    let mut console = Console::open(&one.flags).await?;
    console::set_disabled(&mut console.owner.connection, &one.email, disabled, console.now).await?;
    console.close((), |()| Ok(format!("{done}\n"))).await
}
