//! What anybody can put into an address or a header: pages, filters, cursors, texts to search for, tokens. Nothing panics, what is refused is
//! refused as the asker's fault without a word of the inside, and a cursor that is taken is one that we could have given.
#![no_main]

use axum::extract::FromRequestParts as _;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt as _;
use gururmm_server::features::{agents, audit};
use gururmm_server::platform::auth::token;
use gururmm_server::platform::http::{Cursor, PageQuery, Problem, Query};
use gururmm_server::platform::validate;
use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;
use uuid::Uuid;

const ORDERS: [&str; 3] = ["name:asc", "cpu:desc", "time"];

fuzz_target!(|text: &str| {
    page(text);
    filters(text);
    cursor(text.to_owned());
    // past the outer shape, and past all of it
    cursor(URL_SAFE_NO_PAD.encode(text));
    given(text);
    if let Some(problem) = validate::search(Some(text)).err() {
        is_the_askers_fault(&problem);
    }
    if let Ok(name) = validate::name("name", text) {
        assert_eq!(validate::name("name", &name).ok(), Some(name.clone()), "a name that is stored can be stored");
    }
    assert!(token::verify(&[7; 32], text).is_none(), "nobody has signed anything");
});

fn page(query: &str) {
    match read::<PageQuery>(query) {
        Ok(page) => {
            page.limit().err().iter().for_each(is_the_askers_fault);
            ORDERS.iter().for_each(|order| page.cursor(order).err().iter().for_each(is_the_askers_fault));
        }
        Err(problem) => is_the_askers_fault(&problem),
    }
}

/// A filter that is taken can be told, in the audit log, as text that PostgreSQL keeps.
fn filters(query: &str) {
    match read::<agents::ListQuery>(query).and_then(|query| query.asked()) {
        Ok(asked) => can_be_kept(&asked.told()),
        Err(problem) => is_the_askers_fault(&problem),
    }
    match read::<audit::ListQuery>(query).and_then(|query| query.filter()) {
        Ok(filter) => can_be_kept(&filter.told()),
        Err(problem) => is_the_askers_fault(&problem),
    }
}

fn can_be_kept(told: &serde_json::Value) {
    assert!(told.as_object().expect("names and values").values().all(|value| value.is_string()), "{told}");
    assert!(!told.to_string().contains("\\u0000"), "{told}");
}

/// A query as an operation reads it.
fn read<T: DeserializeOwned + Send>(query: &str) -> Result<T, Problem> {
    // what is no address never comes so far
    let request = Request::get(format!("/api/agents?{query}")).body(()).unwrap_or_default();
    let mut parts = request.into_parts().0;
    let read = Query::<T>::from_request_parts(&mut parts, &()).now_or_never().expect("nothing to wait for");
    read.map(|Query(query)| query)
}

/// A cursor that was given out is taken back as it was, for its own order only.
fn given(text: &str) {
    let order = ORDERS[text.len() % ORDERS.len()];
    let mut id = [0; 16];
    text.bytes().zip(&mut id).for_each(|(byte, place)| *place = byte);
    let cursor = Cursor::new(order, Some(text.to_owned()), Uuid::from_bytes(id));
    let page = PageQuery { after: Some(cursor.encode()), limit: None };
    for other in ORDERS {
        match page.cursor(other) {
            Ok(taken) => assert!(other == order && taken.as_ref() == Some(&cursor)),
            Err(problem) => is_the_askers_fault(&problem),
        }
    }
}

fn cursor(after: String) {
    let page = PageQuery { after: Some(after), limit: None };
    for order in ORDERS {
        match page.cursor(order) {
            Ok(Some(cursor)) => {
                let again = PageQuery { after: Some(cursor.encode()), limit: None };
                if cursor.encode().len() <= 2_048 {
                    assert_eq!(again.cursor(order).expect("a cursor of ours is taken"), Some(cursor));
                }
            }
            Ok(None) => unreachable!("there is a cursor"),
            Err(problem) => is_the_askers_fault(&problem),
        }
    }
}

fn is_the_askers_fault(problem: &Problem) {
    assert!(problem.status.is_client_error(), "{problem:?}");
    assert!(!problem.detail.chars().any(char::is_control), "{problem:?}");
}
