//! Which agent a command belongs to: several may run on one machine, each with its own state folder.

use std::fmt;
use std::path::Path;

/// In the environment of every command: the agent's tag.
pub(super) const TAG_VARIABLE: &str = "GURURMM_AGENT_TAG";

/// The same for the same folder in every version of the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag(String);

impl Tag {
    pub(super) fn of(state_dir: &Path) -> Self {
        let path = state_dir.canonicalize().unwrap_or_else(|_| state_dir.to_owned());
        // FNV-1a
        let hash = path
            .as_os_str()
            .as_encoded_bytes()
            .iter()
            .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
        Self(format!("{hash:016x}"))
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
