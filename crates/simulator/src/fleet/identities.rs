//! Identities of a fleet: enrolled once, kept in a private file for the next run.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, ensure};
use ed25519_dalek::{SigningKey, VerifyingKey};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use gururmm_ids::{AgentId, DeviceId, RunId, SpoolId};
use serde::{Deserialize, Serialize};

use super::Persona;
use crate::{SimulatedAgent, http_client};

/// Enrolments at the same time.
const AT_ONCE: usize = 32;

/// Enrolled machines, in the order of the fleet.
pub type Identities = Vec<SimulatedAgent>;

/// One line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    server: String,
    agent_id: AgentId,
    device_id: DeviceId,
    hostname: String,
    agent_key: String,
    key: [u8; 32],
    server_key: [u8; 32],
}

/// Takes the identities of `path` that belong to this server, enrols the machines that are missing, and keeps those too. `site_key` tells
/// with which key a machine enrols; `told` hears how many there are after each.
pub async fn prepare(
    path: Option<&Path>,
    server: &str,
    seed: u64,
    count: usize,
    site_key: impl Fn(&Persona) -> String,
    told: impl Fn(usize),
) -> anyhow::Result<Identities> {
    // before the first enrolment: nobody wants machines that cannot come back
    let mut file = path.map(open).transpose()?;
    let mut identities = match path {
        Some(path) => load(path, server)?,
        None => Vec::new(),
    };
    identities.truncate(count);
    let client = http_client()?;
    let missing = (identities.len()..count).map(|index| {
        let persona = Persona::of(seed, index);
        let (client, key, server) = (client.clone(), site_key(&persona), server.to_owned());
        async move { SimulatedAgent::enrol_with(&client, &server, &key, persona.facts()).await }
    });
    let mut enrolled = stream::iter(missing).buffered(AT_ONCE);
    while let Some(identity) = enrolled.try_next().await.context("a machine could not be enrolled")? {
        if let Some(file) = &mut file {
            keep(file, &identity).context("the identities could not be kept")?;
        }
        identities.push(identity);
        told(identities.len());
    }
    Ok(identities)
}

fn open(path: &Path) -> anyhow::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    opened.with_context(|| format!("cannot write identities to {}", path.display()))
}

fn load(path: &Path, server: &str) -> anyhow::Result<Identities> {
    let mut identities = Vec::new();
    for (number, line) in BufReader::new(File::open(path)?).lines().enumerate() {
        let place = || format!("{} line {} is no identity; remove the file to begin anew", path.display(), number + 1);
        let line: Line = serde_json::from_str(&line?).with_context(place)?;
        ensure!(
            line.server == server,
            "{} holds machines of {}, not of {server}; name another folder",
            path.display(),
            line.server
        );
        identities.push(SimulatedAgent {
            server: line.server,
            agent_id: line.agent_id,
            device_id: line.device_id,
            hostname: line.hostname,
            agent_key: line.agent_key,
            key: SigningKey::from_bytes(&line.key),
            server_key: VerifyingKey::from_bytes(&line.server_key).with_context(place)?,
            // what an earlier run had not delivered is gone
            spool_id: SpoolId::generate(),
            run_id: RunId::generate(),
        });
    }
    Ok(identities)
}

fn keep(file: &mut File, identity: &SimulatedAgent) -> anyhow::Result<()> {
    let line = Line {
        server: identity.server.clone(),
        agent_id: identity.agent_id,
        device_id: identity.device_id,
        hostname: identity.hostname.clone(),
        agent_key: identity.agent_key.clone(),
        key: identity.key.to_bytes(),
        server_key: identity.server_key.to_bytes(),
    };
    Ok(file.write_all(format!("{}\n", serde_json::to_string(&line)?).as_bytes())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(server: &str) -> SimulatedAgent {
        let key = SigningKey::from_bytes(&[7; 32]);
        SimulatedAgent {
            server: server.to_owned(),
            agent_id: AgentId::generate(),
            device_id: DeviceId::generate(),
            hostname: "desk-0001".to_owned(),
            agent_key: "key".to_owned(),
            server_key: key.verifying_key(),
            key,
            spool_id: SpoolId::generate(),
            run_id: RunId::generate(),
        }
    }

    #[test]
    fn identities_come_back_and_are_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fleet/identities.jsonl");
        let kept = identity("http://127.0.0.1:1");
        keep(&mut open(&path).unwrap(), &kept).unwrap();
        let loaded = load(&path, "http://127.0.0.1:1").unwrap();
        assert_eq!((loaded[0].agent_id, loaded[0].key.to_bytes()), (kept.agent_id, kept.key.to_bytes()));
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let error = load(&path, "http://127.0.0.1:2").err().unwrap().to_string();
        assert!(error.contains("name another folder"), "{error}");
        std::fs::write(&path, "nonsense\n").unwrap();
        assert!(load(&path, "x").err().unwrap().to_string().contains("line 1"));
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_said_before_anything_is_enrolled() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("file");
        std::fs::write(&taken, "").unwrap();
        let path = taken.join("identities.jsonl");
        // there is no such server: an enrolment would fail otherwise
        let error = prepare(Some(&path), "http://127.0.0.1:9", 1, 1, |_| String::new(), |_| {}).await.err().unwrap();
        assert!(error.to_string().contains("cannot make the folder"), "{error}");
    }
}
