use std::path::PathBuf;

fn folder() -> PathBuf {
    let data = std::env::var_os("ProgramData").map_or_else(|| PathBuf::from(r"C:\ProgramData"), PathBuf::from);
    data.join("GuruRMM")
}

pub(super) fn identity_dir() -> PathBuf {
    folder()
}

pub(super) fn state_dir() -> PathBuf {
    folder()
}
