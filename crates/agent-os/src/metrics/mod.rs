//! Measurements of the machine.
//!
//! A [`Meter`] remembers only counters of the sample before (of processes: id, start and ticks), so that an agent stays small
//! on a machine with thousands of processes.

use std::time::{Duration, Instant};

use gururmm_protocol::limits::TOP_PROCESSES;
use gururmm_protocol::metrics::{Metrics, Process};

use crate::{Unsupported, short};

#[cfg(any(target_os = "macos", test))]
mod ioreg;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(not(target_os = "linux"))]
mod surveyed;
#[cfg(target_os = "macos")]
use macos as platform;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;

/// The shortest span over which CPU use means anything.
pub const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);

/// Measures one machine, again and again.
pub struct Meter {
    platform: platform::Platform,
    previous: Instant,
}

impl Meter {
    /// Takes the first readings, which the first sample is compared with.
    pub fn start() -> Self {
        let mut platform = platform::Platform::start();
        // the first sample only sets the counters
        platform.sample(SHORTEST_INTERVAL);
        Self { platform, previous: Instant::now() }
    }

    /// How long to wait until a sample means anything.
    pub fn until_meaningful(&self) -> Duration {
        SHORTEST_INTERVAL.saturating_sub(self.previous.elapsed())
    }

    /// Measures. May block on slow volumes: call it where that is allowed.
    pub fn sample(&mut self) -> Metrics {
        let interval = self.previous.elapsed().max(Duration::from_millis(1));
        self.previous = Instant::now();
        self.platform.sample(interval)
    }
}

/// Who is logged in.
struct User {
    name: String,
    /// Since the last input; unknown where the system does not tell.
    idle_seconds: Option<u64>,
}

impl User {
    fn split(user: Option<Self>) -> (Option<String>, Option<u64>) {
        user.map_or((None, None), |user| (Some(user.name), user.idle_seconds))
    }
}

/// Whether the idle time of the logged-in user is known here.
pub fn idle_support() -> Result<(), Unsupported> {
    platform::idle_support()
}

/// Keeps the largest few of many processes without keeping the many.
struct Top<K> {
    entries: Vec<(K, usize)>,
}

impl<K: PartialOrd + Copy> Top<K> {
    fn new() -> Self {
        Self { entries: Vec::with_capacity(TOP_PROCESSES + 1) }
    }

    fn offer(&mut self, key: K, index: usize) {
        let place = self.entries.partition_point(|(other, _)| *other >= key);
        if place < TOP_PROCESSES {
            self.entries.insert(place, (key, index));
            self.entries.truncate(TOP_PROCESSES);
        }
    }

    fn indexes(&self) -> impl Iterator<Item = usize> {
        self.entries.iter().map(|(_, index)| *index)
    }
}

/// What is known of a process before it is known to be among the top.
struct Sighting {
    pid: u32,
    cpu_percent: f32,
    memory_bytes: u64,
}

/// Sorts out the top processes by CPU and by memory; `name` and `user` are asked only for those.
fn top_processes(
    sightings: &[Sighting],
    mut details: impl FnMut(u32) -> Option<(String, Option<String>)>,
) -> (Vec<Process>, Vec<Process>) {
    let (mut by_cpu, mut by_memory) = (Top::new(), Top::new());
    for (index, sighting) in sightings.iter().enumerate() {
        by_cpu.offer(sighting.cpu_percent, index);
        by_memory.offer(sighting.memory_bytes, index);
    }
    let mut process = |index: usize| {
        let Sighting { pid, cpu_percent, memory_bytes } = sightings[index];
        let (name, user) = details(pid)?;
        Some(Process { pid, name: short(&name), user: user.as_deref().map(short), cpu_percent, memory_bytes })
    };
    let top_cpu = by_cpu.indexes().filter_map(&mut process).collect();
    let top_memory = by_memory.indexes().filter_map(&mut process).collect();
    (top_cpu, top_memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_is_sorted_and_small() {
        let sightings: Vec<_> = (0..100u32)
            .map(|pid| Sighting { pid, cpu_percent: (pid * 7 % 100) as f32, memory_bytes: u64::from(pid * 13 % 100) })
            .collect();
        let (cpu, memory) = top_processes(&sightings, |pid| Some((format!("p{pid}"), None)));
        assert_eq!(cpu.len(), TOP_PROCESSES);
        assert!(cpu.windows(2).all(|pair| pair[0].cpu_percent >= pair[1].cpu_percent));
        assert!((cpu[0].cpu_percent - 99.0).abs() < f32::EPSILON);
        assert_eq!(memory[0].memory_bytes, 99);
    }

    #[test]
    fn this_machine_can_be_measured() {
        let mut meter = Meter::start();
        let metrics = meter.sample();
        assert!((0.0..=100.0).contains(&metrics.cpu_percent));
        assert!(metrics.memory_total_bytes > 0 && metrics.memory_used_bytes <= metrics.memory_total_bytes);
        assert!(metrics.uptime_seconds > 0);
        assert!(!metrics.top_memory.is_empty());
        assert!(metrics.top_memory.iter().all(|process| !process.name.is_empty()));
        assert!(metrics.disks.iter().all(|disk| disk.used_bytes <= disk.total_bytes && disk.total_bytes > 0));
    }
}
