#![expect(unsafe_code, reason = "access lists have no safe wrapper")]

use std::io;
use std::os::windows::ffi::OsStrExt as _;
use std::path::Path;

use gururmm_fsx::FileError;
use windows::Win32::Foundation::{HLOCAL, LocalFree};
use windows::Win32::Security::Authorization::{ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1};
use windows::Win32::Security::{
    DACL_SECURITY_INFORMATION, OWNER_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR,
    SetFileSecurityW,
};
use windows::core::{PCWSTR, w};

/// Owner: administrators. Full control for the system, administrators and whoever owns a file; nobody else, nothing inherited.
const OWNED: PCWSTR = w!("O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)");

/// Makes the folder, or narrows it when it exists.
pub fn create(path: &Path) -> Result<(), FileError> {
    gururmm_fsx::create_private_dir(path)?;
    narrow(path).map_err(|source| FileError::new("could not restrict the access to", path, source))
}

fn narrow(path: &Path) -> io::Result<()> {
    let wide: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
    let mut descriptor = PSECURITY_DESCRIPTOR::default();
    // SAFETY: the text is a constant with a terminating zero; the descriptor is freed below
    unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(OWNED, SDDL_REVISION_1, &raw mut descriptor, None)
            .map_err(io::Error::from)?;
    }
    let access = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    let path = PCWSTR(wide.as_ptr());
    // SAFETY: path ends with zero and the descriptor is valid; both outlive the calls.
    // Only an administrator can give a folder to the administrators; for others it stays their own.
    let narrowed = unsafe {
        SetFileSecurityW(path, access | OWNER_SECURITY_INFORMATION, descriptor)
            .ok()
            .or_else(|_| SetFileSecurityW(path, access, descriptor).ok())
    };
    // SAFETY: the conversion allocated it with LocalAlloc, and nothing uses it any more
    unsafe { LocalFree(Some(HLOCAL(descriptor.0))) };
    narrowed.map_err(io::Error::from)
}
