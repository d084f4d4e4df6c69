use std::path::PathBuf;

pub(super) fn identity_dir() -> PathBuf {
    PathBuf::from("/etc/gururmm")
}

pub(super) fn state_dir() -> PathBuf {
    PathBuf::from("/var/lib/gururmm")
}
