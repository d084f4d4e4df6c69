//! The agent: `gururmm-agent`.
//!
//! One process, one connection. `agent-core` decides, `agent-os` acts, and this crate wires them: a *link* to the server, a
//! *runner* of commands, a *collector* of metrics, and a *store* on disk between them.

mod address;
mod cli;
mod collector;
mod console;
mod daemon;
mod enrolment;
mod http;
mod identity;
mod link;
mod network;
mod panics;
mod rest;
mod runner;
mod selftest;
mod server_clock;
mod status;
mod store;
mod tls;
mod version;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    // no word of the command line that people write
    gururmm_agent_os::process::host();
    let arguments = cli::Arguments::parse();
    match arguments.execute() {
        Ok(code) => code,
        Err(error) => {
            console::error(&error);
            ExitCode::FAILURE
        }
    }
}
