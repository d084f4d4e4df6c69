//! Who runs PostgreSQL: ourselves, or an unprivileged system user when we are root.

use std::{
    fs,
    os::unix::{fs::MetadataExt, fs::PermissionsExt, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
};

use nix::unistd::{Gid, Uid, User, chown, geteuid};

use crate::Error;

/// Prints the first of its arguments that cannot be entered.
const FIND_BLOCKED: &str = r#"for dir; do [ -x "$dir" ] || { printf %s "$dir"; exit 1; }; done"#;
const SYSTEM_USERS: [&str; 2] = ["gururmm", "postgres"];

/// The account that PostgreSQL's processes run as.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    name: String,
    uid: Uid,
    gid: Gid,
    /// Whether children must change to it.
    switch: bool,
}

impl Account {
    /// The account for a cluster in `dir`. An existing cluster keeps its owner, whatever users were added since.
    pub(crate) fn choose(dir: &Path, wanted: Option<&str>) -> Result<Self, Error> {
        let me = geteuid();
        let owner = fs::metadata(dir).ok().map(|metadata| Uid::from_raw(metadata.uid()));
        if !me.is_root() {
            return match owner {
                Some(owner) if owner != me => Err(Error::ForeignOwner { dir: dir.to_owned(), owner: name_of(owner) }),
                _ => Ok(Self { name: name_of(me), uid: me, gid: nix::unistd::getegid(), switch: false }),
            };
        }
        let user = match (owner.filter(|owner| !owner.is_root()), wanted) {
            (Some(owner), _) => {
                User::from_uid(owner).ok().flatten().ok_or_else(|| Error::UnknownUser { name: owner.to_string() })?
            }
            (None, Some(name)) => find(name).ok_or_else(|| Error::UnknownUser { name: name.to_owned() })?,
            (None, None) => SYSTEM_USERS.iter().find_map(|name| find(name)).ok_or(Error::NoUnprivilegedUser)?,
        };
        if user.uid.is_root() {
            return Err(Error::PrivilegedUser { name: user.name });
        }
        Ok(Self { name: user.name, uid: user.uid, gid: user.gid, switch: true })
    }

    /// A command that runs as this account, in `/`, without the caller's `PG*` variables and terminal.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = clean_command(program);
        if self.switch {
            command.uid(self.uid.as_raw()).gid(self.gid.as_raw());
        }
        command
    }

    /// Makes `dir` with mode 0700 for this account; one that exists is put right. A link is not followed: in a folder for temporary files
    /// anybody may have put one there.
    pub(crate) fn make_private(&self, dir: &Path) -> Result<(), Error> {
        match fs::create_dir(dir) {
            Err(_) if fs::symlink_metadata(dir).is_ok_and(|found| found.is_dir()) => {}
            result => result.map_err(Error::io("create", dir))?,
        }
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(Error::io("protect", dir))?;
        if self.switch {
            chown(dir, Some(self.uid), Some(self.gid)).map_err(|errno| Error::io("hand over", dir)(errno.into()))?;
        }
        Ok(())
    }

    /// Makes sure that the account can enter `dir`, by trying; the answer names the folder that is in the way.
    pub(crate) fn require_access(&self, dir: &Path) -> Result<(), Error> {
        if !self.switch {
            return Ok(());
        }
        let mut ancestors: Vec<&Path> = dir.ancestors().collect();
        ancestors.reverse();
        let output = self
            .command(Path::new("/bin/sh"))
            .args(["-c", FIND_BLOCKED, "sh"])
            .args(&ancestors)
            .output()
            .map_err(Error::io("run", "/bin/sh"))?;
        if output.status.success() {
            return Ok(());
        }
        let blocked = String::from_utf8_lossy(&output.stdout).into_owned();
        Err(Error::Unreachable { dir: blocked.into(), user: self.name.clone() })
    }
}

/// A command with a known environment, so that the caller's `PGOPTIONS` or locale cannot change what it does.
pub(crate) fn clean_command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C").current_dir("/").stdin(Stdio::null()).process_group(0);
    for kept in ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command
}

/// Makes `dir` and what is missing above it so that every user can pass through and none can list it, whatever the umask.
pub(crate) fn make_passable(dir: &Path) -> std::io::Result<()> {
    let missing: Vec<&Path> = dir.ancestors().take_while(|it| !it.as_os_str().is_empty() && !it.exists()).collect();
    fs::create_dir_all(dir)?;
    missing.iter().try_for_each(|made| fs::set_permissions(made, fs::Permissions::from_mode(0o711)))
}

/// The name of who runs this process.
pub(crate) fn my_name() -> String {
    name_of(geteuid())
}

fn find(name: &str) -> Option<User> {
    User::from_name(name).ok().flatten()
}

fn name_of(uid: Uid) -> String {
    User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}
