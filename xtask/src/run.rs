//! `make run`: a server on this machine, and the machine itself as its first agent.
//!
//! Both programs are children of this one and end with it: Ctrl-C or SIGTERM is handed to the agent and the server, and
//! this program waits for their orderly end.

mod children;
mod ready;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use nix::unistd::geteuid;

use self::children::{Child, Signals};
use crate::{dashboard, process};

const READY_PATIENCE: Duration = Duration::from_mins(5);
const KEY_PATIENCE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(50);

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where the database and the agent's state live. Default: ~/.local/share/gururmm, for root /var/lib/gururmm-run.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// The port on this machine.
    #[arg(long, default_value_t = 3001)]
    port: u16,
    /// Start the server without an agent.
    #[arg(long)]
    no_agent: bool,
}

/// Builds, starts and waits.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let data_dir = data_dir(options)?;
    dashboard::build(root)?;
    process::step("server and agent: release build", || {
        process::run(process::cargo(root, "build --release -p gururmm-server -p gururmm-agent"))
    })?;
    let release = process::target_dir(root)?.join("release");
    let agents_dir = offer_agent(&release)?;

    let signals = Signals::catch()?;
    let origin = format!("http://localhost:{}", options.port);
    let mut server = Command::new(release.join("gururmm-server"));
    server.arg("serve").current_dir("/");
    server.env("GURURMM_DATA_DIR", &data_dir).env("GURURMM_AGENTS_DIR", &agents_dir);
    server.env("GURURMM_LISTEN", format!("127.0.0.1:{}", options.port)).env("GURURMM_PUBLIC_URL", &origin);
    let mut server = Child::start("the server", server)?;
    if !ready::wait(options.port, READY_PATIENCE, || server.is_running() && !signals.received())? {
        return children::stop(&signals, [&mut server]);
    }
    println!("GuruRMM is at {origin} (data in {}; Ctrl-C stops it)", data_dir.display());

    let mut children = vec![server];
    if !options.no_agent {
        children.push(start_agent(&release, &data_dir, &origin)?);
    }
    children::wait_for_any(&signals, &mut children);
    children.reverse();
    children::stop(&signals, &mut children)
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

/// The server writes the key right after it began to listen.
fn wait_for_key(path: &Path) -> Option<String> {
    let deadline = Instant::now() + KEY_PATIENCE;
    loop {
        match fs::read_to_string(path) {
            Ok(key) if !key.trim().is_empty() => return Some(key),
            _ if Instant::now() > deadline => return None,
            _ => thread::sleep(POLL),
        }
    }
}

/// Enrols this machine with the key that the server made for it, unless that has happened, and starts the agent.
fn start_agent(release: &Path, data_dir: &Path, origin: &str) -> Result<Child> {
    let program = release.join("gururmm-agent");
    let state_dir = data_dir.join("agent");
    let agent = |verb: &str| {
        let mut command = Command::new(&program);
        command.arg("--state-dir").arg(&state_dir).arg(verb).current_dir("/");
        command
    };
    let key_file = data_dir.join("local-site-key");
    if !state_dir.join("identity.json").exists() {
        let Some(key) = wait_for_key(&key_file) else {
            bail!(
                "this machine is not enrolled and the one-use key in {} is gone; make a key in the dashboard and run \
                 `gururmm-agent --state-dir {} enroll`, or start with --no-agent",
                key_file.display(),
                state_dir.display()
            );
        };
        let mut enroll = agent("enroll");
        enroll.args(["--server", origin]).env("GURURMM_SITE_KEY", key.trim());
        process::run(enroll)?;
        // it was good for one use
        let _ = fs::remove_file(&key_file);
    }
    Child::start("the agent", agent("run"))
}
