use gururmm_server_testkit::TestServer;
use reqwest::Method;
use serde_json::Value;

const COMMITTED: &str = include_str!("../../../../openapi/api.json");

#[tokio::test]
async fn the_document_is_the_committed_one() {
    let server = TestServer::start().await;
    let answer = server.anonymous().send(Method::GET, "/api/openapi.json", None).await;
    assert_eq!(answer.headers["content-type"], "application/json");
    let committed: Value = serde_json::from_str(COMMITTED).unwrap();
    for part in ["info", "paths", "components"] {
        for (name, value) in committed[part].as_object().unwrap() {
            assert_eq!(&answer.json[part][name], value, "{part} {name}: run `make gen`");
        }
    }
    assert_eq!(answer.json, committed, "run `make gen`");
    server.stop().await;
}

#[tokio::test]
async fn the_page_shows_every_operation_and_loads_nothing() {
    let server = TestServer::start().await;
    let answer = server.anonymous().send(Method::GET, "/api/docs", None).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["content-type"]),
        (200, &"text/html; charset=utf-8".parse().unwrap())
    );
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    let page = answer.text;
    let document: Value = serde_json::from_str(COMMITTED).unwrap();
    let mut shown = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values().filter(|value| value["operationId"].is_string()) {
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.contains(&format!("<article id=\"operation-{id}\">")), "{id} is missing");
            assert!(page.contains(&format!("<code>{path}</code>")), "{path} is missing");
            shown += 1;
        }
    }
    assert!(shown > 25, "the document is whole");
    for schema in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(page.contains(&format!("id=\"schema-{schema}\"")), "{schema} is missing");
    }
    for outside in ["http://", "https://", "src=", "<script", "@import", "url("] {
        assert!(!page.contains(outside), "the page has {outside}");
    }
    for target in page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(target.starts_with('#') || target == "/api/openapi.json", "the page links to {target}");
    }
    server.stop().await;
}

#[tokio::test]
async fn both_are_read_only() {
    let server = TestServer::start().await;
    for path in ["/api/openapi.json", "/api/docs"] {
        let head = server.anonymous().send(Method::HEAD, path, None).await;
        assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""), "{path}");
        server.anonymous().send(Method::POST, path, None).await.problem(405, "method_not_allowed");
    }
    server.stop().await;
}

#[test]
fn every_refusal_of_the_document_is_a_problem() {
    let document: Value = serde_json::from_str(COMMITTED).unwrap();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let mut refusals = 0;
    for operation in operations {
        for (status, response) in operation["responses"].as_object().unwrap() {
            if status.starts_with('4') {
                let kinds: Vec<&String> = response["content"].as_object().unwrap().keys().collect();
                assert_eq!(kinds, ["application/problem+json"], "{}", operation["operationId"]);
                refusals += 1;
            }
        }
    }
    assert!(refusals > 25, "the document is whole");
}
