//! No supervisor here wants to hear from its service.

use std::time::Duration;

pub(super) fn ready() {}

pub(super) fn stopping() {}

pub(super) fn alive() {}

pub(super) fn watchdog() -> Option<Duration> {
    None
}
