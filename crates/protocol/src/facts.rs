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
    /// What the machine is made of; absent in a container, which sees its host's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hardware: Option<Hardware>,
}

/// What a machine's firmware says of it. It stays when the disk is wiped, so a machine that was installed anew is known by it. Vendors fill
/// these with placeholders now and then: who compares them has to know those.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Hardware {
    /// SHA-256 of the firmware's UUID (SMBIOS type 1, `IOPlatformUUID`) in lower case, as hexadecimal digits: it tells two machines
    /// apart and is of no use elsewhere.
    #[serde(default)]
    pub uuid_hash: Option<String>,
    /// Serial number.
    #[serde(default)]
    pub serial: Option<String>,
    /// Who made it.
    #[serde(default)]
    pub manufacturer: Option<String>,
    /// What they call it.
    #[serde(default)]
    pub model: Option<String>,
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
