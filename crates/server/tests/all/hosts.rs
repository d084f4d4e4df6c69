use gururmm_server_testkit::{Answer, ApiClient, TestServer};
use reqwest::Method;

async fn get(client: &ApiClient, path: &str, host: &str) -> Answer {
    ApiClient::answer(client.request(Method::GET, path).header("host", host)).await
}

#[tokio::test]
async fn a_foreign_host_is_refused() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    for path in [
        "/",
        "/login",
        "/api/setup",
        "/api/auth/me",
        "/api/clients",
        "/api/docs",
        "/api/nothing",
        "/readyz",
        "/metrics",
    ] {
        for host in ["rebind.example.net", "rebind.example.net:3001", "localhost.example.net", ""] {
            let answer = get(&admin, path, host).await;
            assert!(
                answer.headers.contains_key("x-request-id") && answer.headers.contains_key("content-security-policy")
            );
            let problem = answer.problem(421, "wrong_host");
            let detail = problem["detail"].as_str().unwrap();
            assert!(host.is_empty() || detail.contains("hosts = [\""), "it says what to set: {detail}");
            assert!(
                !problem.to_string().contains("localhost:3001"),
                "it tells nobody what the server is called: {problem}"
            );
        }
    }
    // a name that is no name is not said again
    let problem = get(&admin, "/", "<script>").await.problem(421, "wrong_host");
    assert!(!problem.to_string().contains("script"), "{problem}");
    assert_eq!(get(&admin, "/healthz", "rebind.example.net").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn names_of_ours_are_answered() {
    let server = TestServer::start_with(|config| {
        config.public_url = "https://rmm.example.com".parse().unwrap();
        config.hosts = vec!["old-name.example.com".to_owned()];
    })
    .await;
    let admin = server.administrator().await;
    let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let hostname = hostname.trim();
    for host in [
        "rmm.example.com",
        "old-name.example.com",
        "OLD-name.example.com:443",
        "localhost",
        "127.0.0.1:3001",
        "192.0.2.1",
        "[2001:db8::1]:3001",
        hostname,
        &format!("{hostname}:3001"),
        &format!("{}.local", hostname.split('.').next().unwrap()),
    ] {
        get(&admin, "/api/auth/me", host).await.ok();
    }
    server.stop().await;
}

/// One that was enrolled by another name goes on: it could not tell anybody what is to be set.
#[tokio::test]
async fn machines_are_let_in_by_any_name() {
    let server = TestServer::start().await;
    let nobody = server.anonymous();
    for (method, path, status) in [
        (Method::GET, "/ws/agent", 426),
        (Method::POST, "/api/enroll", 415),
        (Method::POST, "/api/unenroll", 415),
        (Method::GET, "/install.sh", 200),
        (Method::GET, "/downloads/agent/plan9/mips", 404),
    ] {
        let answer = ApiClient::answer(nobody.request(method, path).header("host", "old-name.example.com")).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
    }
    server.stop().await;
}
