//! Operations of enrolment, one per file.

pub(super) mod enroll;
pub(super) mod unenroll;
