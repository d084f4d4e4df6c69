//! Operations of enrolment, one per file.

pub(super) mod adopt;
pub(super) mod approve;
pub(super) mod enroll;
pub(super) mod quarantine;
pub(super) mod reject;
pub(super) mod release;
pub(super) mod revoke_key;
pub(super) mod rotate_key;
pub(super) mod unenroll;
