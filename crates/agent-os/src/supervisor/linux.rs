use std::time::Duration;

use sd_notify::NotifyState;

pub(super) fn ready() {
    send(&[NotifyState::Ready]);
}

pub(super) fn stopping() {
    send(&[NotifyState::Stopping]);
}

pub(super) fn alive() {
    send(&[NotifyState::Watchdog]);
}

pub(super) fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

fn send(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "could not notify the service manager");
    }
}
