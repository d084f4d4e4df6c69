use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use super::Ended;

pub(super) fn ended(exit: ExitStatus) -> Ended {
    match (exit.code(), exit.signal()) {
        (Some(code), _) => Ended::Code(code),
        (None, signal) => Ended::Signal(signal.unwrap_or_default()),
    }
}
