use std::process::ExitStatus;

use super::Ended;

pub(super) fn ended(exit: ExitStatus) -> Ended {
    Ended::Code(exit.code().unwrap_or_default())
}
