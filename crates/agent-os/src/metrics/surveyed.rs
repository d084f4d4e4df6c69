//! Windows and macOS: what the `sysinfo` library reads, without command lines and environments.

use std::collections::HashSet;
use std::time::Duration;

use gururmm_protocol::limits::DISKS_MAX;
use gururmm_protocol::metrics::{Disk, Metrics};
use sysinfo::{Disks, MemoryRefreshKind, Networks, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind, Users};

use super::{Sighting, User, short, top_processes};

/// What only the system's own file knows.
pub(super) struct Own {
    pub(super) cpu_percent: f32,
    pub(super) load: Option<[f64; 3]>,
    pub(super) user: Option<User>,
}

pub(super) struct Survey {
    system: Option<System>,
    networks: Option<Networks>,
    is_physical: fn(&str) -> bool,
}

impl Survey {
    pub(super) fn start(is_physical: fn(&str) -> bool) -> Self {
        Self { system: System::new().ok(), networks: Networks::new_with_refreshed_list().ok(), is_physical }
    }

    pub(super) fn sample(&mut self, interval: Duration, own: Own) -> Metrics {
        let (network_rx_bytes, network_tx_bytes) = self.traffic();
        let (logged_in_user, user_idle_seconds) = User::split(own.user);
        let mut metrics = Metrics {
            interval_seconds: interval.as_secs_f64(),
            cpu_percent: own.cpu_percent.clamp(0.0, 100.0),
            load: own.load,
            memory_used_bytes: 0,
            memory_total_bytes: 0,
            swap_used_bytes: 0,
            swap_total_bytes: 0,
            disks: disks(),
            network_rx_bytes,
            network_tx_bytes,
            uptime_seconds: System::uptime().unwrap_or_default(),
            logged_in_user,
            user_idle_seconds,
            top_cpu: Vec::new(),
            top_memory: Vec::new(),
        };
        let Some(system) = &mut self.system else { return metrics };
        system.refresh_memory_specifics(MemoryRefreshKind::everything());
        let wanted = ProcessRefreshKind::nothing().with_cpu().with_memory().with_user(UpdateKind::OnlyIfNotSet);
        system.refresh_processes_specifics(ProcessesToUpdate::All, true, wanted);
        metrics.memory_total_bytes = system.total_memory();
        metrics.memory_used_bytes = system.total_memory().saturating_sub(system.available_memory());
        metrics.swap_total_bytes = system.total_swap();
        metrics.swap_used_bytes = system.used_swap();
        (metrics.top_cpu, metrics.top_memory) = top(system);
        metrics
    }

    fn traffic(&mut self) -> (u64, u64) {
        let Some(networks) = &mut self.networks else { return (0, 0) };
        networks.refresh(true);
        let physical = networks.iter().filter(|(name, _)| (self.is_physical)(&name.to_string_lossy()));
        physical.fold((0, 0), |(rx, tx), (_, data)| (rx + data.received(), tx + data.transmitted()))
    }
}

fn top(system: &System) -> (Vec<gururmm_protocol::metrics::Process>, Vec<gururmm_protocol::metrics::Process>) {
    let sightings: Vec<_> = system
        .processes()
        .iter()
        .map(|(pid, process)| Sighting {
            pid: pid.as_u32(),
            cpu_percent: process.cpu_usage(),
            memory_bytes: process.memory(),
        })
        .collect();
    let users = Users::new_with_refreshed_list().ok();
    top_processes(&sightings, |pid| {
        let process = system.process(sysinfo::Pid::from_u32(pid))?;
        let user = users.as_ref().zip(process.user_id()).and_then(|(users, id)| users.get_user_by_id(id));
        Some((process.name().to_string_lossy().into_owned(), user.map(|user| user.name().to_owned())))
    })
}

fn disks() -> Vec<Disk> {
    let Ok(disks) = Disks::new_with_refreshed_list() else { return Vec::new() };
    let mut seen = HashSet::new();
    disks
        .iter()
        .filter(|disk| disk.total_space() > 0 && seen.insert((disk.name().to_owned(), disk.mount_point().to_owned())))
        .map(|disk| Disk {
            mount: short(&disk.mount_point().to_string_lossy()),
            used_bytes: disk.total_space().saturating_sub(disk.available_space()),
            total_bytes: disk.total_space(),
        })
        .take(DISKS_MAX)
        .collect()
}
