use std::path::Path;

use gururmm_fsx::FileError;

/// Makes the folder, or narrows it when it exists.
pub fn create(path: &Path) -> Result<(), FileError> {
    gururmm_fsx::create_private_dir(path)
}
