//! Linux and macOS: `getifaddrs`.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;

use gururmm_protocol::network::{Interface, InterfaceAddress};
use nix::ifaddrs::{InterfaceAddress as Entry, getifaddrs};
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::SockaddrStorage;

pub(super) fn interfaces() -> io::Result<Vec<Interface>> {
    let mut found: BTreeMap<String, Interface> = BTreeMap::new();
    for entry in getifaddrs()? {
        if entry.flags.contains(InterfaceFlags::IFF_LOOPBACK) {
            continue;
        }
        let is_up = entry.flags.contains(InterfaceFlags::IFF_UP | InterfaceFlags::IFF_RUNNING);
        let interface = found.entry(entry.interface_name.clone()).or_insert_with(|| Interface {
            name: entry.interface_name.clone(),
            mac: None,
            is_up,
            addresses: Vec::new(),
        });
        if let Some(mac) = mac(&entry) {
            interface.mac = Some(mac);
        }
        interface.addresses.extend(address(&entry));
    }
    Ok(found.into_values().collect())
}

fn mac(entry: &Entry) -> Option<String> {
    let bytes = entry.address.as_ref()?.as_link_addr()?.addr()?;
    super::mac_text(&bytes)
}

fn address(entry: &Entry) -> Option<InterfaceAddress> {
    let address = ip(entry.address.as_ref()?)?;
    let prefix_length = entry.netmask.as_ref().and_then(ip).map_or_else(
        // a tunnel without mask is a network of its own
        || if address.is_ipv4() { 32 } else { 128 },
        |mask| match mask {
            IpAddr::V4(mask) => mask.to_bits().leading_ones() as u8,
            IpAddr::V6(mask) => mask.to_bits().leading_ones() as u8,
        },
    );
    Some(InterfaceAddress { address, prefix_length })
}

fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    if let Some(v4) = address.as_sockaddr_in() {
        return Some(IpAddr::V4(v4.ip()));
    }
    Some(IpAddr::V6(address.as_sockaddr_in6()?.ip()))
}
