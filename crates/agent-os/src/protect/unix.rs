use std::io;

use crate::Unsupported;

pub(super) const MECHANISM: &str = "files of mode 0600 in a folder of mode 0700";

pub(super) fn seal_support() -> Result<(), Unsupported> {
    Err(Unsupported::because("this system offers a daemon no key of the machine: secrets are in files of mode 0600"))
}

#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
pub(super) fn seal(secret: &[u8]) -> io::Result<Vec<u8>> {
    Ok(secret.to_vec())
}

#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
pub(super) fn open(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    Ok(bytes)
}
