//! Text messages of both directions: what can be read is the same after it was written and read again, and a measurement is read
//! the same by its own way as by the usual one.
#![no_main]

use gururmm_protocol::frame::{Decode, Frame, decode_binary, decode_text, encode};
use gururmm_protocol::message::{AgentMessage, ServerMessage};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;

fuzz_target!(|text: &str| {
    // measurements have a way of their own
    if let Ok(usual) = serde_json::from_str::<AgentMessage>(text) {
        assert_eq!(AgentMessage::from_json(text.as_bytes()).expect("what is read the usual way is read"), usual);
    }
    there_and_back::<AgentMessage>(text);
    there_and_back::<ServerMessage>(text);
});

fn there_and_back<T: Serialize + Decode>(text: &str) {
    let Ok(message) = decode_text::<T>(text) else { return };
    let Ok(frame) = encode(&message) else { return };
    let again = match &frame {
        Frame::Text(text) => decode_text::<T>(text),
        Frame::Binary(bytes) => decode_binary::<T>(bytes),
    };
    let again = again.expect("a message that was written can be read");
    let value = |message: &T| serde_json::to_value(message).expect("a message can be written");
    assert_eq!(value(&again), value(&message));
}
