use super::Person;
use crate::Unsupported;

pub(super) fn active() -> Result<Person, Unsupported> {
    Err(unsupported())
}

pub(super) fn support() -> Result<(), Unsupported> {
    Err(unsupported())
}

fn unsupported() -> Unsupported {
    Unsupported::because("this agent enters sessions of people on Linux with systemd only")
}
