//! The session of whoever owns the console of macOS.

use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use nix::unistd::{Uid, User};

use crate::Unsupported;

const CONSOLE: &str = "/dev/console";
/// Accounts of people begin here; below are those of the system.
const FIRST_PERSON: u32 = 501;

/// A person who is logged in at the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The number of their account.
    pub uid: u32,
    /// That of its group.
    pub gid: u32,
    /// Its name.
    pub name: String,
    /// Their home.
    pub home: PathBuf,
    /// Their shell.
    pub shell: PathBuf,
}

pub(super) fn support() -> Result<(), Unsupported> {
    if Uid::effective().is_root() {
        return Ok(());
    }
    Err(Unsupported::because("only the agent's service runs commands in the session of a person"))
}

pub(super) fn person() -> Result<Person, Unsupported> {
    support()?;
    let console = std::fs::metadata(CONSOLE);
    let owner = console.map_err(|error| Unsupported::because(format!("{CONSOLE} cannot be asked: {error}")))?.uid();
    if owner < FIRST_PERSON {
        return Err(Unsupported::because("nobody is logged in at this machine"));
    }
    let user = User::from_uid(Uid::from_raw(owner)).ok().flatten();
    let user =
        user.ok_or_else(|| Unsupported::because(format!("the account {owner}, which is logged in, is not known")))?;
    Ok(Person { uid: owner, gid: user.gid.as_raw(), name: user.name, home: user.dir, shell: user.shell })
}
