//! The identity file: who this agent is and which server it trusts.
//!
//! Written whole by an enrolment, private to the system (on Windows sealed to the machine), never edited by hand. The version in it makes a later layout
//! readable: an unknown one is refused, not guessed.

use std::path::{Path, PathBuf};

use ed25519_dalek::{SigningKey, VerifyingKey};
use gururmm_agent_core::session;
use gururmm_agent_os::protect;
use gururmm_fsx::{FileError, PRIVATE_FILE, read_if_exists, remove_if_exists, write_atomically};
use gururmm_ids::{AgentId, DeviceId};
use gururmm_protocol::secret::base64_bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::address::{Address, AddressError};

const VERSION: u32 = 1;

/// Why there is no usable identity.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdentityError {
    #[error("could not use the identity file")]
    File(#[from] FileError),
    #[error("the identity file cannot be read; restore it, or run `gururmm-agent unenroll --force` and enrol anew")]
    Malformed(#[source] serde_json::Error),
    #[error("the identity file has version {0}, which this agent does not know; update the agent")]
    Version(u32),
    #[error("the server of the identity file cannot be used; run `gururmm-agent unenroll --force` and enrol anew")]
    Address(#[from] AddressError),
    #[error("the identity file names no usable server key")]
    ServerKey,
}

/// Everything an enrolment leaves.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Identity {
    version: u32,
    pub(crate) server_url: String,
    pub(crate) agent_id: AgentId,
    pub(crate) device_id: DeviceId,
    #[serde(with = "base64_bytes")]
    device_secret: [u8; 32],
    agent_key: String,
    #[serde(with = "base64_bytes")]
    server_public_key: [u8; 32],
    server_key_id: String,
    pub(crate) site_name: String,
    pub(crate) client_name: String,
    pub(crate) enrolled_at: Timestamp,
    /// When the server said that it does not know this agent any more.
    #[serde(default)]
    pub(crate) removed_at: Option<Timestamp>,
}

/// What an enrolment brings together.
pub(crate) struct Enrolled {
    pub(crate) address: Address,
    pub(crate) agent_id: AgentId,
    pub(crate) device_id: DeviceId,
    pub(crate) device_key: SigningKey,
    pub(crate) agent_key: String,
    pub(crate) server_key: VerifyingKey,
    pub(crate) server_key_id: String,
    pub(crate) site_name: String,
    pub(crate) client_name: String,
    pub(crate) at: Timestamp,
}

impl From<Enrolled> for Identity {
    fn from(enrolled: Enrolled) -> Self {
        Self {
            version: VERSION,
            server_url: enrolled.address.to_string(),
            agent_id: enrolled.agent_id,
            device_id: enrolled.device_id,
            device_secret: enrolled.device_key.to_bytes(),
            agent_key: enrolled.agent_key,
            server_public_key: enrolled.server_key.to_bytes(),
            server_key_id: enrolled.server_key_id,
            site_name: enrolled.site_name,
            client_name: enrolled.client_name,
            enrolled_at: enrolled.at,
            removed_at: None,
        }
    }
}

impl Identity {
    /// Reads the file; `None` when this machine is not enrolled.
    pub(crate) fn load(path: &Path) -> Result<Option<Self>, IdentityError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let Some(bytes) = protect::read(path)? else { return Ok(None) };
        let Versioned { version } = serde_json::from_slice(&bytes).map_err(IdentityError::Malformed)?;
        if version != VERSION {
            return Err(IdentityError::Version(version));
        }
        serde_json::from_slice(&bytes).map(Some).map_err(IdentityError::Malformed)
    }

    /// Writes the file.
    pub(crate) fn save(&self, path: &Path) -> Result<(), IdentityError> {
        let json = serde_json::to_vec_pretty(self).map_err(IdentityError::Malformed)?;
        Ok(protect::write(path, &json)?)
    }

    /// The server that it belongs to.
    pub(crate) fn address(&self) -> Result<Address, IdentityError> {
        Ok(Address::of_identity(&self.server_url)?)
    }

    /// The machine's key pair.
    pub(crate) fn device_key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.device_secret)
    }

    /// What a session needs.
    pub(crate) fn for_session(&self) -> Result<session::Identity, IdentityError> {
        Ok(session::Identity {
            agent_id: self.agent_id,
            device_id: self.device_id,
            device_key: self.device_key(),
            agent_key: self.agent_key.clone(),
            server_key: VerifyingKey::from_bytes(&self.server_public_key).map_err(|_| IdentityError::ServerKey)?,
        })
    }
}

/// The identity in memory and in its file.
pub(crate) struct Kept {
    path: PathBuf,
    identity: Identity,
}

impl Kept {
    /// What stands in the file.
    pub(crate) fn new(path: PathBuf, identity: Identity) -> Self {
        Self { path, identity }
    }

    /// Stores another key in place of the one before, and answers what a session needs from now on. When it cannot be stored, the one
    /// before is kept.
    pub(crate) fn take_key(&mut self, agent_key: String) -> Result<session::Identity, IdentityError> {
        let changed = Identity { agent_key, ..self.identity.clone() };
        changed.save(&self.path)?;
        self.identity = changed;
        self.identity.for_session()
    }
}

/// The machine's lasting id: made once, and kept when the machine is enrolled again.
pub(crate) fn device_id(path: &Path) -> Result<DeviceId, FileError> {
    let stored = read_if_exists(path)?.and_then(|bytes| String::from_utf8(bytes).ok()?.trim().parse().ok());
    if let Some(id) = stored {
        return Ok(id);
    }
    let id = DeviceId::generate();
    write_atomically(path, id.to_string().as_bytes(), PRIVATE_FILE)?;
    Ok(id)
}

/// Removes the file.
pub(crate) fn remove(path: &Path) -> Result<(), FileError> {
    remove_if_exists(path)
}

#[cfg(test)]
pub(crate) fn example(url: &str, server_key: &SigningKey) -> Identity {
    Enrolled {
        address: Address::parse(url).unwrap(),
        agent_id: AgentId::generate(),
        device_id: DeviceId::generate(),
        device_key: SigningKey::from_bytes(&[2; 32]),
        agent_key: "grmm_agent_secret".to_owned(),
        server_key: server_key.verifying_key(),
        server_key_id: "k1".to_owned(),
        site_name: "Main office".to_owned(),
        client_name: "Example".to_owned(),
        at: Timestamp::UNIX_EPOCH,
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_survives_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity.json");
        assert!(Identity::load(&path).unwrap().is_none());
        let identity = example("https://rmm.example.com", &SigningKey::from_bytes(&[1; 32]));
        identity.save(&path).unwrap();
        let loaded = Identity::load(&path).unwrap().unwrap();
        assert_eq!(loaded.agent_id, identity.agent_id);
        assert_eq!(loaded.device_key().to_bytes(), identity.device_key().to_bytes());
        assert!(loaded.for_session().is_ok());
    }

    #[test]
    fn a_damaged_or_later_file_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity.json");
        for (text, word) in
            [("{", "cannot be read"), ("{\"version\":9}", "version 9"), ("{\"version\":1}", "cannot be read")]
        {
            std::fs::write(&path, text).unwrap();
            let Err(error) = Identity::load(&path) else { panic!("{text} was accepted") };
            assert!(error.to_string().contains(word), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn a_new_key_takes_the_place_of_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity.json");
        let identity = example("https://rmm.example.com", &SigningKey::from_bytes(&[1; 32]));
        let mut kept = Kept::new(path.clone(), identity.clone());
        assert_eq!(kept.take_key("grmm_agent_new".to_owned()).unwrap().agent_key, "grmm_agent_new");
        let loaded = Identity::load(&path).unwrap().unwrap();
        assert_eq!((loaded.agent_key.as_str(), loaded.agent_id), ("grmm_agent_new", identity.agent_id));

        let mut nowhere = Kept::new(folder.path().join("missing/identity.json"), identity);
        assert!(nowhere.take_key("grmm_agent_lost".to_owned()).is_err());
        assert_eq!(nowhere.identity.agent_key, "grmm_agent_secret", "what could not be stored is not used");
    }

    #[test]
    fn a_machine_keeps_its_id() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("device-id");
        let first = device_id(&path).unwrap();
        assert_eq!(device_id(&path).unwrap(), first);
    }
}
