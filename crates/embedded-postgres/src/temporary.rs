//! The throw-away cluster of the tests.
//!
//! One per user and PostgreSQL version, started by whichever test process comes first and left running for the others:
//! making one takes a second, and a runner starts hundreds of processes. It trades durability for speed, so a cluster
//! whose postmaster is gone is never opened again but made anew. When no process has used it for ten minutes it stops by
//! itself; [`TemporaryPostgres::stop_shared`] stops it at once.

use std::{
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, SystemTime},
};

use nix::unistd::geteuid;

use crate::{
    Binaries, Connection, Error, OWNER,
    account::Account,
    cluster,
    cluster::Recipe,
    lock::Lock,
    postmaster::{Postmaster, Start},
    socket,
};

/// Changes whenever clusters of an older layout must not be reused.
const LAYOUT: u32 = 1;

const RECIPE: Recipe = Recipe {
    settings: "
fsync = off
full_page_writes = off
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
max_connections = 300
max_locks_per_transaction = 256
jit = off
log_min_messages = fatal
",
    durable: false,
};

/// Ends the postmaster $1 once the lease file $2 is old; $3 is the lock, so that nobody is just about to use it.
const WATCHDOG: &str = r#"
while kill -0 "$1" 2>/dev/null; do
    sleep 20
    [ -z "$(find "$2" -mmin -10 2>/dev/null)" ] || continue
    if [ -r "$3" ] && command -v flock >/dev/null; then
        exec 9<"$3"
        flock -n 9 || continue
    fi
    kill -INT "$1"
    exit 0
done
"#;
const LEASE_RENEWAL: Duration = Duration::from_mins(1);

/// A running throw-away cluster with fsync off. Not stopped on drop: other processes use it too.
#[derive(Clone, Debug)]
pub struct TemporaryPostgres {
    socket_dir: PathBuf,
}

impl TemporaryPostgres {
    /// The cluster that all tests of this user share; started if it is not running.
    pub fn shared() -> Result<Self, Error> {
        let binaries = Binaries::find()?;
        let account = Account::choose(Path::new("/nonexistent"), None)?;
        let parent = temp_dir(&account);
        Self::in_parent(&parent, &binaries, &account)
    }

    /// [`Self::shared`] with another place than the folder for temporary files: a cluster of one's own.
    pub fn shared_in(parent: &Path) -> Result<Self, Error> {
        let account = Account::choose(Path::new("/nonexistent"), None)?;
        Self::in_parent(parent, &Binaries::find()?, &account)
    }

    /// Stops the shared cluster, if it runs, and removes it.
    pub fn stop_shared() -> Result<(), Error> {
        let account = Account::choose(Path::new("/nonexistent"), None)?;
        Self::stop_shared_in(&temp_dir(&account))
    }

    /// [`Self::stop_shared`] for a cluster of [`Self::shared_in`].
    pub fn stop_shared_in(parent: &Path) -> Result<(), Error> {
        let dir = folder(parent, &Binaries::find()?);
        if !dir.exists() {
            return Ok(());
        }
        require_own(&dir)?;
        let _lock = Lock::wait(&dir.join("lock"))?;
        remove(&dir)
    }

    /// How to connect as `user` to `database`. The cluster starts with the superuser [`OWNER`] and its `postgres`.
    pub fn connection(&self, user: &str, database: &str) -> Connection {
        Connection {
            socket_dir: self.socket_dir.clone(),
            port: socket::PORT,
            user: user.to_owned(),
            database: database.to_owned(),
        }
    }

    /// How to connect as the superuser, to make databases.
    pub fn owner(&self) -> Connection {
        self.connection(OWNER, "postgres")
    }

    fn in_parent(parent: &Path, binaries: &Binaries, account: &Account) -> Result<Self, Error> {
        let dir = folder(parent, binaries);
        make_folder(&dir)?;
        account.require_access(&dir)?;
        let _lock = Lock::wait(&dir.join("lock"))?;
        let lease = dir.join("lease");
        fs::write(&lease, "").map_err(Error::io("write", &lease))?;
        keep_lease(&lease);
        if let Some(postmaster) = Postmaster::adopt(&dir.join("data"))? {
            return Ok(Self { socket_dir: postmaster.socket_dir().to_owned() });
        }
        remove(&dir)?;
        cluster::create(&dir.join("data"), binaries, account, RECIPE)?;
        let postmaster = Postmaster::start(&Start {
            data: &dir.join("data"),
            binaries,
            account,
            socket_dir: &dir.join("run"),
            first_log: &dir.join("log"),
            options: &["cluster_name=gururmm-tests"],
        })?;
        let socket_dir = postmaster.socket_dir().to_owned();
        watch(&postmaster, &dir, account)?;
        postmaster.leave_running();
        Ok(Self { socket_dir })
    }
}

/// The folder for temporary files, or `/tmp` when PostgreSQL's user cannot enter that.
fn temp_dir(account: &Account) -> PathBuf {
    fs::canonicalize(env::temp_dir())
        .ok()
        .filter(|dir| account.require_access(dir).is_ok())
        .unwrap_or_else(|| PathBuf::from("/tmp"))
}

fn folder(parent: &Path, binaries: &Binaries) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    (geteuid().as_raw(), binaries.folder(), binaries.major(), LAYOUT).hash(&mut hasher);
    parent.join(format!("gururmm-tests-{:08x}", hasher.finish() as u32))
}

/// Makes the folder so that PostgreSQL's user can pass through it, whatever the umask.
fn make_folder(dir: &Path) -> Result<(), Error> {
    match fs::create_dir(dir) {
        Ok(()) => fs::set_permissions(dir, fs::Permissions::from_mode(0o711)).map_err(Error::io("protect", dir))?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(Error::io("create", dir)(error)),
    }
    require_own(dir)
}

/// The name is predictable and the parent usually writable for everyone: only a real directory of our own will do.
fn require_own(dir: &Path) -> Result<(), Error> {
    let metadata = fs::symlink_metadata(dir).map_err(Error::io("read", dir))?;
    let is_ours = metadata.is_dir() && metadata.uid() == geteuid().as_raw() && metadata.mode() & 0o022 == 0;
    if is_ours { Ok(()) } else { Err(Error::io("trust", dir)(std::io::ErrorKind::PermissionDenied.into())) }
}

/// Stops what runs and removes the files, but for the lock that the caller holds.
fn remove(dir: &Path) -> Result<(), Error> {
    let data = dir.join("data");
    if let Some(mut postmaster) = Postmaster::adopt(&data)? {
        postmaster.stop()?;
    }
    for name in ["data", "data.new", "run"] {
        let path = dir.join(name);
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::io("remove", path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn watch(postmaster: &Postmaster, dir: &Path, account: &Account) -> Result<(), Error> {
    let mut command = account.command(Path::new("/bin/sh"));
    command.args(["-c", WATCHDOG, "gururmm-tests-watchdog", &postmaster.pid().to_string()]);
    command.arg(dir.join("lease")).arg(dir.join("lock"));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map(drop).map_err(Error::io("run", "/bin/sh"))
}

/// Keeps the lease fresh for as long as this process lives.
fn keep_lease(lease: &Path) {
    static KEPT: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.iter().any(|path| path == lease) {
        return;
    }
    kept.push(lease.to_owned());
    let lease = lease.to_owned();
    thread::spawn(move || {
        while fs::File::options()
            .append(true)
            .open(&lease)
            .and_then(|file| file.set_modified(SystemTime::now()))
            .is_ok()
        {
            thread::sleep(LEASE_RENEWAL);
        }
    });
}
