//! Everything that touches the operating system, one capability per module.
//!
//! Each module has the same shape: types and documentation in `mod.rs`, one file per system with the same signatures, and
//! `#[cfg]` only on the lines that choose the file. What a system cannot do is [`Unsupported`], never a silent success.

use gururmm_protocol::limits::SHORT_TEXT_MAX;

pub mod clock;
pub mod facts;
pub mod hardware;
pub mod interpreter;
pub mod lock;
pub mod machine;
pub mod metrics;
pub mod network;
pub mod paths;
pub mod private_dir;
pub mod process;
pub mod protect;
pub mod service;
pub mod session;
pub mod stop;
pub mod supervisor;

/// Bounds a text of the system to what the protocol takes.
fn short(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(SHORT_TEXT_MAX).collect()
}

/// This system cannot do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unsupported {
    /// Why not, as a sentence for a person.
    pub reason: String,
}

impl Unsupported {
    /// Says why.
    pub fn because(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}
