//! The hot path: agents' records into the database, in batches, each exactly once.
//!
//! ```text
//! socket task → bounded queue (by count and bytes) → batch → one transaction → acknowledgement
//! ```
//!
//! A record is acknowledged after its commit and never before. When the database is slow, acknowledgements slow down and the agents'
//! spools hold; memory here stays bounded. A batch of measurements may wait 100 ms for company; one that concerns a
//! command is written at once. A record that the database refuses never takes the others with it: the batch is then
//! written record by record, and the one is logged and left out.

mod announce;
mod batch;
mod queue;
mod rows;
mod write;

pub use announce::announce_output;
pub use batch::run;
pub use queue::{IngestQueue, Item, ItemReceiver, Room};
