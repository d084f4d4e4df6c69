//! The starter set: scripts to begin with, as files of the library. What each was tried on is in `docs/how-to/scripts.md`.

use crate::front_matter::{FileError, import};
use crate::script::ScriptFile;

/// The files by name.
pub const FILES: [(&str, &str); 20] = [
    ("bitlocker-state.cmd", include_str!("../starter/bitlocker-state.cmd")),
    ("certificate-expiry.sh", include_str!("../starter/certificate-expiry.sh")),
    ("clean-temporary-files.sh", include_str!("../starter/clean-temporary-files.sh")),
    ("clean-windows-temporary-files.ps1", include_str!("../starter/clean-windows-temporary-files.ps1")),
    ("disk-space.cmd", include_str!("../starter/disk-space.cmd")),
    ("disk-usage-by-folder.sh", include_str!("../starter/disk-usage-by-folder.sh")),
    ("failed-services.sh", include_str!("../starter/failed-services.sh")),
    ("installed-hotfixes.ps1", include_str!("../starter/installed-hotfixes.ps1")),
    ("journal-errors.sh", include_str!("../starter/journal-errors.sh")),
    ("largest-files.py", include_str!("../starter/largest-files.py")),
    ("last-logins.sh", include_str!("../starter/last-logins.sh")),
    ("listening-ports.sh", include_str!("../starter/listening-ports.sh")),
    ("local-administrators.ps1", include_str!("../starter/local-administrators.ps1")),
    ("login-accounts.sh", include_str!("../starter/login-accounts.sh")),
    ("macos-security-state.sh", include_str!("../starter/macos-security-state.sh")),
    ("pending-updates.sh", include_str!("../starter/pending-updates.sh")),
    ("reboot-required.sh", include_str!("../starter/reboot-required.sh")),
    ("recent-boots.cmd", include_str!("../starter/recent-boots.cmd")),
    ("stopped-services.cmd", include_str!("../starter/stopped-services.cmd")),
    ("uptime-and-load.sh", include_str!("../starter/uptime-and-load.sh")),
];

/// The scripts of the set.
pub fn scripts() -> Result<Vec<ScriptFile>, FileError> {
    FILES.iter().map(|(name, file)| import(name, file.as_bytes())).collect()
}
