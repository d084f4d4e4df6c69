//! Commands of every type and context: signed as they were asked for, and refused where they cannot be.

use std::collections::BTreeMap;

use gururmm_protocol::command::{CommandContext, CommandType};
use gururmm_server_testkit::{Link, TestServer};
use serde_json::{Value, json};

use crate::commands::run;

#[tokio::test]
async fn every_type_and_context_is_signed_as_it_was_asked_for() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    for (name, kind) in [
        ("shell", CommandType::ShellWith),
        ("powershell", CommandType::Powershell),
        ("python", CommandType::Python),
        ("script", CommandType::Script),
        ("claude_task", CommandType::ClaudeTask),
    ] {
        let interpreter = (name == "script").then_some("/usr/bin/perl");
        let asked = json!({
            "command": "text", "command_type": name, "interpreter": interpreter, "arguments": ["a b", "$HOME"],
            "environment": { "WHO": "Technician One" }, "context": "user_session",
        });
        let (id, answered) = run(&admin, &agent, asked.clone()).await;
        let order = link.order().await.unwrap();
        assert_eq!((order.command_id, order.command_type), (id, kind));
        assert_eq!(order.interpreter.as_deref(), interpreter);
        assert_eq!(order.arguments, ["a b", "$HOME"]);
        assert_eq!(order.environment, BTreeMap::from([("WHO".to_owned(), "Technician One".to_owned())]));
        assert_eq!((order.context, order.elevated), (CommandContext::UserSession, false));
        let read = admin.get(&format!("/commands/{id}")).await.ok();
        for field in ["command_type", "interpreter", "arguments", "context"] {
            assert_eq!((&read[field], &answered[field]), (&asked[field], &asked[field]), "{field}");
        }
        assert_eq!((&read["variables"], &answered["variables"]), (&json!(["WHO"]), &json!(["WHO"])));
    }
    let (_, plain) = run(&admin, &agent, json!({ "command": "id" })).await;
    let order = link.order().await.unwrap();
    assert_eq!((order.command_type, order.context, order.elevated), (CommandType::Shell, CommandContext::System, true));
    assert!(order.interpreter.is_none() && order.arguments.is_empty() && order.environment.is_empty());
    assert_eq!((&plain["arguments"], &plain["variables"]), (&json!([]), &json!([])));
    server.stop().await;
}

/// Values of variables may be secrets of a kind: the log names the variables.
#[tokio::test]
async fn the_audit_log_says_what_was_run_and_names_its_variables() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let body = json!({ "command": "print 1", "command_type": "script", "interpreter": "perl", "arguments": ["x"],
                       "environment": { "TOKEN": "not-for-the-log" } });
    let (id, _) = run(&admin, &agent, body).await;
    let event = &admin.get("/audit-events?action=command.created").await.ok()["items"][0];
    let detail = &event["detail"];
    assert_eq!((&detail["command_type"], &detail["interpreter"]), (&json!("script"), &json!("perl")));
    assert_eq!((&detail["arguments"], &detail["variables"]), (&json!(["x"]), &json!(["TOKEN"])));
    assert!(!event.to_string().contains("not-for-the-log"));
    let mut owner = server.db.connect("gururmm_owner").await;
    let kept = "select environment::text || coalesce(signed_order, '') from commands";
    let before: String = sqlx::query_scalar(kept).fetch_one(&mut owner).await.unwrap();
    assert!(before.contains("not-for-the-log"), "its machine has not taken it yet");
    admin.post(&format!("/commands/{id}/cancel"), json!({})).await.ok();
    let after: String = sqlx::query_scalar(kept).fetch_one(&mut owner).await.unwrap();
    assert_eq!(after, r#"{"TOKEN": null}"#);
    let read = admin.get(&format!("/commands/{id}")).await;
    assert!(read.text.contains("TOKEN") && !read.text.contains("not-for-the-log"));
    server.stop().await;
}

#[tokio::test]
async fn what_cannot_be_run_is_refused_field_by_field() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let path = format!("/agents/{}/command", agent.agent_id);
    let variables = |count: usize| (0..count).map(|place| (format!("V{place}"), json!("x"))).collect::<Value>();
    for (more, field) in [
        (json!({ "command_type": "script" }), "interpreter"),
        (json!({ "command_type": "script", "interpreter": "bin/sh" }), "interpreter"),
        (json!({ "command_type": "script", "interpreter": "-c" }), "interpreter"),
        (json!({ "command_type": "python", "interpreter": "perl" }), "interpreter"),
        (json!({ "arguments": vec!["x"; 65] }), "arguments"),
        (json!({ "arguments": ["a\0b"] }), "arguments"),
        (json!({ "arguments": ["x".repeat(5_000)] }), "arguments"),
        (json!({ "arguments": vec!["x".repeat(4_000); 10] }), "arguments"),
        (json!({ "environment": { "1A": "x" } }), "environment"),
        (json!({ "environment": { "A=B": "x" } }), "environment"),
        (json!({ "environment": { "GURURMM_COMMAND_ID": "x" } }), "environment"),
        (json!({ "environment": { "A": "a\0b" } }), "environment"),
        (json!({ "environment": variables(65) }), "environment"),
        (json!({ "elevated": false }), "elevated"),
        (json!({ "context": "user_session", "elevated": true }), "elevated"),
    ] {
        let mut body = more.clone();
        body["command"] = json!("text");
        let problem = admin.post(&path, body).await.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], field, "{more}");
        let message = problem["errors"][0]["message"].as_str().unwrap();
        assert!(
            message.ends_with('.') && message.starts_with(char::is_uppercase) || message.starts_with('"'),
            "{message}"
        );
    }
    for more in [json!({ "context": "elsewhere" }), json!({ "arguments": "x" }), json!({ "environment": ["x"] })] {
        let mut body = more;
        body["command"] = json!("text");
        admin.post(&path, body).await.problem(400, "invalid_request");
    }
    assert_eq!(admin.get("/commands").await.ok()["items"], json!([]));
    server.stop().await;
}
