//! The platforms that agents are built for.

use std::env::consts;
use std::path::{Path, PathBuf};

const OS: [&str; 3] = ["linux", "windows", "macos"];
const ARCH: [&str; 3] = ["x86_64", "aarch64", "i686"];

/// One of the platforms; made only from the fixed lists, so its names are safe in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Platform {
    pub(super) os: &'static str,
    pub(super) arch: &'static str,
}

impl Platform {
    /// The platform of these names.
    pub(super) fn find(os: &str, arch: &str) -> Option<Self> {
        let os = OS.into_iter().find(|known| *known == os)?;
        let arch = ARCH.into_iter().find(|known| *known == arch)?;
        Some(Self { os, arch })
    }

    /// The name of the agent's program.
    pub(super) fn program(self) -> &'static str {
        if self.os == "windows" { "gururmm-agent.exe" } else { "gururmm-agent" }
    }

    /// Where the program may lie, the first choice first: in the configured directory only, or around the server's own program.
    pub(super) fn places(self, agents_dir: Option<&Path>, server_dir: Option<&Path>) -> Vec<PathBuf> {
        let within = |dir: &Path| dir.join(self.os).join(self.arch).join(self.program());
        if let Some(dir) = agents_dir {
            return vec![within(dir)];
        }
        let Some(dir) = server_dir else { return Vec::new() };
        let mut places = vec![within(&dir.join("agents"))];
        if self.is_own() {
            places.push(dir.join(self.program()));
        }
        places
    }

    /// Whether this server runs on it. A 32-bit x86 is `x86` to Rust and `i686` in names of targets.
    fn is_own(self) -> bool {
        let own_arch = if consts::ARCH == "x86" { "i686" } else { consts::ARCH };
        self.os == consts::OS && self.arch == own_arch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_names_are_platforms() {
        assert_eq!(Platform::find("linux", "x86_64"), Some(Platform { os: "linux", arch: "x86_64" }));
        for (os, arch) in [("linux", "../x86_64"), ("..", "x86_64"), ("Linux", "x86_64"), ("linux", "")] {
            assert_eq!(Platform::find(os, arch), None, "{os} {arch}");
        }
    }

    #[test]
    fn the_configured_directory_is_the_only_place() {
        let platform = Platform::find("windows", "aarch64").unwrap();
        let places = platform.places(Some("/srv/agents".as_ref()), Some("/usr/bin".as_ref()));
        assert_eq!(places, [PathBuf::from("/srv/agents/windows/aarch64/gururmm-agent.exe")]);
    }

    #[test]
    fn without_one_agents_lie_around_the_server() {
        let own_arch = if consts::ARCH == "x86" { "i686" } else { consts::ARCH };
        let own = Platform::find(consts::OS, own_arch).unwrap();
        let dir = Path::new("/opt/gururmm");
        let expected = [dir.join("agents").join(own.os).join(own.arch).join(own.program()), dir.join(own.program())];
        assert_eq!(own.places(None, Some(dir)), expected);
        let other = ARCH.into_iter().find(|arch| *arch != own_arch).unwrap();
        assert_eq!(Platform::find(consts::OS, other).unwrap().places(None, Some(dir)).len(), 1);
    }
}
