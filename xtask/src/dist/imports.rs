//! The import guard: an agent for an old Windows must name nothing that it lacks, or it does not even start there.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use anyhow::{Result, bail};

use super::target::WindowsKind;
use crate::process;

/// Libraries of Windows 7 that an agent may use.
const LIBRARIES_OF_7: [&str; 20] = [
    "advapi32.dll",
    "bcrypt.dll",
    "crypt32.dll",
    "iphlpapi.dll",
    "kernel32.dll",
    "msvcrt.dll",
    "ncrypt.dll",
    "netapi32.dll",
    "ntdll.dll",
    "ole32.dll",
    "oleaut32.dll",
    "pdh.dll",
    "powrprof.dll",
    "psapi.dll",
    "secur32.dll",
    "shell32.dll",
    "user32.dll",
    "userenv.dll",
    "ws2_32.dll",
    "wtsapi32.dll",
];

/// Functions that came into those libraries later.
const FUNCTIONS_AFTER_7: [&str; 8] = [
    "GetSystemTimePreciseAsFileTime",
    "GetTempPath2W",
    "PathCchCanonicalizeEx",
    "ProcessPrng",
    "SetThreadDescription",
    "WaitOnAddress",
    "WakeByAddressAll",
    "WakeByAddressSingle",
];

/// Libraries that no agent may bring along or rely on: what mingw would have to ship.
const NOT_OF_WINDOWS: [&str; 4] = ["libgcc_s", "libwinpthread", "libstdc++", "libssp"];

/// Fails when the program needs what its Windows has not.
pub(super) fn check(program: &Path, kind: WindowsKind) -> Result<()> {
    let mut objdump = Command::new(format!("{}-objdump", kind.tools()));
    objdump.arg("-p").arg(program);
    let imports = parse(&process::capture(objdump)?);
    let wrong = wrong(&imports, kind);
    if !wrong.is_empty() {
        bail!("{} imports what its Windows may lack: {}", program.display(), wrong.join(", "));
    }
    Ok(())
}

fn wrong(imports: &BTreeMap<String, BTreeSet<String>>, kind: WindowsKind) -> Vec<String> {
    let mut wrong = Vec::new();
    if imports.is_empty() {
        wrong.push("nothing at all, which no program does".to_owned());
    }
    for (library, functions) in imports {
        let is_foreign = NOT_OF_WINDOWS.iter().any(|name| library.starts_with(name));
        let is_new = kind == WindowsKind::Windows7 && !LIBRARIES_OF_7.contains(&library.as_str());
        if is_foreign || is_new {
            wrong.push(library.clone());
        }
        if kind == WindowsKind::Windows7 {
            let later = functions.iter().filter(|name| FUNCTIONS_AFTER_7.contains(&name.as_str()));
            wrong.extend(later.map(|name| format!("{library}: {name}")));
        }
    }
    wrong
}

/// Library → functions, from what `objdump -p` prints.
fn parse(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut library = None;
    for line in text.lines() {
        if let Some((_, name)) = line.split_once("DLL Name: ") {
            let name = name.trim().to_lowercase();
            imports.entry(name.clone()).or_default();
            library = Some(name);
        } else if line.trim().is_empty() || line.contains("Export") {
            library = None;
        } else if let Some(library) = &library {
            // address, ordinal or hint, name
            let words: Vec<&str> = line.split_whitespace().collect();
            if let [address, .., name] = words[..]
                && words.len() >= 3
                && address.chars().all(|digit| digit.is_ascii_hexdigit())
            {
                imports.entry(library.clone()).or_default().insert(name.to_owned());
            }
        }
    }
    imports
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJDUMP: &str = "\
\tDLL Name: KERNEL32.dll
\tvma:  Hint/Ord Member-Name Bound-To
\t5ac3a4\t   20  AddVectoredExceptionHandler
\t5ac3c2\t  147  GetSystemTimePreciseAsFileTime

\tDLL Name: api-ms-win-core-synch-l1-2-0.dll
\tvma:  Hint/Ord Member-Name Bound-To
\t5ac3a4\t<none>  0020  WaitOnAddress
";

    #[test]
    fn imports_are_read_from_objdump() {
        let imports = parse(OBJDUMP);
        assert_eq!(imports["kernel32.dll"].len(), 2);
        assert!(imports["api-ms-win-core-synch-l1-2-0.dll"].contains("WaitOnAddress"));
    }

    #[test]
    fn what_windows_7_lacks_is_found() {
        let imports = parse(OBJDUMP);
        assert_eq!(wrong(&imports, WindowsKind::X86_64), Vec::<String>::new());
        let wrong = wrong(&imports, WindowsKind::Windows7).join(" ");
        for name in ["GetSystemTimePreciseAsFileTime", "WaitOnAddress", "api-ms-win-core-synch"] {
            assert!(wrong.contains(name), "{wrong}");
        }
    }

    #[test]
    fn a_library_of_the_compiler_is_found() {
        let imports = parse("\tDLL Name: libgcc_s_dw2-1.dll\n");
        assert_eq!(wrong(&imports, WindowsKind::I686), ["libgcc_s_dw2-1.dll"]);
    }
}
