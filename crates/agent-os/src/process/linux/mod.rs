//! Linux: a unit of systemd per command where the agent's service is shut off from the system; else a cgroup per command,
//! version 2 or else 1. A look at all processes finds those that left their group; without a writable cgroup it is all there is.

mod cgroup;
mod spawn;
mod support;
mod tag;
mod unit;
mod walk;

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};

use gururmm_fsx::FileError;
use tokio::process::Child;
pub use tokio::process::{Child as Shell, ChildStderr as Stderr, ChildStdout as Stdout};
use tokio::task::JoinSet;

use super::prepare::Prepared;
use super::script::Script;
use super::{Ended, Running, status};
use crate::Unsupported;
use crate::interpreter::Launch;
use cgroup::Group;
pub(crate) use support::Systemd;
use tag::Tag;
use unit::Unit;
use walk::Seen;

/// Starts commands and holds their trees.
#[derive(Debug)]
pub struct Containment {
    tag: Tag,
    groups: Option<cgroup::Base>,
    /// Whether each command is a unit of systemd.
    is_of_units: bool,
    /// Where the texts of commands are while they run.
    scripts: PathBuf,
    shells: Shells,
    defaults: spawn::Defaults,
}

/// Process ids of the shells that the runtime itself waits for.
type Shells = Arc<Mutex<HashSet<u32>>>;

/// Systemd starts what runs in the session of a person: this program is no host there.
pub const fn host() {}

/// Where a command can only be a child of the agent it has the agent's account.
fn needs_no_session(launch: &Launch) -> io::Result<()> {
    match &launch.person {
        None => Ok(()),
        Some(_) => {
            Err(io::Error::other("only the agent's service of systemd runs commands in the session of a person"))
        }
    }
}

/// A command's processes.
#[derive(Debug)]
pub struct Tree {
    id: String,
    tag: Tag,
    /// Until it was waited for.
    shell: Option<u32>,
    group: Option<Group>,
    unit: Option<Unit>,
    /// Gone with the command.
    #[expect(dead_code, reason = "held for their drop")]
    files: Vec<Script>,
    shells: Shells,
}

impl Containment {
    /// Chooses the strongest way that works here. `state_dir` tells this agent's commands from another's.
    pub fn open(state_dir: &Path) -> Self {
        let tag = Tag::of(state_dir);
        if unit::is_wanted() {
            return Self::of_units(state_dir, tag);
        }
        let best = cgroup::Base::find_all().into_iter().next();
        let groups = best.map(|base| base.remember_in(state_dir, &tag));
        Self::with(state_dir, tag, groups)
    }

    /// As the service runs commands, also when this program was started by hand.
    pub fn of_service(state_dir: &Path) -> Result<Self, Unsupported> {
        Systemd::probe()?;
        Ok(Self::of_units(state_dir, Tag::of(state_dir)))
    }

    fn of_units(state_dir: &Path, tag: Tag) -> Self {
        let groups = cgroup::Base::of_units().map(|base| base.remember_in(state_dir, &tag));
        Self { is_of_units: true, scripts: unit::scripts_folder(state_dir), ..Self::with(state_dir, tag, groups) }
    }

    /// Every way that works here, strongest first; the last needs no privilege.
    pub fn every(state_dir: &Path) -> Vec<Self> {
        let tag = Tag::of(state_dir);
        let groups = cgroup::Base::find_all().into_iter().map(Some).chain([None]);
        groups.map(|groups| Self::with(state_dir, tag.clone(), groups)).collect()
    }

    fn with(state_dir: &Path, tag: Tag, groups: Option<cgroup::Base>) -> Self {
        if groups.is_none() {
            walk::adopt_orphans();
        }
        let (scripts, shells) = (state_dir.to_owned(), Shells::default());
        Self { tag, groups, is_of_units: false, scripts, shells, defaults: spawn::defaults() }
    }

    /// Whether commands can be started at all.
    pub fn shell_support() -> Result<(), Unsupported> {
        if unit::is_wanted() { Systemd::probe().map(drop) } else { Ok(()) }
    }

    /// Whether a tree can be held against a process that hides.
    pub fn support() -> Result<(), Unsupported> {
        if unit::is_wanted() {
            return Ok(());
        }
        cgroup::Base::find_all().first().map(|_| ()).ok_or_else(|| {
            Unsupported::because(
                "no cgroup is writable: a process that leaves its session and empties its environment escapes",
            )
        })
    }

    /// How trees are held, for the log.
    pub fn mechanism(&self) -> &'static str {
        self.groups.as_ref().map_or("process tree", cgroup::Base::mechanism)
    }

    /// The cgroup below which each command has its own.
    pub fn place(&self) -> Option<&Path> {
        self.groups.as_ref().map(cgroup::Base::folder)
    }

    /// Ends the processes of commands of an agent that died, chosen by id. Returns how many commands had any.
    pub async fn end_leftovers(&self, is_leftover: impl Fn(&str) -> bool) -> usize {
        super::script::sweep(&self.scripts);
        // all at once: what cannot be ended is waited for only once
        let mut kills = JoinSet::new();
        let mut ended = HashSet::new();
        for (id, group) in self.groups.iter().flat_map(|base| base.groups(&self.tag)) {
            if is_leftover(&id) && !group.is_empty() {
                let unit = self.is_of_units.then(|| Unit::of(&self.tag, &id));
                kills.spawn(async move {
                    if let Some(unit) = unit {
                        unit.kill(None).await;
                    }
                    group.kill().await;
                    group.remove();
                });
                ended.insert(id);
            }
        }
        while kills.join_next().await.is_some() {}
        for id in walk::marked_commands(&self.tag) {
            if is_leftover(&id) {
                let (tag, shells) = (self.tag.clone(), self.shells.clone());
                ended.insert(id.clone());
                kills.spawn(async move { _ = walk::kill(&id, &tag, None, Seen::new(), &shells).await });
            }
        }
        while kills.join_next().await.is_some() {}
        if self.is_of_units {
            unit::forget_ends(&self.tag).await;
        }
        self.tidy();
        ended.len()
    }

    /// Removes the groups of daemons that have ended since their command left them, and collects adopted ones.
    pub fn tidy(&self) {
        for (_, group) in self.groups.iter().flat_map(|base| base.groups(&self.tag)) {
            group.remove();
        }
        walk::reap_orphans(&self.shells);
    }

    /// Starts a shell with `command`. `id` must be unique; both output streams are pipes.
    pub fn spawn(&self, id: &str, command: &str) -> io::Result<Running> {
        self.start(id, &Launch::shell(command).map_err(io::Error::other)?)
    }

    /// Starts a command. `id` must be unique; both output streams are pipes.
    pub fn start(&self, id: &str, launch: &Launch) -> io::Result<Running> {
        let group = self.groups.as_ref().and_then(|base| base.create(&self.tag, id));
        let (child, group, unit, files) = if self.is_of_units {
            let unit = Unit::of(&self.tag, id);
            let (mut run, files) = unit.command(&self.tag, id, launch, &self.scripts)?;
            (run.spawn()?, group, Some(unit), files)
        } else {
            needs_no_session(launch)?;
            let (child, group, script) = self.child(id, launch, group)?;
            (child, group, None, script.into_iter().collect())
        };
        let shell = child.id();
        self.shells.lock().unwrap_or_else(PoisonError::into_inner).extend(shell);
        let (id, tag, shells) = (id.to_owned(), self.tag.clone(), self.shells.clone());
        super::into_running(child, Tree { id, tag, shell, group, unit, files, shells })
    }

    /// A child of this program, in its group where that is possible.
    fn child(
        &self,
        id: &str,
        launch: &Launch,
        group: Option<Group>,
    ) -> io::Result<(Child, Option<Group>, Option<Script>)> {
        let start = |group: Option<&Group>| {
            let Prepared { program, script } = launch.prepare(&self.scripts, id)?;
            let child = spawn::start(id, &self.tag, program, &launch.environment, group, &self.defaults)?;
            io::Result::Ok((child, script))
        };
        let Some(group) = group else { return start(None).map(|(child, script)| (child, None, script)) };
        match start(Some(&group)) {
            Ok((child, script)) => Ok((child, Some(group), script)),
            // nothing was started; without the group it may work
            Err(error) => {
                tracing::warn!(%error, "could not start a command in its own cgroup");
                group.remove();
                start(None).map(|(child, script)| (child, None, script))
            }
        }
    }
}

/// Removes what is noted in the state folder.
pub fn forget(state_dir: &Path) -> Result<(), FileError> {
    cgroup::forget(state_dir)
}

impl Tree {
    /// Ends every process of the command and waits until they are gone; returns whether they are, in time.
    pub async fn kill(&self) -> bool {
        // before the group dies: afterwards nobody knows whose children its orphans were
        let seen = walk::members(&self.id, &self.tag, self.shell, &Seen::new());
        if let Some(unit) = &self.unit {
            unit.kill(self.shell).await;
        }
        let group_is_gone = match &self.group {
            Some(group) => group.kill().await,
            None => true,
        };
        // what has left the group, by itself or by a service manager that gave it another
        walk::kill(&self.id, &self.tag, self.shell, seen, &self.shells).await && group_is_gone
    }

    /// How the command ended, from how what was waited for did.
    pub async fn ended(&self, exit: ExitStatus) -> Ended {
        match &self.unit {
            Some(unit) => unit.ended(exit).await,
            None => status::ended(exit),
        }
    }

    /// The shell was waited for: from now on its id may be another process's.
    pub fn shell_collected(&mut self) {
        if let Some(shell) = self.shell.take() {
            self.shells.lock().unwrap_or_else(PoisonError::into_inner).remove(&shell);
        }
    }

    /// The command ended by itself; what it left running on purpose stays.
    pub fn release(self) {
        drop(self);
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        if let Some(group) = &self.group {
            group.remove();
        }
        self.shell_collected();
        walk::reap_orphans(&self.shells);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_process_with_the_id_of_a_collected_shell_is_spared() {
        let state = tempfile::tempdir().unwrap();
        let containment = Containment::every(state.path()).pop().unwrap();
        let mut running = containment.spawn("collected", "true").unwrap();
        running.child.wait().await.unwrap();
        let mut stranger = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
        // as if the system had given the id away again
        running.tree.shell = Some(stranger.id());
        running.tree.shell_collected();
        assert!(running.tree.kill().await);
        assert_eq!(stranger.try_wait().unwrap(), None);
        stranger.kill().unwrap();
        stranger.wait().unwrap();
    }
}
