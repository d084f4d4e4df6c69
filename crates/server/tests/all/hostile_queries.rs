//! Every question that the API takes, asked with what nobody would ask: the answer is a page or a clear refusal, never a failure.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gururmm_server_testkit::{ApiClient, SimulatedAgent, TestServer};
use reqwest::{Method, Url};
use serde_json::{Value, json};

const NASTY: [&str; 34] = [
    "",
    " ",
    "'",
    "\"",
    "\\",
    "%",
    "_",
    "%%",
    "';--",
    "1; drop table agents",
    "$1",
    "(select 1)",
    "name desc",
    "\0",
    "a\0b",
    "\u{202e}",
    "\u{feff}",
    "🦀",
    "null",
    "true",
    "-1",
    "0",
    "201",
    "99999999999999999999",
    "1e309",
    "NaN",
    "[]",
    "{}",
    "../../etc/passwd",
    "2026-13-45T99:99:99Z",
    "9999-12-31T23:59:59.999999999Z",
    "-9999-01-01T00:00:00Z",
    "1970-01-01T00:00:00+99:99",
    "00000000-0000-0000-0000-000000000000",
];

/// A question and the name of one of its parameters.
struct Question {
    path: String,
    parameter: String,
}

/// What the document of the API says can be asked, but for streams.
fn questions(api: &Value, agent: &SimulatedAgent) -> Vec<Question> {
    let mut found = Vec::new();
    for (path, operations) in api["paths"].as_object().unwrap() {
        let operation = &operations["get"];
        if operation.is_null() || operation["responses"]["200"]["content"]["text/event-stream"].is_object() {
            continue;
        }
        let path = path.replace("{id}", &agent.agent_id.to_string());
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "query" {
                found.push(Question { path: path.clone(), parameter: parameter["name"].as_str().unwrap().to_owned() });
            }
        }
    }
    found
}

/// Cursors that look like ours: of another order, of no order, cut off, with a value of another kind.
fn cursors() -> Vec<String> {
    let id = "01900000-0000-7000-8000-000000000000";
    let mut cursors = Vec::new();
    for order in ["name asc", "name", "cpu desc", "created", "", "id"] {
        for value in [json!(null), json!("x"), json!("\0"), json!("NaN"), json!(1), json!("9".repeat(400)), json!([])] {
            cursors.push(json!({ "o": order, "v": value, "i": id }).to_string());
        }
    }
    cursors.extend(["{}", "[]", "null", "\"\"", "{\"o\":\"name asc\",\"v\":null,\"i\":\"x\"}"].map(str::to_owned));
    let mut encoded: Vec<String> = cursors.iter().map(|cursor| URL_SAFE_NO_PAD.encode(cursor)).collect();
    encoded.push(encoded[0][..encoded[0].len() / 2].to_owned());
    encoded.push("A".repeat(10_000));
    encoded
}

async fn ask(admin: &ApiClient, question: &Question, value: &str) {
    let encoded = Url::parse_with_params("http://example.com", [(&question.parameter, value)]).unwrap();
    let path = format!("{}?{}", question.path, encoded.query().unwrap());
    let answer = admin.request(Method::GET, &path).send().await.unwrap();
    let status = answer.status().as_u16();
    let told = format!("{}?{}={value:?}", question.path, question.parameter);
    assert!(status == 200 || (400..500).contains(&status), "{told}: {status}");
    let body = answer.text().await.unwrap();
    if status != 200 {
        let problem: Value = serde_json::from_str(&body).unwrap_or_else(|_| panic!("{told}: {body}"));
        assert!(problem["code"].is_string() && problem["detail"].is_string(), "{told}: {body}");
        assert!(!body.contains("sqlx") && !body.contains("syntax error"), "{told}: {body}");
    }
}

#[tokio::test]
async fn whatever_is_asked_the_answer_is_a_page_or_a_clear_refusal() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let api = admin.get("/openapi.json").await.ok();
    let questions = questions(&api, &agent);
    assert!(questions.len() > 40, "the document names {} parameters", questions.len());
    let long = "ä".repeat(3_000);
    let cursors = cursors();
    for question in &questions {
        for value in NASTY.into_iter().chain([long.as_str()]) {
            ask(&admin, question, value).await;
        }
        if question.parameter == "after" {
            for cursor in &cursors {
                ask(&admin, question, cursor).await;
            }
        }
    }
    // nothing of it has done anything
    assert_eq!(admin.get("/agents").await.ok()["items"].as_array().unwrap().len(), 1);
    server.stop().await;
}
