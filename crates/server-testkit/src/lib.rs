//! The real server in a test: real PostgreSQL, real sockets, a clock that can be moved.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use gururmm_server_testkit::TestServer;
//!
//! let server = TestServer::start().await;
//! let admin = server.administrator().await;
//! let clients = admin.get("/clients").await.ok();
//! # let _ = clients; Ok(()) }
//! ```

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod api;
mod database;
mod events;
mod people;
mod server;

pub use api::{Answer, ApiClient};
pub use database::TestDb;
pub use events::EventStream;
pub use gururmm_simulator::{Blocked, Link, Proxy, SimulatedAgent, Slow, facts, fleet, http_client, metrics, network};
pub use people::{GrantOf, Person, allow, deny};
pub use server::{EMAIL, PASSWORD, Stranger, TestServer};

use std::time::{Duration, Instant};

/// Longest wait for anything; generous, because test machines are busy.
pub const WAIT_MAX: Duration = Duration::from_mins(1);

/// Polls until `probe` answers something, or fails the test.
pub async fn wait_for<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + WAIT_MAX;
    loop {
        if let Some(value) = probe().await {
            return value;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
