//! Everything an agent says, brought within bounds before it waits: so the database never has to refuse it. In place, because honest
//! agents stay within them.

use gururmm_protocol::limits::{ADDRESSES_MAX, DISKS_MAX, INTERFACES_MAX, SHORT_TEXT_MAX, TOP_PROCESSES};
use gururmm_protocol::metrics::{Metrics, Process};
use gururmm_protocol::network::{self, Interface, NetworkState};
use gururmm_protocol::record::Body;

use crate::features::enrolment::facts::clean_in_place;

const REASON_MAX: usize = 1_000;
/// A hardware address as text.
const MAC_MAX: usize = 17;
/// Less than this is nothing: an average over smaller figures may be too small for the database's kind of number, which is an error there.
const FIGURE_MIN: f64 = 1e-6;
/// Per core 100, of more cores than there are.
const PROCESS_CPU_MAX: f32 = 100_000.0;

/// Brings a record within bounds.
pub(super) fn bound(body: &mut Body) {
    match body {
        Body::Metrics(metrics) => bound_metrics(metrics),
        Body::NetworkState(state) => bound_network(state),
        Body::CommandResult(result) => clean(result.reason.as_mut(), REASON_MAX),
        Body::CommandStarted { .. } | Body::CommandOutput(_) | Body::Unknown => {}
    }
}

fn bound_metrics(metrics: &mut Metrics) {
    metrics.interval_seconds =
        if metrics.interval_seconds.is_finite() { metrics.interval_seconds.clamp(0.0, 1e9) } else { 0.0 };
    metrics.cpu_percent = finite(metrics.cpu_percent, 100.0);
    metrics.load = metrics
        .load
        .filter(|load| load.iter().all(|value| value.is_finite()))
        .map(|load| load.map(|value| if value < FIGURE_MIN { 0.0 } else { value.min(1e9) }));
    clean(metrics.logged_in_user.as_mut(), SHORT_TEXT_MAX);
    metrics.logged_in_user.take_if(|user| user.is_empty());
    cut(&mut metrics.disks, DISKS_MAX);
    for disk in &mut metrics.disks {
        clean(Some(&mut disk.mount), SHORT_TEXT_MAX);
        disk.used_bytes = bytes(disk.used_bytes);
        disk.total_bytes = bytes(disk.total_bytes);
    }
    for list in [&mut metrics.top_cpu, &mut metrics.top_memory] {
        cut(list, TOP_PROCESSES);
        list.iter_mut().for_each(bound_process);
    }
}

fn bound_process(process: &mut Process) {
    clean(Some(&mut process.name), SHORT_TEXT_MAX);
    clean(process.user.as_mut(), SHORT_TEXT_MAX);
    process.cpu_percent = finite(process.cpu_percent, PROCESS_CPU_MAX);
    process.memory_bytes = bytes(process.memory_bytes);
}

fn bound_network(state: &mut NetworkState) {
    cut(&mut state.interfaces, INTERFACES_MAX);
    state.interfaces.iter_mut().for_each(bound_interface);
    state.wan_address.take_if(|address| !network::is_public(*address));
}

fn bound_interface(interface: &mut Interface) {
    clean(Some(&mut interface.name), SHORT_TEXT_MAX);
    clean(interface.mac.as_mut(), MAC_MAX);
    interface.addresses.retain(|address| address.is_valid());
    cut(&mut interface.addresses, ADDRESSES_MAX);
}

/// Shortens a list, and gives back the memory of what is gone: it would wait with the rest, and nobody would have counted it.
fn cut<T>(list: &mut Vec<T>, max: usize) {
    list.truncate(max);
    if list.capacity() > 2 * list.len() {
        list.shrink_to_fit();
    }
}

fn clean(text: Option<&mut String>, max: usize) {
    if let Some(text) = text {
        clean_in_place(text, max);
    }
}

/// A number of bytes that PostgreSQL takes.
fn bytes(value: u64) -> u64 {
    value.min(i64::MAX as u64)
}

fn finite(value: f32, max: f32) -> f32 {
    if value.is_finite() && f64::from(value) >= FIGURE_MIN { value.min(max) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use gururmm_protocol::network::Interface;

    use super::*;

    #[test]
    fn what_is_cut_off_takes_no_memory() {
        let interface = Interface { name: String::new(), mac: None, is_up: true, addresses: Vec::new() };
        let mut state = NetworkState { interfaces: vec![interface; 50_000], wan_address: None };
        bound_network(&mut state);
        assert_eq!(state.interfaces.len(), INTERFACES_MAX);
        assert!(state.interfaces.capacity() <= 2 * INTERFACES_MAX);
    }

    #[test]
    fn figures_are_none_too_small_to_average() {
        let figures = [f32::MIN_POSITIVE, 1e-45, f32::NAN, -1.0, 0.5, 101.0];
        assert_eq!(figures.map(|value| finite(value, 100.0).to_string()), ["0", "0", "0", "0", "0.5", "100"]);
    }
}
