//! A run as root leaves results in the clone that nobody else can replace. Whoever comes next is told so, instead of failing
//! in the middle of npm.

use std::{fs, os::unix::fs::MetadataExt as _, path::Path};

use anyhow::{Result, bail};
use nix::unistd::{Uid, User, geteuid};

/// Folders in the clone that hold results.
const RESULTS: [&str; 3] = ["node_modules", "dist", "artefacts"];

/// Makes sure that the results below `dir` may be replaced by whoever runs us.
pub(crate) fn require_ours(dir: &Path) -> Result<()> {
    require(dir, geteuid())
}

fn require(dir: &Path, me: Uid) -> Result<()> {
    for result in RESULTS.map(|name| dir.join(name)) {
        let Ok(metadata) = fs::metadata(&result) else { continue };
        let owner = Uid::from_raw(metadata.uid());
        if owner != me && !me.is_root() {
            let name = |uid: Uid| User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name);
            bail!(
                "{} belongs to {}, from an earlier run as that user. Take it over: sudo chown -R {} '{}'",
                result.display(),
                name(owner),
                name(me),
                dir.display()
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_another_user_are_named_with_the_way_out() {
        let dir = tempfile::tempdir().unwrap();
        let (me, other) = (geteuid(), Uid::from_raw(geteuid().as_raw() + 1));
        require(dir.path(), other).unwrap();
        fs::create_dir(dir.path().join("node_modules")).unwrap();
        require(dir.path(), me).unwrap();
        let error = require(dir.path(), other).unwrap_err().to_string();
        assert!(error.contains("node_modules belongs to") && error.contains("sudo chown -R"), "{error}");
        require(dir.path(), Uid::from_raw(0)).unwrap();
    }
}
