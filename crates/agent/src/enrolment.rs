//! Enrolment: a site key becomes an identity.
//!
//! The site key names the server's key by its fingerprint, so the answer is checked before anything is stored: a server in
//! between cannot become this agent's server.

use std::time::Duration;

use anyhow::{Context as _, bail};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use gururmm_agent_os::facts;
use gururmm_agent_os::paths::Paths;
use gururmm_clock::Clock as _;
use gururmm_protocol::enroll::{EnrollRequest, EnrollResponse, InstallReportRequest, UnenrollRequest};
use gururmm_protocol::handshake::unenroll_bytes;
use gururmm_protocol::secret::{Fingerprint, hash_hex, site_key_fingerprint};
use jiff::SignedDuration;

use crate::address::Address;
use crate::http::{self, Answer};
use crate::identity::{Enrolled, Identity, device_id};

/// How long an installation that has failed waits until that is told.
const REPORT_WITHIN: Duration = Duration::from_secs(5);

/// Enrols this machine and stores its identity; says whether somebody has to let it in.
pub(crate) async fn enroll(paths: &Paths, address: Address, site_key: &str) -> anyhow::Result<(Identity, bool)> {
    let Some(fingerprint) = site_key_fingerprint(site_key) else {
        bail!("this is no site key; copy the whole key from the dashboard, it begins with grmm_site_");
    };
    let device_id = device_id(&paths.device_id())?;
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).context("the system gives no random numbers")?;
    let device_key = SigningKey::from_bytes(&secret);
    let request = EnrollRequest {
        site_key: site_key.to_owned(),
        device_id,
        public_key: device_key.verifying_key().to_bytes(),
        facts: facts::collect(crate::version::VERSION),
    };
    let response: EnrollResponse = match http::post(&address, "api/enroll", &request).await? {
        Answer::Done(body) => serde_json::from_slice(&body).context("the server's answer cannot be read")?,
        Answer::Refused { text, .. } => bail!("{text}"),
    };
    let server_key = checked_server_key(&fingerprint, &response.server_public_key)?;
    let identity = Identity::from(Enrolled {
        address,
        agent_id: response.agent_id,
        device_id,
        device_key,
        agent_key: response.agent_key,
        server_key,
        server_key_id: response.server_key_id,
        site_name: response.site_name,
        client_name: response.client_name,
        at: gururmm_clock::SystemClock.now(),
    });
    // the memory first: an identity without one would take its absence for a loss
    crate::store::create_anew(&paths.database(), identity.agent_id)?;
    identity.save(&paths.identity())?;
    Ok((identity, response.awaits_approval))
}

/// Tells the server why this machine could not be enrolled, so that whoever looks after it learns of it. Nobody waits long for that, and when it
/// cannot be told it is not. The key itself does not go out again: the server knows it by its hash.
pub(crate) async fn report(address: &Address, site_key: &str, reason: &str) {
    let facts = facts::collect(crate::version::VERSION);
    let request = InstallReportRequest {
        site_key_hash: hash_hex(site_key.as_bytes()),
        hostname: facts.hostname,
        os: facts.os.as_str().to_owned(),
        arch: facts.arch,
        agent_version: facts.agent_version,
        step: "enroll".to_owned(),
        message: reason.to_owned(),
        log: None,
    };
    let told = tokio::time::timeout(REPORT_WITHIN, http::post(address, "api/install-reports", &request)).await;
    tracing::debug!(told = matches!(told, Ok(Ok(Answer::Done(_)))), "the server was told that the enrolment failed");
}

fn checked_server_key(fingerprint: &Fingerprint, key: &[u8; 32]) -> anyhow::Result<VerifyingKey> {
    let key = VerifyingKey::from_bytes(key).context("the server's key is no key")?;
    if !fingerprint.matches(&key) {
        bail!("this is not the server that the site key belongs to: its signing key is another. Nothing was stored");
    }
    Ok(key)
}

/// Tells the server that this agent leaves. An agent that the server does not know has left already. The server takes only
/// what was signed near its own time, which an agent that was connected has learned.
pub(crate) async fn unenroll(identity: &Identity, ahead_of_wall: SignedDuration) -> anyhow::Result<()> {
    let address = identity.address()?;
    let wall = gururmm_clock::SystemClock.now();
    let at = wall.saturating_add(ahead_of_wall).unwrap_or(wall);
    let bytes = unenroll_bytes(identity.agent_id, identity.device_id, at);
    let request = UnenrollRequest {
        agent_id: identity.agent_id,
        device_id: identity.device_id,
        at,
        signature: identity.device_key().sign(&bytes).to_bytes(),
    };
    match http::post(&address, "api/unenroll", &request).await? {
        Answer::Done(_) => Ok(()),
        Answer::Refused { code, .. } if code == "agent_not_found" || code == "not_found" => Ok(()),
        Answer::Refused { text, .. } => bail!("{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_server_of_the_site_key_is_accepted() {
        let server = SigningKey::from_bytes(&[1; 32]).verifying_key();
        let stranger = SigningKey::from_bytes(&[2; 32]).verifying_key();
        let fingerprint = Fingerprint::of(&server);
        assert!(checked_server_key(&fingerprint, server.as_bytes()).is_ok());
        assert!(checked_server_key(&fingerprint, stranger.as_bytes()).is_err());
    }
}
