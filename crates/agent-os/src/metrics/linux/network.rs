//! Traffic of the physical interfaces: bridges, tunnels and containers carry the same bytes again.

use std::collections::HashMap;
use std::path::Path;

/// Bytes received and sent since the interface appeared, by name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Totals(HashMap<String, (u64, u64)>);

impl Totals {
    /// What came and went since an earlier reading. An interface that is new, or whose counters stepped back, has no delta.
    pub(super) fn since(&self, before: &Self) -> (u64, u64) {
        let mut sum = (0, 0);
        for (name, now) in &self.0 {
            if let Some(then) = before.0.get(name)
                && now.0 >= then.0
                && now.1 >= then.1
            {
                sum.0 += now.0 - then.0;
                sum.1 += now.1 - then.1;
            }
        }
        sum
    }
}

pub(super) fn totals() -> Totals {
    let all = parse(&super::read("/proc/net/dev"));
    choose(all, |name| Path::new("/sys/class/net").join(name).join("device").exists())
}

/// Without any physical interface, as in a container, all but the virtual ones by name.
fn choose(all: Vec<(String, (u64, u64))>, is_physical: impl Fn(&str) -> bool) -> Totals {
    const VIRTUAL: [&str; 9] = ["lo", "veth", "docker", "br-", "virbr", "tun", "tap", "wg", "dummy"];
    let physical: HashMap<_, _> = all.iter().filter(|(name, _)| is_physical(name)).cloned().collect();
    if !physical.is_empty() {
        return Totals(physical);
    }
    Totals(all.into_iter().filter(|(name, _)| !VIRTUAL.iter().any(|prefix| name.starts_with(prefix))).collect())
}

/// `/proc/net/dev`: two lines of headings, then `name: rx_bytes and seven more, tx_bytes and seven more`.
fn parse(text: &str) -> Vec<(String, (u64, u64))> {
    let interface = |line: &str| {
        let (name, counters) = line.rsplit_once(':')?;
        let mut counters = counters.split_whitespace();
        let rx = counters.next()?.parse().ok()?;
        let tx = counters.nth(7)?.parse().ok()?;
        Some((name.trim().to_owned(), (rx, tx)))
    };
    text.lines().skip(2).filter_map(interface).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEV: &str = "Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:  500 1 0 0 0 0 0 0 500 1 0 0 0 0 0 0
  eth0: 1000 9 0 0 0 0 0 0 2000 9 0 0 0 0 0 0
docker0: 77 1 0 0 0 0 0 0 88 1 0 0 0 0 0 0
";

    #[test]
    fn only_physical_interfaces_count() {
        let totals = choose(parse(DEV), |name| name == "eth0");
        assert_eq!(totals.0, HashMap::from([("eth0".to_owned(), (1000, 2000))]));
        assert_eq!(choose(parse(DEV), |_| false), totals);
    }

    #[test]
    fn deltas_ignore_new_and_reset_interfaces() {
        let before = Totals(HashMap::from([("eth0".to_owned(), (100, 50)), ("eth1".to_owned(), (9000, 9000))]));
        let now = Totals(HashMap::from([
            ("eth0".to_owned(), (150, 60)),
            ("eth1".to_owned(), (10, 10)),
            ("eth2".to_owned(), (7, 7)),
        ]));
        assert_eq!(now.since(&before), (50, 10));
    }
}
