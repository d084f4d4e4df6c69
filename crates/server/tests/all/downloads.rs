use gururmm_protocol::secret::hash_hex;
use gururmm_server_testkit::TestServer;
use reqwest::Method;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A server with a folder of agents: a program for Linux that is no text and no multiple of anything, and a secret beside.
async fn start() -> (TestServer, TempDir, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let program: Vec<u8> = (0..300_001_u32).map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    put(&dir, "linux/x86_64/gururmm-agent", &program);
    put(&dir, "secret", b"TOP SECRET");
    put(&dir, "linux/secret", b"TOP SECRET");
    let agents_dir = dir.path().to_owned();
    let server = TestServer::start_with(|config| {
        config.agents_dir = Some(agents_dir);
        config.public_url = "https://rmm.example.com/".parse().unwrap();
    })
    .await;
    (server, dir, program)
}

fn put(dir: &TempDir, path: &str, content: &[u8]) {
    let path = dir.path().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

fn line(content: &[u8], name: &str) -> String {
    format!("{}  {name}\n", hash_hex(content))
}

#[tokio::test]
async fn the_install_script_knows_the_server() {
    let (server, dir, _) = start().await;
    let answer = server.anonymous().send(Method::GET, "/install.sh", None).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "text/x-shellscript; charset=utf-8");
    assert!(answer.text.starts_with("#!/bin/sh\n"));
    assert!(answer.text.contains("server='https://rmm.example.com'\n"), "without a slash at the end");
    assert!(!answer.text.contains("__"), "a placeholder is left");
    let head = server.anonymous().send(Method::HEAD, "/install.sh", None).await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    server.anonymous().send(Method::POST, "/install.sh", None).await.problem(405, "method_not_allowed");

    let script = dir.path().join("install.sh");
    std::fs::write(&script, answer.text).unwrap();
    let checked = tokio::process::Command::new("sh").arg("-n").arg(&script).output().await.unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    server.stop().await;
}

#[tokio::test]
async fn a_program_arrives_byte_for_byte_with_its_sum() {
    let (server, dir, program) = start().await;
    let nobody = server.anonymous();
    let response = nobody.request(Method::GET, "/downloads/agent/linux/x86_64").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let headers = response.headers().clone();
    assert_eq!(headers["content-type"], "application/octet-stream");
    assert_eq!(headers["content-length"], program.len().to_string().as_str());
    assert_eq!(headers["content-disposition"], "attachment; filename=\"gururmm-agent\"");
    assert_eq!(headers["cache-control"], "no-cache");
    assert!(response.bytes().await.unwrap() == program, "other bytes than in the file");
    let sum = "/downloads/agent/linux/x86_64.sha256";
    for _ in 0..2 {
        let answer = nobody.send(Method::GET, sum, None).await;
        assert_eq!((answer.status.as_u16(), answer.text), (200, line(&program, "gururmm-agent")));
    }

    put(&dir, "linux/x86_64/gururmm-agent", b"the next version");
    let answer = nobody.send(Method::GET, sum, None).await;
    assert_eq!(answer.text, line(b"the next version", "gururmm-agent"), "a new file has a new sum");
    let answer = nobody.send(Method::GET, "/downloads/agent/linux/x86_64", None).await;
    assert_eq!(answer.text, "the next version");

    put(&dir, "windows/i686/gururmm-agent.exe", b"MZ");
    let answer = nobody.send(Method::GET, "/downloads/agent/windows/i686", None).await;
    assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"gururmm-agent.exe\"");
    let answer = nobody.send(Method::GET, "/downloads/agent/windows/i686.sha256", None).await;
    assert_eq!(answer.text, line(b"MZ", "gururmm-agent.exe"));
    server.stop().await;
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let (server, dir, _) = start().await;
    let nobody = server.anonymous();
    std::fs::create_dir_all(dir.path().join("macos/aarch64/gururmm-agent")).unwrap();
    for absent in ["linux/aarch64", "linux/aarch64.sha256", "windows/x86_64", "macos/aarch64", "macos/aarch64.sha256"] {
        let answer = nobody.send(Method::GET, &format!("/downloads/agent/{absent}"), None).await;
        let problem = answer.problem(404, "agent_program_not_found");
        let platform = absent.trim_end_matches(".sha256");
        assert!(problem["detail"].as_str().unwrap().contains(platform), "{absent}: {problem}");
    }
    for unknown in ["plan9/x86_64", "linux/arm", "Linux/x86_64", "linux/x86_64.sha512", "linux/x86_64.sha256.sha256"] {
        let answer = nobody.send(Method::GET, &format!("/downloads/agent/{unknown}"), None).await;
        answer.problem(404, "agent_program_not_found");
    }
    for nothing in
        ["/downloads", "/downloads/", "/downloads/agent", "/downloads/agent/linux", "/downloads/agent/linux/"]
    {
        nobody.send(Method::GET, nothing, None).await.problem(404, "not_found");
    }
    server.stop().await;
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder() {
    let (server, dir, _) = start().await;
    let outside = dir.path().to_str().unwrap().replace('/', "%2F");
    for tail in [
        "../secret".to_owned(),
        "linux/../secret".to_owned(),
        "linux/..%2Fsecret".to_owned(),
        "linux/%2e%2e%2fsecret".to_owned(),
        "%2e%2e/secret".to_owned(),
        "linux/secret".to_owned(),
        "linux/..%5Csecret".to_owned(),
        "linux/x86_64%2F..%2Fsecret".to_owned(),
        "linux/x86_64%00".to_owned(),
        "linux/x86_64%FF".to_owned(),
        "linux/.sha256".to_owned(),
        format!("linux/{outside}%2Fsecret"),
        format!("{outside}/secret"),
    ] {
        let answer = raw(&server, &format!("/downloads/agent/{tail}")).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{tail}: {answer}");
        assert!(answer.contains("application/problem+json"), "{tail}: {answer}");
        assert!(!answer.contains("TOP SECRET"), "{tail}");
    }
    let known = raw(&server, "/downloads/agent/linux/x86_64.sha256").await;
    assert!(known.starts_with("HTTP/1.1 200 "), "{known}");
    server.stop().await;
}

/// A request whose path is sent as it is: clients tidy up paths before they send them.
async fn raw(server: &TestServer, path: &str) -> String {
    let address = server.server.as_ref().unwrap().address;
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
