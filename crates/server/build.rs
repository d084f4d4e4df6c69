//! Chooses what the server shows as its dashboard: the built one, or a page that says how to build it.

use std::path::{Path, PathBuf};

fn main() {
    let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let built = package.join("../../dashboard/dist");
    // cargo runs this script, and builds the crate, every time while a watched path is absent; where the folder cannot be made
    // that is the price
    std::fs::create_dir_all(&built).ok();
    let shown = if built.join("index.html").is_file() { built.clone() } else { package.join("assets") };
    println!("cargo::rustc-env=DASHBOARD_DIR={}", shown.display());
    for watched in [built.as_path(), Path::new("assets"), Path::new("migrations"), Path::new("build.rs")] {
        println!("cargo::rerun-if-changed={}", watched.display());
    }
}
