//! The two requests of a stranger: bodies of any kind never panic, and what can be read can be written and read again.
#![no_main]

use gururmm_protocol::enroll::{EnrollRequest, EnrollResponse, UnenrollRequest};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

fuzz_target!(|bytes: &[u8]| {
    there_and_back::<EnrollRequest>(bytes);
    there_and_back::<EnrollResponse>(bytes);
    there_and_back::<UnenrollRequest>(bytes);
});

fn there_and_back<T: Serialize + DeserializeOwned>(bytes: &[u8]) {
    let Ok(body) = serde_json::from_slice::<T>(bytes) else { return };
    let written = serde_json::to_vec(&body).expect("a body can be written");
    serde_json::from_slice::<T>(&written).expect("a body that was written can be read");
}
