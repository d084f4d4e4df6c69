//! How often one may try.

use std::num::NonZeroU32;

use gururmm_protocol::enroll::EnrollRequest;
use gururmm_server::config::RateLimitsConfig;
use gururmm_server_testkit::{Answer, ApiClient, EMAIL, PASSWORD, TestServer, facts};
use reqwest::Method;
use serde_json::{Value, json};

/// A server behind a trusted proxy, which is what lets a test be several hosts.
async fn server(limit: impl FnOnce(&mut RateLimitsConfig, NonZeroU32)) -> TestServer {
    TestServer::start_with(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        limit(&mut config.rate_limits, NonZeroU32::new(2).unwrap());
    })
    .await
}

async fn post(server: &TestServer, path: &str, ip: &str, body: &Value) -> Answer {
    let request = server.anonymous().request(Method::POST, &format!("/api{path}")).header("x-forwarded-for", ip);
    ApiClient::answer(request.json(body)).await
}

async fn login(server: &TestServer, ip: &str, email: &str, password: &str) -> Answer {
    post(server, "/auth/login", ip, &json!({ "email": email, "password": password })).await
}

#[tokio::test]
async fn logins_are_limited_for_one_network_however_many_addresses_it_has() {
    let server = server(|limits, two| limits.login_per_minute = two).await;
    for ip in ["2001:db8:1:1::1", "2001:db8:1:1:2:3:4:5"] {
        login(&server, ip, "nobody@example.com", "guess guess guess").await.problem(401, "login_failed");
    }
    login(&server, "2001:db8:1:1:ffff::", "nobody@example.com", "guess").await.problem(429, "rate_limited");
    login(&server, "2001:db8:1:2::1", "nobody@example.com", "guess").await.problem(401, "login_failed");
    server.stop().await;
}

#[tokio::test]
async fn logins_to_one_account_are_limited_over_all_networks_but_not_where_its_owner_has_been() {
    let server = server(|limits, two| limits.login_per_account_per_hour = two).await;
    server.administrator().await;
    login(&server, "192.0.2.10", EMAIL, PASSWORD).await.ok();
    login(&server, "192.0.2.11", EMAIL, "guess guess guess").await.problem(401, "login_failed");
    for ip in ["192.0.2.12", "192.0.2.13"] {
        let refused = login(&server, ip, &EMAIL.to_uppercase(), PASSWORD).await;
        assert!(refused.headers.contains_key("retry-after"));
        refused.problem(429, "rate_limited");
    }
    login(&server, "192.0.2.10", EMAIL, PASSWORD).await.ok();
    login(&server, "192.0.2.12", "nobody@example.com", "guess").await.problem(401, "login_failed");
    server.stop().await;
}

#[tokio::test]
async fn attempts_at_the_set_up_are_limited() {
    let server = server(|limits, two| limits.login_per_minute = two).await;
    let body = |token: &str| json!({ "token": token, "name": "Technician One", "email": EMAIL, "password": PASSWORD });
    for _ in 0..2 {
        post(&server, "/setup", "192.0.2.1", &body("guess")).await.problem(403, "setup_token_wrong");
    }
    post(&server, "/setup", "192.0.2.1", &body(&server.setup_token)).await.problem(429, "rate_limited");
    post(&server, "/setup", "192.0.2.2", &body(&server.setup_token)).await.created();
    server.stop().await;
}

#[tokio::test]
async fn enrolments_are_limited() {
    let server = server(|limits, two| limits.enroll_per_minute = two).await;
    let public_key = ed25519_dalek::SigningKey::from_bytes(&[5; 32]).verifying_key().to_bytes();
    let body = |site_key: &str| {
        let (site_key, device_id) = (site_key.to_owned(), gururmm_ids::DeviceId::generate());
        serde_json::to_value(EnrollRequest { site_key, device_id, public_key, facts: facts("web-1") }).unwrap()
    };
    for _ in 0..2 {
        post(&server, "/enroll", "192.0.2.1", &body("guess")).await.problem(403, "site_key_invalid");
    }
    post(&server, "/enroll", "192.0.2.1", &body(&server.local_site_key)).await.problem(429, "rate_limited");
    let enrolled = post(&server, "/enroll", "198.51.100.7", &body(&server.local_site_key)).await.created();
    let admin = server.administrator().await;
    let agent = admin.get(&format!("/agents/{}", enrolled["agent_id"].as_str().unwrap())).await.ok();
    assert_eq!(agent["public_ip"], "198.51.100.7");
    server.stop().await;
}

#[tokio::test]
async fn sessions_that_ended_long_ago_are_forgotten() {
    let server = TestServer::start().await;
    server.administrator().await;
    let forget = async || gururmm_server::features::auth::jobs::forget_sessions(server.app()).await.unwrap();
    server.clock.advance(jiff::SignedDuration::from_hours(25));
    assert_eq!(forget().await, 0, "they tell where the account has been");
    server.clock.advance(jiff::SignedDuration::from_hours(30 * 24));
    assert_eq!(forget().await, 1);
    server.stop().await;
}
