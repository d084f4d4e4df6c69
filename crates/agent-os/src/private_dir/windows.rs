#![expect(unsafe_code, reason = "access lists have no safe wrapper")]

use std::io;
use std::os::windows::ffi::OsStrExt as _;
use std::path::Path;

use gururmm_fsx::FileError;
use windows::Win32::Foundation::{ERROR_ALREADY_EXISTS, ERROR_INVALID_OWNER, HLOCAL, LocalFree};
use windows::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, GetNamedSecurityInfoW, SDDL_REVISION_1, SE_FILE_OBJECT,
};
use windows::Win32::Security::{
    DACL_SECURITY_INFORMATION, GetSecurityDescriptorControl, OWNER_SECURITY_INFORMATION,
    PROTECTED_DACL_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, SE_DACL_PROTECTED, SECURITY_ATTRIBUTES,
    SetFileSecurityW,
};
use windows::Win32::Storage::FileSystem::CreateDirectoryW;
use windows::core::{HRESULT, PCWSTR, w};

/// Owner: administrators. Full control for the system, administrators and whoever owns a file; nobody else, nothing inherited.
const OWNED: PCWSTR = w!("O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)");
/// The same for whoever makes it.
const OWN: PCWSTR = w!("D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)");

/// The system's answers as the library gives them on.
const ALREADY_EXISTS: i32 = HRESULT::from_win32(ERROR_ALREADY_EXISTS.0).0;
const INVALID_OWNER: i32 = HRESULT::from_win32(ERROR_INVALID_OWNER.0).0;

/// Makes the folder, private from its first moment, or narrows it when it exists; refuses one that another user made: whoever has
/// an open handle to it keeps their rights.
pub fn create(path: &Path) -> Result<(), FileError> {
    let failed = |source| FileError::new("could not make the private folder", path, source);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(failed)?;
    }
    match make(path) {
        Err(error) if error.raw_os_error() == Some(ALREADY_EXISTS) => {}
        made => return made.map_err(failed),
    }
    gururmm_fsx::create_private_dir(path)?;
    narrow(path).map_err(|source| FileError::new("could not restrict the access to", path, source))
}

fn make(path: &Path) -> io::Result<()> {
    // only an administrator can give a folder to the administrators; for others it is their own
    make_with(path, OWNED)
        .or_else(|error| if error.raw_os_error() == Some(INVALID_OWNER) { make_with(path, OWN) } else { Err(error) })
}

fn make_with(path: &Path, sddl: PCWSTR) -> io::Result<()> {
    let path = wide(path);
    with_descriptor(sddl, |descriptor| {
        let attributes = SECURITY_ATTRIBUTES {
            nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
            lpSecurityDescriptor: descriptor.0,
            bInheritHandle: false.into(),
        };
        // SAFETY: path ends with zero, and the attributes are valid; both outlive the call
        unsafe { CreateDirectoryW(PCWSTR(path.as_ptr()), Some(&raw const attributes)) }.map_err(io::Error::from)
    })
}

fn wide(path: &Path) -> Vec<u16> {
    path.as_os_str().encode_wide().chain([0]).collect()
}

/// Reads an access list as Windows writes it, which ends with zero.
pub(crate) fn with_descriptor<T>(
    sddl: PCWSTR,
    work: impl FnOnce(PSECURITY_DESCRIPTOR) -> io::Result<T>,
) -> io::Result<T> {
    let mut descriptor = PSECURITY_DESCRIPTOR::default();
    // SAFETY: the text ends with zero; the descriptor is freed below
    unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1, &raw mut descriptor, None)
            .map_err(io::Error::from)?;
    }
    let done = work(descriptor);
    // SAFETY: the conversion allocated it with LocalAlloc, and nothing uses it any more
    unsafe { LocalFree(Some(HLOCAL(descriptor.0))) };
    done
}

fn narrow(path: &Path) -> io::Result<()> {
    let wide = wide(path);
    let access = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    let path = PCWSTR(wide.as_ptr());
    with_descriptor(OWNED, |descriptor| {
        // SAFETY: path ends with zero and the descriptor is valid; both outlive the calls.
        // Only an administrator can give a folder to the administrators; for others it stays their own.
        let narrowed = unsafe {
            SetFileSecurityW(path, access | OWNER_SECURITY_INFORMATION, descriptor)
                .ok()
                .or_else(|_| SetFileSecurityW(path, access, descriptor).ok())
        };
        narrowed.map_err(io::Error::from)
    })
}

/// An error when others may enter the folder, or could let themselves in: it inherits rights, or another owns it.
pub fn require_private(path: &Path) -> io::Result<()> {
    gururmm_fsx::require_trusted(path)?;
    let wide = wide(path);
    let mut descriptor = PSECURITY_DESCRIPTOR::default();
    // SAFETY: the name ends with zero and outlives the call; the place is valid to write to
    let asked = unsafe {
        GetNamedSecurityInfoW(
            PCWSTR(wide.as_ptr()),
            SE_FILE_OBJECT,
            DACL_SECURITY_INFORMATION,
            None,
            None,
            None,
            None,
            &raw mut descriptor,
        )
    };
    asked.ok().map_err(io::Error::from)?;
    let (mut control, mut revision) = (0, 0);
    // SAFETY: the descriptor is the system's, and both places are valid to write to
    let read = unsafe { GetSecurityDescriptorControl(descriptor, &raw mut control, &raw mut revision) };
    // SAFETY: the call before allocated it with LocalAlloc, and nothing uses it any more
    unsafe { LocalFree(Some(HLOCAL(descriptor.0))) };
    read.map_err(io::Error::from)?;
    if control & SE_DACL_PROTECTED.0 == 0 {
        return Err(io::Error::other("it takes over the rights of the folder above it"));
    }
    Ok(())
}
