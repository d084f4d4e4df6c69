//! What the linker must know of macOS: the names that its libraries offer, and nothing else of them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::process;

/// The names that the agent imports from each library: `library symbol` a line.
const SYMBOLS: &str = "packaging/macos/symbols.txt";

/// A framework's file in the SDK and its place on a Mac.
macro_rules! framework {
    ($name:literal) => {
        (
            $name,
            concat!("System/Library/Frameworks/", $name, ".framework/", $name, ".tbd"),
            concat!("/System/Library/Frameworks/", $name, ".framework/Versions/A/", $name),
        )
    };
}

/// Libraries that zig knows nothing of: name, file in the SDK, place on a Mac.
const LIBRARIES: [(&str, &str, &str); 7] = [
    framework!("CoreFoundation"),
    framework!("IOKit"),
    framework!("Security"),
    framework!("SystemConfiguration"),
    framework!("Foundation"),
    framework!("OpenDirectory"),
    ("objc", "usr/lib/libobjc.tbd", "/usr/lib/libobjc.A.dylib"),
];

/// Writes the stubs and answers where they are.
pub(super) fn write_stubs(root: &Path, target_dir: &Path) -> Result<PathBuf> {
    let sdk = target_dir.join("macos-stubs");
    let list = fs::read_to_string(root.join(SYMBOLS)).context(SYMBOLS)?;
    for (library, file, place) in LIBRARIES {
        let path = sdk.join(file);
        fs::create_dir_all(path.parent().unwrap_or(&sdk))?;
        fs::write(path, stub(place, &symbols(&list, library)?))?;
    }
    Ok(sdk)
}

fn symbols<'a>(list: &'a str, library: &str) -> Result<Vec<&'a str>> {
    let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut symbols = Vec::new();
    for line in lines {
        let Some((of, symbol)) = line.split_once(' ') else { bail!("{SYMBOLS}: {line:?} is not `library symbol`") };
        if !LIBRARIES.iter().any(|(known, ..)| *known == of) {
            bail!("{SYMBOLS}: nothing is known of the library {of}");
        }
        if of == library {
            symbols.push(symbol);
        }
    }
    Ok(symbols)
}

/// A text-based stub, version 4, for both processors.
fn stub(place: &str, symbols: &[&str]) -> String {
    let targets = "[ x86_64-macos, arm64-macos ]";
    let exports = match symbols {
        [] => String::new(),
        names => format!("exports:\n  - targets: {targets}\n    symbols: [ {} ]\n", names.join(", ")),
    };
    format!(
        "--- !tapi-tbd\ntbd-version: 4\ntargets: {targets}\ninstall-name: '{place}'\ncurrent-version: 1\n\
         compatibility-version: 1\n{exports}...\n"
    )
}

/// One file for both processors.
pub(super) fn join(folder: &Path, programs: &[&Path]) -> Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let program = folder.join("gururmm-agent");
    let mut command = Command::new(lipo()?);
    command.arg("-create").arg("-output").arg(&program).args(programs);
    process::run(command)?;
    Ok(program)
}

/// Debian's name carries the version of LLVM.
fn lipo() -> Result<PathBuf> {
    let found = fs::read_dir("/usr/bin")?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("llvm-lipo")));
    found.context("llvm-lipo is missing: run scripts/bootstrap.sh dist")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stub_names_its_library_and_symbols() {
        let list = "# a comment\nIOKit _IOMasterPort\nobjc _objc_release\nIOKit _IOObjectRelease\n";
        let symbols = symbols(list, "IOKit").unwrap();
        assert_eq!(symbols, ["_IOMasterPort", "_IOObjectRelease"]);
        let stub = stub("/System/Library/x", &symbols);
        assert!(
            stub.contains("install-name: '/System/Library/x'") && stub.contains("[ _IOMasterPort, _IOObjectRelease ]")
        );
        assert!(super::symbols("Unknown _x\n", "IOKit").is_err());
    }
}
