//! What a network state is.

use gururmm_protocol::network as protocol;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::time::Time;

/// The interfaces and addresses of a machine, as it told them last.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NetworkState {
    /// When the machine told it; null when it has not yet.
    pub recorded_at: Option<Time>,
    /// The address that others on the internet see; null when nobody has seen it.
    pub wan_address: Option<String>,
    /// Interfaces by name, without the loopback.
    pub interfaces: Vec<Interface>,
}

/// One network interface.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Interface {
    /// Its name on the machine.
    pub name: String,
    /// Hardware address, where it has one.
    pub mac: Option<String>,
    /// Whether it is on and has a link.
    pub is_up: bool,
    /// Its addresses.
    pub addresses: Vec<InterfaceAddress>,
}

/// One address of an interface.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct InterfaceAddress {
    /// IPv4 or IPv6.
    pub address: String,
    /// Bits of the network part.
    pub prefix_length: u8,
    /// The network in CIDR notation.
    pub cidr: String,
}

impl From<&protocol::Interface> for Interface {
    fn from(interface: &protocol::Interface) -> Self {
        Self {
            name: interface.name.clone(),
            mac: interface.mac.clone(),
            is_up: interface.is_up,
            addresses: interface.addresses.iter().copied().map(InterfaceAddress::from).collect(),
        }
    }
}

impl From<protocol::InterfaceAddress> for InterfaceAddress {
    fn from(address: protocol::InterfaceAddress) -> Self {
        Self { address: address.address.to_string(), prefix_length: address.prefix_length, cidr: address.cidr() }
    }
}
