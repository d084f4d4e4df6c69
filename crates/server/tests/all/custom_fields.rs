//! Custom fields: made, changed and deleted by who may change the organisation's settings, filled in on machines.

use gururmm_server_testkit::{ApiClient, SimulatedAgent, TestServer, allow};
use serde_json::{Value, json};

use crate::things::Things;

fn path(agent: &SimulatedAgent) -> String {
    format!("/agents/{}", agent.agent_id)
}

async fn field(admin: &ApiClient, name: &str, kind: &str, choices: &[&str]) -> String {
    let field = json!({ "name": name, "kind": kind, "choices": choices });
    admin.post("/custom-fields", field).await.created()["id"].as_str().unwrap().to_owned()
}

fn says(field: &str, value: impl Into<Value>) -> Value {
    json!({ "custom_fields": { field: value.into() } })
}

#[tokio::test]
async fn a_field_of_each_kind_is_filled_in_and_told() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    for (name, kind, choices, given, kept) in [
        ("Rack", "text", &[][..], " A 4 ", "A 4"),
        ("Price", "number", &[], "0012.50", "12.5"),
        ("Warranty", "date", &[], "2028-02-29", "2028-02-29"),
        ("Level", "choice", &["Gold", "Silver"], "Gold", "Gold"),
        ("Leased", "checkbox", &[], "true", "true"),
    ] {
        let id = field(&admin, name, kind, choices).await;
        let after = admin.patch(&path(&agent), says(&id, given)).await.ok();
        assert_eq!(after["custom_fields"][&id], kept);
        assert_eq!(admin.get("/agents").await.ok()["items"][0]["custom_fields"][&id], kept);
        let event = &admin.get("/audit-events?action=agent.updated&limit=1").await.ok()["items"][0];
        assert_eq!(
            event["summary"],
            format!("Technician One changed the machine web-1: field {name} nothing → {kept}")
        );
        // the same in another spelling changes nothing
        assert_eq!(admin.patch(&path(&agent), says(&id, given)).await.ok()["updated_at"], after["updated_at"]);
        let found = admin.get(&format!("/agents?field={id}:{}&count=true", kept.to_lowercase())).await.ok();
        assert_eq!(found["count"], 1, "{name}");
        assert_eq!(admin.get(&format!("/agents?field={id}:other&count=true")).await.ok()["count"], 0);
    }
    let fields = admin.get("/custom-fields").await.ok();
    let names: Vec<_> = fields["items"].as_array().unwrap().iter().map(|field| &field["name"]).collect();
    assert_eq!(names, ["Leased", "Level", "Price", "Rack", "Warranty"]);
    assert!(fields["items"].as_array().unwrap().iter().all(|field| field["agent_count"] == 1));
    let rack = fields["items"][3]["id"].as_str().unwrap();
    assert!(admin.patch(&path(&agent), says(rack, Value::Null)).await.ok()["custom_fields"].get(rack).is_none());
    assert_eq!(admin.get("/custom-fields").await.ok()["items"][3]["agent_count"], 0);
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_value_of_the_kind_is_refused_and_names_its_field() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    for (kind, choices, wrong) in [
        ("text", &[][..], json!("x".repeat(501))),
        ("text", &[], json!("a\u{0}b")),
        ("number", &[], json!("1e400")),
        ("number", &[], json!("NaN")),
        ("date", &[], json!("2027-02-29")),
        ("choice", &["Gold"], json!("gold")),
        ("checkbox", &[], json!("yes")),
    ] {
        let id = field(&admin, &format!("{kind} {wrong}").chars().take(40).collect::<String>(), kind, choices).await;
        let problem = admin.patch(&path(&agent), says(&id, wrong)).await.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], format!("custom_fields.{id}"));
    }
    let nowhere = "01900000-0000-7000-8000-000000000000";
    admin.patch(&path(&agent), says(nowhere, "x")).await.problem(422, "validation_failed");
    admin.patch(&path(&agent), says("rack", "x")).await.problem(400, "invalid_request");
    admin.patch(&path(&agent), json!({ "custom_fields": { nowhere: 4 } })).await.problem(400, "invalid_request");
    let many: serde_json::Map<_, _> =
        (0..51).map(|n| (format!("01900000-0000-7000-8000-0000000000{n:02}"), json!("x"))).collect();
    admin.patch(&path(&agent), json!({ "custom_fields": many })).await.problem(422, "validation_failed");
    for wrong in ["x", "x:y", nowhere, &format!("{nowhere}:")] {
        admin.get(&format!("/agents?field={wrong}")).await.problem(400, "invalid_request");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_field_is_renamed_and_keeps_the_choices_that_machines_have() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let id = field(&admin, "Level", "choice", &["Gold", "Silver"]).await;
    let other = field(&admin, "Rack", "text", &[]).await;
    admin.patch(&path(&agent), says(&id, "Gold")).await.ok();
    let at = format!("/custom-fields/{id}");
    let problem = admin.patch(&at, json!({ "choices": ["Silver"] })).await.problem(409, "choice_in_use");
    assert!(problem["detail"].as_str().unwrap().contains("Gold"));
    admin.patch(&at, json!({ "name": "RACK" })).await.problem(409, "name_taken");
    admin.post("/custom-fields", json!({ "name": "rack", "kind": "text" })).await.problem(409, "name_taken");
    for wrong in [json!({ "choices": [] }), json!({ "name": " " }), json!({ "name": "x".repeat(81) })] {
        admin.patch(&at, wrong).await.problem(422, "validation_failed");
    }
    admin.patch(&at, json!({ "kind": "text" })).await.problem(400, "invalid_request");
    let rack = format!("/custom-fields/{other}");
    admin.patch(&rack, json!({ "choices": ["x"] })).await.problem(422, "validation_failed");
    let after = admin.patch(&at, json!({ "name": "Support", "choices": ["Gold", "Bronze"] })).await.ok();
    assert_eq!(after["choices"], json!(["Gold", "Bronze"]));
    assert_eq!(admin.patch(&at, json!({ "name": "Support" })).await.ok()["updated_at"], after["updated_at"]);
    let events = admin.all("/audit-events?action=custom_field.updated", 10).await;
    assert_eq!(events.len(), 1);
    assert_eq!(
        events[0]["summary"],
        "Technician One changed the field Support: choices Gold, Silver → Gold, Bronze, name Level → Support"
    );
    admin.delete(&at).await.no_content();
    admin.delete(&at).await.problem(404, "custom_field_not_found");
    assert_eq!(admin.get(&path(&agent)).await.ok()["custom_fields"], json!({}));
    let gone = &admin.get("/audit-events?action=custom_field.deleted").await.ok()["items"][0];
    assert_eq!(gone["detail"]["agent_count"], 1);
    server.stop().await;
}

#[tokio::test]
async fn an_organisation_has_fifty_fields_and_no_more() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    for number in 0..49 {
        field(&admin, &format!("Field {number}"), "text", &[]).await;
    }
    // two at once take the last place
    let (one, other) = tokio::join!(
        admin.post("/custom-fields", json!({ "name": "One", "kind": "text" })),
        admin.post("/custom-fields", json!({ "name": "Other", "kind": "text" })),
    );
    let mut answers = [one, other];
    answers.sort_by_key(|answer| answer.status);
    let [made, refused] = answers;
    made.created();
    refused.problem(409, "custom_field_limit_reached");
    server.stop().await;
}

#[tokio::test]
async fn a_field_that_goes_while_it_is_filled_in_leaves_no_value() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let id = field(&admin, "Rack", "text", &[]).await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let mut tx = sqlx::Connection::begin(&mut owner).await.unwrap();
    sqlx::query("delete from custom_fields where id::text = $1").bind(&id).execute(&mut *tx).await.unwrap();
    let (at, change) = (path(&agent), says(&id, "A4"));
    let filled = admin.patch(&at, change);
    let ends = async {
        server.db.wait_for_blocked().await;
        tx.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(filled, ends);
    answer.problem(422, "validation_failed");
    assert_eq!(admin.get(&at).await.ok()["custom_fields"], json!({}));
    server.stop().await;
}

#[tokio::test]
async fn fields_are_the_organisations_and_values_are_of_places() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let ours = Things::make(&server, &admin, "ours").await;
    let theirs = Things::make(&server, &admin, "theirs").await;
    let id = ours.custom_field.clone();
    for things in [&ours, &theirs] {
        admin.patch(&path(&things.agent), says(&id, "A4")).await.ok();
    }
    let technician = server.person(&[allow("technician").on_client(&ours.client)]).await;
    let seen = technician.get("/custom-fields").await.ok();
    assert_eq!(seen["items"][0]["agent_count"], 1, "what is not seen is not counted");
    assert_eq!(technician.get(&format!("/agents?field={id}:a4&count=true")).await.ok()["count"], 1);
    technician.patch(&path(&theirs.agent), says(&id, "mine")).await.problem(404, "agent_not_found");
    technician.patch(&path(&ours.agent), says(&id, "mine")).await.ok();
    let new = json!({ "name": "New", "kind": "text" });
    technician.post("/custom-fields", new.clone()).await.problem(403, "forbidden");
    technician.delete(&format!("/custom-fields/{id}")).await.problem(403, "forbidden");
    let viewer = server.person(&[allow("viewer")]).await;
    viewer.patch(&path(&ours.agent), says(&id, "mine")).await.problem(403, "forbidden");

    let stranger = server.stranger().await;
    let foreign = server.client_of(&stranger);
    foreign
        .patch(&format!("/custom-fields/{id}"), json!({ "name": "Theirs" }))
        .await
        .problem(404, "custom_field_not_found");
    let agent = SimulatedAgent::enrol(&server.origin, &stranger.site_key, "foreign").await.unwrap();
    foreign.patch(&path(&agent), says(&id, "x")).await.problem(422, "validation_failed");
    // a choice that only others' machines have cannot be taken away either: it is counted for all
    assert_eq!(foreign.get("/custom-fields").await.ok()["items"], json!([]));
    server.stop().await;
}
