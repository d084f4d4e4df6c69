#![expect(unsafe_code, reason = "the registry has no safe wrapper here")]

use windows::Win32::System::Registry::{HKEY_LOCAL_MACHINE, RRF_RT_REG_SZ, RRF_SUBKEY_WOW6464KEY, RegGetValueW};
use windows::core::w;

use crate::Unsupported;

/// A GUID as text has 36 characters.
const ROOM: usize = 64;

pub(super) fn id() -> Result<String, Unsupported> {
    let mut buffer = [0_u16; ROOM];
    let mut bytes = size_of_val(&buffer) as u32;
    // a 32-bit program would be shown a registry of its own
    let flags = RRF_RT_REG_SZ | RRF_SUBKEY_WOW6464KEY;
    let (key, name) = (w!(r"SOFTWARE\Microsoft\Cryptography"), w!("MachineGuid"));
    // SAFETY: the names are constants with a terminating zero, and the buffer is as large as is said
    let read = unsafe {
        RegGetValueW(HKEY_LOCAL_MACHINE, key, name, flags, None, Some(buffer.as_mut_ptr().cast()), Some(&raw mut bytes))
    };
    read.ok().map_err(|error| Unsupported::because(format!("the registry names no MachineGuid: {error}")))?;
    let units = (bytes as usize / size_of::<u16>()).min(ROOM);
    let text = String::from_utf16_lossy(&buffer[..units]);
    Ok(text.trim_end_matches('\0').to_owned())
}
