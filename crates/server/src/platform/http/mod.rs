//! HTTP conventions: problems, pages, extractors, headers, and the one way to make routes.

pub mod attachment;
pub mod extract;
pub mod headers;
pub mod hosts;
mod linger;
pub mod origin;
pub mod page;
pub mod patch;
mod patient;
pub mod places;
pub mod problem;
pub mod routes;
pub mod serve;

pub use extract::{Body, Path, Query};
pub use page::{Cursor, Page, PageQuery};
pub use patch::Patch;
pub use problem::{FieldError, Problem};
