//! Commands and flags.

mod audit;
mod console;
mod key;
mod org;
mod user;

use std::fs::Permissions;
use std::io::{ErrorKind, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use figment::Figment;
use figment::providers::Serialized;
use gururmm_clock::SystemClock;
use gururmm_server::app;
use gururmm_server::config::{self, Config, ConfigError};
use gururmm_server::doctor;
use gururmm_server::lifecycle::{Server, StartError};
use serde::Serialize;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Remote monitoring and management: the server.
#[derive(Parser)]
#[command(version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve: API, dashboard and agents on one port
    Serve(Flags),
    /// Bring the database up to date and exit
    Migrate(Flags),
    /// Print the configuration in force and where each value comes from
    Config(Flags),
    /// Look at what a start needs and say what is wrong; changes nothing
    Doctor(DoctorFlags),
    /// Print the OpenAPI document
    Openapi,
    /// Organisations: list them, make one, limit or suspend one
    #[command(subcommand)]
    Org(org::Command),
    /// People: list and invite them, help who is locked out
    #[command(subcommand)]
    User(user::Command),
    /// API keys: list and revoke them
    #[command(subcommand)]
    Key(key::Command),
    /// Look at the audit log from outside the server
    #[command(subcommand)]
    Audit(audit::Command),
    /// Print what somebody may be allowed to do, and the built-in roles
    Permissions,
}

/// Flags win over variables and files.
#[derive(Args, Serialize)]
struct Flags {
    /// Configuration file (default: /etc/gururmm-server/server.toml, if there is one)
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Where the embedded database lives
    #[arg(long, value_name = "DIRECTORY")]
    #[serde(skip_serializing_if = "Option::is_none")]
    data_dir: Option<PathBuf>,
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<SocketAddr>,
    /// The address that people and agents use
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    public_url: Option<String>,
    /// An external PostgreSQL instead of the embedded one
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    database_url: Option<String>,
    /// Where agents lie for download
    #[arg(long, value_name = "DIRECTORY")]
    #[serde(skip_serializing_if = "Option::is_none")]
    agents_dir: Option<PathBuf>,
    /// Write logs as JSON
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    log_json: bool,
}

#[derive(Args)]
struct DoctorFlags {
    #[command(flatten)]
    flags: Flags,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Flags {
    fn load(&self) -> Result<(Figment, Config), ConfigError> {
        let figment = Config::sources(self.config.as_deref()).merge(Serialized::defaults(self));
        let config = Config::load(&figment)?;
        Ok((figment, config))
    }
}

/// Runs the chosen command.
pub(crate) fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Org(command) => runtime()?.block_on(org::run(&command)),
        Command::User(command) => runtime()?.block_on(user::run(&command)),
        Command::Key(command) => runtime()?.block_on(key::run(&command)),
        Command::Audit(command) => return runtime()?.block_on(audit::run(&command)),
        Command::Doctor(doctor) => return runtime()?.block_on(examine(&doctor)),
        Command::Serve(flags) => {
            let (_, config) = load_and_log(&flags)?;
            runtime()?.block_on(serve(config))
        }
        Command::Migrate(flags) => {
            let (_, config) = load_and_log(&flags)?;
            runtime()?.block_on(migrate(config))
        }
        Command::Config(flags) => {
            let (figment, config) = load_and_log(&flags)?;
            print(&config::show(&figment, &config))
        }
        Command::Permissions => print(&format!("{:#}\n", gururmm_server::features::roles::document())),
        Command::Openapi => print(&format!("{}\n", app::openapi().to_pretty_json()?)),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// Succeeds when the server can start.
async fn examine(DoctorFlags { flags, json }: &DoctorFlags) -> anyhow::Result<ExitCode> {
    let loaded = flags.load();
    let report = doctor::examine(loaded.as_ref().map(|(_, config)| config)).await;
    let text = if *json { format!("{}\n", serde_json::to_string_pretty(&report)?) } else { report.text() };
    print(&text)?;
    Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn load_and_log(flags: &Flags) -> anyhow::Result<(Figment, Config)> {
    let loaded = flags.load();
    let json = flags.log_json || loaded.as_ref().is_ok_and(|(_, config)| config.log_json);
    gururmm_observe::init("info", json)?;
    Ok(loaded?)
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the async runtime")
}

fn print(text: &str) -> anyhow::Result<()> {
    std::io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")
}

async fn migrate(config: Config) -> anyhow::Result<()> {
    let database = gururmm_server::lifecycle::Database::open(&config).await?;
    database.close().await;
    tracing::info!("the database is up to date");
    Ok(())
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let origin = config.public_origin();
    let data_dir = config.data_dir.clone();
    let server = tokio::select! {
        server = Server::start(config, SystemClock::shared()) => server?,
        () = asked_to_stop(&mut terminate, &mut interrupt) => anyhow::bail!("stopped before the server was ready"),
    };
    tracing::info!(address = %server.address, "listening");
    keep_local_key(&data_dir, server.first_start.local_site_key.as_deref())?;
    announce(&origin, server.first_start.setup_token.as_deref())?;
    sd_notify::notify(&[sd_notify::NotifyState::Ready]).ok();
    let is_asked = tokio::select! {
        () = asked_to_stop(&mut terminate, &mut interrupt) => true,
        () = server.failed() => false,
    };
    tracing::info!("stopping");
    sd_notify::notify(&[sd_notify::NotifyState::Stopping]).ok();
    tokio::select! {
        () = server.stop() => {
            anyhow::ensure!(is_asked, "a part of the server has failed, its panic is above; start the server again");
            Ok(())
        }
        () = asked_to_stop(&mut terminate, &mut interrupt) => anyhow::bail!("asked to stop twice: stopped without waiting"),
    }
}

async fn asked_to_stop(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// The one-use key with which this machine enrols itself; for its owner's eyes only. One that is no longer good is removed.
fn keep_local_key(data_dir: &Path, key: Option<&str>) -> Result<(), StartError> {
    let path = data_dir.join("local-site-key");
    let written = match key {
        Some(key) => write_private(&path, key),
        None => std::fs::remove_file(&path).or_else(|error| match error.kind() {
            ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        }),
    };
    written.map_err(|source| StartError::File { path, source })
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    // the mode counts only for a new file
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())
}

/// The token goes to the console, not to the log: logs are kept and shipped.
fn announce(origin: &str, setup_token: Option<&str>) -> anyhow::Result<()> {
    match setup_token {
        Some(token) => print(&format!(
            "\nGuruRMM is ready. Open this address to create the owner (it works once):\n\n    {origin}/setup#token={token}\n\n"
        )),
        None => print(&format!("\nGuruRMM is ready: {origin}\n\n")),
    }
}
