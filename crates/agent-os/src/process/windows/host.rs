#![expect(unsafe_code, reason = "programs of other accounts and named pipes have no safe wrapper")]
//! A command in the session of a person. Handles do not go from one session to another, and a job has processes of one session: so the agent starts
//! itself there as a host. Three named pipes bring what it is to start and what that writes; the host holds the job, and ends with
//! the agent.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::mem::ManuallyDrop;
use std::os::windows::ffi::OsStringExt as _;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::{AsHandle as _, AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::os::windows::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncWriteExt as _, DuplexStream, copy, duplex};
use tokio::net::windows::named_pipe::{NamedPipeServer, ServerOptions};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use windows::Win32::Foundation::{HANDLE, HLOCAL, LocalFree};
use windows::Win32::Security::Authorization::ConvertSidToStringSidW;
use windows::Win32::Security::{GetTokenInformation, SECURITY_ATTRIBUTES, TOKEN_USER, TokenUser};
use windows::Win32::Storage::FileSystem::SECURITY_IDENTIFICATION;
use windows::Win32::System::Environment::{CreateEnvironmentBlock, DestroyEnvironmentBlock};
use windows::Win32::System::Pipes::GetNamedPipeClientProcessId;
use windows::Win32::System::Threading::{
    CREATE_NO_WINDOW, CREATE_UNICODE_ENVIRONMENT, CreateProcessAsUserW, GetCurrentProcess, GetExitCodeProcess,
    INFINITE, PROCESS_INFORMATION, STARTUPINFOW, TerminateProcess, WaitForSingleObject,
};
use windows::Win32::UI::Shell::GetUserProfileDirectoryW;
use windows::core::{HSTRING, PCWSTR, PWSTR};

use super::job::Job;
use super::shell::{Shell, Stream};
use super::{ENDED, Held, Tree};
use crate::interpreter::Launch;
use crate::private_dir::with_descriptor;
use crate::process::host::{Request, VERB, argument, code};
use crate::process::{COMMAND_VARIABLE, PRIVATE_VARIABLES, Running};
use crate::session::Person;

/// Where people see what they start.
const DESKTOP: &str = r"winsta0\default";
/// Bytes of a stream between the pipe and whoever reads it.
const HELD: usize = 64 * 1024;
/// How long a host may take to end its command and remove its text.
const STOPS_WITHIN: Duration = Duration::from_secs(2);

/// Starts a command in the session of a person.
pub(super) fn start(id: &str, launch: &Launch, person: &Person) -> io::Result<Running> {
    let name = format!(r"\\.\pipe\gururmm-{}", Uuid::new_v4().simple());
    let access = HSTRING::from(format!("D:P(A;;GA;;;SY)(A;;GRGW;;;{})", sid_of(person)?));
    let pipe = |end: &str, is_output| open(&format!("{name}-{end}"), &access, is_output);
    let pipes = Pipes { input: pipe("in", false)?, stdout: pipe("out", true)?, stderr: pipe("err", true)? };
    let request = Request::line(id, launch)?;
    let host = Arc::new(Host::start(id, &name, person)?);
    let status = host.status.clone();
    let ((stdout, out), (stderr, err)) = (stream(), stream());
    let listener = host.clone();
    tokio::spawn(async move {
        if let Err(error) = listener.converse(pipes, &request, (out, err)).await {
            tracing::warn!(%error, "a command in the session of a person could not be told what to do");
            listener.terminate();
        }
    });
    let tree = Tree { held: Held::Host(host), script: None };
    Ok(Running { child: Shell::Host(status), stdout, stderr, tree })
}

/// The end of a stream for who fills it, and the word that nobody reads any more.
type Filled = (DuplexStream, CancellationToken);

/// A stream: its end for who reads it, and that for who fills it.
fn stream() -> (Stream, Filled) {
    let (reads, fills) = duplex(HELD);
    let unread = CancellationToken::new();
    (Stream::Host(reads, unread.clone().drop_guard()), (fills, unread))
}

/// Passes on what comes by a pipe, to its end: what a command has left running may still write. A program that writes nothing holds it open for ever.
fn pass_on(mut pipe: NamedPipeServer, (mut to, unread): Filled) {
    tokio::spawn(async move { unread.run_until_cancelled(copy(&mut pipe, &mut to)).await });
}

/// The pipes of a host, by its side.
struct Pipes {
    input: NamedPipeServer,
    stdout: NamedPipeServer,
    stderr: NamedPipeServer,
}

/// One pipe, to which this person alone may connect, from this machine, once.
fn open(name: &str, access: &HSTRING, is_output: bool) -> io::Result<NamedPipeServer> {
    with_descriptor(PCWSTR(access.as_ptr()), |descriptor| {
        let mut attributes = SECURITY_ATTRIBUTES {
            nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
            lpSecurityDescriptor: descriptor.0,
            bInheritHandle: false.into(),
        };
        let mut options = ServerOptions::new();
        options.first_pipe_instance(true).max_instances(1).reject_remote_clients(true);
        options.access_inbound(is_output).access_outbound(!is_output);
        // SAFETY: the attributes are valid, and outlive the call
        unsafe { options.create_with_security_attributes_raw(name, (&raw mut attributes).cast()) }
    })
}

/// A host that runs.
#[derive(Debug)]
pub(super) struct Host {
    process: OwnedHandle,
    pid: u32,
    status: watch::Receiver<Option<ExitStatus>>,
    /// Asks it to stop.
    stop: CancellationToken,
}

impl Host {
    fn start(id: &str, name: &str, person: &Person) -> io::Result<Self> {
        let (process, pid) = spawn(id, name, person)?;
        let (told, status) = watch::channel(None);
        let waited = process.try_clone()?;
        std::thread::Builder::new().name("host".to_owned()).stack_size(64 * 1024).spawn(move || {
            let _ = told.send(Some(wait(&waited)));
        })?;
        Ok(Self { process, pid, status, stop: CancellationToken::new() })
    }

    /// Tells it what to start, passes on what that writes, and stays with it.
    async fn converse(&self, mut pipes: Pipes, request: &[u8], (out, err): (Filled, Filled)) -> io::Result<()> {
        let mut ended = self.status.clone();
        // it writes to nobody before all are there
        let together =
            async { tokio::try_join!(self.met(&pipes.stdout), self.met(&pipes.stderr), self.met(&pipes.input)) };
        tokio::select! {
            met = together => { met?; }
            _ = ended.wait_for(Option::is_some) => return Ok(()),
            () = self.stop.cancelled() => return Ok(()),
        }
        pass_on(pipes.stdout, out);
        pass_on(pipes.stderr, err);
        pipes.input.write_all(request).await?;
        tokio::select! {
            _ = ended.wait_for(Option::is_some) => {}
            () = self.stop.cancelled() => {}
        }
        // a host whose input ends, stops
        Ok(())
    }

    /// Waits for it at a pipe. Names of pipes can be listed: another program of the same person may come first, and is refused.
    async fn met(&self, pipe: &NamedPipeServer) -> io::Result<()> {
        pipe.connect().await?;
        let mut pid = 0;
        // SAFETY: the pipe is open, and the place is valid
        unsafe { GetNamedPipeClientProcessId(HANDLE(pipe.as_raw_handle()), &raw mut pid) }?;
        if pid == self.pid { Ok(()) } else { Err(io::Error::other("another program answers in its place")) }
    }

    /// Ends it with its command and all that this has started; whether they are gone.
    pub(super) async fn kill(&self) -> bool {
        self.stop.cancel();
        let mut status = self.status.clone();
        if timeout(STOPS_WITHIN, status.wait_for(Option::is_some)).await.is_err() {
            self.terminate();
        }
        timeout(super::KILL_PATIENCE, status.wait_for(Option::is_some)).await.is_ok()
    }

    /// Ends it at once; its job ends the rest.
    fn terminate(&self) {
        // SAFETY: the handle is an open process
        let _ = unsafe { TerminateProcess(HANDLE(self.process.as_raw_handle()), ENDED) };
    }
}

fn wait(process: &OwnedHandle) -> ExitStatus {
    let handle = HANDLE(process.as_raw_handle());
    let mut code = ENDED;
    // SAFETY: the handle is an open process, and the place is valid
    unsafe {
        WaitForSingleObject(handle, INFINITE);
        let _ = GetExitCodeProcess(handle, &raw mut code);
    }
    ExitStatus::from_raw(code)
}

/// Starts this program as a host.
fn spawn(id: &str, name: &str, person: &Person) -> io::Result<(OwnedHandle, u32)> {
    let program = std::env::current_exe()?;
    let mut line: Vec<u16> = format!("\"{}\" {VERB} {name}\0", program.display()).encode_utf16().collect();
    let program = HSTRING::from(program.as_os_str());
    let home = HSTRING::from(profile_of(person)?);
    let environment = Environment::of(person, id)?;
    let mut desktop: Vec<u16> = DESKTOP.encode_utf16().chain([0]).collect();
    let startup = STARTUPINFOW {
        cb: size_of::<STARTUPINFOW>() as u32,
        lpDesktop: PWSTR(desktop.as_mut_ptr()),
        ..Default::default()
    };
    let mut made = PROCESS_INFORMATION::default();
    // SAFETY: all texts end with zero, and all of it outlives the call
    unsafe {
        CreateProcessAsUserW(
            Some(person.token()),
            &program,
            Some(PWSTR(line.as_mut_ptr())),
            None,
            None,
            false,
            CREATE_NO_WINDOW | CREATE_UNICODE_ENVIRONMENT,
            Some(environment.0.as_ptr().cast()),
            &home,
            &raw const startup,
            &raw mut made,
        )?;
    }
    // SAFETY: both handles were just made and belong to nobody else
    let (process, thread) =
        unsafe { (OwnedHandle::from_raw_handle(made.hProcess.0), OwnedHandle::from_raw_handle(made.hThread.0)) };
    drop(thread);
    Ok((process, made.dwProcessId))
}

/// The variables of a person, as `NAME=value`, each ended by zero and the whole by another.
struct Environment(Vec<u16>);

impl Environment {
    fn of(person: &Person, id: &str) -> io::Result<Self> {
        let mut block = std::ptr::null_mut();
        // SAFETY: a valid place to write to, and an open token
        unsafe { CreateEnvironmentBlock(&raw mut block, Some(person.token()), false) }?;
        let mut units = Vec::new();
        let mut at = PCWSTR(block.cast::<u16>());
        loop {
            // SAFETY: the block ends with an empty text, which ends this loop
            let text = unsafe { at.as_wide() };
            if text.is_empty() {
                break;
            }
            let is_private = String::from_utf16_lossy(text)
                .split_once('=')
                .is_some_and(|(name, _)| PRIVATE_VARIABLES.contains(&name));
            if !is_private {
                units.extend_from_slice(text);
                units.push(0);
            }
            // SAFETY: behind a text and its zero comes another text
            at = PCWSTR(unsafe { at.0.add(text.len() + 1) });
        }
        // SAFETY: the call before made it, and nothing uses it any more
        let _ = unsafe { DestroyEnvironmentBlock(block) };
        units.extend(format!("{COMMAND_VARIABLE}={id}\0\0").encode_utf16());
        Ok(Self(units))
    }
}

fn profile_of(person: &Person) -> io::Result<std::ffi::OsString> {
    let mut length = 0;
    // SAFETY: asks for the length alone
    let _ = unsafe { GetUserProfileDirectoryW(person.token(), None, &raw mut length) };
    let mut path = vec![0; length as usize];
    // SAFETY: there is as much room as is told
    unsafe { GetUserProfileDirectoryW(person.token(), Some(PWSTR(path.as_mut_ptr())), &raw mut length) }?;
    let end = path.iter().position(|unit| *unit == 0).unwrap_or(path.len());
    Ok(std::ffi::OsString::from_wide(&path[..end]))
}

/// The account of a person, as access lists name it.
fn sid_of(person: &Person) -> io::Result<String> {
    let mut length = 0;
    // SAFETY: asks for the length alone
    let _ = unsafe { GetTokenInformation(person.token(), TokenUser, None, 0, &raw mut length) };
    // of eights: what is in it is aligned
    let mut user = vec![0_u64; (length as usize).div_ceil(8)];
    // SAFETY: there is as much room as is told
    unsafe {
        GetTokenInformation(person.token(), TokenUser, Some(user.as_mut_ptr().cast()), length, &raw mut length)?;
    }
    let mut text = PWSTR::null();
    // SAFETY: the call before has filled such a structure, which is aligned; the id in it lies in the same memory
    unsafe { ConvertSidToStringSidW((*user.as_ptr().cast::<TOKEN_USER>()).User.Sid, &raw mut text) }?;
    // SAFETY: the call before made a text that ends with zero
    let sid = unsafe { text.to_string() };
    // SAFETY: it was made with LocalAlloc, and nothing uses it any more
    unsafe { LocalFree(Some(HLOCAL(text.0.cast()))) };
    sid.map_err(io::Error::other)
}

/// Works as a host, if this program was started as one; then it does not come back.
pub fn host() {
    if let Some(name) = argument() {
        std::process::exit(serve(&name));
    }
}

fn serve(name: &str) -> i32 {
    let opened = end(name, "out", true).and_then(|out| Ok((out, end(name, "err", true)?, end(name, "in", false)?)));
    let (stdout, stderr, input) = match opened {
        Ok(opened) => opened,
        Err(error) => return code(Err(error), io::sink()),
    };
    let errors = stderr.try_clone();
    let run = Job::create().and_then(|job| hold(job, || run(input, stdout, stderr)));
    match errors {
        Ok(errors) => code(run, errors),
        Err(_) => code(run, io::sink()),
    }
}

/// Works in a job of its own, which this program's end closes: what it has left running on purpose stays, unless it was stopped.
fn hold(job: Job, work: impl FnOnce() -> io::Result<(ExitStatus, bool)>) -> io::Result<ExitStatus> {
    // a program that closes the job in which it is ends itself
    let job = ManuallyDrop::new(job);
    // SAFETY: takes no arguments; the handle is no real one and need not be closed
    job.take(unsafe { GetCurrentProcess() })?;
    let (status, is_stopped) = match work() {
        Ok(done) => done,
        Err(error) => {
            job.limit(false)?;
            return Err(error);
        }
    };
    if is_stopped {
        job.terminate(ENDED)?
    } else {
        job.limit(false)?
    }
    Ok(status)
}

/// One end of the agent's pipes. It learns who this is and does nothing in their name.
fn end(name: &str, end: &str, is_output: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(!is_output).write(is_output).security_qos_flags(SECURITY_IDENTIFICATION.0);
    options.open(format!("{name}-{end}"))
}

fn run(input: File, stdout: File, stderr: File) -> io::Result<(ExitStatus, bool)> {
    let mut input = BufReader::new(input);
    let mut line = String::new();
    input.read_line(&mut line)?;
    let is_stopped = Arc::new(AtomicBool::new(false));
    let stopped = is_stopped.clone();
    let status = Request::read(&line)?.run(&std::env::temp_dir(), (stdout.into(), stderr.into()), |child| {
        let child = child.as_handle().try_clone_to_owned()?;
        std::thread::Builder::new().spawn(move || {
            // the agent says nothing more: what comes is the end
            let _ = input.read(&mut [0]);
            stopped.store(true, Ordering::SeqCst);
            // SAFETY: the handle is an open process
            let _ = unsafe { TerminateProcess(HANDLE(child.as_raw_handle()), ENDED) };
        })?;
        Ok(())
    })?;
    Ok((status, is_stopped.load(Ordering::SeqCst)))
}
