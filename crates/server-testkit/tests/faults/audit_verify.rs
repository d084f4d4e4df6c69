//! `gururmm-server audit verify` on the embedded database: without one, beside its server, after the stop, after a kill.

use std::process::Command;

use gururmm_simulator::processes::clean;
use serde_json::{Value, json};

use crate::processes::{ServerHome, program};

/// Whether all is well, the answer, and what was told besides.
fn verify(home: &ServerHome) -> (bool, String, String) {
    let mut command = Command::new(program("gururmm-server"));
    command.args(["audit", "verify", "--json", "--config", "/dev/null", "--data-dir"]).arg(home.data_dir());
    let output = clean(&mut command).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

/// The last event that was looked at, and the checkpoints it was compared with.
fn verified(home: &ServerHome) -> (i64, i64) {
    let (is_fine, answer, log) = verify(home);
    assert!(is_fine, "{answer}{log}");
    let report: Value = serde_json::from_str(&answer).unwrap();
    let organisation = &report["organisations"][0];
    (organisation["last"].as_i64().unwrap(), organisation["checkpoints"].as_i64().unwrap())
}

#[tokio::test]
async fn the_log_is_verified_beside_its_server_and_without_it() {
    let home = ServerHome::new();
    let (is_fine, _, log) = verify(&home);
    assert!(!is_fine && log.contains("there is no database in"), "{log}");
    assert!(!home.data_dir().join("postgres").exists(), "looking makes nothing");

    let server = home.start().await;
    let admin = home.administrator().await;
    admin.post("/clients", json!({ "name": "Example" })).await.created();
    let count = i64::try_from(admin.all("/audit-events", 200).await.len()).unwrap();
    verified(&home);
    admin.get("/clients").await.ok();

    drop(server);
    let (last, checkpoints) = verified(&home);
    assert_eq!(last, count, "the stop sealed what was told");
    assert!(checkpoints >= 1, "and signed it");

    let server = home.start().await;
    admin.post("/clients", json!({ "name": "Other" })).await.created();
    server.kill().unwrap();
    let (last, _) = verified(&home);
    assert!((count..=count + 1).contains(&last), "what was not sealed yet waits");
    let _server = home.start().await;
    admin.get("/clients").await.ok();
}
