//! Names become addresses here and nowhere else, and no address that is not to be reached comes out.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::inside::is_inside;

/// What a look-up answers, later.
pub type Found = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Looks names up.
pub trait Names: Send + Sync {
    /// Every address of a name.
    fn addresses(&self, name: &str) -> Found;
}

/// The system's own look-up.
#[derive(Debug)]
pub struct SystemNames;

impl Names for SystemNames {
    fn addresses(&self, name: &str) -> Found {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// What may be reached: everything outside, and what the operator has opened.
#[derive(Clone)]
pub(super) struct Border(Arc<[IpNet]>);

impl Border {
    pub(super) fn new(allow: &[IpNet]) -> Self {
        Self(allow.into())
    }

    pub(super) fn check(&self, address: IpAddr) -> Result<(), Inside> {
        let canonical = address.to_canonical();
        let is_opened = self.0.iter().any(|network| network.contains(&canonical));
        if is_opened || !is_inside(address) { Ok(()) } else { Err(Inside(address)) }
    }
}

/// An address that is not to be reached.
#[derive(Debug, thiserror::Error)]
#[error("{0} is an address inside")]
pub(super) struct Inside(pub(super) IpAddr);

/// The look-up of the client: it connects to what comes out of here, so nobody can change the answer in between.
pub(super) struct CheckedNames {
    pub(super) names: Arc<dyn Names>,
    pub(super) border: Border,
}

impl Resolve for CheckedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let (found, border) = (self.names.addresses(name.as_str()), self.border.clone());
        Box::pin(async move {
            let found = found.await?;
            // one that lies inside is enough: whoever mixes them wants to get in
            found.iter().try_for_each(|address| border.check(*address))?;
            // the port is the address's own
            let addresses: Addrs = Box::new(found.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(addresses)
        })
    }
}
