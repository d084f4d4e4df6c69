//! Binary frames of both directions: nothing panics, no frame makes more than its limit of memory, and a message means the same
//! compressed and plain.
#![no_main]

use gururmm_protocol::frame::{Decode, HEADER_LEN, decode_binary, decode_text};
use gururmm_protocol::message::{AgentMessage, ServerMessage};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;

const KIND_JSON_ZSTD: u8 = 1;

fuzz_target!(|bytes: &[u8]| {
    decode_binary::<AgentMessage>(bytes).ok();
    decode_binary::<ServerMessage>(bytes).ok();
    if let Ok(json) = std::str::from_utf8(bytes) {
        let frame = compressed(json);
        means_the_same::<AgentMessage>(json, &frame);
        means_the_same::<ServerMessage>(json, &frame);
    }
});

fn compressed(json: &str) -> Vec<u8> {
    let content = zstd::bulk::compress(json.as_bytes(), 1).expect("anything can be compressed");
    let mut frame = vec![0; HEADER_LEN];
    frame[4] = KIND_JSON_ZSTD;
    frame[8..].copy_from_slice(&(content.len() as u32).to_be_bytes());
    frame.extend(content);
    frame
}

fn means_the_same<T: Decode + Serialize>(json: &str, frame: &[u8]) {
    let plain = decode_text::<T>(json).ok().map(|message| serde_json::to_value(message).expect("a message can be written"));
    let unpacked = decode_binary::<T>(frame).ok().map(|message| serde_json::to_value(message).expect("a message can be written"));
    assert_eq!(plain, unpacked);
}
