//! The WAN address: the server's own view first, then the look-up services that the server names, in their order.
//!
//! An answer is kept for hours, and asked for anew when the interfaces change: behind another router the address is another
//! one. A failure is not repeated for a while, so that an unreachable service is not asked every minute.

use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use gururmm_agent_core::session::Wishes;
use gururmm_observe::Printable;
use gururmm_protocol::network::{Interface, is_public};
use tokio::time::Instant;

use crate::http;

const KEEP: Duration = Duration::from_hours(6);
const KEEP_FAILURE: Duration = Duration::from_mins(10);

/// The longest text of an address, with room for white space.
const ANSWER_MAX: usize = 64;

/// What the services last said.
#[derive(Default)]
pub(super) struct Wan {
    looked_up: Option<LookedUp>,
}

struct LookedUp {
    address: Option<IpAddr>,
    services: Vec<String>,
    interfaces: Vec<Interface>,
    until: Instant,
}

impl Wan {
    /// The address, asked for only when nothing that still holds is known.
    pub(super) async fn address(&mut self, wishes: &Wishes, interfaces: &[Interface], now: Instant) -> Option<IpAddr> {
        if wishes.wan_address.is_some() {
            return wishes.wan_address;
        }
        if wishes.wan_services.is_empty() {
            return None;
        }
        let known = self.looked_up.as_ref().filter(|known| {
            now < known.until && known.services == wishes.wan_services && known.interfaces == interfaces
        });
        if let Some(known) = known {
            return known.address;
        }
        let address = ask(&wishes.wan_services).await;
        let keep = if address.is_some() { KEEP } else { KEEP_FAILURE };
        self.looked_up = Some(LookedUp {
            address,
            services: wishes.wan_services.clone(),
            interfaces: interfaces.to_vec(),
            until: now + keep,
        });
        address
    }
}

async fn ask(services: &[String]) -> Option<IpAddr> {
    for service in services {
        match ask_one(service).await {
            Ok(address) => return Some(address),
            Err(error) => tracing::debug!("no WAN address: {}", Printable(&format!("{error:#}"))),
        }
    }
    None
}

async fn ask_one(service: &str) -> anyhow::Result<IpAddr> {
    let text = http::get_short(service, ANSWER_MAX).await?;
    let address: IpAddr = text.trim().parse().with_context(|| format!("{service} answered no address"))?;
    if !is_public(address) {
        bail!("{service} answered {address}, which is no address on the internet");
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// A service that gives each caller this answer and counts them.
    async fn service(answer: &'static str) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let mut request = [0; 2048];
                let _ = stream.read(&mut request).await;
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len());
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        (address, asked)
    }

    fn wishes(wan_services: Vec<String>) -> Wishes {
        Wishes { wan_services, ..crate::collector::until_told() }
    }

    fn interface(name: &str) -> Interface {
        Interface { name: name.to_owned(), mac: None, is_up: true, addresses: Vec::new() }
    }

    #[tokio::test]
    async fn the_servers_view_comes_first_and_no_service_is_asked() {
        let (address, asked) = service("198.51.100.7").await;
        let seen = Wishes { wan_address: Some("192.0.2.1".parse().unwrap()), ..wishes(vec![address]) };
        let found = Wan::default().address(&seen, &[], Instant::now()).await;
        assert_eq!((found, asked.load(Ordering::SeqCst)), (seen.wan_address, 0));
        assert_eq!(Wan::default().address(&wishes(Vec::new()), &[], Instant::now()).await, None);
    }

    #[tokio::test]
    async fn a_service_that_answers_nonsense_is_followed_by_the_next() {
        let (nonsense, _) = service("<html>").await;
        let (inside, _) = service("192.168.1.1").await;
        let (long, _) = service("198.51.100.7                                                              x").await;
        let (good, _) = service("198.51.100.7\n").await;
        let services = wishes(vec!["http://127.0.0.1:9/".to_owned(), nonsense, inside, long, good]);
        let found = Wan::default().address(&services, &[], Instant::now()).await;
        assert_eq!(found, Some("198.51.100.7".parse().unwrap()));
    }

    #[tokio::test]
    async fn an_answer_is_kept_until_it_is_old_or_the_network_changes() {
        let (address, asked) = service("198.51.100.7").await;
        let (services, mut wan, now) = (wishes(vec![address]), Wan::default(), Instant::now());
        let (home, office) = ([interface("eth0")], [interface("eth1")]);
        for (interfaces, at, calls) in [
            (&home, now, 1),
            (&home, now + Duration::from_hours(5), 1),
            (&office, now + Duration::from_hours(5), 2),
            (&office, now + Duration::from_hours(12), 3),
        ] {
            assert!(wan.address(&services, interfaces, at).await.is_some());
            assert_eq!(asked.load(Ordering::SeqCst), calls);
        }
    }
}
