use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gururmm_ids::{SessionId, UserId};
use gururmm_server::platform::auth::token;
use gururmm_server_testkit::{ApiClient, EMAIL, PASSWORD, TestServer};
use jiff::SignedDuration;
use reqwest::Method;
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::json;

#[tokio::test]
async fn a_login_works_until_it_is_closed() {
    let server = TestServer::start().await;
    server.administrator().await;
    let login = server
        .anonymous()
        .post("/auth/login", json!({ "email": EMAIL.to_uppercase(), "password": PASSWORD }))
        .await
        .ok();
    let client = ApiClient::new(&server.origin, login["token"].as_str().map(str::to_owned));
    let me = client.get("/auth/me").await.ok();
    assert_eq!(me["user"]["name"], "Technician One");
    assert_eq!(me["organisation"]["name"], "default");
    assert!(me["permissions"].as_array().unwrap().contains(&json!("commands.run")));
    assert_eq!(me["public_url"], server.app().config.public_origin());

    client.post("/auth/logout", json!({})).await.no_content();
    client.get("/auth/me").await.problem(401, "unauthenticated");
    server.stop().await;
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_are_not_told_apart() {
    let server = TestServer::start().await;
    server.administrator().await;
    let nobody = server.anonymous();
    let login = async |email: &str, password: &str| {
        let mut problem = nobody
            .post("/auth/login", json!({ "email": email, "password": password }))
            .await
            .problem(401, "login_failed");
        problem["request_id"] = json!(null);
        problem
    };
    let wrong_password = login(EMAIL, "correct horse battery stable").await;
    assert_eq!(wrong_password, login("nobody@example.com", PASSWORD).await);
    assert_eq!(wrong_password, login("a\0b@example.com", PASSWORD).await);
    assert_eq!(wrong_password, login(EMAIL, &"x".repeat(10_000)).await);
    server.stop().await;
}

/// Who measures learns no more than who reads. Hashing is nearly all of it, so without it the one would take a fraction of the other.
#[tokio::test]
async fn an_unknown_name_takes_as_long_as_a_wrong_password() {
    let server = TestServer::start_with(|config| {
        config.rate_limits.login_per_minute = 1_000.try_into().unwrap();
        config.rate_limits.login_per_account_per_minute = 1_000.try_into().unwrap();
    })
    .await;
    server.administrator().await;
    let nobody = server.anonymous();
    let time = async |email: &str| {
        let began = std::time::Instant::now();
        let login = json!({ "email": email, "password": "correct horse battery stable" });
        nobody.post("/auth/login", login).await.problem(401, "login_failed");
        began.elapsed()
    };
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..9 {
        known.push(time(EMAIL).await);
        unknown.push(time("nobody@example.com").await);
    }
    known.sort();
    unknown.sort();
    let (known, unknown) = (known[4], unknown[4]);
    assert!(unknown * 2 > known && known * 2 > unknown, "{known:?} and {unknown:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_session_ends_after_a_day() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    admin.get("/auth/me").await.ok();
    server.clock.advance(SignedDuration::from_hours(25));
    admin.get("/auth/me").await.problem(401, "unauthenticated");
    server.stop().await;
}

#[tokio::test]
async fn the_cookie_is_strict_and_works_from_our_own_pages_only() {
    let server = TestServer::start().await;
    server.administrator().await;
    let nobody = server.anonymous();
    let answer = nobody.post("/auth/login", json!({ "email": EMAIL, "password": PASSWORD })).await;
    let cookie = answer.headers[SET_COOKIE].to_str().unwrap().to_owned();
    assert!(
        cookie.starts_with("gururmm_session=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let post = async |origin: Option<&str>| {
        let mut request =
            nobody.request(Method::POST, "/api/clients").header(COOKIE, &cookie).json(&json!({ "name": "Example" }));
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        ApiClient::answer(request).await
    };
    post(None).await.problem(403, "cross_origin");
    post(Some("https://example.com")).await.problem(403, "cross_origin");
    post(Some("null")).await.problem(403, "cross_origin");
    post(Some(&server.origin)).await.created();
    // what only reads, streams included, is no exception
    for path in ["/api/auth/me", "/api/events"] {
        let get = |name: &'static str, value: &str| {
            let request = nobody.request(Method::GET, path).header(COOKIE, &cookie).header(name, value);
            async { request.send().await.unwrap().status().as_u16() }
        };
        for (name, value) in [("accept", "*/*"), ("origin", "null"), ("sec-fetch-site", "same-site")] {
            assert_eq!(get(name, value).await, 403, "{path} {name} {value}");
        }
        for (name, value) in [("origin", server.origin.as_str()), ("sec-fetch-site", "same-origin"), ("x-gururmm", "1")]
        {
            assert_eq!(get(name, value).await, 200, "{path} {name} {value}");
        }
    }
    server.stop().await;
}

/// With everything that stands in the database, and even with the key that signs tokens.
#[tokio::test]
async fn who_reads_the_database_opens_no_session() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    admin.get("/auth/me").await.ok();
    let mut owner = server.db.connect("gururmm_owner").await;
    let (session, user, secret_hash): (SessionId, UserId, Vec<u8>) =
        sqlx::query_as("select id, user_id, secret_hash from auth_sessions").fetch_one(&mut owner).await.unwrap();
    let now = server.app().clock.now();
    let later = now.saturating_add(SignedDuration::from_hours(1)).unwrap();
    for guess in [String::new(), URL_SAFE_NO_PAD.encode(&secret_hash), token::secret().0] {
        let forged = token::sign(server.app().secrets.login.reveal(), user, session, guess, [now, later]).unwrap();
        let thief = ApiClient::new(&server.origin, Some(forged));
        // while the server remembers the session, and after
        thief.get("/auth/me").await.problem(401, "unauthenticated");
        server.app().identities.forget_person(user);
        thief.get("/auth/me").await.problem(401, "unauthenticated");
        admin.get("/auth/me").await.ok();
    }
    server.stop().await;
}

#[tokio::test]
async fn a_proxy_with_tls_gets_a_host_cookie() {
    let server = TestServer::start_with(|config| config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).await;
    server.administrator().await;
    let request = server.anonymous().request(Method::POST, "/api/auth/login").header("x-forwarded-proto", "https");
    let answer = ApiClient::answer(request.json(&json!({ "email": EMAIL, "password": PASSWORD }))).await;
    let cookie = answer.headers[SET_COOKIE].to_str().unwrap().to_owned();
    assert!(
        cookie.starts_with("__Host-gururmm_session=") && cookie.contains("Secure") && cookie.contains("Path=/"),
        "{cookie}"
    );
    assert_eq!(answer.headers["strict-transport-security"], "max-age=31536000");
    let plain = server.anonymous().get("/setup").await;
    assert!(!plain.headers.contains_key("strict-transport-security"), "said only where it is true");
    server.stop().await;
}

#[tokio::test]
async fn too_many_logins_are_refused_for_one_address_only() {
    let limit = std::num::NonZeroU32::new(3).unwrap();
    let server = TestServer::start_with(|config| {
        config.rate_limits.login_per_account_per_minute = limit;
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    server.administrator().await;
    let login = async |ip: &str, password: &str| {
        let request = server.anonymous().request(Method::POST, "/api/auth/login").header("x-forwarded-for", ip);
        ApiClient::answer(request.json(&json!({ "email": EMAIL, "password": password }))).await
    };
    for _ in 0..3 {
        login("192.0.2.1", "guess guess guess").await.problem(401, "login_failed");
    }
    let refused = login("192.0.2.1", PASSWORD).await;
    assert!(refused.headers.contains_key("retry-after"));
    refused.problem(429, "rate_limited");
    login("192.0.2.2", PASSWORD).await.ok();
    server.stop().await;
}

#[tokio::test]
async fn a_forged_token_is_nobody() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let token = admin.token.clone().unwrap();
    let mut parts: Vec<&str> = token.split('.').collect();
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    parts[0] = none;
    for forged in
        [parts.join("."), format!("{none}.{}.", parts[1]), "x.y.z".to_owned(), String::new(), format!("{token}A")]
    {
        ApiClient::new(&server.origin, Some(forged)).get("/auth/me").await.problem(401, "unauthenticated");
    }
    server.stop().await;
}
