use gururmm_server_testkit::{ApiClient, SimulatedAgent, TestServer};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor as _};

/// A server where things happened, an hour apart: two clients, a site, a key, a machine and its new name.
struct Past {
    server: TestServer,
    admin: ApiClient,
    client: Value,
    site: Value,
    agent: SimulatedAgent,
    /// The moments, the first client's first.
    times: Vec<Timestamp>,
}

impl Past {
    async fn start() -> Self {
        let server = TestServer::start().await;
        let admin = server.administrator().await;
        let mut times = Vec::new();
        let mut later = || {
            server.clock.advance(SignedDuration::from_hours(1));
            times.push(server.app().clock.now());
        };
        later();
        let client = admin.post("/clients", json!({ "name": "Example" })).await.created();
        later();
        admin.post("/clients", json!({ "name": "Other 100%" })).await.created();
        later();
        let site = admin.post("/sites", json!({ "client_id": client["id"], "name": "Office" })).await.created();
        later();
        let key = admin.post("/site-keys", json!({ "site_id": site["id"], "name": "Tills" })).await.created();
        later();
        let agent = SimulatedAgent::enrol(&server.origin, key["key"].as_str().unwrap(), "web-1").await.unwrap();
        later();
        let renamed = json!({ "display_name": "Counter" });
        admin.patch(&format!("/agents/{}", agent.agent_id), renamed).await.ok();
        Self { server, admin, client, site, agent, times }
    }

    /// The administrator's session, as it was told when it was opened.
    async fn session(&self) -> String {
        let opened = self.admin.get("/audit-events?action=session.opened").await.ok();
        opened["items"][0]["target_id"].as_str().unwrap().to_owned()
    }

    async fn actions(&self, query: &str) -> Vec<String> {
        let events = self.admin.all(&format!("/audit-events?{query}"), 2).await;
        events.iter().map(|event| event["action"].as_str().unwrap().to_owned()).collect()
    }
}

const ALL: [&str; 6] =
    ["agent.updated", "agent.enrolled", "site_key.created", "site.created", "client.created", "client.created"];

#[tokio::test]
async fn everything_is_told_once_the_newest_first() {
    let past = Past::start().await;
    let actions = past.actions("").await;
    assert_eq!(actions[..6], ALL);
    let events = past.admin.all("/audit-events", 200).await;
    assert_eq!(events.len(), actions.len(), "pages hold every event once");
    let times: Vec<Timestamp> =
        events.iter().map(|event| event["occurred_at"].as_str().unwrap().parse().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");

    let renamed = &events[0];
    assert_eq!(
        (renamed["actor_kind"].as_str(), renamed["actor_name"].as_str()),
        (Some("user"), Some("Technician One"))
    );
    assert_eq!((renamed["target_kind"].as_str(), renamed["target_name"].as_str()), (Some("agent"), Some("Counter")));
    assert_eq!((&renamed["client_id"], &renamed["site_id"]), (&past.client["id"], &past.site["id"]));
    assert_eq!(renamed["target_id"], json!(past.agent.agent_id));
    assert_eq!(renamed["ip"], "127.0.0.1");
    assert_eq!(renamed["detail"]["after"]["display_name"], "Counter");
    assert_eq!(renamed["summary"], "Technician One changed the machine Counter: display name nothing → Counter");
    assert_eq!(renamed["changes"], json!([{ "field": "display_name", "before": null, "after": "Counter" }]));
    assert_eq!(renamed["outcome"], "done");
    let enrolled = &events[1];
    assert_eq!((enrolled["actor_kind"].as_str(), enrolled["actor_name"].as_str()), (Some("agent"), Some("web-1")));
    assert_eq!(enrolled["detail"]["site_key_name"], "Tills");
    past.server.stop().await;
}

#[tokio::test]
async fn every_filter_narrows_the_list_alone_and_together() {
    let past = Past::start().await;
    let me = past.admin.get("/auth/me").await.ok()["user"]["id"].as_str().unwrap().to_owned();
    let (client, site) = (past.client["id"].as_str().unwrap(), past.site["id"].as_str().unwrap());
    let agent = past.agent.agent_id;
    let (third, fifth) = (past.times[2], past.times[4]);
    let before_fifth = fifth.saturating_sub(SignedDuration::from_secs(1)).unwrap();
    for (query, expected) in [
        (format!("action=client.created&from={}", past.times[0]), &[ALL[4], ALL[5]][..]),
        ("action=client".to_owned(), &[]),
        (format!("actor_id={agent}"), &[ALL[1]]),
        (format!("actor_id={me}&from={}", past.times[0]), &[ALL[0], ALL[2], ALL[3], ALL[4], ALL[5]]),
        (format!("target_id={agent}"), &[ALL[0], ALL[1]]),
        (
            format!("session_id={}&from={}", past.session().await, past.times[0]),
            &[ALL[0], ALL[2], ALL[3], ALL[4], ALL[5]],
        ),
        (format!("outcome=done&agent_id={agent}"), &[ALL[0], ALL[1]]),
        ("outcome=refused".to_owned(), &[]),
        (format!("api_key_id={client}"), &[]),
        (format!("target_id={client}"), &[ALL[5]]),
        (format!("client_id={client}"), &[ALL[0], ALL[1], ALL[2], ALL[3], ALL[5]]),
        (format!("site_id={site}"), &[ALL[0], ALL[1], ALL[2], ALL[3]]),
        (format!("from={third}&to={before_fifth}"), &[ALL[2], ALL[3]]),
        (format!("from={}&to={}", past.times[4], past.times[3]), &[]),
        ("search=UPDATED".to_owned(), &[ALL[0]]),
        ("search=counter".to_owned(), &[ALL[0]]),
        ("search=web-".to_owned(), &[ALL[1]]),
        ("search=100%25".to_owned(), &[ALL[4]]),
        ("search=technician%20one&action=site.created".to_owned(), &[ALL[3]]),
        (format!("client_id={client}&actor_id={me}&search=created&from={third}"), &[ALL[2], ALL[3]]),
        (format!("client_id={site}"), &[]),
    ] {
        assert_eq!(past.actions(&query).await, expected, "{query}");
    }
    let to_the_moment = past.admin.get("/audit-events?action=agent.updated").await.ok();
    let at = to_the_moment["items"][0]["occurred_at"].as_str().unwrap();
    assert_eq!(past.actions(&format!("from={at}&to={at}")).await, [ALL[0]], "both ends belong to the range");
    past.server.stop().await;
}

#[tokio::test]
async fn a_command_is_told_with_the_session_that_asked_for_it() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let told = async |query: &str| admin.get(&format!("/audit-events?{query}")).await.ok()["items"].clone();
    let session = told("action=session.opened").await[0]["target_id"].as_str().unwrap().to_owned();
    admin.post(&format!("/agents/{}/command", agent.agent_id), json!({ "command": "id" })).await.accepted();
    let of_session = told(&format!("session_id={session}&action=command.created")).await;
    assert_eq!(of_session[0]["summary"], "Technician One ran a command on web-1: id");
    assert_eq!(told("action=agent.enrolled").await[0]["session_id"], json!(null), "a machine has none");
    server.stop().await;
}

#[tokio::test]
async fn bad_values_are_refused() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    for query in [
        "actor_id=x",
        "target_id=",
        "client_id=x",
        "site_id=x",
        "session_id=x",
        "outcome=perhaps",
        "from=yesterday",
        "to=1",
        "limit=0",
        "limit=201",
        "action=a%00b",
        "search=a%00b",
        "order=asc",
        "count=true",
    ] {
        admin.get(&format!("/audit-events?{query}")).await.problem(400, "invalid_request");
    }
    admin.get("/audit-events?after=x").await.problem(400, "cursor_invalid");
    admin.get("/audit-events?from=-009000-01-01T00:00:00Z&to=9999-12-30T00:00:00Z").await.ok();
    server.stop().await;
}

#[tokio::test]
async fn nothing_that_was_told_can_be_changed() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    admin.post("/clients", json!({ "name": "Example" })).await.created();
    let before = admin.all("/audit-events", 50).await;
    let id = before[0]["id"].as_str().unwrap();
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = admin.send(method.clone(), "/api/audit-events", Some(json!({ "action": "x" }))).await;
        answer.problem(405, "method_not_allowed");
        let answer = admin.send(method, &format!("/api/audit-events/{id}"), Some(json!({ "action": "x" }))).await;
        answer.problem(404, "not_found");
    }
    let org_id = admin.get("/auth/me").await.ok()["organisation"]["id"].as_str().unwrap().to_owned();
    for role in ["gururmm_app", "gururmm_ingest"] {
        for sql in [
            "update audit_events set action = 'forged'",
            "update audit_events set detail = '{}'",
            "delete from audit_events",
            "truncate audit_events",
            "drop table audit_events",
        ] {
            let mut connection = server.db.connect(role).await;
            let scope = format!("set app.org = '{org_id}'");
            connection.execute(AssertSqlSafe(scope)).await.unwrap();
            let error = connection.execute(sql).await.unwrap_err();
            let code = error.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned));
            assert_eq!(code.as_deref(), Some("42501"), "{role}: {sql}: {error}");
        }
    }
    assert_eq!(admin.all("/audit-events", 50).await, before);
    server.stop().await;
}
