//! Every operation that changes something leaves its row in the audit log.
//!
//! The list comes from the OpenAPI document: an operation that is added without a row, or without an example here, fails.

use gururmm_server_testkit::{ApiClient, EMAIL, PASSWORD, TestServer};
use serde_json::json;

use crate::operations::operations;
use crate::things::{self, Things};

/// The row that an operation leaves.
fn action(operation: &str) -> &'static str {
    match operation {
        "auth_login" | "auth_switch" => "session.opened",
        "auth_logout" => "session.closed",
        "auth_register" | "auth_accept" => "user.joined",
        "auth_reset" => "user.password_reset",
        "auth_update" => "user.renamed",
        "auth_password" => "user.password_changed",
        "session_revoke" | "session_end_others" => "session.revoked",
        "invitation_create" => "invitation.created",
        "invitation_revoke" => "invitation.revoked",
        "api_key_create" => "api_key.created",
        "api_key_revoke" => "api_key.revoked",
        "organisation_update" => "organisation.updated",
        "platform_organisation_create" => "organisation.created",
        "platform_organisation_update" => "organisation.limits_changed",
        "client_create" => "client.created",
        "client_update" => "client.updated",
        "client_delete" => "client.deleted",
        "site_create" => "site.created",
        "site_update" => "site.updated",
        "site_delete" => "site.deleted",
        "site_key_create" => "site_key.created",
        "site_key_update" => "site_key.updated",
        "site_key_regenerate" => "site_key.regenerated",
        "site_key_revoke" => "site_key.revoked",
        "audit_retention_update" => "audit.retention_changed",
        "history_retention_update" => "history.retention_changed",
        "user_update" => "user.suspended",
        "user_remove" => "user.removed",
        "user_sign_out" => "user.signed_out",
        "grant_create" => "grant.created",
        "grant_delete" => "grant.deleted",
        "role_create" => "role.created",
        "role_update" => "role.updated",
        "role_delete" => "role.deleted",
        "agent_approve" => "agent.approved",
        "agent_reject" => "agent.rejected",
        "agent_adopt" => "agent.adopted",
        "agent_quarantine" => "agent.quarantined",
        "agent_release" => "agent.released",
        "agent_rotate_key" => "agent.key_requested",
        "agent_revoke_key" => "agent.key_revoked",
        "finding_dismiss" => "finding.dismissed",
        "agent_enroll" => "agent.enrolled",
        "agent_unenroll" => "agent.unenrolled",
        "agent_update" | "agent_bulk" => "agent.updated",
        "agent_delete" => "agent.deleted",
        "custom_field_create" => "custom_field.created",
        "custom_field_update" => "custom_field.updated",
        "custom_field_delete" => "custom_field.deleted",
        "saved_view_create" => "saved_view.created",
        "saved_view_update" => "saved_view.updated",
        "saved_view_delete" => "saved_view.deleted",
        "command_run" => "command.created",
        "command_cancel" => "command.cancel_requested",
        "command_run_create" | "command_run_rerun" | "script_run" => "command_run.created",
        "command_run_stop" => "command_run.stopped",
        "command_run_approve" => "command_run.approved",
        "command_run_reject" => "command_run.rejected",
        "script_create" | "script_import" | "script_import_starter" => "script.created",
        "script_update" => "script.updated",
        "script_version_create" => "script_version.created",
        "script_approve" => "script_version.approved",
        "script_withdraw" => "script_version.withdrawn",
        "schedule_create" => "schedule.created",
        "schedule_replace" => "schedule.updated",
        "schedule_delete" => "schedule.deleted",
        "schedule_pause" => "schedule.paused",
        "schedule_resume" => "schedule.resumed",
        "schedule_approve" => "schedule.approved",
        "command_stop_all" => "organisation.commands_stopped",
        "command_start_again" => "organisation.commands_started",
        other => panic!("say which audit row {other} leaves"),
    }
}

pub(crate) async fn log_in(server: &TestServer) -> ApiClient {
    let mut owner = server.db.connect("gururmm_owner").await;
    let home: String = sqlx::query_scalar("select org_id::text from setup_state").fetch_one(&mut owner).await.unwrap();
    let login = json!({ "email": EMAIL, "password": PASSWORD, "organisation_id": home });
    let login = server.anonymous().post("/auth/login", login).await.ok();
    ApiClient::new(&server.origin, login["token"].as_str().map(str::to_owned))
}

async fn rows(server: &TestServer, action: &str) -> i64 {
    let mut owner = server.db.connect("gururmm_owner").await;
    let count = "select count(*) from audit_events where action = $1";
    sqlx::query_scalar(count).bind(action).fetch_one(&mut owner).await.unwrap()
}

#[tokio::test]
async fn every_operation_that_changes_something_leaves_its_row() {
    let server = TestServer::start().await;
    let owner = server.administrator().await;
    server.make_operator(owner.get("/auth/me").await.ok()["user"]["id"].as_str().unwrap().parse().unwrap()).await;
    assert_eq!(rows(&server, "setup.completed").await, 1);
    for (number, operation) in operations().iter().filter(|operation| operation.changes()).enumerate() {
        // the first is counted above: it works once; the others change nothing that somebody is asked about
        if ["setup_complete", "invitation_peek", "install_report_create"].contains(&operation.id.as_str()) {
            continue;
        }
        // some end the sessions of whoever calls them
        let admin = log_in(&server).await;
        let things = Things::make(&server, &admin, &format!("Example {number}")).await;
        if operation.id == "client_delete" || operation.id == "site_delete" {
            let client = things.client["id"].as_str().unwrap();
            for list in ["agents", "schedules"] {
                for thing in admin.all(&format!("/{list}?client_id={client}"), 200).await {
                    admin.delete(&format!("/{list}/{}", thing["id"].as_str().unwrap())).await.no_content();
                }
            }
        }
        if operation.id == "client_delete" {
            admin.delete(&format!("/sites/{}", things.site["id"].as_str().unwrap())).await.no_content();
        }
        let technician = log_in(&server).await;
        let action = action(&operation.id);
        things::prepare(&admin, operation).await;
        let before = rows(&server, action).await;
        let answer = technician.send(operation.method.clone(), &things.path(operation), things.body(operation)).await;
        assert!(answer.status.is_success(), "{}: {}", operation.id, answer.text);
        let left = if operation.id == "script_import_starter" { 20 } else { 1 };
        assert_eq!(rows(&server, action).await, before + left, "{} leaves {action}", operation.id);
        things::undo(&log_in(&server).await, operation).await;
    }
    every_action_has_words(&server).await;
    server.stop().await;
}

/// An action that is added without a sentence fails here.
async fn every_action_has_words(server: &TestServer) {
    let mut owner = server.db.connect("gururmm_owner").await;
    let actions: Vec<String> =
        sqlx::query_scalar("select distinct action from audit_events").fetch_all(&mut owner).await.unwrap();
    assert!(actions.len() > 15, "{actions:?}");
    for action in &actions {
        assert!(
            gururmm_server::features::audit::words::actions().any(|known| known == action),
            "{action} has no words"
        );
    }
}

#[tokio::test]
async fn what_the_server_makes_at_its_first_start_is_told_as_its_own_doing() {
    let mut server = TestServer::start().await;
    server.restart().await;
    server.setup_token = server.server.as_ref().unwrap().first_start.setup_token.clone().unwrap();
    let admin = server.administrator().await;
    let events = admin.all("/audit-events", 200).await;
    let own: Vec<&str> = events
        .iter()
        .rev()
        .filter(|event| event["actor_kind"] == "system" && event["actor_id"].is_null())
        .map(|event| event["action"].as_str().unwrap())
        .collect();
    assert_eq!(own, ["organisation.created", "client.created", "site.created", "site_key.created", "site_key.renewed"]);
    server.stop().await;
}

#[tokio::test]
async fn keys_that_end_with_their_site_are_named() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let client = admin.post("/clients", json!({ "name": "Example" })).await.created();
    let site = admin.post("/sites", json!({ "client_id": client["id"], "name": "Office" })).await.created();
    admin.post("/site-keys", json!({ "site_id": site["id"], "name": "Tills" })).await.created();
    admin.delete(&format!("/sites/{}", site["id"].as_str().unwrap())).await.no_content();
    let events = admin.get("/audit-events?action=site.deleted").await.ok();
    assert_eq!(events["items"][0]["detail"]["site_keys"], json!(["Tills"]));
    server.stop().await;
}
