//! The service control manager, when it has started the agent. It has no watchdog.

use std::time::Duration;

use windows_service::service::ServiceState;

use crate::service::report;

pub(super) fn ready() {
    report(ServiceState::Running);
}

pub(super) fn stopping() {
    report(ServiceState::StopPending);
}

pub(super) fn alive() {}

pub(super) fn watchdog() -> Option<Duration> {
    None
}
