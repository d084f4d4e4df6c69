//! What commands wrote beyond what is recorded, kept on the disk for a while, for whoever asks.
//!
//! There is a file for each stream, `<command id>.<stream>`, in a folder that nobody else enters; its first byte is the stream's byte [`OUTPUT_MAX`]. It is a
//! courtesy: what cannot be kept is not, nothing else depends on it, and together it has a bound. Each piece is written before the next event is taken.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use gururmm_agent_os::private_dir;
use gururmm_ids::CommandId;
use gururmm_protocol::command::Stream;
use gururmm_protocol::limits::{OUTPUT_MAX, REST_KEPT, REST_PIECE_MAX, REST_TOTAL_MAX};
use gururmm_protocol::message::{OutputPart, OutputRead};
use gururmm_protocol::record::Output;

/// How much is kept, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RestLimits {
    /// Bytes of all files.
    pub(crate) total: u64,
    /// Since the last byte.
    pub(crate) age: Duration,
}

impl Default for RestLimits {
    fn default() -> Self {
        Self { total: REST_TOTAL_MAX, age: REST_KEPT }
    }
}

/// The folder with what is kept.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    folder: Arc<Path>,
    limits: RestLimits,
}

struct Kept {
    path: PathBuf,
    bytes: u64,
    written_at: SystemTime,
}

impl Rest {
    /// Below this folder.
    pub(crate) fn open(state_dir: &Path, limits: RestLimits) -> Self {
        Self { folder: state_dir.join("rest").into(), limits }
    }

    /// Keeps a piece, if it follows what is kept already.
    pub(crate) async fn keep(&self, output: Output) {
        let kept = self.blocking(move |rest| rest.append(&output)).await;
        if let Some(Err(error)) = kept {
            tracing::debug!(%error, "what a command wrote beyond what is recorded is not kept");
        }
    }

    /// A piece from the asked byte on.
    pub(crate) async fn read(&self, asked: OutputRead) -> OutputPart {
        let found = self.blocking(move |rest| rest.piece(asked)).await.and_then(Result::ok);
        let (data, end) = found.map_or((Vec::new(), None), |(data, end)| (data, Some(end)));
        OutputPart { request: asked.request, data, end }
    }

    /// Removes what is too old.
    pub(crate) async fn tidy(&self) {
        let _ = self.blocking(|rest| rest.files().map(|files| rest.remove_old(&files))).await;
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce(&Self) -> T + Send + 'static) -> Option<T> {
        let rest = self.clone();
        tokio::task::spawn_blocking(move || work(&rest)).await.ok()
    }

    fn path(&self, id: CommandId, stream: Stream) -> PathBuf {
        self.folder.join(format!("{id}.{}", stream.as_str()))
    }

    fn append(&self, output: &Output) -> io::Result<()> {
        if !self.folder.is_dir() {
            private_dir::create(&self.folder).map_err(io::Error::other)?;
        }
        let path = self.path(output.command_id, output.stream);
        if !self.make_room(&path, output.data.len() as u64)? {
            return Ok(());
        }
        let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
        if file.metadata()?.len() != output.offset - OUTPUT_MAX {
            // a piece before it is not there
            return Ok(());
        }
        let written = file.write_all(&output.data);
        if written.is_err() {
            drop(file);
            fs::remove_file(&path)?;
        }
        written
    }

    /// Lets the oldest give way; false when that is not enough.
    fn make_room(&self, own: &Path, bytes: u64) -> io::Result<bool> {
        let mut files = self.files()?;
        let mut total: u64 = files.iter().map(|file| file.bytes).sum();
        files.sort_unstable_by_key(|file| file.written_at);
        for file in files.iter().filter(|file| file.path != own) {
            if total + bytes <= self.limits.total {
                break;
            }
            fs::remove_file(&file.path)?;
            total -= file.bytes;
        }
        Ok(total + bytes <= self.limits.total)
    }

    fn piece(&self, asked: OutputRead) -> io::Result<(Vec<u8>, u64)> {
        let start = asked.offset.checked_sub(OUTPUT_MAX).ok_or(io::ErrorKind::InvalidInput)?;
        let mut file = File::open(self.path(asked.command_id, asked.stream))?;
        let end = OUTPUT_MAX + file.metadata()?.len();
        file.seek(SeekFrom::Start(start))?;
        let mut data = Vec::new();
        file.take(REST_PIECE_MAX as u64).read_to_end(&mut data)?;
        Ok((data, end))
    }

    fn files(&self) -> io::Result<Vec<Kept>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let kept = |entry: io::Result<fs::DirEntry>| {
            let (entry, metadata) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?))).ok()?;
            Some(Kept { path: entry, bytes: metadata.len(), written_at: metadata.modified().ok()? })
        };
        Ok(entries.filter_map(kept).collect())
    }

    fn remove_old(&self, files: &[Kept]) {
        let is_old = |file: &&Kept| file.written_at.elapsed().is_ok_and(|age| age >= self.limits.age);
        for file in files.iter().filter(is_old) {
            let _ = fs::remove_file(&file.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(id: CommandId, offset: u64, data: &[u8]) -> Output {
        Output { command_id: id, stream: Stream::Stdout, offset: OUTPUT_MAX + offset, data: data.to_vec() }
    }

    fn read(id: CommandId, offset: u64) -> OutputRead {
        OutputRead { request: 5, command_id: id, stream: Stream::Stdout, offset: OUTPUT_MAX + offset }
    }

    fn rest(total: u64, age: Duration) -> (tempfile::TempDir, Rest) {
        let folder = tempfile::tempdir().unwrap();
        let rest = Rest::open(folder.path(), RestLimits { total, age });
        (folder, rest)
    }

    #[tokio::test]
    async fn what_is_kept_is_read_from_any_byte_and_what_has_a_gap_is_not_kept() {
        let (_folder, rest) = rest(1 << 20, REST_KEPT);
        let id = CommandId::generate();
        rest.keep(piece(id, 0, b"one ")).await;
        rest.keep(piece(id, 4, b"two")).await;
        rest.keep(piece(id, 9, b"lost")).await;
        let part = rest.read(read(id, 4)).await;
        assert_eq!((part.request, part.data.as_slice(), part.end), (5, b"two".as_slice(), Some(OUTPUT_MAX + 7)));
        let behind = rest.read(read(id, 100)).await;
        assert_eq!((behind.data.len(), behind.end), (0, Some(OUTPUT_MAX + 7)));
        let early = OutputRead { offset: 3, ..read(id, 0) };
        assert_eq!(rest.read(early).await.end, None, "those bytes are recorded");
        assert_eq!(rest.read(read(CommandId::generate(), 0)).await.end, None);
        let large = CommandId::generate();
        rest.keep(piece(large, 0, &vec![b'x'; REST_PIECE_MAX + 1])).await;
        assert_eq!(rest.read(read(large, 0)).await.data.len(), REST_PIECE_MAX);
    }

    #[tokio::test]
    async fn the_oldest_gives_way_and_age_ends_it() {
        let (_folder, rest) = rest(10, Duration::ZERO);
        let (old, new) = (CommandId::generate(), CommandId::generate());
        rest.keep(piece(old, 0, b"123456")).await;
        rest.keep(piece(new, 0, b"123456")).await;
        assert_eq!(rest.read(read(old, 0)).await.end, None);
        rest.keep(piece(new, 6, b"1234567")).await;
        assert_eq!(rest.read(read(new, 0)).await.data, b"123456", "more than there is room for is not kept");
        rest.tidy().await;
        assert_eq!(rest.read(read(new, 0)).await.end, None);
    }
}
