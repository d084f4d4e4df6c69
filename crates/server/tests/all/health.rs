use gururmm_server::lifecycle::Server;
use gururmm_server_testkit::{Answer, ApiClient, Link, TestServer, wait_for};
use reqwest::Method;
use sqlx::{AssertSqlSafe, Executor as _};

async fn get(server: &TestServer, path: &str) -> Answer {
    server.anonymous().send(Method::GET, path, None).await
}

#[tokio::test]
async fn a_server_that_works_is_alive_and_ready() {
    let server = TestServer::start().await;
    for (path, text) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let answer = get(&server, path).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, text), "{path}");
        let head = server.anonymous().send(Method::HEAD, path, None).await;
        assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""), "{path}");
        server.anonymous().send(Method::POST, path, None).await.problem(405, "method_not_allowed");
    }
    server.stop().await;
}

#[tokio::test]
async fn without_its_database_a_server_is_alive_and_not_ready() {
    let server = TestServer::start().await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let name: String = sqlx::query_scalar("select current_database()::text").fetch_one(&mut owner).await.unwrap();
    let limit = |connections: i32| AssertSqlSafe(format!("alter database {name} connection limit {connections}"));
    owner.execute(limit(0)).await.unwrap();
    let end_all = "select pg_terminate_backend(pid, 30000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    owner.execute(end_all).await.unwrap();
    for _ in 0..2 {
        let away = get(&server, "/readyz").await;
        assert!(away.headers.contains_key("retry-after"));
        away.problem(503, "unavailable");
        assert_eq!(get(&server, "/healthz").await.status, 200, "a restart would not help");
        assert_eq!(get(&server, "/metrics").await.status, 200, "monitoring sees it");
    }
    owner.execute(limit(-1)).await.unwrap();
    wait_for("the server to be ready again", async || (get(&server, "/readyz").await.status == 200).then_some(()))
        .await;
    server.stop().await;
}

#[tokio::test]
async fn the_metrics_tell_how_the_server_fares() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let page = get(&server, "/metrics").await;
    assert_eq!(page.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let version = env!("CARGO_PKG_VERSION");
    assert!(page.text.contains(&format!("gururmm_build_info{{version=\"{version}\"}} 1\n")), "{}", page.text);
    assert!(page.text.contains("\ngururmm_agents_connected 0\n"), "{}", page.text);
    for line in page.text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
        let family = name.split('{').next().unwrap();
        assert!(page.text.contains(&format!("# TYPE {family} gauge\n")), "{line}");
    }
    let link = Link::connect(&agent).await.unwrap();
    let connected = async |count: u32| {
        wait_for("the number of connected agents", async || {
            let page = get(&server, "/metrics").await.text;
            page.contains(&format!("\ngururmm_agents_connected {count}\n")).then_some(())
        })
        .await;
    };
    connected(1).await;
    link.vanish();
    connected(0).await;
    server.stop().await;
}

#[tokio::test]
async fn the_metrics_are_not_for_whoever_comes_through_a_proxy() {
    // a proxy that the server trusts does not make them public either
    let server = TestServer::start_with(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        config.hosts = vec!["rmm.example.com".to_owned()];
    })
    .await;
    let admin = server.administrator().await;
    for (name, value) in [
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-for", ""),
        ("forwarded", "for=192.0.2.1"),
        ("x-real-ip", "127.0.0.1"),
        ("x-forwarded-host", "rmm.example.com"),
        ("x-forwarded-proto", "https"),
        ("via", "1.1 proxy"),
        // one that adds nothing passes on the name that it was called by
        ("host", "rmm.example.com"),
        ("host", "rmm.example.com:3001"),
        ("host", "192.0.2.1"),
    ] {
        for client in [&server.anonymous(), &admin] {
            let request = client.request(Method::GET, "/metrics").header(name, value);
            let problem = ApiClient::answer(request).await.problem(403, "forbidden");
            assert!(!problem.to_string().contains("gururmm_"), "{name}: {problem}");
        }
    }
    for host in ["localhost", "localhost:9", "127.0.0.1", "[::1]:3001", "[::1]"] {
        let request = server.anonymous().request(Method::GET, "/metrics").header("host", host);
        assert_eq!(request.send().await.unwrap().status(), 200, "{host}");
    }
    server.stop().await;
}

#[tokio::test]
async fn metrics_with_an_address_of_their_own_are_nowhere_else() {
    let server = TestServer::start_with(|config| config.metrics_listen = Some(([127, 0, 0, 1], 0).into())).await;
    let admin = server.administrator().await;
    for client in [&server.anonymous(), &admin] {
        client.send(Method::GET, "/metrics", None).await.problem(404, "not_found");
    }
    let address = server.server.as_ref().unwrap().metrics_address.unwrap();
    assert_ne!(address, server.address());
    let apart = ApiClient::new(&format!("http://{address}"), admin.token.clone());
    // whoever reaches it may read them, by way of a proxy too
    for (name, value) in [("x-forwarded-for", "192.0.2.1"), ("host", "192.0.2.1:9100")] {
        let page = ApiClient::answer(apart.request(Method::GET, "/metrics").header(name, value)).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("\ngururmm_agents_connected 0\n"), "{}", page.text);
        assert!(page.headers.contains_key("x-content-type-options"));
    }
    assert_eq!(apart.send(Method::GET, "/healthz", None).await.status, 200);
    apart.send(Method::POST, "/metrics", None).await.problem(405, "method_not_allowed");
    // and nothing else is there
    for path in ["/", "/api/auth/me", "/api/setup", "/readyz", "/ws/agent", "/install.sh"] {
        apart.send(Method::GET, path, None).await.problem(404, "not_found");
    }
    server.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "it stops with the server");
}

#[tokio::test]
async fn an_address_for_the_metrics_that_is_taken_stops_the_start() {
    let mut server = TestServer::start().await;
    let taken = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    server.server.take().unwrap().stop().await;
    let mut config = server.config.clone();
    config.metrics_listen = Some(taken.local_addr().unwrap());
    let said = Server::start(config, server.clock.clone()).await.err().expect("it must not start").to_string();
    assert!(said.contains("choose another with metrics_listen"), "{said}");
}
