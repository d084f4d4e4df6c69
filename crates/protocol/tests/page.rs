//! `docs/PROTOCOL.md` is what others write agents from: it names every field of every frozen message, and its examples are true.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, SigningKey};
use serde_json::Value;

fn crate_dir() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

fn page() -> String {
    std::fs::read_to_string(crate_dir().join("../../docs/PROTOCOL.md")).unwrap()
}

fn message(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The names of all fields, the kinds of messages, and the fields inside a signed order.
fn words(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                found.push(name.clone());
                match (name.as_str(), value.as_str()) {
                    ("type" | "kind", Some(word)) => found.push(word.to_owned()),
                    ("order", Some(text)) => words(&serde_json::from_str(text).unwrap(), found),
                    _ => words(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| words(item, found)),
        _ => {}
    }
}

#[test]
fn every_field_of_every_message_is_described() {
    let (page, mut missing) = (page(), Vec::new());
    for entry in std::fs::read_dir(crate_dir().join("fixtures/v1")).unwrap() {
        let path = entry.unwrap().path();
        let mut found = Vec::new();
        words(&message(&path), &mut found);
        missing.extend(found.into_iter().filter(|word| !page.contains(&format!("`{word}`"))));
    }
    missing.sort();
    missing.dedup();
    assert!(missing.is_empty(), "docs/PROTOCOL.md does not say what these are: {missing:?}");
}

#[test]
fn the_signed_bytes_in_the_page_are_those_that_are_signed() {
    let key = SigningKey::from_bytes(&[1; 32]).verifying_key();
    let page = page();
    let mut checked = 0;
    for block in page.split("```hex\n").skip(1) {
        let before = &page[..block.as_ptr() as usize - page.as_ptr() as usize];
        let name = before
            .rsplit('`')
            .find(|word| std::path::Path::new(word).extension().is_some_and(|kind| kind == "json"))
            .unwrap();
        let signed = message(&crate_dir().join("fixtures/v1").join(name));
        let signature = STANDARD.decode(signed["signature"].as_str().unwrap()).unwrap();
        let bytes = from_hex(block.split("```").next().unwrap());
        key.verify_strict(&bytes, &Signature::from_slice(&signature).unwrap()).unwrap_or_else(|_| panic!("{name}"));
        checked += 1;
    }
    assert_eq!(checked, 3);
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
