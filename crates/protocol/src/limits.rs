//! Hard limits of the protocol. Both sides enforce them; a peer that exceeds one loses the connection or the excess.

use std::time::Duration;

/// Largest text frame, bytes; also the largest message after decompression.
pub const TEXT_FRAME_MAX: usize = 1024 * 1024;
/// Largest binary frame, bytes, header included.
pub const BINARY_FRAME_MAX: usize = 64 * 1024;
/// Control messages above this travel compressed, bytes of JSON.
pub const COMPRESS_ABOVE: usize = 4 * 1024;

/// Longest text of a command, bytes of UTF-8.
pub const COMMAND_TEXT_MAX: usize = 64 * 1024;
/// Arguments of a command.
pub const ARGUMENTS_MAX: usize = 64;
/// Bytes of an argument, and of the value of a variable.
pub const ARGUMENT_MAX: usize = 4 * 1024;
/// Variables that a command's environment is given.
pub const ENVIRONMENT_MAX: usize = 64;
/// Bytes of all arguments, variables and their names together: a command line of Windows has 32,767 characters.
pub const PARAMETERS_TEXT_MAX: usize = 24 * 1024;
/// Largest piece of output in one record, bytes before base64.
pub const OUTPUT_CHUNK_MAX: usize = 32 * 1024;
/// Output kept of one stream of one command, bytes. What comes after is counted and marked, not sent.
pub const OUTPUT_MAX: u64 = 1024 * 1024;
/// Output beyond that which the agent keeps on its disk for a while, of one stream of one command, bytes.
pub const REST_MAX: u64 = 64 * 1024 * 1024;
/// Of all commands together, bytes; the oldest gives way.
pub const REST_TOTAL_MAX: u64 = 256 * 1024 * 1024;
/// How long the agent keeps it after the last byte.
pub const REST_KEPT: Duration = Duration::from_hours(24);
/// Largest piece of it in one message, bytes before base64.
pub const REST_PIECE_MAX: usize = 128 * 1024;
/// Commands that one agent runs at the same time; others wait.
pub const COMMANDS_RUNNING_MAX: usize = 16;
/// Commands that one agent holds, running and waiting together.
pub const COMMANDS_HELD_MAX: usize = 256;
/// Commands a `proof` may name.
pub const COMMANDS_KNOWN_MAX: usize = 4096;
/// Time limit of a command: at least, at most, seconds.
pub const COMMAND_TIMEOUT_SECONDS: std::ops::RangeInclusive<u32> = 1..=86_400;

/// Processes in each list of a metrics payload.
pub const TOP_PROCESSES: usize = 10;
/// Volumes in a metrics payload.
pub const DISKS_MAX: usize = 64;
/// Interfaces in a network state.
pub const INTERFACES_MAX: usize = 64;
/// Addresses of one interface.
pub const ADDRESSES_MAX: usize = 32;
/// Services that an agent may be told to ask for its WAN address.
pub const WAN_SERVICES_MAX: usize = 8;
/// Longest short text (host name, user name, mount point, version), characters.
pub const SHORT_TEXT_MAX: usize = 255;
/// Capabilities an agent may name.
pub const CAPABILITIES_MAX: usize = 128;

/// Records that may be sent and not yet acknowledged. Few enough to lie in the buffers of a socket while the server is busy with
/// others: a write that waits for room looks like a lost connection.
pub const RECORDS_IN_FLIGHT_MAX: usize = 32;

/// Time between heartbeats; each is moved by up to a tenth at random.
pub const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(30);
/// Heartbeats that may be missed: a peer that is silent for as many intervals is gone.
pub const HEARTBEATS_MISSED_MAX: u32 = 3;
/// Silence after which a peer is gone, at the usual interval.
pub const SILENCE_MAX: Duration = Duration::from_secs(90);
/// A write that takes longer than this ends the session.
pub const WRITE_STALL_MAX: Duration = Duration::from_secs(10);
/// Time from the opened socket to the welcome.
pub const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// A closed connection counts as offline after this.
pub const OFFLINE_GRACE: Duration = Duration::from_secs(9);
