//! Is the server ready to serve?

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

const POLL: Duration = Duration::from_millis(50);

/// Waits until `/readyz` on `port` answers 200. False when `go_on` ended the waiting.
pub(crate) fn wait(port: u16, patience: Duration, mut go_on: impl FnMut() -> bool) -> Result<bool> {
    let deadline = Instant::now() + patience;
    while go_on() {
        if is_ready(port) {
            return Ok(true);
        }
        if Instant::now() > deadline {
            bail!("the server was not ready within {} s; its messages are above", patience.as_secs());
        }
        thread::sleep(POLL);
    }
    Ok(false)
}

fn is_ready(port: u16) -> bool {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let patience = Duration::from_secs(5);
    let Ok(mut stream) = TcpStream::connect_timeout(&address, patience) else { return false };
    let request = format!("GET /readyz HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    let mut answer = [0; 12];
    stream.set_read_timeout(Some(patience)).is_ok()
        && stream.write_all(request.as_bytes()).is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer.ends_with(b" 200")
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn only_status_200_is_ready() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            for status in ["503 Service Unavailable", "200 OK"] {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 512];
                assert!(stream.read(&mut request).unwrap() > 0);
                // whoever has read the status may hang up before the rest is written
                stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes()).ok();
            }
        });
        assert!(wait(port, Duration::from_secs(30), || true).unwrap());
        server.join().unwrap();
        assert!(!wait(port, Duration::from_secs(30), || false).unwrap());
    }
}
