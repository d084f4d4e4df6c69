//! What an agent says of its machine when it connects.

use serde::{Deserialize, Serialize};

/// An operating system that agents run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Os {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
    /// macOS.
    Macos,
}

impl Os {
    /// The name used in SQL, JSON and URLs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Windows => "windows",
            Self::Macos => "macos",
        }
    }
}

/// Facts that change rarely; sent with each proof.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Facts {
    /// Host name without domain.
    pub hostname: String,
    /// Family of the operating system.
    pub os: Os,
    /// Product name, such as `Debian GNU/Linux`.
    #[serde(default)]
    pub os_name: String,
    /// Product version, such as `12 (bookworm)`.
    #[serde(default)]
    pub os_version: String,
    /// Version of the kernel.
    #[serde(default)]
    pub kernel_version: Option<String>,
    /// Processor architecture as Rust names it, such as `x86_64`.
    #[serde(default)]
    pub arch: String,
    /// Version of the agent.
    #[serde(default)]
    pub agent_version: String,
    /// What this platform can and cannot do.
    #[serde(default)]
    pub capabilities: Vec<Capability>,
}

/// One thing an agent can do, or cannot and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Capability {
    /// Stable name, such as `commands.shell`.
    pub name: String,
    /// Whether this platform does it.
    pub supported: bool,
    /// Why not, as a sentence for a person.
    #[serde(default)]
    pub reason: Option<String>,
}

impl Capability {
    /// A capability this platform has.
    pub fn supported(name: &str) -> Self {
        Self { name: name.to_owned(), supported: true, reason: None }
    }

    /// A capability this platform lacks, and why.
    pub fn unsupported(name: &str, reason: &str) -> Self {
        Self { name: name.to_owned(), supported: false, reason: Some(reason.to_owned()) }
    }
}
