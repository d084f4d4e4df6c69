//! What simulated machines say of themselves.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use gururmm_protocol::facts::{Capability, Facts, Os};
use gururmm_protocol::metrics::{Disk, Metrics, Process};
use gururmm_protocol::network::{Interface, InterfaceAddress, NetworkState};

const GIB: u64 = 1024 * 1024 * 1024;

/// Facts of a machine of this name.
pub fn facts(hostname: &str) -> Facts {
    Facts {
        hostname: hostname.to_owned(),
        os: Os::Linux,
        os_name: "Debian GNU/Linux".to_owned(),
        os_version: "12 (bookworm)".to_owned(),
        kernel_version: Some("6.1.0".to_owned()),
        arch: "x86_64".to_owned(),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        capabilities: vec![
            Capability::supported("commands.shell"),
            Capability::unsupported("metrics.load", "A simulated machine has no load average."),
        ],
        hardware: None,
    }
}

/// A measurement with this use of the processors.
pub fn metrics(cpu_percent: f32) -> Metrics {
    let process = |pid: u32, name: &str, cpu: f32, memory: u64| Process {
        pid,
        name: name.to_owned(),
        user: Some("root".to_owned()),
        cpu_percent: cpu,
        memory_bytes: memory,
    };
    Metrics {
        interval_seconds: 60.0,
        cpu_percent,
        load: Some([0.5, 0.4, 0.3]),
        memory_used_bytes: 3 * GIB,
        memory_total_bytes: 8 * GIB,
        swap_used_bytes: 0,
        swap_total_bytes: GIB,
        disks: vec![Disk { mount: "/".to_owned(), used_bytes: 40 * GIB, total_bytes: 100 * GIB }],
        network_rx_bytes: 120_000,
        network_tx_bytes: 45_000,
        uptime_seconds: 86_400,
        logged_in_user: Some("technician".to_owned()),
        user_idle_seconds: Some(42),
        top_cpu: vec![process(100, "database", cpu_percent, GIB), process(200, "web", 1.5, GIB / 4)],
        top_memory: vec![process(100, "database", cpu_percent, GIB), process(300, "cache", 0.1, GIB / 2)],
    }
}

/// A network state with one interface, seen from outside.
pub fn network() -> NetworkState {
    let address = |ip: IpAddr, prefix_length| InterfaceAddress { address: ip, prefix_length };
    NetworkState {
        interfaces: vec![Interface {
            name: "eth0".to_owned(),
            mac: Some("02:00:5e:00:53:01".to_owned()),
            is_up: true,
            addresses: vec![
                address(Ipv4Addr::new(192, 0, 2, 7).into(), 24),
                address(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7).into(), 64),
            ],
        }],
        wan_address: Some(Ipv4Addr::new(198, 51, 100, 7).into()),
    }
}
