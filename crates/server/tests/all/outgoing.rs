//! Whoever may name an address reaches nothing inside with it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, Method, Response};
use bytes::Bytes;
use gururmm_server::platform::outgoing::{Found, Names, Outgoing, OutgoingError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

const LONG: Duration = Duration::from_mins(1);
const FINE: &[u8] = b"HTTP/1.1 200 OK\r\nx-mark: yes\r\ncontent-length: 4\r\n\r\nfine";

/// A look-up that answers these in turn, and the last one for ever.
struct Answers {
    all: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Answers {
    fn new(all: &[&[&str]]) -> Arc<Self> {
        let parse = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().unwrap()).collect();
        Arc::new(Self { all: all.iter().map(parse).collect(), asked: AtomicUsize::new(0) })
    }
}

impl Names for Answers {
    fn addresses(&self, _name: &str) -> Found {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.all.get(asked).or(self.all.last()).cloned();
        Box::pin(async { answer.ok_or_else(|| io::Error::other("no such name")) })
    }
}

/// Somebody who answers every connection the same, and tells what was asked.
struct Somebody {
    address: SocketAddr,
    asked: mpsc::UnboundedReceiver<Vec<u8>>,
}

impl Somebody {
    async fn at(ip: &str, port: u16, answer: &'static [u8], then: &'static [u8]) -> Self {
        let listener = TcpListener::bind((ip, port)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, asked) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let tell = tell.clone();
                tokio::spawn(async move { talk(stream, answer, then, &tell).await.ok() });
            }
        });
        Self { address, asked }
    }

    /// What was asked since; empty when nobody came.
    fn heard(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.asked.try_recv().ok())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect()
    }

    fn url(&self, host: &str) -> String {
        format!("http://{host}:{}/hook?a=b", self.address.port())
    }
}

/// Writes `answer`, then `then` for as long as somebody reads it.
async fn talk(
    mut stream: TcpStream,
    answer: &[u8],
    then: &[u8],
    tell: &mpsc::UnboundedSender<Vec<u8>>,
) -> io::Result<()> {
    let mut asked = vec![0; 4096];
    let length = stream.read(&mut asked).await?;
    asked.truncate(length);
    tell.send(asked).ok();
    stream.write_all(answer).await?;
    while !then.is_empty() {
        stream.write_all(then).await?;
    }
    stream.read(&mut [0]).await.map(drop)
}

async fn ask(client: &Outgoing, url: &str) -> Result<Response<Bytes>, OutgoingError> {
    client.send(Method::POST, url.parse().unwrap(), HeaderMap::new(), Bytes::from_static(b"{}")).await
}

fn networks(allow: &[&str]) -> Vec<ipnet::IpNet> {
    allow.iter().map(|network| network.parse().unwrap()).collect()
}

fn client(allow: &[&str], names: &Arc<Answers>) -> Outgoing {
    Outgoing::with(&networks(allow), Arc::clone(names) as _, LONG)
}

#[tokio::test]
async fn no_address_inside_is_reached() {
    let mut inside = Somebody::at("127.0.0.1", 0, FINE, b"").await;
    let port = inside.address.port();
    let system = Outgoing::new(&[]);
    // an address itself, in every form that leads here, and names of this machine
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "017700000001",
        "0.0.0.0",
        "0",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "１２７.０.０.１",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "localhost",
        "LOCALHOST",
        "user:secret@127.0.0.1",
        "169.254.169.254",
        "10.0.0.1",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{port}/");
            let error = ask(&system, &url).await.err().unwrap_or_else(|| panic!("{url} was reached"));
            assert!(matches!(error, OutgoingError::Inside { .. }), "{url}: {error:?}");
            assert!(error.to_string().contains("outgoing.allow") && !error.to_string().contains("secret"), "{error}");
        }
    }
    // a name that resolves inside, alone or behind an address outside
    for answer in
        [&["127.0.0.1"] as &[&str], &["::ffff:127.0.0.1"], &["198.51.100.1", "127.0.0.1"], &["1.1.1.1", "127.0.0.1"]]
    {
        let error = ask(&client(&[], &Answers::new(&[answer])), &inside.url("hooks.example.com")).await.unwrap_err();
        assert!(matches!(error, OutgoingError::Inside { .. }), "{answer:?}: {error:?}");
    }
    assert_eq!(inside.heard(), [""; 0], "nobody came");
    for url in ["ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "unix:/run/x"] {
        assert!(matches!(ask(&system, url).await, Err(OutgoingError::Scheme)), "{url}");
    }
}

#[tokio::test]
async fn what_the_operator_allows_is_reached_under_its_name() {
    let mut inside = Somebody::at("127.0.0.1", 0, FINE, b"").await;
    let names = Answers::new(&[&["127.0.0.1"]]);
    let client = client(&["127.0.0.0/8"], &names);
    let answer = ask(&client, &inside.url("hooks.example.com")).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["x-mark"], &answer.body()[..]),
        (200, &"yes".parse().unwrap(), &b"fine"[..])
    );
    let heard = inside.heard();
    let port = inside.address.port();
    assert_eq!(heard.len(), 1);
    assert!(heard[0].starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{heard:?}");
    assert!(heard[0].contains(&format!("host: hooks.example.com:{port}\r\n")), "{heard:?}");
    // each request is looked up anew: nothing that was once right stays open
    ask(&client, &inside.url("hooks.example.com")).await.unwrap();
    assert_eq!(names.asked.load(Ordering::SeqCst), 2);
    ask(&client, &inside.url("127.0.0.1")).await.unwrap();
    ask(&client, &inside.url("[::ffff:127.0.0.1]")).await.unwrap();
    // the name is the one that TLS asks for
    inside.heard();
    let url = format!("https://hooks.example.com:{port}/");
    assert!(matches!(ask(&client, &url).await, Err(OutgoingError::Failed { .. })), "it speaks no TLS");
    assert!(inside.heard()[0].contains("hooks.example.com"), "the name stands in the greeting");
}

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_that_is_reached() {
    // the second answer would lead elsewhere, on the same port
    let mut first = Somebody::at("127.0.0.1", 0, FINE, b"").await;
    let mut second = Somebody::at("127.0.0.2", first.address.port(), FINE, b"").await;
    let names = Answers::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let client = client(&["127.0.0.1/32"], &names);
    ask(&client, &first.url("rebind.example.com")).await.unwrap();
    assert_eq!((names.asked.load(Ordering::SeqCst), first.heard().len()), (1, 1), "one look-up, one connection");
    let error = ask(&client, &first.url("rebind.example.com")).await.unwrap_err();
    assert!(matches!(error, OutgoingError::Inside { .. }), "{error:?}");
    assert_eq!((first.heard().len(), second.heard().len()), (0, 0));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_leads_nowhere() {
    const AWAY: &[u8] = b"HTTP/1.1 307 Away\r\nlocation: http://127.0.0.2:9/\r\ncontent-length: 0\r\n\r\n";
    let mut outside = Somebody::at("127.0.0.1", 0, AWAY, b"").await;
    let names = Answers::new(&[&["127.0.0.1"]]);
    let answer = ask(&client(&["127.0.0.1/32"], &names), &outside.url("hooks.example.com")).await.unwrap();
    assert_eq!(answer.status(), 307);
    assert_eq!((names.asked.load(Ordering::SeqCst), outside.heard().len()), (1, 1));
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    const PIECE: &[u8] = b"10\r\n0123456789abcdef\r\n";
    let names = Answers::new(&[&["127.0.0.1"]]);
    let endless = Somebody::at("127.0.0.1", 0, HEAD, PIECE).await;
    let answer = ask(&client(&["127.0.0.1/32"], &names), &endless.url("hooks.example.com")).await;
    assert!(matches!(answer, Err(OutgoingError::TooLarge { .. })), "{answer:?}");
    // one that stops in the middle is not waited for
    let silent = Somebody::at("127.0.0.1", 0, HEAD, b"").await;
    let hasty = Outgoing::with(&networks(&["127.0.0.1/32"]), names, Duration::from_millis(200));
    let answer = ask(&hasty, &silent.url("hooks.example.com")).await;
    assert!(matches!(answer, Err(OutgoingError::TooSlow { .. })), "{answer:?}");
}
