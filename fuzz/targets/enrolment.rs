//! The two requests of a stranger: bodies of any kind never panic, and what can be read can be written and read again. What a machine says
//! of itself is bounded and shown as it is when it may be stored, and nothing is left to clean.
#![no_main]

use gururmm_protocol::enroll::{EnrollRequest, EnrollResponse, UnenrollRequest};
use gururmm_protocol::facts::Facts;
use gururmm_protocol::limits;
use gururmm_server::features::enrolment;
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

fuzz_target!(|bytes: &[u8]| {
    there_and_back::<EnrollRequest>(bytes);
    if let Ok(request) = serde_json::from_slice::<EnrollRequest>(bytes) {
        stored(request.facts);
    }
    there_and_back::<EnrollResponse>(bytes);
    there_and_back::<UnenrollRequest>(bytes);
});

fn stored(facts: Facts) {
    let stored = enrolment::cleaned(facts);
    assert_eq!(enrolment::cleaned(stored.clone()), stored, "what was cleaned is clean");
    assert!(!stored.hostname.is_empty() && stored.capabilities.len() <= limits::CAPABILITIES_MAX);
    for text in [&stored.hostname, &stored.os_name, &stored.os_version, &stored.arch, &stored.agent_version] {
        assert!(!text.contains('\0') && text.chars().count() <= limits::SHORT_TEXT_MAX, "{text:?}");
    }
    assert_eq!(enrolment::hardware_hash(&stored), enrolment::hardware_hash(&stored.clone()));
    enrolment::sign(&stored);
}

fn there_and_back<T: Serialize + DeserializeOwned>(bytes: &[u8]) {
    let Ok(body) = serde_json::from_slice::<T>(bytes) else { return };
    let written = serde_json::to_vec(&body).expect("a body can be written");
    serde_json::from_slice::<T>(&written).expect("a body that was written can be read");
}
