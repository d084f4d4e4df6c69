//! Checkpoints: the newest hash of each chain, signed and kept outside the database.
//!
//! A *checkpoint* is a line of JSON in `<folder>/<organisation>.<key>.jsonl`, on the disk when [`Checkpoints::append`] returns, and the same in
//! the log (target `audit`). The key is a file of this server, never in the database; `audit-keys.pub` beside the lines holds the public
//! halves of all servers that write there. Who has the database alone can compute a chain anew, but not sign it; who has the key too
//! cannot change the lines that were copied elsewhere.

use std::collections::HashMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use gururmm_fsx::{FileError, PRIVATE_FILE, read_if_exists};
use gururmm_ids::OrgId;
use gururmm_protocol::secret::key_id;
use jiff::Timestamp;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::chain::hex;
use super::seal::Head;
use crate::config::Config;
use crate::platform::secrets::KeyFileError;

const DOMAIN: &str = "gururmm.audit.checkpoint.v1";
const KEYS: &str = "audit-keys.pub";

/// Why there can be no checkpoints.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointsError {
    /// The key cannot be read or made.
    #[error("the key that signs the audit log cannot be used")]
    Key(#[from] KeyFileError),
    /// The folder cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Why a checkpoint is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The chain has grown.
    Checkpoint,
    /// The retention removes everything up to here: the chain begins after it.
    Anchor,
}

/// What a chain was at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// Whose chain.
    pub org: OrgId,
    /// The number of its newest event.
    pub seq: i64,
    /// That event's hash, hexadecimal.
    pub hash: String,
    /// When.
    pub at: String,
    /// Why.
    pub kind: Kind,
    /// Names the key that signed.
    pub key_id: String,
    /// Its signature, base64url.
    pub signature: String,
}

impl Checkpoint {
    fn signed_text(&self) -> String {
        let kind = match self.kind {
            Kind::Checkpoint => "checkpoint",
            Kind::Anchor => "anchor",
        };
        format!("{DOMAIN} {} {} {} {} {kind}", self.org, self.seq, self.hash, self.at)
    }

    fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        let signature = URL_SAFE_NO_PAD.decode(&self.signature).ok().and_then(|it| Signature::from_slice(&it).ok());
        signature.is_some_and(|signature| key.verify_strict(self.signed_text().as_bytes(), &signature).is_ok())
    }
}

/// The checkpoints that this server writes.
pub struct Checkpoints {
    folder: PathBuf,
    key: SigningKey,
    key_id: String,
    /// What was signed last, since this process began.
    signed: Mutex<HashMap<OrgId, Head>>,
}

impl Checkpoints {
    /// Takes the key and the folder, making them where they are missing.
    pub fn open(config: &Config) -> Result<Self, CheckpointsError> {
        let file = config.audit_key();
        let key = SigningKey::from_bytes(&file.read()?.map_or_else(|| file.create(), Ok)?);
        let folder = config.audit_checkpoints();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|source| FileError::new("could not make the folder", &folder, source))?;
        let checkpoints =
            Self { key_id: key_id(&key.verifying_key()), folder, key, signed: Mutex::new(HashMap::new()) };
        checkpoints.publish_key()?;
        Ok(checkpoints)
    }

    /// Others must be able to tell our signatures.
    fn publish_key(&self) -> Result<(), FileError> {
        let key = self.key.verifying_key();
        if !public_keys(&self.folder)?.contains(&key) {
            append_line(&self.folder.join(KEYS), &URL_SAFE_NO_PAD.encode(key.as_bytes()))?;
        }
        Ok(())
    }

    /// Signs every chain that has grown since it was signed last. Whoever needs the owner's connection gives it. What cannot be written is
    /// told and tried again next time.
    pub async fn keep(self: &Arc<Self>, owner: &mut PgConnection, now: Timestamp) -> sqlx::Result<()> {
        for (org_id, head) in heads(owner).await? {
            let last = self.signed.lock().get(&org_id).copied();
            if last == Some(head) {
                continue;
            }
            if let Some(last) = last
                && !still_holds(owner, org_id, last, head).await?
            {
                tracing::error!(target: "audit", { org.id = %org_id, seq = last.seq },
                    "the audit log is not what this server has signed: run `gururmm-server audit verify`");
                continue;
            }
            let this = Arc::clone(self);
            let written = tokio::task::spawn_blocking(move || this.append(org_id, Kind::Checkpoint, head, now)).await;
            let error = match written {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => gururmm_observe::ErrorChain(&error).to_string(),
                Err(error) => error.to_string(),
            };
            tracing::error!(target: "audit", error, "a checkpoint of the audit log could not be kept");
        }
        Ok(())
    }

    /// Signs the head of a chain and writes it down.
    pub(super) fn append(&self, org: OrgId, kind: Kind, head: Head, now: Timestamp) -> Result<(), FileError> {
        let unsigned = Checkpoint {
            org,
            seq: head.seq,
            hash: hex(&head.hash),
            at: now.to_string(),
            kind,
            key_id: self.key_id.clone(),
            signature: String::new(),
        };
        let signature = self.key.sign(unsigned.signed_text().as_bytes());
        let checkpoint = Checkpoint { signature: URL_SAFE_NO_PAD.encode(signature.to_bytes()), ..unsigned };
        let line = serde_json::to_string(&checkpoint).unwrap_or_default();
        append_line(&self.folder.join(format!("{org}.{}.jsonl", self.key_id)), &line)?;
        tracing::info!(target: "audit", checkpoint = line, "the audit log is signed up to here");
        if kind == Kind::Checkpoint {
            self.signed.lock().insert(org, head);
        }
        Ok(())
    }
}

/// The checkpoints of one organisation.
#[derive(Debug, Default)]
pub struct Kept {
    /// Those with a good signature.
    pub good: Vec<Checkpoint>,
    /// The others: file and line.
    pub bad: Vec<(PathBuf, usize)>,
}

/// Everything that is kept in a folder; nothing where there is no folder.
pub fn read(folder: &Path) -> Result<HashMap<OrgId, Kept>, FileError> {
    let keys = public_keys(folder)?;
    let mut kept: HashMap<OrgId, Kept> = HashMap::new();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(kept),
        Err(error) => return Err(FileError::new("could not read the folder", folder, error)),
    };
    for entry in entries {
        let path = entry.map_err(|source| FileError::new("could not read the folder", folder, source))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let org = name.strip_suffix(".jsonl").and_then(|name| name.split('.').next()?.parse().ok());
        if let Some(org) = org {
            read_file(&path, org, &keys, kept.entry(org).or_default())?;
        }
    }
    Ok(kept)
}

fn read_file(path: &Path, org: OrgId, keys: &[VerifyingKey], kept: &mut Kept) -> Result<(), FileError> {
    let bytes = read_if_exists(path)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    // a line without its end was being written when the power went
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    for (index, line) in whole.lines().enumerate() {
        match serde_json::from_str::<Checkpoint>(line) {
            Ok(checkpoint)
                if checkpoint.org == org
                    && keys.iter().any(|key| key_id(key) == checkpoint.key_id && checkpoint.is_signed_by(key)) =>
            {
                kept.good.push(checkpoint);
            }
            _ => kept.bad.push((path.to_owned(), index + 1)),
        }
    }
    Ok(())
}

fn public_keys(folder: &Path) -> Result<Vec<VerifyingKey>, FileError> {
    let bytes = read_if_exists(&folder.join(KEYS))?.unwrap_or_default();
    let key = |line: &str| VerifyingKey::from_bytes(&URL_SAFE_NO_PAD.decode(line.trim()).ok()?.try_into().ok()?).ok();
    Ok(String::from_utf8_lossy(&bytes).lines().filter_map(key).collect())
}

/// Adds a line that is on the disk when this returns. The beginning of one that a power failure cut off is removed.
fn append_line(path: &Path, line: &str) -> Result<(), FileError> {
    let append = || -> io::Result<()> {
        let is_new = !path.exists();
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(PRIVATE_FILE).open(path)?;
        let whole = whole_length(&mut file)?;
        if whole < file.metadata()?.len() {
            file.set_len(whole)?;
        }
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_all()?;
        match path.parent().filter(|_| is_new) {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    };
    append().map_err(|source| FileError::new("could not add a line to", path, source))
}

/// Bytes up to the end of the last whole line.
fn whole_length(file: &mut File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let from = length.saturating_sub(4_096);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let end = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at as u64 + 1);
    Ok(if end == 0 && from > 0 { length } else { from + end })
}

async fn heads(owner: &mut PgConnection) -> sqlx::Result<Vec<(OrgId, Head)>> {
    let rows = sqlx::query!(
        r#"select o.id as "org_id: OrgId", newest.seq, newest.hash
           from organisations o
           cross join lateral (select seq, hash from audit_chain c where c.org_id = o.id order by seq desc limit 1) newest"#
    )
    .fetch_all(owner)
    .await?;
    Ok(rows.into_iter().map(|row| (row.org_id, Head::new(row.seq, &row.hash))).collect())
}

/// Whether what was signed last is in the chain still, or was removed from its beginning.
async fn still_holds(owner: &mut PgConnection, org_id: OrgId, last: Head, head: Head) -> sqlx::Result<bool> {
    let hash =
        sqlx::query_scalar!("select hash from audit_chain where org_id = $1 and seq = $2", org_id as _, last.seq)
            .fetch_optional(owner)
            .await?;
    Ok(hash.map_or(last.seq < head.seq, |hash| hash == last.hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoints(folder: &Path) -> Checkpoints {
        Checkpoints::open(&Config { data_dir: folder.to_owned(), ..Config::built_in() }).unwrap()
    }

    #[test]
    fn a_line_is_signed_and_every_other_is_told_apart() {
        let data_dir = tempfile::tempdir().unwrap();
        let (ours, org) = (checkpoints(data_dir.path()), OrgId::generate());
        for seq in 1..=3 {
            let head = Head { seq, hash: [7; 32] };
            ours.append(org, Kind::Checkpoint, head, Timestamp::UNIX_EPOCH).unwrap();
        }
        let folder = data_dir.path().join("audit");
        let file = folder.join(format!("{org}.{}.jsonl", ours.key_id));
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(read(&folder).unwrap()[&org].good.len(), 3);
        let first = text.lines().next().unwrap();
        let forged = [
            first.replace("\"seq\":1", "\"seq\":9"),
            first.replace("0707", "0708"),
            first.replace("1970", "1971"),
            first.replace("\"checkpoint\"", "\"anchor\""),
            first.replace(&org.to_string(), &OrgId::generate().to_string()),
            "nonsense".to_owned(),
        ];
        std::fs::write(&file, format!("{text}{}\n{{\"org", forged.join("\n"))).unwrap();
        let kept = &read(&folder).unwrap()[&org];
        assert_eq!((kept.good.len(), kept.bad.len()), (3, forged.len()), "{:?}", kept.bad);
        assert_eq!(kept.bad[0].1, 4);
    }

    #[test]
    fn a_line_that_was_cut_off_is_gone_with_the_next_one() {
        let data_dir = tempfile::tempdir().unwrap();
        let file = data_dir.path().join("lines");
        for (before, after) in [("", "new\n"), ("a\n", "a\nnew\n"), ("a\nb", "a\nnew\n"), ("b", "new\n")] {
            std::fs::write(&file, before).unwrap();
            append_line(&file, "new").unwrap();
            assert_eq!(std::fs::read_to_string(&file).unwrap(), after);
        }
    }

    #[test]
    fn a_server_that_starts_again_has_the_same_key_and_another_adds_its_own() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = checkpoints(one.path()).key_id;
        assert_eq!(checkpoints(one.path()).key_id, first);
        let shared = Config {
            data_dir: two.path().to_owned(),
            audit_checkpoints_dir: Some(one.path().join("audit")),
            ..Config::built_in()
        };
        assert_ne!(Checkpoints::open(&shared).unwrap().key_id, first);
        assert_eq!(public_keys(&one.path().join("audit")).unwrap().len(), 2);
    }
}
