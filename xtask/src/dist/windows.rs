//! What a 32-bit program of Windows needs beside the compiler.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use crate::process;

/// The standard library's objects that stand at the beginning and the end of every 32-bit program, where the tables of its
/// unwinding are registered. Rust ships them with a target's standard library; we build that, and so we build them.
pub(super) fn start_objects(target_dir: &Path, rustc: &str) -> Result<PathBuf> {
    let sources = sources()?.join("library/rtstartup");
    let folder = target_dir.join("rtstartup-i686");
    fs::create_dir_all(&folder)?;
    for name in ["rsbegin", "rsend"] {
        let mut command = Command::new(rustc);
        command.env("RUSTC_BOOTSTRAP", "1").env_remove("RUSTUP_TOOLCHAIN");
        command.args(["--target", "i686-pc-windows-gnu", "--emit=obj", "-O"]);
        command.arg("-o").arg(folder.join(format!("{name}.o"))).arg(sources.join(format!("{name}.rs")));
        process::run(command)?;
    }
    Ok(folder)
}

/// Where Debian's `rust-web-src` lies.
fn sources() -> Result<PathBuf> {
    fs::canonicalize("/usr/lib/rustlib/src/rust")
        .context("Debian's rust-web-src is missing: run scripts/bootstrap.sh dist")
}
