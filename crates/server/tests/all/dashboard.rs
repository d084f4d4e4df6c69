//! True of the built dashboard and of the page that stands in for it.

use gururmm_server_testkit::{Answer, TestServer};
use reqwest::Method;

async fn get(server: &TestServer, path: &str) -> Answer {
    server.anonymous().send(Method::GET, path, None).await
}

/// What the policy allows as a nonce.
fn nonce(answer: &Answer) -> String {
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    let (_, rest) = policy.split_once("style-src 'self' 'nonce-").expect("a nonce for styles");
    rest.split_once('\'').unwrap().0.to_owned()
}

#[tokio::test]
async fn every_address_of_a_page_is_the_page_with_a_nonce_of_its_own() {
    let server = TestServer::start().await;
    let mut nonces = std::collections::BTreeSet::new();
    let paths = ["/", "/agents", "/agents/0197-abc?tab=metrics", "/setup", "/index.html", "/apiary", "/clients/a%20b"];
    for path in paths {
        let answer = get(&server, path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8", "{path}");
        assert_eq!(answer.headers["cache-control"], "no-cache", "{path}");
        let nonce = nonce(&answer);
        assert_eq!(nonce.len(), 24, "128 bits: {nonce}");
        assert!(answer.text.contains(&format!("\"{nonce}\"")), "{path}: the page does not know its nonce");
        assert!(!answer.text.contains("__CSP_NONCE__"), "{path}: a placeholder is left");
        assert!(answer.text.contains("<!doctype html>") || answer.text.contains("<!DOCTYPE html>"), "{path}");
        nonces.insert(nonce);
    }
    assert_eq!(nonces.len(), paths.len(), "no two answers have the same nonce");
    server.stop().await;
}

#[tokio::test]
async fn what_the_page_loads_is_there() {
    let server = TestServer::start().await;
    let page = get(&server, "/").await.text;
    for name in page.split("\"/").skip(1).filter_map(|rest| rest.split('"').next()) {
        let answer = get(&server, &format!("/{name}")).await;
        assert_eq!(answer.status, 200, "/{name}");
        if name.starts_with("assets/") {
            assert_eq!(answer.headers["cache-control"], "public, max-age=31536000, immutable", "/{name}");
            assert_ne!(answer.headers["content-type"], "text/html; charset=utf-8", "/{name}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn what_belongs_to_programs_is_a_problem_and_never_the_page() {
    let server = TestServer::start().await;
    for path in [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/agents/x/y",
        "/assets",
        "/assets/gone-1a2b3c.js",
        "/assets/../api",
        "/downloads/x",
        "/ws/x",
        "/logo.png",
        "/.env",
        "/a/b/c.map",
    ] {
        get(&server, path).await.problem(404, "not_found");
        server.anonymous().send(Method::POST, path, None).await.problem(404, "not_found");
        let head = server.anonymous().send(Method::HEAD, path, None).await;
        assert_eq!((head.status.as_u16(), head.text.as_str()), (404, ""), "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_page_can_be_asked_for_and_nothing_else() {
    let server = TestServer::start().await;
    for path in ["/", "/agents/0197-abc"] {
        let head = server.anonymous().send(Method::HEAD, path, None).await;
        assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""), "{path}");
        assert_eq!(head.headers["content-type"], "text/html; charset=utf-8", "{path}");
        assert_eq!(nonce(&head).len(), 24, "{path}");
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
            let answer = server.anonymous().send(method.clone(), path, None).await;
            assert_eq!(answer.headers["allow"], "GET, HEAD", "{method} {path}");
            answer.problem(405, "method_not_allowed");
        }
    }
    server.stop().await;
}
