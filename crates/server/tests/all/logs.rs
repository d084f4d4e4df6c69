//! What the server writes into its log while it is used, at its most talkative.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gururmm_protocol::command::Outcome;
use gururmm_server_testkit::{ApiClient, EMAIL, Link, PASSWORD, SimulatedAgent, TestServer};
use serde_json::json;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

use crate::commands::{result, run};

const COMMAND: &str = "echo a-text-that-somebody-typed";
const OUTPUT: &[u8] = b"an-answer-of-a-machine";

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A key as it could be printed: as bytes, in both alphabets, in digits.
fn forms(key: &[u8]) -> Vec<String> {
    let hex = key.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    vec![format!("{key:?}"), STANDARD.encode(key), URL_SAFE_NO_PAD.encode(key), hex]
}

/// Everything that needs a secret, done right and wrong; answers the secrets.
async fn use_all(server: &mut TestServer) -> Vec<String> {
    let admin = server.administrator().await;
    let nobody = server.anonymous();
    for (email, password) in
        [(EMAIL, "a-wrong-password"), ("nobody@example.com", PASSWORD), (EMAIL, &PASSWORD.repeat(20))]
    {
        nobody.post("/auth/login", json!({ "email": email, "password": password })).await.problem(401, "login_failed");
    }
    let misspelt = json!({ "email": EMAIL, "passwort": PASSWORD });
    nobody.post("/auth/login", misspelt).await.problem(400, "invalid_request");
    nobody.post("/auth/login", json!({ "email": [PASSWORD], "password": "" })).await.problem(400, "invalid_request");
    let again = nobody.post("/auth/login", json!({ "email": EMAIL, "password": PASSWORD })).await.ok();
    let again = again["token"].as_str().unwrap().to_owned();
    let forged = format!("{again}x");
    ApiClient::new(&server.origin, Some(forged.clone())).get("/auth/me").await.problem(401, "unauthenticated");
    let sites = admin.get("/sites").await.ok();
    let site_key =
        admin.post("/site-keys", json!({ "site_id": sites["items"][0]["id"], "name": "key" })).await.created();
    let site_key = site_key["key"].as_str().unwrap().to_owned();
    let agent = SimulatedAgent::enrol(&server.origin, &site_key, "web-1").await.unwrap();
    let mut link = Link::connect(&agent).await.unwrap();
    let (id, _) = run(&admin, &agent, json!({ "command": COMMAND })).await;
    link.order().await.unwrap();
    link.play(id, OUTPUT, result(id, Outcome::Completed, Some(0))).await.unwrap();
    let wrong = SimulatedAgent { agent_key: "a-wrong-agent-key".to_owned(), ..agent.clone() };
    assert!(Link::connect(&wrong).await.is_err());
    server.restart().await;
    ApiClient::new(&server.origin, Some(again.clone())).post("/auth/logout", json!({})).await;
    let secrets = &server.app().secrets;
    let keys = [secrets.login.reveal(), &secrets.signing.to_bytes(), &agent.key.to_bytes()].map(|key| forms(key));
    let texts = [PASSWORD, "a-wrong-password", &server.setup_token, &server.local_site_key, &again, &forged, &site_key];
    let agents = [&agent.agent_key, &wrong.agent_key, COMMAND, "an-answer-of-a-machine"];
    let session = jti(&again);
    let admins = [admin.token.as_deref().unwrap(), &session];
    let all = texts.into_iter().chain(agents.map(|text| text as &str)).chain(admins).map(str::to_owned);
    all.chain(keys.into_iter().flatten()).collect()
}

/// The secret in a session's token.
fn jti(token: &str) -> String {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice::<serde_json::Value>(&claims).unwrap()["jti"].as_str().unwrap().to_owned()
}

/// The runtime of a test has one thread, so what this thread says is what the server says, whatever other tests do meanwhile.
#[tokio::test]
async fn the_log_of_a_run_holds_no_secret() {
    let log = Log::default();
    let writer = log.clone();
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    let guard = tracing_subscriber::registry()
        .with(LevelFilter::TRACE)
        .with(gururmm_observe::discreet())
        .with(layer)
        .set_default();
    let mut server = TestServer::start().await;
    let secrets = Box::pin(use_all(&mut server)).await;
    server.stop().await;
    drop(guard);
    let text = log.text();
    for said in ["a login failed", "a request was refused", "gururmm_server"] {
        assert!(text.contains(said), "it is the server's log: {said} is missing");
    }
    assert!(secrets.len() > 20);
    for secret in secrets {
        assert!(secret.len() >= 10, "too short to be searched for");
        let line = text.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{secret} was logged");
    }
}
