//! Curves of measurements: pure functions of a seed and the time, so that the past can be made up at any moment.

use std::f64::consts::TAU;

use super::random::{hash, unit};

pub(super) const DAY: f64 = 86_400.0;

/// How a machine behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Temper {
    /// Follows the working day.
    Office,
    /// Steady, busier at night.
    Server,
    /// A process that never gives its memory back, until the machine is started anew.
    Leaking,
    /// A volume that fills up.
    Filling,
    /// Processors that jump.
    Noisy,
}

/// Smooth randomness between 0 and 1: a new value every `period` seconds, and a soft way between them.
fn drift(seed: u64, at: f64, period: f64) -> f64 {
    let place = at / period;
    let (step, part) = (place.floor(), place.fract());
    let value = |step: f64| unit(seed, step as i64 as u64);
    let soft = part * part * (3.0 - 2.0 * part);
    value(step) * (1.0 - soft) + value(step + 1.0) * soft
}

/// How much of the working day it is, 0 to 1: highest at two in the afternoon, nothing at night.
fn working(at: f64, shift: f64) -> f64 {
    let hour = (at / 3_600.0 + shift).rem_euclid(24.0);
    (0.5 - 0.5 * ((hour - 2.0) / 24.0 * TAU).cos()).powi(2)
}

/// Use of all processors, percent.
pub(super) fn cpu(temper: Temper, seed: u64, at: f64) -> f64 {
    let shift = unit(seed, 1) * 4.0 - 2.0;
    let (slow, quick) = (drift(hash(seed, 2), at, 1_800.0), drift(hash(seed, 3), at, 120.0));
    let percent = match temper {
        Temper::Office => 3.0 + 40.0 * working(at, shift) * (0.4 + 0.6 * slow) + 12.0 * quick,
        Temper::Server => 18.0 + 20.0 * (1.0 - working(at, shift)) * slow + 10.0 * quick,
        Temper::Leaking | Temper::Filling => 8.0 + 14.0 * slow + 8.0 * quick,
        Temper::Noisy => {
            let burst = if drift(hash(seed, 4), at, 300.0) > 0.72 { 70.0 } else { 0.0 };
            10.0 + burst * (0.7 + 0.3 * quick) + 15.0 * quick
        }
    };
    percent.clamp(0.0, 100.0)
}

/// Memory in use, a share of all of it.
pub(super) fn memory(temper: Temper, seed: u64, at: f64) -> f64 {
    let base = 0.25 + 0.3 * unit(seed, 5);
    let breath = 0.06 * drift(hash(seed, 6), at, 3_600.0);
    let share = match temper {
        Temper::Leaking => {
            let period = DAY * (2.0 + 5.0 * unit(seed, 7));
            base + breath + 0.55 * (at + unit(seed, 8) * period).rem_euclid(period) / period
        }
        Temper::Office => base + breath + 0.15 * working(at, 0.0),
        _ => base + breath,
    };
    share.clamp(0.05, 0.98)
}

/// A volume in use, a share of its size.
pub(super) fn disk(temper: Temper, seed: u64, volume: u64, at: f64) -> f64 {
    let base = 0.2 + 0.5 * unit(seed, 10 + volume);
    let share = if temper == Temper::Filling && volume == 0 {
        // half a percent to two percent a day, then somebody clears it
        let period = DAY * (25.0 + 75.0 * unit(seed, 9));
        0.45 + 0.53 * (at + unit(seed, 9) * period).rem_euclid(period) / period
    } else {
        base + 0.01 * drift(hash(seed, 11), at, DAY)
    };
    share.clamp(0.02, 0.99)
}

/// Bytes each second: received and sent.
pub(super) fn network(temper: Temper, seed: u64, at: f64) -> (f64, f64) {
    let scale = if temper == Temper::Server { 2e6 } else { 2e5 };
    let use_of_it = drift(hash(seed, 12), at, 600.0).powi(3) * (0.2 + working(at, 0.0));
    (scale * use_of_it + 800.0, scale * 0.3 * use_of_it + 500.0)
}

/// Seconds since the machine was started.
pub(super) fn uptime(seed: u64, at: f64) -> f64 {
    let period = DAY * (3.0 + 60.0 * unit(seed, 13));
    (at + unit(seed, 14) * period).rem_euclid(period)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPERS: [Temper; 5] = [Temper::Office, Temper::Server, Temper::Leaking, Temper::Filling, Temper::Noisy];

    fn minutes(days: f64) -> impl Iterator<Item = f64> {
        let count = (days * 1_440.0) as u32;
        (0..count).map(|minute| 1.8e9 + 60.0 * f64::from(minute))
    }

    #[test]
    fn every_figure_is_possible_at_any_time() {
        for temper in TEMPERS {
            for at in minutes(30.0).step_by(7) {
                assert!((0.0..=100.0).contains(&cpu(temper, 1, at)));
                assert!((0.0..=1.0).contains(&memory(temper, 1, at)) && (0.0..=1.0).contains(&disk(temper, 1, 0, at)));
                let (received, sent) = network(temper, 1, at);
                assert!(received > 0.0 && sent > 0.0 && uptime(1, at) >= 0.0);
            }
        }
    }

    #[test]
    fn curves_are_smooth_where_they_should_be_and_jump_where_they_may() {
        let jumps = |temper| {
            let values: Vec<f64> = minutes(1.0).map(|at| cpu(temper, 3, at)).collect();
            values.windows(2).filter(|pair| (pair[0] - pair[1]).abs() > 30.0).count()
        };
        assert_eq!(jumps(Temper::Office), 0);
        assert!(jumps(Temper::Noisy) > 10);
    }

    #[test]
    fn the_working_day_is_seen() {
        let mean = |hours: std::ops::Range<u32>| {
            let at = |hour: u32| 20_000.0 * DAY + f64::from(hour) * 3_600.0;
            let values: Vec<f64> = hours.map(|hour| cpu(Temper::Office, 9, at(hour))).collect();
            values.iter().sum::<f64>() / values.len() as f64
        };
        assert!(mean(12..16) > 1.5 * mean(0..4), "{} {}", mean(12..16), mean(0..4));
    }

    #[test]
    fn a_leak_only_grows_until_the_machine_starts_anew() {
        let values: Vec<f64> = minutes(9.0).step_by(60).map(|at| memory(Temper::Leaking, 5, at)).collect();
        let drops = values.windows(2).filter(|pair| pair[0] - pair[1] > 0.3).count();
        assert!((1..=4).contains(&drops), "{drops} restarts in nine days");
        let highest = values.iter().copied().fold(0.0, f64::max);
        assert!(highest > 0.7, "{highest}");
    }
}
