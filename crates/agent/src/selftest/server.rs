//! The server: identity, trust, and a connection as far as it goes without taking the running agent's place.

use std::time::Duration;

use anyhow::Context as _;
use gururmm_agent_os::paths::Paths;

use super::{Failure, Outcome, wrong};
use crate::identity::Identity;
use crate::link;

const PATIENCE: Duration = Duration::from_secs(15);

fn load(paths: &Paths) -> Result<Identity, Failure> {
    match Identity::load(&paths.identity()) {
        Ok(Some(identity)) => Ok(identity),
        Ok(None) => Err(Failure::Skipped("this machine is not enrolled".to_owned())),
        Err(error) => Err(wrong(format!("{}", gururmm_observe::ErrorChain(&error)))),
    }
}

/// The identity can be read, and is one.
pub(super) fn identity(paths: &Paths) -> Outcome {
    let identity = load(paths)?;
    identity.for_session().map_err(|error| wrong(error.to_string()))?;
    Ok(format!("agent {} of {}", identity.agent_id, identity.server_url))
}

/// The system's certificates can be used.
pub(super) fn trust() -> Outcome {
    crate::tls::trust().context("no connection with TLS is possible")?;
    Ok("the system's certificates can be used".to_owned())
}

/// The server answers and speaks the protocol. The handshake stops before the proof: a running agent keeps its connection.
pub(super) async fn connection(paths: &Paths) -> Outcome {
    let identity = load(paths)?;
    let address = identity.address().map_err(|error| wrong(error.to_string()))?;
    let began = std::time::Instant::now();
    link::reach(&address, PATIENCE).await?;
    Ok(format!("{address} speaks the agents' protocol ({} ms)", began.elapsed().as_millis()))
}
