#![expect(unsafe_code, reason = "the data protection interface has no safe wrapper")]
//! DPAPI in the machine's scope: the administrator who enrols and the service that runs are different users.

use std::io;

use windows::Win32::Foundation::{HLOCAL, LocalFree};
use windows::Win32::Security::Cryptography::{
    CRYPT_INTEGER_BLOB, CRYPTPROTECT_LOCAL_MACHINE, CRYPTPROTECT_UI_FORBIDDEN, CryptProtectData, CryptUnprotectData,
};
use windows::core::PCWSTR;

use crate::Unsupported;

pub(super) const MECHANISM: &str = "DPAPI in the machine's scope, in a folder for the system and administrators";

/// Before the sealed bytes, so that another layout can be told from this one.
const MARK: &[u8] = b"GRMM-DPAPI-1\n";

/// Binds the seal to its purpose: another program's call does not open it by chance.
const PURPOSE: &[u8] = b"gururmm.agent.identity.v1";

#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
pub(super) fn seal_support() -> Result<(), Unsupported> {
    Ok(())
}

pub(super) fn seal(secret: &[u8]) -> io::Result<Vec<u8>> {
    let mut sealed = CRYPT_INTEGER_BLOB::default();
    let flags = CRYPTPROTECT_LOCAL_MACHINE | CRYPTPROTECT_UI_FORBIDDEN;
    // SAFETY: both inputs outlive the call and are only read; the output is a valid place to write to
    unsafe {
        CryptProtectData(&blob(secret), PCWSTR::null(), Some(&blob(PURPOSE)), None, None, flags, &raw mut sealed)?;
    }
    let mut file = MARK.to_vec();
    file.extend(taken(sealed));
    Ok(file)
}

pub(super) fn open(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    let Some(sealed) = bytes.strip_prefix(MARK) else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is not sealed"));
    };
    let mut secret = CRYPT_INTEGER_BLOB::default();
    // SAFETY: as for sealing
    unsafe {
        let flags = CRYPTPROTECT_UI_FORBIDDEN;
        CryptUnprotectData(&blob(sealed), None, Some(&blob(PURPOSE)), None, None, flags, &raw mut secret)?;
    }
    Ok(taken(secret))
}

fn blob(bytes: &[u8]) -> CRYPT_INTEGER_BLOB {
    CRYPT_INTEGER_BLOB { cbData: bytes.len() as u32, pbData: bytes.as_ptr().cast_mut() }
}

/// Copies what the system allocated, and frees it.
fn taken(blob: CRYPT_INTEGER_BLOB) -> Vec<u8> {
    if blob.pbData.is_null() {
        return Vec::new();
    }
    // SAFETY: the system has written as many bytes as it says
    let bytes = unsafe { std::slice::from_raw_parts(blob.pbData, blob.cbData as usize) }.to_vec();
    // SAFETY: the call allocated it with LocalAlloc, and nothing uses it any more
    unsafe { LocalFree(Some(HLOCAL(blob.pbData.cast()))) };
    bytes
}
