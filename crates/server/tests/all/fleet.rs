//! A fleet of simulated machines on a real server, with things going wrong: nothing acknowledged is lost, nothing is doubled.

use std::time::Duration;

use gururmm_server_testkit::fleet::{Faults, Fleet, Identities, Options, prepare, verify};
use gururmm_server_testkit::{ApiClient, TestServer, wait_for};
use jiff::Timestamp;
use serde_json::{Value, json};

const MACHINES: usize = 25;
const PATIENCE: Duration = Duration::from_secs(30);

async fn machines(server: &TestServer, admin: &ApiClient) -> Identities {
    let site = admin.get("/sites").await.ok()["items"][0]["id"].clone();
    let key = admin.post("/site-keys", json!({ "site_id": site, "name": "Fleet" })).await.created();
    let key = key["key"].as_str().unwrap().to_owned();
    prepare(None, &server.origin, 7, MACHINES, |_| key.clone(), |_| {}).await.unwrap()
}

fn options(server: &TestServer, faults: Faults) -> Options {
    Options {
        server: server.origin.clone(),
        address: server.address(),
        seed: 7,
        ramp: Duration::ZERO,
        metrics_interval: Some(Duration::from_secs(1)),
        faults,
        back_fill: Duration::ZERO,
        back_fill_step: None,
        back_fill_after: Duration::ZERO,
    }
}

fn run_begins(server: &TestServer) -> Timestamp {
    Timestamp::from_second(server.app().clock.now().as_second() - 1).unwrap()
}

async fn count(admin: &ApiClient, query: &str) -> usize {
    let page: Value = admin.get(&format!("/agents?limit=200&{query}")).await.ok();
    page["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_fleet_with_cut_connections_and_lost_acknowledgements_loses_and_doubles_nothing() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (from, identities) = (run_begins(&server), machines(&server, &admin).await);
    let agents: Vec<_> = identities.iter().map(|identity| identity.agent_id).collect();
    // a connection lasts two seconds on average
    let faults = Faults { disconnects_per_minute: 30.0, lost_acknowledgements: 0.2, ..Faults::default() };
    let fleet = Fleet::start(&options(&server, faults), identities);
    wait_for("measurements and reconnections", async || {
        let now = fleet.ledger.summary();
        (now.acknowledged > 10 * MACHINES as u64 && now.lost_connections > MACHINES as u64).then_some(())
    })
    .await;
    let ledger = fleet.stop(PATIENCE).await;
    let verdict = verify(&ledger, &server.origin, admin.token.as_deref().unwrap(), &agents, from).await.unwrap();
    assert!(verdict.is_clean(), "{verdict:?}");
    assert_eq!((verdict.stored, verdict.acknowledged), (verdict.measured, verdict.measured), "{verdict:?}");
    server.stop().await;
}

#[tokio::test]
async fn every_machine_ends_its_commands_as_it_says() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (from, identities) = (run_begins(&server), machines(&server, &admin).await);
    let agents: Vec<_> = identities.iter().map(|identity| identity.agent_id).collect();
    let faults = Faults { command_failures: 0.3, command_timeouts: 0.2, ..Faults::default() };
    let fleet = Fleet::start(&options(&server, faults), identities);
    wait_for("all machines", async || (count(&admin, "status=online").await == MACHINES).then_some(())).await;
    for agent in &agents {
        let body = json!({ "command": "echo simulated", "timeout_seconds": 1 });
        admin.post(&format!("/agents/{agent}/command"), body).await.accepted();
    }
    let commands = wait_for("all ends", async || {
        let commands = admin.all("/commands", 200).await;
        commands.iter().all(|command| !command["finished_at"].is_null()).then_some(commands)
    })
    .await;
    let with = |status: &str| commands.iter().filter(|command| command["status"] == status).count();
    assert_eq!(with("completed") + with("failed") + with("timeout"), MACHINES);
    assert!(with("completed") > 0 && with("failed") > 0 && with("timeout") > 0, "{commands:?}");
    let ledger = fleet.stop(PATIENCE).await;
    let verdict = verify(&ledger, &server.origin, admin.token.as_deref().unwrap(), &agents, from).await.unwrap();
    assert!(verdict.is_clean() && verdict.commands == MACHINES as u64, "{verdict:?}");
    server.stop().await;
}

#[tokio::test]
async fn the_past_is_made_up_and_fits_what_is_measured_live() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let identities = machines(&server, &admin).await;
    let agent = identities[0].agent_id;
    let mut options = options(&server, Faults::default());
    options.back_fill = Duration::from_hours(5);
    options.metrics_interval = Some(Duration::from_mins(1));
    let fleet = Fleet::start(&options, identities);
    let began = Timestamp::from_second(server.app().clock.now().as_second() - 5 * 3_600).unwrap();
    let points = wait_for("the past", async || {
        let range = admin.get(&format!("/agents/{agent}/metrics?from={began}")).await;
        let points = range.ok()["items"].as_array().unwrap().clone();
        (points.len() >= 60).then_some(points)
    })
    .await;
    let memory: Vec<f64> = points.iter().map(|point| point["memory_used_bytes"].as_f64().unwrap()).collect();
    let total = points[0]["memory_total_bytes"].as_f64().unwrap();
    let largest_step = memory.windows(2).map(|pair| (pair[0] - pair[1]).abs() / total).fold(0.0, f64::max);
    assert!(largest_step < 0.1, "the curve has no seam: {largest_step}");
    fleet.stop(PATIENCE).await;
    server.stop().await;
}

#[tokio::test]
async fn machines_that_are_switched_off_have_told_their_past_and_stay_away() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let identities = machines(&server, &admin).await;
    let mut options = options(&server, Faults { switched_off: 1.0, ..Faults::default() });
    options.back_fill = Duration::from_mins(1);
    options.back_fill_step = Some(Duration::from_secs(10));
    options.metrics_interval = Some(Duration::from_hours(1));
    let fleet = Fleet::start(&options, identities);
    wait_for("all to be switched off", async || {
        let now = fleet.ledger.summary();
        (now.handshakes == MACHINES as u64 && now.online == 0).then_some(())
    })
    .await;
    let now = fleet.ledger.summary();
    assert_eq!((now.acknowledged, now.waiting), (6 * MACHINES as u64, 0), "{now:?}");
    fleet.stop(PATIENCE).await;
    server.stop().await;
}
