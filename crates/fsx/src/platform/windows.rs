#![expect(unsafe_code, reason = "owners of files have no safe wrapper")]

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::path::Path;

use windows::Win32::Foundation::{HANDLE, HLOCAL, LocalFree};
use windows::Win32::Security::Authorization::{GetSecurityInfo, SE_FILE_OBJECT};
use windows::Win32::Security::{
    EqualSid, GetTokenInformation, IsWellKnownSid, OWNER_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, PSID, TOKEN_QUERY,
    TOKEN_USER, TokenUser, WinBuiltinAdministratorsSid, WinLocalSystemSid,
};
use windows::Win32::Storage::FileSystem::{
    FILE_ATTRIBUTE_REPARSE_POINT, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_READ_ATTRIBUTES,
    READ_CONTROL,
};
use windows::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// Of the largest SID there is, with what stands before it.
const TOKEN_USER_MAX: usize = size_of::<TOKEN_USER>() + 68;

/// The mode means nothing here: the folder's access list is inherited.
pub(crate) fn create_new(path: &Path, _mode: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// The access list is the folder's; whose it is must be right.
pub(crate) fn narrow(path: &Path, _mode: u32) -> io::Result<()> {
    require_trusted(path)
}

/// NTFS journals the rename; a folder cannot be flushed.
#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
pub(crate) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    require_trusted(path)
}

/// Refuses what another made, who could open it again at any time, and what leads elsewhere.
pub(crate) fn require_trusted(path: &Path) -> io::Result<()> {
    let access = READ_CONTROL.0 | FILE_READ_ATTRIBUTES.0;
    let flags = FILE_FLAG_BACKUP_SEMANTICS.0 | FILE_FLAG_OPEN_REPARSE_POINT.0;
    let opened = OpenOptions::new().access_mode(access).custom_flags(flags).open(path)?;
    if opened.metadata()?.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT.0 != 0 {
        return Err(io::Error::other("it is a link; remove it"));
    }
    if is_trusted(&opened)? {
        return Ok(());
    }
    Err(io::Error::other("it belongs to another user, who could open it to anybody; take it over or remove it"))
}

/// Whether it belongs to the system, to its administrators or to this user.
fn is_trusted(opened: &File) -> io::Result<bool> {
    let (mut owner, mut descriptor) = (PSID::default(), PSECURITY_DESCRIPTOR::default());
    // SAFETY: the handle is open, and both places are valid to write to
    let asked = unsafe {
        GetSecurityInfo(
            HANDLE(opened.as_raw_handle()),
            SE_FILE_OBJECT,
            OWNER_SECURITY_INFORMATION,
            Some(&raw mut owner),
            None,
            None,
            None,
            Some(&raw mut descriptor),
        )
    };
    asked.ok()?;
    // SAFETY: the owner lies in the descriptor, which is freed only after this
    let is_systems =
        [WinLocalSystemSid, WinBuiltinAdministratorsSid].map(|kind| unsafe { IsWellKnownSid(owner, kind) });
    let is_trusted = is_systems.iter().any(|is| is.as_bool()) || is_own(owner);
    // SAFETY: the call allocated it with LocalAlloc, and nothing uses it any more
    unsafe { LocalFree(Some(HLOCAL(descriptor.0))) };
    Ok(is_trusted)
}

/// Whether this process runs as that user. One whose user cannot be told is a stranger's.
fn is_own(owner: PSID) -> bool {
    let mut token = HANDLE::default();
    // SAFETY: the pseudo handle of this process needs no care, and the place is valid to write to
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) }.is_err() {
        return false;
    }
    // SAFETY: the handle was just made and belongs to nobody else
    let token = unsafe { OwnedHandle::from_raw_handle(token.0) };
    // words, so that the structure is aligned
    let mut buffer = [0_u64; TOKEN_USER_MAX.div_ceil(size_of::<u64>())];
    let (place, size) = (buffer.as_mut_ptr().cast::<TOKEN_USER>(), size_of_val(&buffer) as u32);
    let mut needed = 0;
    // SAFETY: the buffer is as large as is said
    let asked = unsafe {
        GetTokenInformation(HANDLE(token.as_raw_handle()), TokenUser, Some(place.cast()), size, &raw mut needed)
    };
    // SAFETY: the call has filled the structure, whose SID lies behind it in the buffer
    asked.is_ok() && unsafe { EqualSid(owner, (*place).User.Sid) }.is_ok()
}
