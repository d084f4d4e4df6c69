//! What a simulated machine is: system, size, name and temper, all from the seed.

use gururmm_protocol::facts::{Capability, Facts, Hardware, Os};
use gururmm_protocol::metrics::{Disk, Metrics, Process};
use gururmm_protocol::network::{Interface, InterfaceAddress, NetworkState};
use gururmm_protocol::secret::hash_hex;
use jiff::Timestamp;

use super::curves::{self, Temper};
use super::names::{self, Place};
use super::random::{choose, hash, unit};

const GIB: u64 = 1 << 30;

/// A machine as it is made up.
#[derive(Clone, Debug)]
pub struct Persona {
    seed: u64,
    index: usize,
    /// Its name.
    pub hostname: String,
    /// Where it belongs.
    pub place: Place,
    /// Its system.
    pub os: Os,
    /// How it behaves.
    pub temper: Temper,
    version: SystemVersion,
    memory_total: u64,
    disks: Vec<(&'static str, u64)>,
    user: Option<&'static str>,
}

#[derive(Clone, Copy, Debug)]
struct SystemVersion {
    name: &'static str,
    version: &'static str,
    kernel: &'static str,
    is_server: bool,
}

const fn version(name: &'static str, version: &'static str, kernel: &'static str, is_server: bool) -> SystemVersion {
    SystemVersion { name, version, kernel, is_server }
}

const WINDOWS: [SystemVersion; 5] = [
    version("Windows 11 Pro", "24H2", "10.0.26100", false),
    version("Windows 11 Pro", "23H2", "10.0.22631", false),
    version("Windows 10 Pro", "22H2", "10.0.19045", false),
    version("Windows Server 2022 Standard", "21H2", "10.0.20348", true),
    version("Windows Server 2019 Standard", "1809", "10.0.17763", true),
];
const LINUX: [SystemVersion; 4] = [
    version("Debian GNU/Linux", "12 (bookworm)", "6.1.0-28-amd64", true),
    version("Ubuntu", "24.04.1 LTS", "6.8.0-51-generic", true),
    version("Ubuntu", "22.04.5 LTS", "5.15.0-130-generic", true),
    version("Rocky Linux", "9.5 (Blue Onyx)", "5.14.0-503.el9", true),
];
const MACOS: [SystemVersion; 3] = [
    version("macOS", "15.2", "24.2.0", false),
    version("macOS", "14.7.2", "23.6.0", false),
    version("macOS", "13.7.2", "22.6.0", false),
];

impl Persona {
    /// The machine of this number in the fleet of this seed.
    pub fn of(seed: u64, index: usize) -> Self {
        let own = hash(seed, index as u64);
        let os = match unit(own, 20) {
            share if share < 0.68 => Os::Windows,
            share if share < 0.9 => Os::Linux,
            _ => Os::Macos,
        };
        let versions: &[SystemVersion] = match os {
            Os::Windows => &WINDOWS,
            Os::Linux => &LINUX,
            Os::Macos => &MACOS,
        };
        let version = choose(own, 21, versions);
        let temper = match unit(own, 22) {
            share if share < 0.04 => Temper::Leaking,
            share if share < 0.08 => Temper::Filling,
            share if share < 0.13 => Temper::Noisy,
            _ if version.is_server => Temper::Server,
            _ => Temper::Office,
        };
        Self {
            seed: own,
            index,
            hostname: names::hostname(seed, index, version.is_server),
            place: names::place(seed, index),
            os,
            temper,
            version,
            memory_total: choose(own, 23, if version.is_server { &[16, 32, 64, 128] } else { &[8, 16, 16, 32] }) * GIB,
            disks: disks(own, os, version.is_server),
            user: (!version.is_server).then(|| names::user(seed, index)),
        }
    }

    /// Its own seed, for what happens to it.
    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// What it says of itself.
    pub fn facts(&self) -> Facts {
        let mut capabilities = vec![Capability::supported("metrics"), Capability::supported("commands.shell")];
        if self.os == Os::Windows {
            capabilities.push(Capability::unsupported("metrics.load", "Windows has no load average."));
        } else {
            capabilities.push(Capability::supported("metrics.load"));
        }
        Facts {
            hostname: self.hostname.clone(),
            os: self.os,
            os_name: self.version.name.to_owned(),
            os_version: self.version.version.to_owned(),
            kernel_version: Some(self.version.kernel.to_owned()),
            arch: if self.os == Os::Macos { "aarch64" } else { "x86_64" }.to_owned(),
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            capabilities,
            hardware: Some(self.hardware()),
        }
    }

    /// What its firmware says.
    fn hardware(&self) -> Hardware {
        let (manufacturer, model) = match self.os {
            Os::Macos => ("Apple Inc.", choose(self.seed, 24, &["Mac14,2", "Mac15,3", "Mac16,10"])),
            _ if self.version.is_server => ("QEMU", "Standard PC (Q35 + ICH9, 2009)"),
            _ => ("Example Computers", choose(self.seed, 24, &["Desk 400", "Desk 600", "Note 14", "Note 15"])),
        };
        Hardware {
            uuid_hash: Some(hash_hex(&self.seed.to_be_bytes())),
            serial: Some(format!("EX{:08X}", hash(self.seed, 25) as u32)),
            manufacturer: Some(manufacturer.to_owned()),
            model: Some(model.to_owned()),
        }
    }

    /// Its interfaces, in networks that are for documentation.
    pub fn network(&self) -> NetworkState {
        let [.., high, low] = (self.index as u32).to_be_bytes();
        let address = |text: String, prefix_length| InterfaceAddress {
            address: text.parse().unwrap_or(std::net::Ipv4Addr::LOCALHOST.into()),
            prefix_length,
        };
        let name = match self.os {
            Os::Windows => "Ethernet",
            Os::Linux => "eth0",
            Os::Macos => "en0",
        };
        NetworkState {
            interfaces: vec![Interface {
                name: name.to_owned(),
                mac: Some(format!("02:00:5e:00:{high:02x}:{low:02x}")),
                is_up: true,
                addresses: vec![
                    address(format!("192.0.2.{}", low.max(1)), 24),
                    address(format!("2001:db8:{high:x}::{low:x}"), 64),
                ],
            }],
            wan_address: format!("198.51.100.{}", hash(self.seed, 30) % 254 + 1).parse().ok(),
        }
    }

    /// What it measures at a moment, over the time since the measurement before.
    pub fn metrics(&self, at: Timestamp, interval_seconds: f64) -> Metrics {
        let (seed, temper, now) = (self.seed, self.temper, at.as_second() as f64);
        let cpu = curves::cpu(temper, seed, now);
        let used = (self.memory_total as f64 * curves::memory(temper, seed, now)) as u64;
        let (received, sent) = curves::network(temper, seed, now);
        let disks = self.disks.iter().zip(0..).map(|((mount, total), volume)| Disk {
            mount: (*mount).to_owned(),
            used_bytes: (*total as f64 * curves::disk(temper, seed, volume, now)) as u64,
            total_bytes: *total,
        });
        let idle = self.user.map(|_| (unit(seed, at.as_second() as u64 / 600) * 1_800.0) as u64);
        Metrics {
            interval_seconds,
            cpu_percent: cpu as f32,
            load: (self.os != Os::Windows).then(|| [cpu / 25.0, cpu / 28.0, cpu / 30.0]),
            memory_used_bytes: used,
            memory_total_bytes: self.memory_total,
            swap_used_bytes: used / 40,
            swap_total_bytes: self.memory_total / 4,
            disks: disks.collect(),
            network_rx_bytes: (received * interval_seconds) as u64,
            network_tx_bytes: (sent * interval_seconds) as u64,
            uptime_seconds: curves::uptime(seed, now) as u64,
            logged_in_user: self.user.map(str::to_owned),
            user_idle_seconds: idle,
            top_cpu: self.processes(cpu, used, at, true),
            top_memory: self.processes(cpu, used, at, false),
        }
    }

    /// The ten busiest, as a real machine tells them: of each list the first takes the most.
    fn processes(&self, cpu: f64, memory: u64, at: Timestamp, by_cpu: bool) -> Vec<Process> {
        let names: &[&str] = match self.os {
            Os::Windows => &WINDOWS_PROCESSES,
            Os::Linux => &LINUX_PROCESSES,
            Os::Macos => &MACOS_PROCESSES,
        };
        let first = hash(self.seed, if by_cpu { at.as_second() as u64 / 900 } else { 40 }) as usize;
        let one = |place: usize| {
            let name = names[(first + place) % names.len()];
            let share = 0.5_f64.powi(i32::try_from(place).unwrap_or(i32::MAX) + 1);
            Process {
                pid: (hash(self.seed, 50 + (first + place) as u64 % names.len() as u64) % 30_000 + 300) as u32,
                name: name.to_owned(),
                user: Some(if place.is_multiple_of(3) { "SYSTEM" } else { self.user.unwrap_or("root") }.to_owned()),
                cpu_percent: (cpu * share) as f32,
                memory_bytes: (memory as f64 * share * 0.8) as u64,
            }
        };
        (0..10).map(one).collect()
    }
}

const WINDOWS_PROCESSES: [&str; 12] = [
    "chrome.exe",
    "explorer.exe",
    "MsMpEng.exe",
    "svchost.exe",
    "OUTLOOK.EXE",
    "Teams.exe",
    "SearchIndexer.exe",
    "dwm.exe",
    "sqlservr.exe",
    "lsass.exe",
    "spoolsv.exe",
    "gururmm-agent.exe",
];
const LINUX_PROCESSES: [&str; 12] = [
    "postgres",
    "nginx",
    "java",
    "mysqld",
    "systemd-journald",
    "dockerd",
    "php-fpm",
    "redis-server",
    "sshd",
    "node",
    "rsyslogd",
    "gururmm-agent",
];
const MACOS_PROCESSES: [&str; 12] = [
    "WindowServer",
    "Safari",
    "kernel_task",
    "mds_stores",
    "Finder",
    "Mail",
    "Music",
    "cloudd",
    "coreaudiod",
    "Slack",
    "Xcode",
    "gururmm-agent",
];

fn disks(seed: u64, os: Os, is_server: bool) -> Vec<(&'static str, u64)> {
    let size = choose(seed, 24, &[128_u64, 256, 512, 1_024]) * GIB;
    let mounts: &[&str] = match (os, is_server) {
        (Os::Windows, true) => &["C:", "D:"],
        (Os::Windows, false) => &["C:"],
        (Os::Linux, _) => &["/", "/var"],
        (Os::Macos, _) => &["/"],
    };
    mounts.iter().map(|mount| (*mount, size)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_is_the_same_fleet() {
        let at = "2026-03-01T12:00:00Z".parse().unwrap();
        for index in [0, 17, 4_999] {
            let (one, other) = (Persona::of(42, index), Persona::of(42, index));
            assert_eq!(one.facts(), other.facts());
            assert_eq!(one.metrics(at, 60.0), other.metrics(at, 60.0));
            assert_ne!(Persona::of(43, index).metrics(at, 60.0), one.metrics(at, 60.0));
        }
    }

    #[test]
    fn a_fleet_is_a_mix() {
        let fleet: Vec<Persona> = (0..1_000).map(|index| Persona::of(1, index)).collect();
        let share = |of: &dyn Fn(&Persona) -> bool| fleet.iter().filter(|persona| of(persona)).count();
        assert!((600..760).contains(&share(&|persona| persona.os == Os::Windows)));
        assert!((150..290).contains(&share(&|persona| persona.os == Os::Linux)));
        for temper in [Temper::Leaking, Temper::Filling, Temper::Noisy, Temper::Office, Temper::Server] {
            assert!(share(&|persona| persona.temper == temper) > 10, "{temper:?}");
        }
    }

    #[test]
    fn a_measurement_is_as_large_as_a_real_one() {
        let metrics = Persona::of(1, 3).metrics("2026-03-01T12:00:00Z".parse().unwrap(), 60.0);
        assert_eq!((metrics.top_cpu.len(), metrics.top_memory.len()), (10, 10));
        assert!(metrics.top_cpu.is_sorted_by(|one, next| one.cpu_percent >= next.cpu_percent));
        assert!(metrics.memory_used_bytes < metrics.memory_total_bytes);
        assert!(Persona::of(1, 3).network().interfaces[0].addresses.iter().all(|address| address.is_valid()));
    }
}
