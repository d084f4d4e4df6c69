//! Control groups: the kernel itself keeps the list of a command's processes.
//!
//! Groups are made below the agent's own, so that limits and accounting of its service hold for its commands; or systemd makes
//! them, for commands that are [units](super::unit). Their names carry the agent's tag and the command's id. The place is noted
//! in the state folder, because an agent that is started in another way later has another group and still must find its leftovers.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use gururmm_fsx::{FileError, PRIVATE_FILE, remove_if_exists, write_atomically};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::time::{Instant, sleep};

use super::super::{KILL_PATIENCE, KILL_POLL};
use super::tag::Tag;
use super::unit;

const PREFIX: &str = "gururmm-";
const NOTE: &str = "cgroups";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

/// Who makes the groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Maker {
    Agent,
    Systemd,
}

/// Where groups are made.
#[derive(Debug)]
pub(super) struct Base {
    folder: PathBuf,
    version: Version,
    maker: Maker,
    /// Also looked at for leftovers.
    earlier: Vec<PathBuf>,
}

/// The group of one command.
#[derive(Debug)]
pub(super) struct Group {
    folder: PathBuf,
    maker: Maker,
}

impl Base {
    /// All writable places, best first.
    pub(super) fn find_all() -> Vec<Self> {
        let (Ok(mountinfo), Ok(own)) =
            (fs::read_to_string("/proc/self/mountinfo"), fs::read_to_string("/proc/self/cgroup"))
        else {
            return Vec::new();
        };
        candidates(&mountinfo, &own)
            .into_iter()
            .filter(|(folder, version)| is_usable(folder, *version))
            .map(|(folder, version)| Self { folder, version, maker: Maker::Agent, earlier: Vec::new() })
            .collect()
    }

    /// The slice in which systemd makes the units of commands.
    pub(super) fn of_units() -> Option<Self> {
        let mountinfo = fs::read_to_string("/proc/self/mountinfo").ok()?;
        let (point, version) = hierarchy_of_systemd(&mountinfo)?;
        Some(Self { folder: point.join(unit::SLICE), version, maker: Maker::Systemd, earlier: Vec::new() })
    }

    /// Also looks where earlier runs made groups, and notes this place for later ones.
    pub(super) fn remember_in(mut self, state_dir: &Path, tag: &Tag) -> Self {
        let note = state_dir.join(NOTE);
        self.earlier = fs::read_to_string(&note).unwrap_or_default().lines().map(PathBuf::from).collect();
        self.earlier.retain(|folder| *folder != self.folder && !Self::groups_in(folder, tag).is_empty());
        let places: Vec<_> = self.earlier.iter().chain([&self.folder]).map(|path| path.display().to_string()).collect();
        let noted = write_atomically(&note, places.join("\n").as_bytes(), PRIVATE_FILE);
        if let Err(error) = noted {
            tracing::warn!(%error, "leftovers of this run may not be found by the next");
        }
        self
    }

    pub(super) fn mechanism(&self) -> &'static str {
        match (self.maker, self.version) {
            (Maker::Systemd, _) => "systemd unit",
            (Maker::Agent, Version::V1) => "cgroup v1",
            (Maker::Agent, Version::V2) => "cgroup v2",
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn create(&self, tag: &Tag, id: &str) -> Option<Group> {
        if self.maker == Maker::Systemd {
            return Some(Group { folder: self.folder.join(unit::name(tag, id)), maker: self.maker });
        }
        let folder = self.folder.join(format!("{PREFIX}{tag}-{id}"));
        match fs::create_dir(&folder) {
            Ok(()) => Some(Group { folder, maker: self.maker }),
            Err(error) => {
                tracing::warn!(%error, "could not make a cgroup for a command");
                None
            }
        }
    }

    /// All groups of this agent's commands, with their ids.
    pub(super) fn groups(&self, tag: &Tag) -> Vec<(String, Group)> {
        let own = self.earlier.iter().chain([&self.folder]).flat_map(|folder| Self::groups_in(folder, tag));
        own.chain(self.units(tag)).collect()
    }

    /// The groups of commands that are units.
    fn units(&self, tag: &Tag) -> Vec<(String, Group)> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let groups = entries.filter_map(|entry| {
            let id = unit::id_in(entry.file_name().to_str()?, tag)?.to_owned();
            Some((id, Group { folder: entry.path(), maker: Maker::Systemd }))
        });
        if self.maker == Maker::Systemd { groups.collect() } else { Vec::new() }
    }

    fn groups_in(folder: &Path, tag: &Tag) -> Vec<(String, Group)> {
        let prefix = format!("{PREFIX}{tag}-");
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .filter_map(|entry| {
                let id = entry.file_name().to_str()?.strip_prefix(&prefix)?.to_owned();
                Some((id, Group { folder: entry.path(), maker: Maker::Agent }))
            })
            .collect()
    }
}

/// Removes the note.
pub(super) fn forget(state_dir: &Path) -> Result<(), FileError> {
    remove_if_exists(&state_dir.join(NOTE))
}

impl Group {
    /// The file that processes are added by.
    pub(super) fn open_members(&self) -> io::Result<File> {
        OpenOptions::new().write(true).open(self.folder.join("cgroup.procs"))
    }

    pub(super) fn is_empty(&self) -> bool {
        members(&self.folder).is_empty()
    }

    /// Ends all members, also those in groups that they made below, and waits until they are gone; returns whether they are.
    pub(super) async fn kill(&self) -> bool {
        let deadline = Instant::now() + KILL_PATIENCE;
        // v2 since 5.14: atomic. Otherwise frozen members cannot fork away; thawed they die of the pending signal.
        let at_once = fs::write(self.folder.join("cgroup.kill"), "1").is_ok();
        let frozen = !at_once && self.freeze(true);
        loop {
            let folders = with_descendants(&self.folder);
            let alive: Vec<_> = folders.iter().flat_map(|folder| members(folder)).collect();
            if alive.is_empty() {
                return true;
            }
            if !at_once {
                for pid in &alive {
                    let _ = kill(*pid, Signal::SIGKILL);
                }
                if frozen {
                    self.freeze(false);
                }
            }
            if Instant::now() >= deadline {
                tracing::error!(processes = alive.len(), "some processes of a command could not be ended");
                return false;
            }
            sleep(KILL_POLL).await;
        }
    }

    fn freeze(&self, frozen: bool) -> bool {
        let v2 = fs::write(self.folder.join("cgroup.freeze"), if frozen { "1" } else { "0" });
        v2.or_else(|_| fs::write(self.folder.join("freezer.state"), if frozen { "FROZEN" } else { "THAWED" })).is_ok()
    }

    /// Removes the group if it is empty. One with daemons that the command left on purpose stays until they end. What
    /// systemd makes, systemd removes.
    pub(super) fn remove(&self) {
        if self.maker == Maker::Systemd {
            return;
        }
        for folder in with_descendants(&self.folder).iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

fn members(folder: &Path) -> Vec<Pid> {
    let text = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
    // 0 is a process of another pid namespace
    text.lines().filter_map(|line| line.parse().ok()).filter(|pid| *pid > 0).map(Pid::from_raw).collect()
}

/// Parents first.
fn with_descendants(folder: &Path) -> Vec<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    let mut next = 0;
    while next < folders.len() {
        let entries = fs::read_dir(&folders[next]).into_iter().flatten().flatten();
        folders.extend(
            entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()),
        );
        next += 1;
    }
    folders
}

/// Whether a group can be made here and offers what is needed.
fn is_usable(folder: &Path, version: Version) -> bool {
    let probe = folder.join(format!("{PREFIX}probe-{}", std::process::id()));
    if fs::create_dir(&probe).is_err() {
        return false;
    }
    let exists = |name: &str| probe.join(name).exists();
    let usable = match version {
        Version::V2 => exists("cgroup.procs") && (exists("cgroup.kill") || exists("cgroup.freeze")),
        Version::V1 => exists("cgroup.procs"),
    };
    let members = OpenOptions::new().write(true).open(probe.join("cgroup.procs"));
    let _ = fs::remove_dir(&probe);
    usable && members.is_ok()
}

/// The agent's own group in each hierarchy, best first: v2, then v1 with a freezer, then any v1 that only groups.
fn candidates(mountinfo: &str, own: &str) -> Vec<(PathBuf, Version)> {
    let mut found = Vec::new();
    for line in mountinfo.lines() {
        let Some((mount, file_system)) = line.split_once(" - ") else { continue };
        let mut mount = mount.split(' ').skip(3);
        let (Some(root), Some(point)) = (mount.next(), mount.next()) else { continue };
        let mut file_system = file_system.split(' ');
        let (kind, options) = (file_system.next().unwrap_or_default(), file_system.nth(1).unwrap_or_default());
        let (rank, version, controller) = match kind {
            "cgroup2" => (0, Version::V2, ""),
            "cgroup" if has_option(options, "freezer") => (1, Version::V1, "freezer"),
            "cgroup" if has_option(options, "pids") => (2, Version::V1, "pids"),
            "cgroup" if has_option(options, "name=systemd") => (3, Version::V1, "name=systemd"),
            _ => continue,
        };
        let Some(path) = own_path(own, controller) else { continue };
        // inside a container the mount shows only the part below its root
        let below = Path::new(path).strip_prefix(root).unwrap_or_else(|_| Path::new(""));
        found.push((rank, Path::new(point).join(below), version));
    }
    found.sort_by_key(|(rank, _, _)| *rank);
    found.into_iter().map(|(_, folder, version)| (folder, version)).collect()
}

/// Where systemd keeps the groups of its units: version 2 where it is, else its own hierarchy of version 1.
fn hierarchy_of_systemd(mountinfo: &str) -> Option<(PathBuf, Version)> {
    let find = |is_it: &dyn Fn(&str, &str) -> bool| {
        mountinfo.lines().find_map(|line| {
            let (mount, file_system) = line.split_once(" - ")?;
            let mut file_system = file_system.split(' ');
            let (kind, options) = (file_system.next()?, file_system.nth(1).unwrap_or_default());
            is_it(kind, options).then(|| mount.split(' ').nth(4).map(PathBuf::from))?
        })
    };
    let v2 = find(&|kind, _| kind == "cgroup2").map(|point| (point, Version::V2));
    v2.or_else(|| {
        let point = find(&|kind, options| kind == "cgroup" && has_option(options, "name=systemd"))?;
        Some((point, Version::V1))
    })
}

/// `0::/path` is v2; `5:freezer,pids:/path` is v1.
fn own_path<'a>(own: &'a str, controller: &str) -> Option<&'a str> {
    own.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let controllers = fields.next()?;
        has_option(controllers, controller).then(|| fields.next())?
    })
}

fn has_option(options: &str, wanted: &str) -> bool {
    options.split(',').any(|option| option == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_group_is_found_in_every_hierarchy() {
        let mountinfo = "\
30 20 0:26 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd
31 20 0:27 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer
32 20 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
33 20 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw";
        let own = "3:freezer:/a\n2:memory:/b\n1:name=systemd:/c\n0::/system.slice/agent.service";
        let expected = [
            (PathBuf::from("/sys/fs/cgroup/unified/system.slice/agent.service"), Version::V2),
            (PathBuf::from("/sys/fs/cgroup/freezer/a"), Version::V1),
            (PathBuf::from("/sys/fs/cgroup/systemd/c"), Version::V1),
        ];
        assert_eq!(candidates(mountinfo, own), expected);
    }

    #[test]
    fn units_are_looked_for_where_systemd_keeps_them() {
        let v1 = "30 20 0:26 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd";
        assert_eq!(hierarchy_of_systemd(v1), Some((PathBuf::from("/sys/fs/cgroup/systemd"), Version::V1)));
        let both = format!("{v1}\n33 20 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw");
        assert_eq!(hierarchy_of_systemd(&both), Some((PathBuf::from("/sys/fs/cgroup/unified"), Version::V2)));
        assert_eq!(hierarchy_of_systemd("21 1 0:19 / /sys rw - sysfs sysfs rw"), None);
    }

    #[test]
    fn a_container_sees_its_group_as_the_root_of_the_mount() {
        let mountinfo = "33 20 0:29 /docker/x /sys/fs/cgroup ro - cgroup2 cgroup2 rw";
        assert_eq!(candidates(mountinfo, "0::/docker/x"), [(PathBuf::from("/sys/fs/cgroup"), Version::V2)]);
    }
}
