//! Binary frames of both directions: nothing panics, and no frame makes more than its limit of memory.
#![no_main]

use gururmm_protocol::frame::decode_binary;
use gururmm_protocol::message::{AgentMessage, ServerMessage};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    decode_binary::<AgentMessage>(bytes).ok();
    decode_binary::<ServerMessage>(bytes).ok();
});
