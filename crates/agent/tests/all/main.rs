//! The agent's program from outside: what it prints, and the exit codes that installers and service managers rely on.
//!
//! That this folder exists also makes `cargo test` build the program, which the fault tests of `server-testkit` start.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cli;
mod life;
mod server;
