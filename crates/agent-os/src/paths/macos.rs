use std::path::PathBuf;

const FOLDER: &str = "/Library/Application Support/GuruRMM";

pub(super) fn identity_dir() -> PathBuf {
    PathBuf::from(FOLDER)
}

pub(super) fn state_dir() -> PathBuf {
    PathBuf::from(FOLDER)
}
