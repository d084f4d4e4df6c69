//! The library of scripts: versions, approval, parameters, files; and what of it runs where, for whom.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gururmm_protocol::command::{CommandType, Outcome};
use gururmm_server_testkit::{ApiClient, Link, TestServer, allow};
use serde_json::{Value, json};

use crate::command_runs::{fleet, ids};
use crate::commands::result;

fn path(script: &Value, verb: &str) -> String {
    format!("/scripts/{}{verb}", script["id"].as_str().unwrap())
}

fn version(text: &str) -> Value {
    json!({ "text": text, "interpreter": "sh", "platforms": ["linux"] })
}

async fn save(who: &ApiClient, name: &str, version: Value) -> Value {
    who.post("/scripts", json!({ "name": name, "folder": "Linux/Disks", "version": version })).await.created()
}

/// Above this it is nobody's own.
async fn by_oneself(admin: &ApiClient) {
    admin.patch("/organisation", json!({ "scripts_need_other_person": false })).await.ok();
}

#[tokio::test]
async fn a_script_runner_runs_the_approved_version_and_no_other() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut fleet = fleet(&server, &admin, 1).await;
    let (author, runner) =
        (server.person(&[allow("technician")]).await, server.person(&[allow("script_runner")]).await);
    let script = save(&author, "Free space", version("df -h\r\n")).await;
    let run = json!({ "targets": { "ids": ids(&fleet) } });
    runner.post(&path(&script, "/run"), run.clone()).await.problem(409, "script_not_approved");
    author.post(&path(&script, "/approve"), json!({ "number": 1 })).await.problem(403, "forbidden");
    admin.post(&path(&script, "/approve"), json!({ "number": 7 })).await.problem(404, "script_version_not_found");
    let approved = admin.post(&path(&script, "/approve"), json!({ "number": 1 })).await.ok();
    assert_eq!(approved["approved_version"], 1);
    let told = runner.post(&path(&script, "/run"), run.clone()).await.accepted();
    assert_eq!((told["script_name"].as_str(), told["script_version"].as_i64()), (Some("Free space"), Some(1)));
    let order = fleet[0].link.order().await.unwrap();
    assert_eq!((order.command.as_str(), order.command_type), ("df -h\n", CommandType::Script));
    assert_eq!(order.interpreter.as_deref(), Some("sh"));
    let ended = result(order.command_id, Outcome::Completed, Some(0));
    fleet[0].link.play(order.command_id, b"", ended).await.unwrap();

    // a newer version is for those who could run any text
    let newer = json!({ "based_on": 1, "version": version("rm -r /tmp/x") });
    author.post(&path(&script, "/versions"), newer.clone()).await.created();
    author.post(&path(&script, "/versions"), newer).await.problem(409, "script_version_stale");
    let mut second = run.clone();
    second["number"] = json!(2);
    runner.post(&path(&script, "/run"), second.clone()).await.problem(403, "forbidden");
    author.post(&path(&script, "/run"), second).await.accepted();
    assert_eq!(fleet[0].link.order().await.unwrap().command, "rm -r /tmp/x");
    runner.post(&path(&script, "/run"), run.clone()).await.accepted();
    assert_eq!(fleet[0].link.order().await.unwrap().command, "df -h\n", "what was approved stays the one that runs");

    let shown = runner.get(&path(&script, "")).await.ok();
    assert_eq!((shown["ended_count"].as_i64(), shown["completed_count"].as_i64()), (Some(1), Some(1)));
    admin.post(&path(&script, "/withdraw"), json!({})).await.ok();
    runner.post(&path(&script, "/run"), run.clone()).await.problem(409, "script_not_approved");
    admin.patch(&path(&script, ""), json!({ "archived": true })).await.ok();
    author.post(&path(&script, "/run"), run).await.problem(409, "script_archived");
    runner.post("/scripts", json!({ "name": "x", "version": version("x") })).await.problem(403, "forbidden");
    server.stop().await;
}

#[tokio::test]
async fn who_writes_a_version_does_not_approve_it_unless_the_organisation_says_so() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let script = save(&admin, "Own", version("id")).await;
    admin.post(&path(&script, "/approve"), json!({ "number": 1 })).await.problem(403, "own_version");
    by_oneself(&admin).await;
    admin.post(&path(&script, "/approve"), json!({ "number": 1 })).await.ok();
    // somebody of one client only works with scripts, and changes none
    let client = admin.post("/clients", json!({ "name": "Example" })).await.created();
    let local = server.person(&[allow("technician").on_client(&client)]).await;
    assert_eq!(local.get("/scripts").await.ok()["items"].as_array().unwrap().len(), 1);
    local.patch(&path(&script, ""), json!({ "name": "Theirs" })).await.problem(403, "forbidden");
    server.stop().await;
}

#[tokio::test]
async fn parameters_are_checked_by_kind_and_are_never_a_part_of_the_text() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    by_oneself(&admin).await;
    let mut fleet = fleet(&server, &admin, 2).await;
    let field = admin.post("/custom-fields", json!({ "name": "Printer", "kind": "text" })).await.created();
    let values = json!({ "custom_fields": { field["id"].as_str().unwrap(): "10 in the hall" } });
    admin.patch(&format!("/agents/{}", fleet[0].agent.agent_id), values).await.ok();
    let parameters = json!([
        { "name": "days", "label": "Days", "kind": "number", "required": true, "min": 1, "max": 30 },
        { "name": "mode", "label": "Mode", "kind": "choice", "choices": ["look", "delete"], "default": "look" },
        { "name": "note", "label": "Note", "kind": "string" },
        { "name": "host", "label": "Host", "kind": "agent_field", "field": "hostname" },
        { "name": "printer", "label": "Printer", "kind": "custom_field", "field": "printer", "required": true },
    ]);
    let mut written = version("echo $PARAM_DAYS");
    written["parameters"] = parameters;
    written["environment"] = json!({ "LANG": "C" });
    let script = save(&admin, "Clean up", written).await;
    admin.post(&path(&script, "/approve"), json!({ "number": 1 })).await.ok();
    let targets = json!({ "ids": ids(&fleet) });
    let run = async |parameters: Value| {
        admin.post(&path(&script, "/run"), json!({ "targets": targets, "parameters": parameters })).await
    };
    for (given, wrong) in [
        (json!({}), "parameters.days"),
        (json!({ "days": "31" }), "parameters.days"),
        (json!({ "days": "1; reboot" }), "parameters.days"),
        (json!({ "days": "1", "mode": "burn" }), "parameters.mode"),
        (json!({ "days": "1", "path": "/tmp" }), "parameters.path"),
        (json!({ "days": "1", "host": "another" }), "parameters.host"),
    ] {
        let refused = run(given.clone()).await.problem(422, "validation_failed");
        assert_eq!(refused["errors"][0]["field"], wrong, "{given}");
    }
    let hostile = "$(reboot) `reboot` \"; reboot #";
    let told = run(json!({ "days": "7", "note": hostile })).await.accepted();
    assert_eq!((&told["refused"], &told["parameters"]["note"]), (&json!({ "parameter_missing": 1 }), &json!(hostile)));
    let order = fleet[0].link.order().await.unwrap();
    assert_eq!(order.command, "echo $PARAM_DAYS");
    let expected = json!({ "LANG": "C", "PARAM_DAYS": "7", "PARAM_MODE": "look", "PARAM_NOTE": hostile, "PARAM_HOST": "m-1",
        "PARAM_PRINTER": "10 in the hall" });
    assert_eq!(json!(order.environment), expected);

    // the same waits for a second person, with the machine's own values
    admin.patch("/organisation", json!({ "approval_threshold": 1 })).await.ok();
    let both = json!({ "custom_fields": { field["id"].as_str().unwrap(): "none" } });
    admin.patch(&format!("/agents/{}", fleet[1].agent.agent_id), both).await.ok();
    let waits = run(json!({ "days": "7" })).await.accepted();
    assert_eq!(waits["status"], "awaiting_approval");
    let second = server.person(&[allow("technician")]).await;
    let run_path = format!("/command-runs/{}", waits["id"].as_str().unwrap());
    let digest = second.get(&run_path).await.ok()["digest"].clone();
    second.post(&format!("{run_path}/approve"), json!({ "digest": digest })).await.ok();
    assert_eq!(fleet[0].link.order().await.unwrap().environment["PARAM_PRINTER"], "10 in the hall");
    let order = fleet[1].link.order().await.unwrap();
    assert_eq!(
        (order.environment["PARAM_PRINTER"].as_str(), order.environment["PARAM_HOST"].as_str()),
        ("none", "m-2")
    );
    server.stop().await;
}

#[tokio::test]
async fn a_script_goes_to_the_systems_that_it_is_for() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    by_oneself(&admin).await;
    let agent = server.enrol(&admin, "m-1").await;
    let _link = Link::connect(&agent).await.unwrap();
    let only_windows = json!({ "text": "ver", "interpreter": "cmd", "platforms": ["windows"] });
    let script = save(&admin, "Version", only_windows).await;
    admin.post(&path(&script, "/approve"), json!({ "number": 1 })).await.ok();
    let run = json!({ "targets": { "ids": [agent.agent_id] } });
    let reach = admin.post(&path(&script, "/preview"), run.clone()).await.ok();
    assert_eq!((reach["count"].as_i64(), reach["refused"]["platform_mismatch"].as_i64()), (Some(0), Some(1)));
    let refused = admin.post(&path(&script, "/run"), run).await.problem(422, "no_targets");
    assert!(refused["errors"][0]["message"].as_str().unwrap().contains("systems"), "{refused}");
    let both = json!({ "text": "ver", "interpreter": "cmd", "platforms": ["windows", "linux"] });
    let refused =
        admin.post("/scripts", json!({ "name": "x", "version": both })).await.problem(422, "validation_failed");
    assert_eq!(refused["errors"][0]["field"], "platforms");
    server.stop().await;
}

#[tokio::test]
async fn bom_crlf_nul_and_a_megabyte() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let script = save(&admin, "Marked", version("\u{feff}echo a\r\necho b\r")).await;
    let kept = admin.get(&path(&script, "/versions?number=1")).await.ok();
    assert_eq!(kept["items"][0]["text"], "echo a\necho b\n");
    for (text, why) in [("echo \0", "NUL"), ("  \n", "no text"), (&*"x".repeat(1 << 20), "64 KiB")] {
        let body = json!({ "name": "Odd", "version": version(text) });
        let answer = admin.post("/scripts", body).await;
        // a megabyte of text does not even fit into a request
        if answer.status == 413 {
            continue;
        }
        let refused = answer.problem(422, "validation_failed");
        assert_eq!(refused["errors"][0]["field"], "text");
        assert!(refused["errors"][0]["message"].as_str().unwrap().contains(why), "{refused}");
    }
    let long = json!({ "name": "Long", "version": version(&"x".repeat(64 << 10)) });
    admin.post("/scripts", long).await.created();
    let again = json!({ "name": "MARKED", "folder": "linux/disks", "version": version("x") });
    admin.post("/scripts", again).await.problem(409, "name_taken");
    server.stop().await;
}

#[tokio::test]
async fn a_file_comes_back_as_it_went_and_nothing_is_approved_by_it() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let put = async |name: &str, bytes: &[u8]| {
        admin.post("/scripts/import", json!({ "file_name": name, "content": STANDARD.encode(bytes) })).await
    };
    let first = put("free-space.ps1", "\u{feff}Get-Volume\r\n".as_bytes()).await.ok();
    assert_eq!(
        (first["outcome"].as_str(), first["script"]["interpreter"].as_str()),
        (Some("created"), Some("powershell"))
    );
    let script = &first["script"];
    let file = admin.get(&path(script, "/file")).await.ok();
    assert_eq!(file["file_name"], "free-space.ps1");
    let content = file["content"].as_str().unwrap();
    let same = put("another-name.txt", content.replace('\n', "\r\n").as_bytes()).await.ok();
    assert_eq!((same["outcome"].as_str(), &same["script"]["id"]), (Some("unchanged"), &script["id"]));
    let other = put("x.ps1", content.replace("Get-Volume", "Get-Disk").as_bytes()).await.ok();
    assert_eq!((other["outcome"].as_str(), other["script"]["newest_version"].as_i64()), (Some("new_version"), Some(2)));
    assert!(other["script"]["approved_version"].is_null());
    let refused = put("x.sh", b"# /// gururmm\n# name = \"\n# ///\nid").await.problem(422, "validation_failed");
    assert!(refused["errors"][0]["message"].as_str().unwrap().starts_with("Line 2"), "{refused}");
    put("x.sh", b"\xff\xfe\x00").await.problem(422, "validation_failed");

    let starter = admin.post("/scripts/import-starter", json!({})).await.ok();
    assert_eq!(starter, json!({ "created": 20, "new_versions": 0, "unchanged": 0 }));
    let again = admin.post("/scripts/import-starter", json!({})).await.ok();
    assert_eq!(again, json!({ "created": 0, "new_versions": 0, "unchanged": 20 }));
    for script in admin.all("/scripts", 5).await {
        let file = admin.get(&path(&script, "/file")).await.ok();
        let put = put(file["file_name"].as_str().unwrap(), file["content"].as_str().unwrap().as_bytes()).await.ok();
        assert_eq!(put["outcome"], "unchanged", "{}", script["name"]);
    }
    let found = admin.get("/scripts?search=windows/").await.ok();
    assert!(found["items"].as_array().unwrap().len() >= 4, "{found}");
    server.stop().await;
}

#[tokio::test]
async fn a_script_runner_sees_what_a_run_would_reach() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    by_oneself(&admin).await;
    let agent = server.enrol(&admin, "m-1").await;
    let script = save(&admin, "Disk", json!({ "text": "df", "interpreter": "sh", "platforms": ["linux"] })).await;
    let runner = server.person(&[allow("script_runner")]).await;
    let asked = json!({ "targets": { "ids": [agent.agent_id] } });
    runner.post(&path(&script, "/preview"), asked.clone()).await.problem(409, "script_not_approved");
    let first = json!({ "targets": { "ids": [agent.agent_id] }, "number": 1 });
    runner.post(&path(&script, "/preview"), first).await.problem(403, "forbidden");
    admin.post(&path(&script, "/approve"), json!({ "number": 1 })).await.ok();
    let reach = runner.post(&path(&script, "/preview"), asked).await.ok();
    assert_eq!((reach["count"].as_i64(), reach["offline"].as_i64()), (Some(1), Some(1)), "{reach}");
    server.stop().await;
}
