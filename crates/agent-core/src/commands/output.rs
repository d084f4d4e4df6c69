//! What a command wrote: counted wholly, recorded up to the limit, and kept beyond that up to another one.

use gururmm_ids::CommandId;
use gururmm_protocol::command::Stream;
use gururmm_protocol::limits::{OUTPUT_CHUNK_MAX, OUTPUT_MAX, REST_MAX};
use gururmm_protocol::record::{Body, Output};

use super::Action;

#[derive(Debug, Default)]
struct Counted {
    bytes: u64,
    recorded: u64,
    /// A byte was left out: what follows has no place any more.
    cut: bool,
    /// Bytes kept beyond the recorded ones.
    kept: u64,
    /// The same of those.
    kept_cut: bool,
}

impl Counted {
    /// Keeps what comes after the recorded bytes, if those are all that may be recorded.
    fn keep(&mut self, id: CommandId, stream: Stream, data: &[u8], room: bool, actions: &mut Vec<Action>) {
        if data.is_empty() {
            return;
        }
        let is_next = self.recorded == OUTPUT_MAX && room && !self.kept_cut;
        let taken = if is_next { (REST_MAX - self.kept).min(data.len() as u64) as usize } else { 0 };
        self.kept_cut |= taken < data.len();
        if taken > 0 {
            let offset = OUTPUT_MAX + self.kept;
            self.kept += taken as u64;
            actions.push(Action::Keep(Output { command_id: id, stream, offset, data: data[..taken].to_vec() }));
        }
    }
}

/// Both streams of one command.
#[derive(Debug, Default)]
pub(super) struct Written {
    stdout: Counted,
    stderr: Counted,
}

impl Written {
    pub(super) fn bytes(&self, stream: Stream) -> u64 {
        match stream {
            Stream::Stdout => self.stdout.bytes,
            Stream::Stderr => self.stderr.bytes,
        }
    }

    pub(super) fn record(&mut self, id: CommandId, stream: Stream, data: &[u8], room: bool, actions: &mut Vec<Action>) {
        let written = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        written.bytes += data.len() as u64;
        let left = OUTPUT_MAX.saturating_sub(written.recorded);
        let taken = if written.cut || !room { 0 } else { left.min(data.len() as u64) as usize };
        written.cut |= taken < data.len();
        for chunk in data[..taken].chunks(OUTPUT_CHUNK_MAX) {
            let output = Output { command_id: id, stream, offset: written.recorded, data: chunk.to_vec() };
            written.recorded += chunk.len() as u64;
            actions.push(Action::Append(Body::CommandOutput(output)));
        }
        written.keep(id, stream, &data[taken..], room, actions);
    }
}
