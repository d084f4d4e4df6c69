//! The table at the end.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use jiff::Zoned;
use serde_json::{Value, json};

/// A figure measured several times.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rounds(pub(crate) Vec<f64>);

/// The same measured of something known, in the same minutes.
pub(crate) struct Yardstick {
    pub(crate) name: &'static str,
    pub(crate) figure: Rounds,
}

/// What a figure must be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Budget {
    AtMost(f64),
    AtLeast(f64),
}

/// One line of the table.
pub(crate) struct Line {
    pub(crate) what: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) figure: Rounds,
    pub(crate) yardstick: Option<Yardstick>,
    /// What the median must be.
    pub(crate) budget: Option<Budget>,
    /// What others have published; measured elsewhere and by others.
    pub(crate) reference: &'static str,
}

/// All lines.
#[derive(Default)]
pub(crate) struct Report(Vec<Line>);

impl Rounds {
    pub(crate) fn median(&self) -> f64 {
        percentile(self.0.clone(), 0.5)
    }

    /// Largest less smallest, as a share of the median; nothing to say of a single round.
    fn spread(&self) -> Option<f64> {
        let low = self.0.iter().copied().reduce(f64::min)?;
        let high = self.0.iter().copied().reduce(f64::max)?;
        (self.0.len() > 1 && self.median() > 0.0).then(|| (high - low) / self.median())
    }

    /// `1.87 ms, 12 %`: the median and the spread.
    fn shown(&self, unit: &str) -> String {
        let spread = self.spread().map_or_else(|| "—".to_owned(), |spread| format!("{:.0} %", spread * 100.0));
        format!("{:.2} {unit}, {spread}", self.median())
    }
}

/// The value below which this share of all values lies (nearest rank).
pub(crate) fn percentile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (share * values.len() as f64).ceil().max(1.0) as usize;
    values.get(rank - 1).copied().unwrap_or(f64::NAN)
}

impl Line {
    fn shown(&self) -> String {
        let dash = || "—".to_owned();
        let yardstick = self.yardstick.as_ref();
        let measured = yardstick.map_or_else(dash, |it| format!("{}: {}", it.name, it.figure.shown(self.unit)));
        let ratio = self.ratio().map_or_else(dash, |ratio| format!("{ratio:.1}"));
        let budget = self.budget.map_or_else(dash, |budget| format!("{} {}", budget.shown(), self.unit));
        let verdict = match self.is_met() {
            Some(true) => "met",
            Some(false) => "**missed**",
            None => "",
        };
        let (what, figure, reference) = (self.what, self.figure.shown(self.unit), self.reference);
        format!("| {what} | {figure} | {measured} | {ratio} | {budget} | {reference} | {verdict} |")
    }
}

impl Line {
    /// How many times the yardstick it is.
    fn ratio(&self) -> Option<f64> {
        let yardstick = self.yardstick.as_ref()?;
        Some(self.figure.median() / yardstick.figure.median()).filter(|ratio| ratio.is_finite())
    }

    /// Whether the median keeps the budget; nothing to say without one.
    fn is_met(&self) -> Option<bool> {
        let median = self.figure.median();
        Some(match self.budget? {
            Budget::AtMost(most) => median <= most,
            Budget::AtLeast(least) => median >= least,
        })
    }

    /// As a program reads it; a figure that was not measured is null.
    fn json(&self) -> Value {
        json!({
            "name": self.what,
            "yardstick": self.yardstick.as_ref().map(|it| json!({ "name": it.name, "figure": it.figure.median() })),
            "figure": self.figure.median(),
            "spread": self.figure.spread(),
            "unit": self.unit,
            "ratio": self.ratio(),
            "budget": self.budget.map(Budget::shown),
            "ok": self.is_met(),
        })
    }
}

impl Budget {
    fn shown(self) -> String {
        match self {
            Self::AtMost(most) => format!("≤ {most}"),
            Self::AtLeast(least) => format!("≥ {least}"),
        }
    }
}

impl Report {
    pub(crate) fn add(&mut self, line: Line) {
        self.0.push(line);
    }

    /// Writes the table, headed by when and on what kind of machine.
    pub(crate) fn print(&self) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}, {}\n", today(), machine())?;
        writeln!(
            out,
            "| what | median, spread | yardstick in the same run | ratio | budget | published elsewhere | |\n|---|---|---|---|---|---|---|"
        )?;
        for line in &self.0 {
            writeln!(out, "{}", line.shown())?;
        }
        Ok(())
    }

    /// Writes all lines as one JSON array.
    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let lines: Vec<Value> = self.0.iter().map(Line::json).collect();
        let text = format!("{}\n", serde_json::to_string_pretty(&lines)?);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
        }
        fs::write(path, text).with_context(|| format!("could not write {}", path.display()))
    }
}

#[expect(clippy::disallowed_methods, reason = "the date of a report")]
fn today() -> jiff::civil::Date {
    Zoned::now().date()
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let of = |text: &str, name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.split_once([':', '=']))
            .map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().trim_matches('"').to_owned())
    };
    let processor = of(&read("/proc/cpuinfo"), "model name");
    let memory = of(&read("/proc/meminfo"), "MemTotal");
    let system = of(&read("/etc/os-release"), "PRETTY_NAME");
    format!("{cores} cores ({processor}), {memory}, {system}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(figure: &[f64], yardstick: Option<&[f64]>) -> Line {
        Line {
            what: "thing",
            unit: "ms",
            figure: Rounds(figure.to_vec()),
            yardstick: yardstick.map(|it| Yardstick { name: "known", figure: Rounds(it.to_vec()) }),
            budget: Some(Budget::AtMost(2.0)),
            reference: "—",
        }
    }

    #[test]
    fn a_line_shows_both_medians_with_their_spread_and_judges_by_the_median() {
        let shown = line(&[3.0, 1.0, 2.0], Some(&[1.0, 1.0, 1.1])).shown();
        assert_eq!(shown, "| thing | 2.00 ms, 100 % | known: 1.00 ms, 10 % | 2.0 | ≤ 2 ms | — | met |");
        assert!(line(&[3.0, 2.1, 1.0], None).shown().ends_with("| — | — | ≤ 2 ms | — | **missed** |"));
    }

    #[test]
    fn one_round_has_no_spread_and_a_yardstick_of_nothing_no_ratio() {
        let shown = line(&[1.0], Some(&[0.0, 0.0, 0.0])).shown();
        assert_eq!(shown, "| thing | 1.00 ms, — | known: 0.00 ms, — | — | ≤ 2 ms | — | met |");
    }

    #[test]
    fn a_program_reads_what_was_measured_and_whether_it_will_do() {
        let read = line(&[3.0, 1.0, 2.0], Some(&[1.0, 1.0, 1.0])).json();
        let yardstick = json!({ "name": "known", "figure": 1.0 });
        assert_eq!((&read["name"], &read["yardstick"], &read["figure"]), (&json!("thing"), &yardstick, &json!(2.0)));
        assert_eq!((&read["ratio"], &read["budget"], &read["ok"]), (&json!(2.0), &json!("≤ 2"), &json!(true)));
        let least = Line { budget: Some(Budget::AtLeast(10.0)), ..line(&[9.0], None) };
        assert_eq!((&least.json()["ok"], &least.json()["ratio"]), (&json!(false), &Value::Null));
        let nothing = line(&[], None).json();
        assert_eq!((&nothing["figure"], &nothing["ok"]), (&Value::Null, &json!(false)));
    }

    #[test]
    fn a_percentile_is_a_value_that_was_measured() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!((percentile(values.clone(), 0.5), percentile(values, 0.99)), (50.0, 99.0));
    }
}
