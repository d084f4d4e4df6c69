//! `gururmm-server org|user|key …` beside a running server: whoever is locked out is helped.

use std::process::Output;

use gururmm_server_testkit::{ApiClient, EMAIL, PASSWORD, TestServer, allow};
use serde_json::{Value, json};
use tokio::process::Command;

const NEW_PASSWORD: &str = "another horse battery staple";

async fn console(server: &TestServer, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gururmm-server"));
    let database = server.config.database_url.as_ref().unwrap().reveal();
    command.args(arguments).args(["--config", "/dev/null", "--database-url", database]);
    command.env_clear().output().await.unwrap()
}

/// What it prints when it succeeds.
async fn done(server: &TestServer, arguments: &[&str]) -> String {
    let output = console(server, arguments).await;
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {out} {error}");
    out.into_owned()
}

/// What it says when it refuses.
async fn refused(server: &TestServer, arguments: &[&str]) -> String {
    let output = console(server, arguments).await;
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn token(text: &str) -> String {
    text.split_once("#token=").expect("a link").1.split_whitespace().next().unwrap().to_owned()
}

fn client(server: &TestServer, login: &Value) -> ApiClient {
    ApiClient::new(&server.origin, login["token"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn a_locked_out_owner_is_helped() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let list = done(&server, &["user", "list"]).await;
    assert!(list.contains(EMAIL) && list.contains("default (owner)"), "{list}");
    let nobody = server.anonymous();
    let reset = token(&done(&server, &["user", "reset-password", &EMAIL.to_uppercase()]).await);
    nobody.post("/auth/reset", json!({ "token": reset, "password": NEW_PASSWORD })).await.no_content();
    admin.get("/auth/me").await.problem(401, "unauthenticated");
    let login = json!({ "email": EMAIL, "password": NEW_PASSWORD });
    let admin = client(&server, &nobody.post("/auth/login", login.clone()).await.ok());
    assert!(refused(&server, &["user", "disable", EMAIL]).await.contains("only owner"));
    server.person(&[allow("owner")]).await;
    done(&server, &["user", "disable", EMAIL]).await;
    server.app().identities.forget_all();
    admin.get("/auth/me").await.problem(401, "unauthenticated");
    nobody.post("/auth/login", login.clone()).await.problem(401, "login_failed");
    done(&server, &["user", "enable", EMAIL]).await;
    let admin = client(&server, &nobody.post("/auth/login", login).await.ok());
    assert!(done(&server, &["user", "sign-out", EMAIL]).await.contains("1 sessions"));
    server.app().identities.forget_all();
    admin.get("/auth/me").await.problem(401, "unauthenticated");
    assert!(
        refused(&server, &["user", "reset-password", "nobody@example.com"]).await.contains("nobody has an account")
    );
    server.stop().await;
}

#[tokio::test]
async fn a_member_becomes_owner_and_operator_by_the_console_alone() {
    let server = TestServer::start().await;
    server.administrator().await;
    let invited = done(&server, &["user", "invite", "second@example.com", "--role", "viewer"]).await;
    let join = json!({ "token": token(&invited), "name": "Technician Two", "password": PASSWORD });
    let second = client(&server, &server.anonymous().post("/auth/register", join).await.created());
    second.get("/users").await.problem(403, "forbidden");
    done(&server, &["user", "owner", "second@example.com"]).await;
    done(&server, &["user", "operator", "second@example.com"]).await;
    server.app().identities.forget_all();
    second.get("/users").await.ok();
    let made = second.get("/audit-events?action=operator.made").await.ok();
    assert_eq!(
        (&made["items"][0]["actor_kind"], &made["items"][0]["target_name"]),
        (&json!("system"), &json!("Technician Two"))
    );
    assert_eq!(second.get("/platform/organisations").await.ok()["items"].as_array().unwrap().len(), 1);
    done(&server, &["user", "operator", "second@example.com", "--remove"]).await;
    second.get("/platform/organisations").await.problem(404, "not_found");
    server.stop().await;
}

#[tokio::test]
async fn organisations_and_keys_are_managed_on_the_console() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let made = done(&server, &["org", "create", "--name", "Second", "--owner-email", "owner@example.com"]).await;
    let join = json!({ "token": token(&made), "name": "Technician Two", "password": PASSWORD });
    let owner = client(&server, &server.anonymous().post("/auth/register", join).await.created());
    let me = owner.get("/auth/me").await.ok();
    let org = me["organisation"]["id"].as_str().unwrap();
    done(&server, &["org", "limits", org, "--agents-max", "5"]).await;
    assert_eq!(owner.get("/organisation").await.ok()["agents_max"], 5);
    assert!(refused(&server, &["org", "limits", org, "--users-max", "0"]).await.contains("Between 1 and"));
    let list: Value = serde_json::from_str(&done(&server, &["org", "list", "--json"]).await).unwrap();
    assert_eq!((list.as_array().unwrap().len(), &list[1]["agents_max"]), (2, &json!(5)));
    done(&server, &["org", "suspend", org]).await;
    server.app().identities.forget_all();
    owner.get("/auth/me").await.problem(401, "unauthenticated");
    done(&server, &["org", "resume", org]).await;
    assert!(refused(&server, &["user", "invite", "third@example.com"]).await.contains("several organisations"));
    let key = json!({ "name": "Script", "permissions": ["agents.view"] });
    let key = admin.post("/api-keys", key).await.created();
    let program = ApiClient::new(&server.origin, key["key"].as_str().map(str::to_owned));
    program.get("/agents").await.ok();
    let id = key["api_key"]["id"].as_str().unwrap();
    let keys = done(&server, &["key", "list"]).await;
    assert!(keys.contains(id) && !keys.contains(key["key"].as_str().unwrap()), "{keys}");
    done(&server, &["key", "revoke", id]).await;
    server.app().identities.forget_all();
    program.get("/agents").await.problem(401, "unauthenticated");
    server.stop().await;
}
