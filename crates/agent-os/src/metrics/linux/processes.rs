//! The busiest processes, from one pass over `/proc`.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::time::Duration;

use gururmm_protocol::metrics::Process;
use nix::unistd::{SysconfVar, Uid, User, sysconf};

use super::super::{Sighting, top_processes};

/// A process at one moment. Its start tells it from a later process with the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reading {
    start: u64,
    ticks: u64,
    pages: u64,
}

pub(super) struct Processes {
    previous: HashMap<u32, (u64, u64)>,
    ticks_per_second: f64,
    page_bytes: u64,
}

impl Processes {
    pub(super) fn new() -> Self {
        let setting = |variable, default| sysconf(variable).ok().flatten().unwrap_or(default);
        Self {
            previous: HashMap::new(),
            ticks_per_second: setting(SysconfVar::CLK_TCK, 100) as f64,
            page_bytes: setting(SysconfVar::PAGE_SIZE, 4096) as u64,
        }
    }

    pub(super) fn sample(&mut self, interval: Duration) -> (Vec<Process>, Vec<Process>) {
        let Ok(entries) = fs::read_dir("/proc") else { return (Vec::new(), Vec::new()) };
        let mut current = HashMap::with_capacity(self.previous.len());
        let mut sightings = Vec::with_capacity(self.previous.len());
        for entry in entries.flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let Some(reading) = fs::read(entry.path().join("stat")).ok().and_then(|stat| parse(&stat)) else {
                continue;
            };
            let before = match self.previous.get(&pid) {
                Some((start, ticks)) if *start == reading.start => *ticks,
                _ => reading.ticks,
            };
            let seconds = reading.ticks.saturating_sub(before) as f64 / self.ticks_per_second;
            current.insert(pid, (reading.start, reading.ticks));
            sightings.push(Sighting {
                pid,
                cpu_percent: (seconds / interval.as_secs_f64() * 100.0) as f32,
                memory_bytes: reading.pages * self.page_bytes,
            });
        }
        self.previous = current;
        let mut users = HashMap::new();
        top_processes(&sightings, |pid| details(pid, &mut users))
    }
}

/// Name and owner; `None` when the process is gone.
fn details(pid: u32, users: &mut HashMap<u32, Option<String>>) -> Option<(String, Option<String>)> {
    let folder = format!("/proc/{pid}");
    let name = fs::read(format!("{folder}/comm")).ok()?;
    let uid = fs::metadata(&folder).ok()?.uid();
    let user = users.entry(uid).or_insert_with(|| {
        let known = User::from_uid(Uid::from_raw(uid)).ok().flatten().map(|user| user.name);
        known.or_else(|| Some(uid.to_string()))
    });
    Some((String::from_utf8_lossy(&name).trim_end().to_owned(), user.clone()))
}

/// `/proc/<pid>/stat`: the name in parentheses may contain anything, so fields count from the last one.
fn parse(stat: &[u8]) -> Option<Reading> {
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let text = std::str::from_utf8(stat.get(end + 2..)?).ok()?;
    let mut fields = text.split(' ');
    // the first field here is the third of the line, the state
    let user: u64 = fields.nth(11)?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    let start: u64 = fields.nth(6)?.parse().ok()?;
    let pages: i64 = fields.nth(1)?.parse().ok()?;
    Some(Reading { start, ticks: user + system, pages: pages.max(0) as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_parentheses_do_not_shift_fields() {
        let stat =
            b"42 (a) (b c) S 1 42 42 0 -1 4194560 100 0 0 0 70 30 0 0 20 0 1 0 5555 1000000 321 18446744073709551615 0";
        assert_eq!(parse(stat), Some(Reading { start: 5555, ticks: 100, pages: 321 }));
        assert_eq!(parse(b"42 (x"), None);
    }

    #[test]
    fn this_process_is_seen_with_its_owner() {
        let (_, _) = Processes::new().sample(Duration::from_secs(1));
        let (name, user) = details(std::process::id(), &mut HashMap::new()).unwrap();
        assert!(!name.is_empty());
        assert!(user.is_some());
    }
}
