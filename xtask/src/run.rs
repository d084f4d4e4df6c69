//! `make run`: a server on this machine, and the machine itself as its first agent.
//!
//! Both programs are children of this one and end with it: Ctrl-C or SIGTERM is handed to the agent and the server, and
//! this program waits for their orderly end. The agent may come and go (a click in the dashboard removes it for good);
//! the server is what is being run, and only its end is the end.

mod agent;
mod children;
mod ready;

use std::{
    env, fs,
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::ExitStatus,
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use nix::unistd::geteuid;

use self::{
    agent::LocalAgent,
    children::{Child, POLL, Signals},
    ready::Readiness,
};
use crate::{dashboard, process};

const READY_PATIENCE: Duration = Duration::from_mins(5);

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where the database and the agent's state live. Default: ~/.local/share/gururmm, for root /var/lib/gururmm-run.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// The address to listen on; 0.0.0.0 for all of this machine's, over plain HTTP.
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,
    /// The port to listen on.
    #[arg(long, default_value_t = 3001)]
    port: u16,
    /// The address that browsers and other machines use. Default: http://localhost and the port.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Start the server without an agent.
    #[arg(long)]
    no_agent: bool,
}

/// Builds, starts and waits.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let data_dir = data_dir(options)?;
    // before a build of minutes; the server looks again
    require_free(SocketAddr::new(options.listen, options.port))?;
    dashboard::build(root)?;
    process::step("server and agent: release build", || {
        process::run(process::cargo(root, "build --release -p gururmm-server -p gururmm-agent"))
    })?;
    let release = process::target_dir(root)?.join("release");
    let agents_dir = offer_agent(&release)?;

    let signals = Signals::catch()?;
    let readiness = Readiness::listen()?;
    let mut server = start_server(options, &release, &data_dir, &agents_dir, &readiness)?;
    if !readiness.wait(READY_PATIENCE, || server.is_running() && !signals.received())? {
        return children::stop(&signals, [&mut server]);
    }
    println!("The server runs at {} (data in {}; Ctrl-C stops it)", public_url(options), data_dir.display());

    let local = LocalAgent::new(&release, &data_dir, options.listen, options.port);
    let mut agent = None;
    if !options.no_agent {
        match local.start() {
            Ok(child) => agent = Some(child),
            Err(error) => eprintln!("{error:#}\n{}", local.how_to_enrol()),
        }
    }
    watch(&signals, &mut server, &mut agent, |status| eprintln!("{}", local.explain(status)));
    children::stop(&signals, agent.iter_mut().chain([&mut server]))
}

/// Returns when a stop was asked for or the server has ended. `on_agent_end` hears of an agent that has ended; that changes
/// nothing else.
fn watch(signals: &Signals, server: &mut Child, agent: &mut Option<Child>, mut on_agent_end: impl FnMut(ExitStatus)) {
    while !signals.received() && server.is_running() {
        if let Some(status) = agent.as_mut().and_then(Child::ended) {
            *agent = None;
            on_agent_end(status);
        }
        thread::sleep(POLL);
    }
}

fn public_url(options: &Options) -> String {
    options.public_url.clone().unwrap_or_else(|| agent::origin(options.listen, options.port))
}

/// Everything is said by flags: a server that is installed here has its own configuration, and its own database.
fn start_server(
    options: &Options,
    release: &Path,
    data_dir: &Path,
    agents_dir: &Path,
    readiness: &Readiness,
) -> Result<Child> {
    let mut server = children::program(&release.join("gururmm-server"));
    server.args(["serve", "--config", "/dev/null", "--data-dir"]).arg(data_dir).arg("--agents-dir").arg(agents_dir);
    server.arg("--listen").arg(SocketAddr::new(options.listen, options.port).to_string());
    server.arg("--public-url").arg(public_url(options)).env("NOTIFY_SOCKET", readiness.address());
    Child::start("the server", server)
}

/// Whoever listens there is not our server; without this its answers would be taken for ours.
fn require_free(address: SocketAddr) -> Result<()> {
    match TcpListener::bind(address) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
            "port {} is taken, perhaps by another `make run`. Choose another one: make run ARGS=\"--port {}\"",
            address.port(),
            address.port().wrapping_add(1)
        ),
        Err(error) => Err(error).with_context(|| format!("cannot listen on {address}")),
        Ok(_) => Ok(()),
    }
}

/// PostgreSQL never runs as root, and its user cannot look into root's home: root's data lies elsewhere.
fn data_dir(options: &Options) -> Result<PathBuf> {
    if let Some(dir) = &options.data_dir {
        return std::path::absolute(dir).with_context(|| format!("what is {}?", dir.display()));
    }
    if geteuid().is_root() {
        return Ok("/var/lib/gururmm-run".into());
    }
    if let Some(dir) = env::var_os("XDG_DATA_HOME").filter(|dir| Path::new(dir).is_absolute()) {
        return Ok(PathBuf::from(dir).join("gururmm"));
    }
    let home = env::var_os("HOME").context("HOME is not set; name a folder with --data-dir")?;
    Ok(PathBuf::from(home).join(".local/share/gururmm"))
}

/// Lays this build's agent where the server offers it to other machines.
fn offer_agent(release: &Path) -> Result<PathBuf> {
    let agents = release.join("agents");
    let dir = agents.join(env::consts::OS).join(env::consts::ARCH);
    fs::create_dir_all(&dir)?;
    let (fresh, offered) = (dir.join(".gururmm-agent"), dir.join("gururmm-agent"));
    fs::copy(release.join("gururmm-agent"), &fresh).context("could not copy the agent")?;
    fs::rename(&fresh, &offered)?;
    Ok(agents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_the_way_out() {
        let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = stranger.local_addr().unwrap();
        let error = require_free(address).unwrap_err().to_string();
        assert!(error.contains(&address.port().to_string()) && error.contains("--port"), "{error}");
        drop(stranger);
        require_free(address).unwrap();
    }

    #[test]
    fn an_agent_that_was_removed_does_not_end_the_server() {
        let signals = Signals::none();
        let mut server = children::tests::shell("while :; do sleep 1; done");
        let mut agent = Some(children::tests::shell("exit 78"));
        let mut code = None;
        watch(&signals, &mut server, &mut agent, |status| {
            code = status.code();
            signals.raise();
        });
        assert_eq!(code, Some(78));
        assert!(agent.is_none() && server.is_running());
    }

    #[test]
    fn the_end_of_the_server_is_the_end() {
        let signals = Signals::none();
        let mut server = children::tests::shell("exit 3");
        watch(&signals, &mut server, &mut None, |_| {});
        let error = children::stop(&signals, [&mut server]).unwrap_err().to_string();
        assert!(error.contains("the shell has ended by itself") && error.contains('3'), "{error}");
    }
}
