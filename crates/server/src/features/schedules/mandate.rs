//! Mandates: what a schedule is to do, signed by the server when somebody who may do it asked for it.
//!
//! An order is signed when it is due, when nobody is there to ask. The mandate stands for who has asked: it says whose it is, what is run
//! on which machines and when, and only one whose signature holds is carried out.

use std::collections::BTreeMap;

use ed25519_dalek::{Signature, Signer as _, Verifier as _};
use gururmm_ids::{ClientId, OrgId, ScheduleId, ScriptId, SiteId, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::trigger::Trigger;
use crate::features::command_runs::{Pace, Wanted};
use crate::platform::audit::chain::hex;
use crate::platform::auth::Place;
use crate::platform::http::Problem;
use crate::platform::secrets::ServerSecrets;

const DOMAIN: &[u8] = b"gururmm.mandate.v1\0";

/// What a schedule is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Mandate {
    pub(super) schedule_id: ScheduleId,
    pub(super) org_id: OrgId,
    pub(super) client_id: Option<ClientId>,
    pub(super) site_id: Option<SiteId>,
    /// In whose name it is carried out.
    pub(super) given_by: UserId,
    pub(super) trigger: Trigger,
    pub(super) script_id: ScriptId,
    pub(super) script_version: i32,
    /// Of everything that the version says.
    pub(super) script_digest: String,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) targets: Wanted,
    pub(super) pace: Pace,
    pub(super) expires_in_seconds: Option<i64>,
    pub(super) agreed: Option<Agreed>,
}

/// That a second person has agreed to runs on so many machines.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Agreed {
    pub(super) by: UserId,
    pub(super) machines_max: i32,
}

/// A mandate with its signature, as it is stored.
#[derive(Clone, Debug)]
pub(super) struct Signed {
    pub(super) text: String,
    pub(super) signature: Vec<u8>,
    pub(super) key_id: String,
}

impl Mandate {
    /// Where its machines are.
    pub(super) const fn place(&self) -> Place {
        Place::of(self.client_id, self.site_id)
    }

    /// Signs it.
    pub(super) fn sign(&self, secrets: &ServerSecrets) -> Result<Signed, Problem> {
        let text = serde_json::to_string(self).map_err(Problem::internal)?;
        let signature = secrets.signing.sign(&[DOMAIN, text.as_bytes()].concat()).to_bytes().to_vec();
        Ok(Signed { text, signature, key_id: secrets.key_id.clone() })
    }

    /// What is written, for people who look at it: nothing is carried out by that.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

impl Signed {
    /// The mandate, if this server has signed it for this schedule and whoever changed that last.
    pub(super) fn open_for(
        &self,
        secrets: &ServerSecrets,
        schedule: (ScheduleId, OrgId),
        changed_by: UserId,
    ) -> Option<Mandate> {
        self.open(secrets)
            .filter(|mandate| (mandate.schedule_id, mandate.org_id) == schedule && mandate.given_by == changed_by)
    }

    fn open(&self, secrets: &ServerSecrets) -> Option<Mandate> {
        let signature = Signature::from_slice(&self.signature).ok()?;
        let bytes = [DOMAIN, self.text.as_bytes()].concat();
        secrets.signing.verifying_key().verify(&bytes, &signature).ok()?;
        serde_json::from_str(&self.text).ok()
    }
}

/// Names what a schedule of this name says: whoever decides about it names what they have read.
pub(super) fn digest(name: &str, text: &str) -> String {
    hex(&Sha256::digest([name.as_bytes(), b"\0", text.as_bytes()].concat()))
}
