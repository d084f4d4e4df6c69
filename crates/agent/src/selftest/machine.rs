//! Measurements, the network state and the service manager.

use gururmm_agent_os::metrics::{Meter, idle_support};
use gururmm_agent_os::{machine, network, service};
use gururmm_protocol::metrics::Metrics;

use super::{Failure, Outcome, wrong};

/// What tells this machine from others; only its beginning is shown.
pub(super) fn identity() -> Outcome {
    const SHOWN: usize = 8;
    let id = machine::id()?;
    Ok(format!("{}… ({} characters)", id.chars().take(SHOWN).collect::<String>(), id.chars().count()))
}

async fn measure() -> Result<Metrics, Failure> {
    let measured = tokio::task::spawn_blocking(|| {
        let mut meter = Meter::start();
        std::thread::sleep(meter.until_meaningful());
        meter.sample()
    });
    measured.await.map_err(|error| wrong(error.to_string()))
}

/// Every section of a measurement is there and possible.
pub(super) async fn metrics() -> Outcome {
    let metrics = measure().await?;
    let impossible = [
        ("the memory", metrics.memory_total_bytes == 0 || metrics.memory_used_bytes > metrics.memory_total_bytes),
        ("the processors", !(0.0..=100.0).contains(&metrics.cpu_percent)),
        ("the time since the start", metrics.uptime_seconds == 0),
        ("the volumes", metrics.disks.is_empty()),
        ("the processes", metrics.top_memory.is_empty() || metrics.top_cpu.is_empty()),
    ];
    let missing: Vec<_> = impossible.iter().filter(|(_, is_wrong)| *is_wrong).map(|(name, _)| *name).collect();
    if !missing.is_empty() {
        return Err(wrong(format!("the system does not tell {}", missing.join(", "))));
    }
    let load = metrics.load.map_or_else(|| "no load average".to_owned(), |load| format!("load {:.2}", load[0]));
    Ok(format!(
        "CPU {:.0} %, {load}, memory {} of {} MB, swap {} MB, {} volumes, up {} s, busiest by memory: {}",
        metrics.cpu_percent,
        metrics.memory_used_bytes / 1_000_000,
        metrics.memory_total_bytes / 1_000_000,
        metrics.swap_total_bytes / 1_000_000,
        metrics.disks.len(),
        metrics.uptime_seconds,
        metrics.top_memory.first().map_or("none", |process| process.name.as_str()),
    ))
}

/// Who is logged in, and for how long nothing was touched.
pub(super) async fn user() -> Outcome {
    let metrics = measure().await?;
    let Some(user) = metrics.logged_in_user else { return Ok("nobody is logged in".to_owned()) };
    if let Some(seconds) = metrics.user_idle_seconds {
        return Ok(format!("{user}, idle for {seconds} s"));
    }
    idle_support()?;
    Ok(format!("{user}; the system does not tell for how long nothing was touched"))
}

/// The interfaces and their addresses.
pub(super) fn network() -> Outcome {
    let interfaces = network::interfaces()?;
    let shown = interfaces.iter().map(|interface| {
        let addresses: Vec<_> =
            interface.addresses.iter().map(|entry| format!("{}/{}", entry.address, entry.prefix_length)).collect();
        format!("{} [{}]", interface.name, addresses.join(" "))
    });
    let shown: Vec<_> = shown.collect();
    Ok(if shown.is_empty() { "no interface but the loopback".to_owned() } else { shown.join(", ") })
}

/// The service manager, and what it says of the agent.
pub(super) fn service() -> Outcome {
    service::support()?;
    let state = service::state().map_err(|error| wrong(error.to_string()))?;
    Ok(format!("{} is {}", service::NAME, state.as_str()))
}
