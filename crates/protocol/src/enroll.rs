//! Enrolment: the two HTTP requests of an agent that is not connected.
//!
//! `POST /api/enroll` trades a site key for an identity; `POST /api/unenroll` gives the identity back.

use gururmm_ids::{AgentId, DeviceId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::secret::base64_bytes;

/// Body of `POST /api/enroll`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct EnrollRequest {
    /// The site key.
    pub site_key: String,
    /// The machine's lasting id.
    pub device_id: DeviceId,
    /// The public half of the key pair made on this machine.
    #[serde(with = "base64_bytes")]
    #[cfg_attr(feature = "utoipa", schema(value_type = String, pattern = "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$"))]
    pub public_key: [u8; 32],
    /// The machine.
    pub facts: Facts,
}

/// Answer to an enrolment.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct EnrollResponse {
    /// The new agent.
    pub agent_id: AgentId,
    /// Its key; shown this once.
    pub agent_key: String,
    /// The server's signing key. It must match the fingerprint in the site key.
    #[serde(with = "base64_bytes")]
    #[cfg_attr(feature = "utoipa", schema(value_type = String, pattern = "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$"))]
    pub server_public_key: [u8; 32],
    /// Which of the server's keys that is.
    pub server_key_id: String,
    /// Name of the site, for the person at the machine.
    pub site_name: String,
    /// Name of the client, for the person at the machine.
    pub client_name: String,
    /// Whether somebody has to let the machine in first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub awaits_approval: bool,
}

/// Body of `POST /api/install-reports`: why an installation failed. No secret is in it: the site key is named by its hash.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct InstallReportRequest {
    /// SHA-256 of the site key as hexadecimal digits, which a shell can make.
    #[cfg_attr(feature = "utoipa", schema(pattern = "^[0-9a-f]{64}$"))]
    pub site_key_hash: String,
    /// What the machine calls itself.
    pub hostname: String,
    /// Its system, such as `linux`.
    pub os: String,
    /// Its processor's architecture, such as `x86_64`.
    #[serde(default)]
    pub arch: String,
    /// The version of what was installed, where it is known.
    #[serde(default)]
    pub agent_version: String,
    /// At what it failed, such as `download` or `enroll`.
    pub step: String,
    /// Why, in a sentence.
    pub message: String,
    /// The end of what was written meanwhile.
    #[serde(default)]
    pub log: Option<String>,
}

/// Body of `POST /api/unenroll`; what is signed is `unenroll_bytes` of the handshake module.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct UnenrollRequest {
    /// The agent that leaves.
    pub agent_id: AgentId,
    /// Its machine.
    pub device_id: DeviceId,
    /// When it was signed; the server accepts ten minutes either way.
    pub at: Timestamp,
    /// The device key's signature.
    #[serde(with = "base64_bytes")]
    #[cfg_attr(feature = "utoipa", schema(value_type = String, pattern = "^[A-Za-z0-9+/]{85}[AQgw]==$"))]
    pub signature: [u8; 64],
}
