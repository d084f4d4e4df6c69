//! What commands wrote beyond what is recorded, kept on the disk for a while, for whoever asks.
//!
//! There is a file for each stream, `<command id>.<stream>`, in a folder that nobody else enters; its first byte is the stream's byte [`OUTPUT_MAX`]. It is a
//! courtesy: what cannot be kept is not, nothing else depends on it, and together it has a bound. Each piece is written before the next event is taken.
//! What is there is counted once, when the first piece comes, and then with each.

use std::collections::HashMap;
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
use parking_lot::Mutex;

/// Files that are kept at most.
const FILES_MAX: usize = 1_000;

/// How much is kept, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RestLimits {
    /// Bytes of all files.
    pub(crate) total: u64,
    /// Files.
    pub(crate) files: usize,
    /// Since the last byte.
    pub(crate) age: Duration,
}

impl Default for RestLimits {
    fn default() -> Self {
        Self { total: REST_TOTAL_MAX, files: FILES_MAX, age: REST_KEPT }
    }
}

/// The folder with what is kept.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    folder: Arc<Path>,
    limits: RestLimits,
    /// None until it was counted.
    kept: Arc<Mutex<Option<Kept>>>,
}

/// What is there, by its path: bytes, and when it was written last.
type Kept = HashMap<PathBuf, (u64, SystemTime)>;

impl Rest {
    /// Below this folder.
    pub(crate) fn open(state_dir: &Path, limits: RestLimits) -> Self {
        Self { folder: state_dir.join("rest").into(), limits, kept: Arc::default() }
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
        let _ = self.blocking(Self::remove_old).await;
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
        let mut kept = self.kept.lock();
        let kept = counted(&mut kept, &self.folder)?;
        let path = self.path(output.command_id, output.stream);
        let (bytes, length) = (output.data.len() as u64, kept.get(&path).map_or(0, |(bytes, _)| *bytes));
        if output.offset != OUTPUT_MAX + length || !self.make_room(kept, &path, bytes)? {
            // a piece before it is not there, or it is more than there is room for
            return Ok(());
        }
        let written = write(&path, length, &output.data);
        match written {
            Ok(()) => kept.insert(path, (length + bytes, SystemTime::now())),
            Err(_) => remove(kept, &path).map(|()| None)?,
        };
        written
    }

    /// Lets the oldest give way; false when that is not enough.
    fn make_room(&self, kept: &mut Kept, own: &Path, bytes: u64) -> io::Result<bool> {
        let fits = |kept: &Kept| {
            let total: u64 = kept.values().map(|(bytes, _)| bytes).sum();
            total + bytes <= self.limits.total && (kept.len() < self.limits.files || kept.contains_key(own))
        };
        while !fits(kept) {
            let others = kept.iter().filter(|(path, _)| path.as_path() != own);
            let Some(oldest) = others.min_by_key(|(_, (_, written_at))| *written_at).map(|(path, _)| path.clone())
            else {
                return Ok(false);
            };
            remove(kept, &oldest)?;
        }
        Ok(true)
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

    fn remove_old(&self) {
        let mut kept = self.kept.lock();
        let Ok(kept) = counted(&mut kept, &self.folder) else { return };
        let is_old = |written_at: &SystemTime| written_at.elapsed().is_ok_and(|age| age >= self.limits.age);
        let old: Vec<_> =
            kept.iter().filter(|(_, (_, written_at))| is_old(written_at)).map(|(path, _)| path.clone()).collect();
        for path in old {
            let _ = remove(kept, &path);
        }
    }
}

/// What is there: counted in the folder the first time.
fn counted<'a>(kept: &'a mut Option<Kept>, folder: &Path) -> io::Result<&'a mut Kept> {
    if kept.is_none() {
        *kept = Some(count(folder)?);
    }
    Ok(kept.get_or_insert_default())
}

fn count(folder: &Path) -> io::Result<Kept> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Kept::new()),
        entries => entries?,
    };
    let file = |entry: io::Result<fs::DirEntry>| {
        let (path, metadata) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?))).ok()?;
        Some((path, (metadata.len(), metadata.modified().ok()?)))
    };
    Ok(entries.filter_map(file).collect())
}

/// Adds to a file of this length, which nobody else has changed.
fn write(path: &Path, length: u64, data: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(length == 0).open(path)?;
    if file.metadata()?.len() != length {
        return Err(io::ErrorKind::InvalidData.into());
    }
    file.write_all(data)
}

fn remove(kept: &mut Kept, path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => {
            kept.remove(path);
            Ok(())
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
        let rest = Rest::open(folder.path(), RestLimits { total, files: 3, age });
        (folder, rest)
    }

    #[tokio::test]
    async fn what_is_kept_is_read_from_any_byte_and_what_has_a_gap_is_not_kept() {
        let (folder, rest) = rest(1 << 20, REST_KEPT);
        let id = CommandId::generate();
        rest.keep(piece(id, 0, b"one ")).await;
        rest.keep(piece(id, 4, b"two")).await;
        rest.keep(piece(id, 9, b"lost")).await;
        let part = rest.read(read(id, 4)).await;
        assert_eq!((part.request, part.data.as_slice(), part.end), (5, b"two".as_slice(), Some(OUTPUT_MAX + 7)));
        let behind = rest.read(read(id, 100)).await;
        assert_eq!((behind.data.len(), behind.end), (0, Some(OUTPUT_MAX + 7)));
        let again = Rest::open(folder.path(), RestLimits::default());
        again.keep(piece(id, 7, b", three")).await;
        assert_eq!(again.read(read(id, 0)).await.data, b"one two, three", "it goes on after a restart");
        let early = OutputRead { offset: 3, ..read(id, 0) };
        assert_eq!(rest.read(early).await.end, None, "those bytes are recorded");
        assert_eq!(rest.read(read(CommandId::generate(), 0)).await.end, None);
        let large = CommandId::generate();
        rest.keep(piece(large, 0, &vec![b'x'; REST_PIECE_MAX + 1])).await;
        assert_eq!(rest.read(read(large, 0)).await.data.len(), REST_PIECE_MAX);
    }

    #[tokio::test]
    async fn what_begins_in_the_middle_leaves_no_file_and_files_are_few() {
        let (folder, rest) = rest(1 << 20, REST_KEPT);
        rest.keep(piece(CommandId::generate(), 5, b"middle")).await;
        let files = || fs::read_dir(folder.path().join("rest")).unwrap().count();
        assert_eq!(files(), 0);
        let ids: Vec<_> = (0..5).map(|_| CommandId::generate()).collect();
        for id in &ids {
            rest.keep(piece(*id, 0, b"x")).await;
        }
        assert_eq!(files(), 3);
        assert_eq!(rest.read(read(ids[4], 0)).await.data, b"x", "the newest stays");
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
