//! What becomes an order, and what does not.

use gururmm_protocol::command::OrderError;
use gururmm_protocol::message::ServerMessage;
use gururmm_protocol::secret;
use gururmm_server::features::commands::offer_again;
use gururmm_server_testkit::{Link, TestServer};
use reqwest::Method;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use crate::commands::run;

/// Also for who can write all that the server's own requests can.
#[tokio::test]
async fn what_was_cancelled_or_has_ended_is_no_order_any_more() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let (id, _) = run(&admin, &agent, json!({ "command": "reboot" })).await;
    admin.post(&format!("/commands/{id}/cancel"), json!({})).await.ok();
    let again = "update commands set status = 'queued', finished_at = null, ended_by = null, cancel_requested_at = null, sent_at = null";
    let mut owner = server.db.connect("gururmm_owner").await;
    let refused = owner.execute(again).await.unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().constraint(), Some("command_transition"));
    // and where even that is not in the way, its signature is gone
    owner
        .execute(AssertSqlSafe(format!("alter table commands disable trigger commands_lawful; {again}")))
        .await
        .unwrap();
    let mut link = Link::connect(&agent).await.unwrap();
    offer_again(server.app()).await.unwrap();
    let (next, _) = run(&admin, &agent, json!({ "command": "uname" })).await;
    assert_eq!(link.order().await.unwrap().command_id, next);
    server.stop().await;
}

/// What was stored goes to its machine, whether or not somebody still waits for the answer.
#[tokio::test]
async fn a_command_whose_asker_hangs_up_is_handed_out_all_the_same() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let mut owner = server.db.connect("gururmm_owner").await;
    let mut held = owner.begin().await.unwrap();
    held.execute("lock table audit_events in access exclusive mode").await.unwrap();
    let path = format!("/api/agents/{}/command", agent.agent_id);
    let asking = tokio::spawn(admin.request(Method::POST, &path).json(&json!({ "command": "id" })).send());
    server.db.wait_for_blocked().await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    held.rollback().await.unwrap();
    assert_eq!(link.order().await.unwrap().command, "id");
    server.stop().await;
}

/// The answer is put together from what was asked; it must not differ from what is read afterwards, nor the audit row from any other.
#[tokio::test]
async fn a_new_command_is_answered_as_it_is_read_and_its_audit_row_is_complete() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let body = json!({ "command": "id", "timeout_seconds": 60, "on_disconnect": "abort", "expires_in_seconds": 60 });
    let (id, answered) = run(&admin, &agent, body).await;
    let mut read = admin.get(&format!("/commands/{id}")).await.ok();
    for (output, nothing) in [
        ("stdout", json!("")),
        ("stderr", json!("")),
        ("stdout_kept_bytes", json!(0)),
        ("stderr_kept_bytes", json!(0)),
        ("stdout_times", json!([])),
        ("stderr_times", json!([])),
        ("stdout_encoding", json!("utf-8")),
        ("stderr_encoding", json!("utf-8")),
    ] {
        assert_eq!(read.as_object_mut().unwrap().remove(output), Some(nothing));
    }
    assert_eq!(answered, read);
    admin.post(&format!("/commands/{id}/cancel"), json!({})).await.ok();
    let audit = admin.get(&format!("/audit-events?agent_id={}", agent.agent_id)).await.ok();
    let [cancelled, created] = [0, 1].map(|place| &audit["items"][place]);
    assert_eq!(
        (created["action"].as_str(), created["target_id"].as_str()),
        (Some("command.created"), answered["id"].as_str())
    );
    for same in [
        "actor_kind",
        "actor_id",
        "actor_name",
        "target_kind",
        "target_id",
        "target_name",
        "agent_id",
        "client_id",
        "site_id",
        "ip",
    ] {
        assert!(
            created[same] == cancelled[same] && !created[same].is_null(),
            "{same}: {} {}",
            created[same],
            cancelled[same]
        );
    }
    assert!(created["request_id"].is_string());
    // of a long text the log keeps the beginning, and what proves the rest
    let text = format!("# {}", "ä".repeat(3_000));
    let (long, _) = run(&admin, &agent, json!({ "command": text })).await;
    assert_eq!(admin.get(&format!("/commands/{long}")).await.ok()["command"], text);
    let audit = admin.get(&format!("/audit-events?agent_id={}", agent.agent_id)).await.ok();
    let detail = &audit["items"][0]["detail"];
    assert_eq!(
        (detail["command"].as_str().unwrap().chars().count(), detail["command_characters"].as_i64()),
        (2_000, Some(3_002))
    );
    assert_eq!(detail["command_sha256"], secret::hash_hex(text.as_bytes()));
    server.stop().await;
}

/// Who can write into the database, and nothing else, runs nothing on any machine.
#[tokio::test]
async fn a_row_that_nobody_asked_for_is_no_order() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (agent, other) = (server.enrol(&admin, "web-1").await, server.enrol(&admin, "web-2").await);
    let (asked, _) = run(&admin, &other, json!({ "command": "id" })).await;
    let mut owner = server.db.connect("gururmm_owner").await;
    // without a signature, with that of another machine's order, and with a text that is not what was signed
    for (signed_order, signature, key_id) in [
        ("null", "null", "null"),
        ("signed_order", "signature", "key_id"),
        ("replace(signed_order, '\"id\"', '\"reboot\"')", "signature", "key_id"),
    ] {
        let row = format!(
            "insert into commands (id, org_id, client_id, site_id, agent_id, command_type, command, context, timeout_seconds, elevated, on_disconnect, status,
                                   created_at, expires_at, signed_order, signature, key_id)
             select gen_random_uuid(), org_id, client_id, site_id, '{}', command_type, 'reboot', context, timeout_seconds, elevated, on_disconnect, 'queued',
                    created_at - interval '1 hour', expires_at, {signed_order}, {signature}, {key_id} from commands where id = '{asked}'",
            agent.agent_id
        );
        owner.execute(AssertSqlSafe(row)).await.unwrap();
    }
    let mut link = Link::connect(&agent).await.unwrap();
    offer_again(server.app()).await.unwrap();
    let (genuine, _) = run(&admin, &agent, json!({ "command": "uname" })).await;
    let (mut foreign, mut forged) = (0, 0);
    loop {
        let ServerMessage::CommandRun(signed) = link.next().await.unwrap() else { continue };
        match signed.open(&agent.server_key) {
            Ok(order) if order.command_id == genuine => break,
            // an agent takes only what is addressed to it
            Ok(order) => {
                assert_eq!((order.agent_id, order.command_id), (other.agent_id, asked));
                foreign += 1;
            }
            Err(error) => {
                assert_eq!(error, OrderError::Signature);
                forged += 1;
            }
        }
    }
    assert_eq!((foreign, forged), (1, 1), "what is not signed is not handed out at all");
    server.stop().await;
}
