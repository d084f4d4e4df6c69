//! The table at the end.

use std::io::Write as _;

/// One line of the table.
struct Line {
    what: &'static str,
    figure: f64,
    spread: f64,
    unit: &'static str,
    yardstick: &'static str,
    yardstick_figure: f64,
    budget: Option<f64>,
}

/// All lines.
#[derive(Default)]
pub(crate) struct Report(Vec<Line>);

/// A figure measured several times.
#[derive(Clone, Debug)]
pub(crate) struct Rounds(pub(crate) Vec<f64>);

impl Rounds {
    pub(crate) fn median(&self) -> f64 {
        percentile(self.0.clone(), 0.5)
    }

    fn spread(&self) -> f64 {
        let (low, high) =
            self.0.iter().fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(*value), high.max(*value)));
        if self.median() > 0.0 { (high - low) / self.median() } else { 0.0 }
    }
}

/// The value below which this share of all values lies (nearest rank).
pub(crate) fn percentile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (share * values.len() as f64).ceil().max(1.0) as usize;
    values.get(rank - 1).copied().unwrap_or(f64::NAN)
}

impl Report {
    pub(crate) fn add(
        &mut self,
        what: &'static str,
        rounds: &Rounds,
        unit: &'static str,
        yardstick: (&'static str, &Rounds),
        budget: Option<f64>,
    ) {
        let (figure, spread) = (rounds.median(), rounds.spread());
        self.0.push(Line {
            what,
            figure,
            spread,
            unit,
            yardstick: yardstick.0,
            yardstick_figure: yardstick.1.median(),
            budget,
        });
    }

    pub(crate) fn print(&self) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "| what | figure | spread | yardstick in the same run | ratio | budget | |")?;
        writeln!(out, "|---|---|---|---|---|---|---|")?;
        for line in &self.0 {
            let verdict = match line.budget {
                Some(budget) if line.figure <= budget => "met",
                Some(_) => "**missed**",
                None => "",
            };
            let budget = line.budget.map_or_else(|| "—".to_owned(), |budget| format!("{budget} {}", line.unit));
            writeln!(
                out,
                "| {} | {:.2} {} | {:.0} % | {}: {:.2} {} | {:.1} | {budget} | {verdict} |",
                line.what,
                line.figure,
                line.unit,
                line.spread * 100.0,
                line.yardstick,
                line.yardstick_figure,
                line.unit,
                line.figure / line.yardstick_figure,
            )?;
        }
        Ok(())
    }
}
