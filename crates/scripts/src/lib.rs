//! Scripts: what a library of them keeps, checks, and hands to a machine. Nothing here runs one.
//!
//! A value of a parameter is never put into the text of a script ([`parameters`]); a script and what is known of it are one file that still
//! runs ([`front_matter`]); [`starter`] is a set to begin with.

pub mod front_matter;
pub mod interpreter;
pub mod number;
pub mod parameters;
pub mod script;
pub mod starter;
pub mod text;
pub mod values;
