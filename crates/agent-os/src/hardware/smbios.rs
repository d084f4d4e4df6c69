//! SMBIOS tables as Windows hands them out (DMTF DSP0134; `RawSMBIOSData` of `GetSystemFirmwareTable`).

use uuid::Uuid;

use super::Firmware;

/// Before the structures: how they were called for, the version, and their length.
const HEADER: usize = 8;
/// The structure of the system itself.
const SYSTEM: u8 = 1;
/// Ends the table.
const END: u8 = 127;

/// What the tables say of the system; nothing when they cannot be read.
pub(super) fn system(table: &[u8]) -> Option<Firmware> {
    let mut rest = table.get(HEADER..)?;
    loop {
        let (kind, length) = (*rest.first()?, usize::from(*rest.get(1)?));
        // a structure begins with its own head: one that is shorter would never end
        let formatted = rest.get(..length).filter(|formatted| formatted.len() >= 4)?;
        let strings = &rest[length..];
        match kind {
            SYSTEM => return Some(firmware(formatted, strings)),
            END => return None,
            _ => rest = strings.get(end_of(strings)?..)?,
        }
    }
}

/// Strings end with an empty one; no strings are two zeros.
fn end_of(strings: &[u8]) -> Option<usize> {
    strings.windows(2).position(|pair| pair == [0, 0]).map(|at| at + 2)
}

fn firmware(formatted: &[u8], strings: &[u8]) -> Firmware {
    // they are counted from one; zero is none
    let text = |at: usize| {
        let number = usize::from(*formatted.get(at)?).checked_sub(1)?;
        let all = &strings[..end_of(strings)?];
        let bytes = all.split(|byte| *byte == 0).nth(number)?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    };
    let uuid = formatted.get(8..24).and_then(|bytes| bytes.try_into().ok()).map(uuid);
    Firmware { uuid, serial: text(7), manufacturer: text(4), model: text(5) }
}

/// The first three fields are little-endian since version 2.6, as everybody has read them before too.
fn uuid(bytes: [u8; 16]) -> String {
    Uuid::from_bytes_le(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(structures: &[&[u8]]) -> Vec<u8> {
        [&[0; HEADER][..], &structures.concat()].concat()
    }

    const BIOS: &[u8] = b"\x00\x06\x00\x00\x01\x02Example\x00Firmware\x00\x00";
    const BARE: &[u8] = b"\x20\x04\x05\x00\x00\x00";

    fn system_structure() -> Vec<u8> {
        let uuid: Vec<u8> = (1..=16).collect();
        let formatted = [b"\x01\x1b\x01\x00\x01\x02\x00\x03".as_slice(), &uuid, b"\x06\x00\x00"].concat();
        [formatted.as_slice(), b"Example Computers\x00Desk 400\x00EX12345\x00\x00"].concat()
    }

    #[test]
    fn the_system_is_found_among_the_structures() {
        let found = system(&table(&[BIOS, BARE, &system_structure(), b"\x7f\x04\x00\x00\x00\x00"])).unwrap();
        assert_eq!(found.manufacturer.as_deref(), Some("Example Computers"));
        assert_eq!(found.model.as_deref(), Some("Desk 400"));
        assert_eq!(found.serial.as_deref(), Some("EX12345"));
        assert_eq!(found.uuid.as_deref(), Some("04030201-0605-0807-090a-0b0c0d0e0f10"));
    }

    #[test]
    fn a_broken_table_is_nothing_and_ends() {
        let whole = table(&[BIOS, BARE, &system_structure()]);
        for length in 0..whole.len() {
            let _ = system(&whole[..length]);
        }
        assert_eq!(system(&table(&[b"\x02\x00\x00\x00\x00\x00"])), None);
        assert_eq!(system(&table(&[b"\x7f\x04\x00\x00\x00\x00", &system_structure()])), None);
        let old = [b"\x01\x08\x01\x00\x09\x00\x00\x00".as_slice(), b"Example\x00\x00"].concat();
        assert_eq!(system(&table(&[&old])), Some(Firmware::default()), "a string that is not there, and no UUID");
    }
}
