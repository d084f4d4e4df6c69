//! A PostgreSQL cluster with nothing around it, made as the server makes its own.

use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use gururmm_embedded_postgres::{Binaries, OWNER, answers};
use gururmm_simulator::processes::{Process, clean, until};
use nix::unistd::{User, geteuid};

/// As often as a starting server is looked at.
const POLL: Duration = Duration::from_millis(2);

/// A stopped cluster.
pub(crate) struct BarePostgres {
    programs: PathBuf,
    data: PathBuf,
    /// Who runs it when we are root.
    user: Option<User>,
}

impl BarePostgres {
    pub(crate) fn create(data: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir(data)?;
        std::fs::set_permissions(data, std::fs::Permissions::from_mode(0o700))?;
        let mut bare = Self { programs: Binaries::find()?.folder().to_owned(), data: data.to_owned(), user: None };
        if geteuid().is_root() {
            let user = User::from_name("postgres")?.context("there is no user `postgres`")?;
            chown(data, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
            bare.user = Some(user);
        }
        let mut initdb = bare.command("initdb");
        initdb.arg("--pgdata").arg(data).args(["--username", OWNER, "--encoding=UTF8", "--locale=C.UTF-8"]);
        initdb.args(["--auth-local=trust", "--auth-host=reject", "--no-instructions"]);
        let output = initdb.output()?;
        ensure!(output.status.success(), "initdb failed: {}", String::from_utf8_lossy(&output.stderr));
        Ok(bare)
    }

    /// Starts it and waits until it lets a session in.
    pub(crate) async fn start(&self) -> anyhow::Result<Process> {
        let mut postgres = self.command("postgres");
        postgres.arg("-D").arg(&self.data).args(["-c", "listen_addresses=", "-c"]);
        postgres.arg(format!("unix_socket_directories={}", self.data.display()));
        let mut process = Process::start(postgres, &self.data.with_extension("console"))?;
        let socket = self.data.join(".s.PGSQL.5432");
        until("PostgreSQL to let a session in", POLL, async || {
            process.require_running()?;
            Ok(answers(&socket).then_some(()))
        })
        .await?;
        Ok(process)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        clean(&mut command).current_dir("/").env("LC_ALL", "C");
        if let Some(user) = &self.user {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }
}
