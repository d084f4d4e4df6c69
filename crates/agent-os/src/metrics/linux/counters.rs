//! The whole machine's counters: pure parsers of `/proc` files.

/// Clock ticks of all processors since boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CpuTimes {
    busy: u64,
    all: u64,
}

impl CpuTimes {
    /// Share of busy time since an earlier reading, 0 to 100. Counters may step back when a processor is unplugged.
    pub(super) fn percent_since(self, before: Self) -> f32 {
        let all = self.all.saturating_sub(before.all);
        let busy = self.busy.saturating_sub(before.busy).min(all);
        if all == 0 { 0.0 } else { (busy as f64 / all as f64 * 100.0) as f32 }
    }
}

/// `/proc/stat`: user nice system idle iowait irq softirq steal; guest time is within user.
pub(super) fn cpu_times(stat: &str) -> CpuTimes {
    let fields: Vec<u64> = stat
        .lines()
        .find_map(|line| line.strip_prefix("cpu "))
        .map(|line| line.split_whitespace().take(8).filter_map(|field| field.parse().ok()).collect())
        .unwrap_or_default();
    let all = fields.iter().sum::<u64>();
    let idle = fields.iter().skip(3).take(2).sum::<u64>();
    CpuTimes { busy: all - idle, all }
}

/// Bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) total: u64,
    pub(super) available: u64,
    pub(super) swap_total: u64,
    pub(super) swap_free: u64,
}

/// `/proc/meminfo`.
pub(super) fn memory(meminfo: &str) -> Memory {
    let mut memory = Memory::default();
    for line in meminfo.lines() {
        let Some((key, value)) = line.split_once(':') else { continue };
        let kib = value.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0);
        let field = match key {
            "MemTotal" => &mut memory.total,
            "MemAvailable" => &mut memory.available,
            "SwapTotal" => &mut memory.swap_total,
            "SwapFree" => &mut memory.swap_free,
            _ => continue,
        };
        *field = kib * 1024;
    }
    memory
}

/// `/proc/loadavg`.
pub(super) fn load(loadavg: &str) -> Option<[f64; 3]> {
    let mut fields = loadavg.split_whitespace().map(|field| field.parse::<f64>().ok());
    Some([fields.next()??, fields.next()??, fields.next()??])
}

/// `/proc/uptime`.
pub(super) fn uptime_seconds(uptime: &str) -> u64 {
    uptime.split(['.', ' ']).next().and_then(|seconds| seconds.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_use_is_the_share_of_time_not_idle() {
        let before = cpu_times("cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 2 3\n");
        let after = cpu_times("cpu  150 0 125 775 100 0 0 50 0 0\n");
        assert!((after.percent_since(before) - 62.5).abs() < 0.01);
        assert!(before.percent_since(after).abs() < 0.01);
        assert_eq!(cpu_times(""), CpuTimes::default());
    }

    #[test]
    fn memory_is_read_in_bytes() {
        let text = "MemTotal:       24614788 kB\nMemFree:        22000000 kB\nMemAvailable:   23000000 kB\nSwapTotal: 4 kB\nSwapFree: 1 kB\n";
        let memory = memory(text);
        assert_eq!(memory.total, 24_614_788 * 1024);
        assert_eq!(memory.available, 23_000_000 * 1024);
        assert_eq!((memory.swap_total, memory.swap_free), (4096, 1024));
    }

    #[test]
    fn load_and_uptime() {
        assert_eq!(load("0.50 1.25 2.00 1/234 5678\n"), Some([0.5, 1.25, 2.0]));
        assert_eq!(load("x"), None);
        assert_eq!(uptime_seconds("12345.67 999.00\n"), 12345);
    }
}
