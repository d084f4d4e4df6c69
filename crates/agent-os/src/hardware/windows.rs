#![expect(unsafe_code, reason = "firmware tables have no safe wrapper here")]

use windows::Win32::System::SystemInformation::{GetSystemFirmwareTable, RSMB};

use super::{Firmware, smbios};

/// The SMBIOS tables: what WMI's `Win32_ComputerSystemProduct` is made from, without WMI.
pub(super) fn firmware() -> Option<Firmware> {
    // SAFETY: without a buffer the function only answers the size
    let size = unsafe { GetSystemFirmwareTable(RSMB, 0, None) };
    let mut buffer = vec![0_u8; size as usize];
    // SAFETY: the buffer is as long as the slice says
    let written = unsafe { GetSystemFirmwareTable(RSMB, 0, Some(&mut buffer)) };
    // a table that has grown in between is not read in part
    (written > 0 && written <= size).then(|| smbios::system(&buffer)).flatten()
}
