//! The hot path: agents' records into the database, in batches, each exactly once.
//!
//! ```text
//! socket task → bounded queue (by count and bytes) → batch → one transaction → acknowledgement
//! ```
//!
//! There are a few writers, each with the agents that are its own: what one agent says is written in order, and while one writer waits
//! for the database another puts its batch together.
//!
//! A record is acknowledged after its commit and never before. When the database is slow, acknowledgements slow down and the agents'
//! spools hold; memory here stays bounded. A batch of measurements may wait 100 ms for company; one that concerns a
//! command is written at once. A record that the database refuses never takes the others with it: the batch is then
//! written record by record, and the one is logged and left out.

mod announce;
mod batch;
mod bounds;
mod queue;
mod rows;
mod write;

pub use announce::announce_output;
pub use batch::run;
pub use queue::{IngestQueue, Item, ItemReceiver, Room};
