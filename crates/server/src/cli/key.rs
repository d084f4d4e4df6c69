//! `gururmm-server key …`

use clap::{Args, Subcommand};
use gururmm_ids::{ApiKeyId, OrgId};
use gururmm_server::features::api_keys::console;

use super::console::{Console, Flags, table};

#[derive(Subcommand)]
pub(super) enum Command {
    /// List API keys, the newest first
    List(List),
    /// End an API key; it works nowhere within a second
    Revoke(Revoke),
}

#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    flags: Flags,
    /// Only keys of this organisation
    #[arg(long, value_name = "ID")]
    org: Option<OrgId>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Revoke {
    #[command(flatten)]
    flags: Flags,
    /// The key
    #[arg(value_name = "ID")]
    key: ApiKeyId,
}

pub(super) async fn run(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::List(command) => list(command).await,
        Command::Revoke(Revoke { flags, key }) => {
            let mut console = Console::open(flags).await?;
            let was_open = console::revoke(&mut console.owner.connection, *key, console.now).await?;
            let done = if was_open { "The key is revoked." } else { "The key had been revoked before." };
            console.close((), |()| Ok(format!("{done}\n"))).await
        }
    }
}

async fn list(command: &List) -> anyhow::Result<()> {
    let mut console = Console::open(&command.flags).await?;
    let now = console.now;
    let keys = console::list(&mut console.owner.connection, command.org).await?;
    console
        .close(keys, |keys| {
            if command.json {
                return Ok(format!("{}\n", serde_json::to_string_pretty(&keys)?));
            }
            let rows = keys.iter().map(|key| {
                let state = match key.revoked_at {
                    Some(_) => "revoked",
                    None if key.expires_at.0 <= now => "expired",
                    None => "active",
                };
                let used = key.last_used_at.map_or("never".to_owned(), |at| at.0.to_string());
                [key.id.to_string(), key.name.clone(), key.email.clone(), used, state.to_owned()]
            });
            Ok(table(["ID", "NAME", "MAKER", "LAST USED", "STATE"], rows))
        })
        .await
}
