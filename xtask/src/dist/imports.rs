//! The import guard: an agent for an old Windows must name nothing that it lacks, or it does not even start there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use super::target::WindowsKind;
use crate::process;

/// What the agent for Windows 7 imports, each looked up to be there: `library function` a line.
const LIST_OF_7: &str = "packaging/windows/imports-7.txt";

/// Libraries that no agent may bring along or rely on: what mingw would have to ship.
const NOT_OF_WINDOWS: [&str; 4] = ["libgcc_s", "libwinpthread", "libstdc++", "libssp"];

/// Fails when the program needs what its Windows has not.
pub(super) fn check(root: &Path, program: &Path, kind: WindowsKind) -> Result<()> {
    let mut objdump = Command::new(format!("{}-objdump", kind.tools()));
    objdump.arg("-p").arg(program);
    let imports = parse(&process::capture(objdump)?);
    let foreign = foreign(&imports);
    if !foreign.is_empty() {
        bail!("{} imports what Windows has not: {}", program.display(), foreign.join(", "));
    }
    if kind == WindowsKind::Windows7 {
        let list = fs::read_to_string(root.join(LIST_OF_7)).context(LIST_OF_7)?;
        let new = not_listed(&imports, &list);
        if !new.is_empty() {
            bail!(
                "{} imports more than is known to be in Windows 7. Look up each of these, and add those that are to {LIST_OF_7}:\n{}",
                program.display(),
                new.join("\n")
            );
        }
    }
    Ok(())
}

/// `library function` of what is not in the list.
fn not_listed(imports: &BTreeMap<String, BTreeSet<String>>, list: &str) -> Vec<String> {
    let listed: BTreeSet<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
    let all = imports.iter().flat_map(|(library, names)| names.iter().map(move |name| format!("{library} {name}")));
    all.filter(|line| !listed.contains(line.as_str())).collect()
}

fn foreign(imports: &BTreeMap<String, BTreeSet<String>>) -> Vec<&str> {
    if imports.is_empty() {
        return vec!["nothing at all, which no program does"];
    }
    let is_foreign = |library: &&str| NOT_OF_WINDOWS.iter().any(|name| library.starts_with(name));
    imports.keys().map(String::as_str).filter(is_foreign).collect()
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
    fn what_nobody_has_looked_up_is_found() {
        let imports = parse(OBJDUMP);
        assert_eq!(foreign(&imports), Vec::<&str>::new());
        let list = "# a comment\nkernel32.dll AddVectoredExceptionHandler\n";
        let new = not_listed(&imports, list);
        let expected =
            ["api-ms-win-core-synch-l1-2-0.dll WaitOnAddress", "kernel32.dll GetSystemTimePreciseAsFileTime"];
        assert_eq!(new, expected);
    }

    #[test]
    fn a_library_of_the_compiler_is_found() {
        assert_eq!(foreign(&parse("\tDLL Name: libgcc_s_dw2-1.dll\n")), ["libgcc_s_dw2-1.dll"]);
        assert_eq!(foreign(&parse("")).len(), 1);
    }
}
