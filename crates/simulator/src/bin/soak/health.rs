//! What the server needs.

use crate::outage::Outage;
use gururmm_simulator::processes::usage::{open_files, resident_mb};

/// More than this times the beginning is too much.
const GROWTH_MAX: f64 = 1.5;
/// The second half of the time may need so much more than the first: what lies between is noise.
const DRIFT_MAX: f64 = 1.15;

/// A look at the server while all is well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Health {
    pub(crate) memory_mb: f64,
    pub(crate) files: f64,
}

impl Health {
    pub(crate) fn of(pid: u32) -> anyhow::Result<Self> {
        Ok(Self { memory_mb: resident_mb(pid)?, files: open_files(pid)? as f64 })
    }
}

/// What is wrong with a row of looks, the first of which is the beginning.
pub(crate) fn complaints(looks: &[Health]) -> Vec<String> {
    let memory: Vec<f64> = looks.iter().map(|look| look.memory_mb).collect();
    let files: Vec<f64> = looks.iter().map(|look| look.files).collect();
    [("memory", "MB", memory), ("open files", "", files)]
        .into_iter()
        .filter_map(|(what, unit, values)| Some(format!("{what}{}", complaint(&values, unit)?)))
        .collect()
}

fn complaint(values: &[f64], unit: &str) -> Option<String> {
    let first = *values.first()?;
    let highest = values.iter().copied().fold(first, f64::max);
    if highest > GROWTH_MAX * first {
        return Some(format!(": {first:.0} {unit} at the beginning, {highest:.0} {unit} later"));
    }
    // both halves have to have seen every outage: a server that has just started needs less
    let (early, late) = values[1..].split_at(values.len() / 2);
    let is_long = early.len() >= Outage::ALL.len();
    (is_long && median(late) > DRIFT_MAX * median(early)).then(|| {
        format!(" grows: {:.0} {unit} in the first half, {:.0} {unit} in the second", median(early), median(late))
    })
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(memory: &[f64]) -> Vec<Health> {
        memory.iter().map(|memory_mb| Health { memory_mb: *memory_mb, files: 50.0 }).collect()
    }

    #[test]
    fn noise_is_no_growth_and_growth_is_seen() {
        assert!(complaints(&looks(&[50.0, 60.0, 55.0, 58.0, 56.0, 57.0, 60.0, 55.0, 58.0])).is_empty());
        let jump = complaints(&looks(&[50.0, 60.0, 80.0]));
        assert_eq!(jump, ["memory: 50 MB at the beginning, 80 MB later"]);
        let creep: Vec<f64> = (0..=2 * Outage::ALL.len()).map(|look| 50.0 + 1.4 * look as f64).collect();
        assert!(complaints(&looks(&creep[..=Outage::ALL.len()])).is_empty(), "too few to tell");
        let creep = complaints(&looks(&creep));
        assert!(creep.len() == 1 && creep[0].starts_with("memory grows"), "{creep:?}");
    }
}
