//! What an agent decides.
//!
//! State machines without I/O: they take the time and what happened as arguments and answer with what to do. Nothing here
//! knows of sockets, files, processes or clocks, so every rule is tested in microseconds and over random histories.
//!
//! * [`commands`]: which orders start, and how each ends exactly once.
//! * [`session`]: one connection, from the first message to the last.
//! * [`reconnect`]: when to try again.

pub mod commands;
pub mod reconnect;
pub mod session;
