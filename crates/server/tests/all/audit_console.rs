//! `gururmm-server audit verify`, as a program.

use std::process::Command;

use serde_json::Value;

use crate::audit_chain::Log;

/// Whether it succeeded, and what it answered.
fn run(log: &Log, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gururmm-server"));
    command.env_clear();
    let config = &log.server.config;
    command.args(["audit", "verify", "--config", "/dev/null", "--data-dir"]).arg(&config.data_dir);
    command.args(["--database-url", config.database_url.as_ref().unwrap().reveal()]).args(arguments);
    let output = command.output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test]
async fn verify_says_so_and_fails_when_something_is_wrong() {
    let mut log = Log::start().await;
    let org = log.org_id.to_string();
    let (is_fine, text) = run(&log, &[]);
    assert!(is_fine && text.starts_with("ok ") && text.contains("are as they were told"), "{text}");
    log.meddle("update audit_events set detail = '{}' where org_id = ORG and target_name = 'Two'").await;
    let (is_fine, text) = run(&log, &["--org", &org]);
    assert!(!is_fine && text.contains("altered: event") && text.contains("detail"), "{text}");
    let (is_fine, text) = run(&log, &["--json"]);
    let json: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    assert!(!is_fine && json["ok"] == false, "{text}");
    assert_eq!(json["organisations"][0]["finding"], "altered");
    assert_eq!(json["organisations"][0]["columns"], serde_json::json!(["detail"]));
    let (is_fine, text) = run(&log, &["--checkpoints", "/nonexistent"]);
    assert!(!is_fine && text.contains("altered"), "without any checkpoint it is seen too: {text}");
    log.server.stop().await;
}
