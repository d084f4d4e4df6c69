//! launchd does not want to hear from its daemons.

use std::time::Duration;

pub(super) fn ready() {}

pub(super) fn stopping() {}

pub(super) fn alive() {}

pub(super) fn watchdog() -> Option<Duration> {
    None
}
