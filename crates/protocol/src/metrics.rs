//! The metrics payload: one measurement of a machine, with the busiest processes of the same moment.

use serde::{Deserialize, Serialize};

/// One measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Seconds since the measurement before: deltas and CPU use are over this span.
    pub interval_seconds: f64,
    /// Use of all processors together, 0 to 100.
    pub cpu_percent: f32,
    /// Load average over 1, 5 and 15 minutes, where the system has one.
    #[serde(default)]
    pub load: Option<[f64; 3]>,
    /// Memory in use, bytes: total less what can be given out without swapping.
    pub memory_used_bytes: u64,
    /// Physical memory, bytes.
    pub memory_total_bytes: u64,
    /// Swap in use, bytes.
    #[serde(default)]
    pub swap_used_bytes: u64,
    /// Swap space, bytes.
    #[serde(default)]
    pub swap_total_bytes: u64,
    /// Volumes.
    #[serde(default)]
    pub disks: Vec<Disk>,
    /// Bytes received on all physical interfaces during the interval.
    #[serde(default)]
    pub network_rx_bytes: u64,
    /// Bytes sent on all physical interfaces during the interval.
    #[serde(default)]
    pub network_tx_bytes: u64,
    /// Seconds since the machine started.
    #[serde(default)]
    pub uptime_seconds: u64,
    /// Who is logged in, if anyone.
    #[serde(default)]
    pub logged_in_user: Option<String>,
    /// Seconds since that user last touched keyboard, mouse or terminal, where the system knows.
    #[serde(default)]
    pub user_idle_seconds: Option<u64>,
    /// The busiest processes by CPU, at most [`crate::limits::TOP_PROCESSES`].
    #[serde(default)]
    pub top_cpu: Vec<Process>,
    /// The largest processes by memory, at most [`crate::limits::TOP_PROCESSES`].
    #[serde(default)]
    pub top_memory: Vec<Process>,
}

/// One mounted volume.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Disk {
    /// Where it is mounted, or its drive.
    pub mount: String,
    /// Bytes in use.
    pub used_bytes: u64,
    /// Size, bytes.
    pub total_bytes: u64,
}

/// One process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// Name of the program.
    pub name: String,
    /// Owner.
    #[serde(default)]
    pub user: Option<String>,
    /// Use of one processor, 0 to 100 per core.
    pub cpu_percent: f32,
    /// Resident memory, bytes.
    pub memory_bytes: u64,
}
