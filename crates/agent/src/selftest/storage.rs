//! Files: private folders, sealed secrets, the spool.

use std::time::Duration;

use anyhow::Context as _;
use gururmm_agent_os::paths::Paths;
use gururmm_agent_os::{private_dir, protect};
use gururmm_ids::AgentId;
use gururmm_protocol::record::Body;
use tokio_util::sync::CancellationToken;

use super::{Failure, Outcome, wrong};
use crate::store::{Limits, Store, create_anew};

/// A folder of the test's own, gone with its value.
pub(super) struct Scratch(std::path::PathBuf);

impl Scratch {
    pub(super) fn new() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("gururmm-selftest-{:016x}", rand::random::<u64>()));
        private_dir::create(&folder).context("a private folder")?;
        Ok(Self(folder))
    }

    pub(super) fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The agent's own folder, if there is one yet, can be written, and by nobody else.
pub(super) fn private_folder(paths: &Paths) -> Outcome {
    let folder = paths.state_dir();
    if !folder.exists() {
        return Err(Failure::Skipped(format!("{} does not exist before an enrolment", folder.display())));
    }
    let probe = folder.join(format!(".selftest-{:08x}", rand::random::<u32>()));
    gururmm_fsx::write_atomically(&probe, b"selftest", gururmm_fsx::PRIVATE_FILE)
        .map_err(|error| wrong(format!("{}", gururmm_observe::ErrorChain(&error))))?;
    std::fs::remove_file(&probe)?;
    private_dir::require_private(folder).map_err(|error| wrong(format!("{}: {error}", folder.display())))?;
    Ok(format!("{} can be written, and is for the system and its administrators alone", folder.display()))
}

/// A secret is written, is not readable as it is where the system seals it, and comes back.
pub(super) fn secret() -> Outcome {
    let scratch = Scratch::new()?;
    let path = scratch.path().join("secret");
    let secret = format!("gururmm selftest {:032x}", rand::random::<u128>());
    protect::write(&path, secret.as_bytes()).context("could not write a secret")?;
    let read = protect::read(&path).context("could not read a secret")?;
    if read.as_deref() != Some(secret.as_bytes()) {
        return Err(wrong("a secret came back changed"));
    }
    let raw = std::fs::read(&path)?;
    if protect::seal_support().is_ok() && raw.windows(secret.len()).any(|part| part == secret.as_bytes()) {
        return Err(wrong("a secret that should be sealed is readable in its file"));
    }
    Ok(protect::MECHANISM.to_owned())
}

/// A record outlives the closing of the spool.
pub(super) async fn spool() -> Outcome {
    const RECORDS: u64 = 20;
    let scratch = Scratch::new()?;
    let (path, agent_id) = (scratch.path().join("spool.db"), AgentId::generate());
    create_anew(&path, agent_id).context("could not make a spool")?;
    let open = || Store::open(&path, agent_id, Limits::default(), CancellationToken::new());
    let opened = open().context("could not open a spool")?;
    let began = std::time::Instant::now();
    for _ in 0..RECORDS {
        opened.store.append(jiff::Timestamp::UNIX_EPOCH, Body::Unknown).await;
        opened.store.settled().await;
    }
    let each = began.elapsed() / u32::try_from(RECORDS).unwrap_or(u32::MAX);
    opened.store.close().await;
    drop(opened);
    let depth = crate::store::depth(&path);
    if depth != Some(RECORDS) {
        return Err(wrong(format!("{RECORDS} records were written and {depth:?} are there")));
    }
    let slow = if each > Duration::from_millis(100) { "; this disk is slow" } else { "" };
    Ok(format!("{RECORDS} records on disk, {:.1} ms each{slow}", each.as_secs_f64() * 1e3))
}
