//! The files of the repository, and whether some of them changed.

use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

/// Folders that hold results and never sources.
const SKIPPED: [&str; 6] = [".git", "target", "node_modules", "dist", "artefacts", "test-results"];

/// Every file below `dir` (or `dir` itself), sorted, without results.
pub(crate) fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(dir, &mut found)?;
    found.sort();
    Ok(found)
}

/// One number for the names and contents of the files below `paths`; paths that do not exist count as empty.
pub(crate) fn fingerprint(paths: &[PathBuf]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        contents(path)?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// The files below `path` with their contents.
pub(crate) fn contents(path: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).with_context(|| format!("could not read {}", path.display()))?;
        Ok((path, bytes))
    };
    files(path)?.into_iter().map(read).collect()
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        found.push(path.to_owned());
        return Ok(());
    }
    if !path.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| format!("could not list {}", path.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let is_link = entry.file_type()?.is_symlink();
        if !is_link && !SKIPPED.iter().any(|skipped| name == *skipped) {
            collect(&entry.path(), found)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_follows_contents_and_names_but_not_results() {
        let dir = tempfile::tempdir().unwrap();
        let paths = [dir.path().to_owned()];
        fs::write(dir.path().join("a"), "1").unwrap();
        let first = fingerprint(&paths).unwrap();
        fs::create_dir(dir.path().join("node_modules")).unwrap();
        fs::write(dir.path().join("node_modules/x"), "1").unwrap();
        assert_eq!(fingerprint(&paths).unwrap(), first);
        fs::rename(dir.path().join("a"), dir.path().join("b")).unwrap();
        let renamed = fingerprint(&paths).unwrap();
        assert_ne!(renamed, first);
        fs::write(dir.path().join("b"), "2").unwrap();
        assert_ne!(fingerprint(&paths).unwrap(), renamed);
    }
}
