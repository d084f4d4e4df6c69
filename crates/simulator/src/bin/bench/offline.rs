//! How long until a machine that is gone is shown as offline: one that was killed, whose connection the system closes, and one that was
//! frozen, which says nothing more.

use std::time::{Duration, Instant};

use anyhow::ensure;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::product::{Machine, Product};
use crate::report::{Budget, Line, Report, Rounds};
use crate::{Arguments, ROUNDS};

const POLL: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_mins(3);

pub(crate) async fn measure(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let mut product = Product::start(arguments).await?;
    let machine = &mut product.machine;
    let mut closed = Rounds::default();
    for _ in 0..ROUNDS {
        closed.0.push(offline_after(machine, Signal::SIGKILL).await?);
        machine.start_again().await?;
    }
    let silent = Rounds(vec![offline_after(machine, Signal::SIGSTOP).await?]);
    // so that it can end
    send(machine, Signal::SIGCONT)?;
    let rows = [("offline seen, connection closed", closed, 10.0), ("offline seen, machine silent", silent, 90.0)];
    for (what, figure, budget) in rows {
        report.add(Line {
            what,
            unit: "s",
            figure,
            yardstick: None,
            budget: Some(Budget::AtMost(budget)),
            reference: "Tactical 240 s + 150 s; Fleet 70 s",
        });
    }
    Ok(())
}

async fn offline_after(machine: &Machine, signal: Signal) -> anyhow::Result<f64> {
    send(machine, signal)?;
    let began = Instant::now();
    while machine.status().await? != "offline" {
        ensure!(began.elapsed() < PATIENCE, "the machine is still not offline");
        tokio::time::sleep(POLL).await;
    }
    Ok(began.elapsed().as_secs_f64())
}

fn send(machine: &Machine, signal: Signal) -> anyhow::Result<()> {
    Ok(kill(Pid::from_raw(i32::try_from(machine.agent.id())?), signal)?)
}
