#![expect(unsafe_code, reason = "job objects have no safe wrapper")]
//! Job objects: they end all their processes with their last handle.

use std::io;
use std::mem::size_of;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};

use windows::Win32::Foundation::HANDLE;
use windows::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION, JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectBasicAccountingInformation,
    JobObjectExtendedLimitInformation, QueryInformationJobObject, SetInformationJobObject, TerminateJobObject,
};
use windows::core::PCWSTR;

/// A job.
#[derive(Debug)]
pub(super) struct Job(OwnedHandle);

impl Job {
    /// One that ends its processes with its last handle.
    pub(super) fn create() -> io::Result<Self> {
        // SAFETY: no attributes and no name
        let job = unsafe { CreateJobObjectW(None, PCWSTR::null()) }?;
        // SAFETY: the handle was just made and belongs to nobody else
        let job = Self(unsafe { OwnedHandle::from_raw_handle(job.0) });
        job.limit(true)?;
        Ok(job)
    }

    fn handle(&self) -> HANDLE {
        HANDLE(self.0.as_raw_handle())
    }

    /// Takes a process in, with all that it starts from now on.
    pub(super) fn take(&self, process: HANDLE) -> io::Result<()> {
        // SAFETY: both handles are open: the caller owns one, this value the other
        unsafe { AssignProcessToJobObject(self.handle(), process) }.map_err(Into::into)
    }

    /// Whether all processes end with the job's last handle.
    pub(super) fn limit(&self, kill_on_close: bool) -> io::Result<()> {
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        if kill_on_close {
            limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
        }
        let size = size_of::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>() as u32;
        // SAFETY: the structure is the one that this class names, and its size is given
        unsafe {
            SetInformationJobObject(
                self.handle(),
                JobObjectExtendedLimitInformation,
                (&raw const limits).cast(),
                size,
            )?;
        }
        Ok(())
    }

    /// Ends its processes.
    pub(super) fn terminate(&self, code: u32) -> io::Result<()> {
        // SAFETY: the handle is an open job
        unsafe { TerminateJobObject(self.handle(), code) }.map_err(Into::into)
    }

    /// How many processes it has.
    pub(super) fn active(&self) -> Option<u32> {
        let mut accounting = JOBOBJECT_BASIC_ACCOUNTING_INFORMATION::default();
        let size = size_of::<JOBOBJECT_BASIC_ACCOUNTING_INFORMATION>() as u32;
        // SAFETY: the structure is the one that this class names, and its size is given
        let asked = unsafe {
            QueryInformationJobObject(
                Some(self.handle()),
                JobObjectBasicAccountingInformation,
                (&raw mut accounting).cast(),
                size,
                None,
            )
        };
        asked.ok().map(|()| accounting.ActiveProcesses)
    }
}
