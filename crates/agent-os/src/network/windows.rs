#![expect(unsafe_code, reason = "the list of adapters has no safe wrapper")]
//! `GetAdaptersAddresses`: what the control panel shows.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use gururmm_protocol::network::{Interface, InterfaceAddress};
use windows::Win32::Foundation::{ERROR_BUFFER_OVERFLOW, ERROR_NO_DATA, NO_ERROR, WIN32_ERROR};
use windows::Win32::NetworkManagement::IpHelper::{
    GAA_FLAG_SKIP_ANYCAST, GAA_FLAG_SKIP_DNS_SERVER, GAA_FLAG_SKIP_MULTICAST, GetAdaptersAddresses,
    IF_TYPE_SOFTWARE_LOOPBACK, IP_ADAPTER_ADDRESSES_LH, IP_ADAPTER_UNICAST_ADDRESS_LH,
};
use windows::Win32::NetworkManagement::Ndis::IfOperStatusUp;
use windows::Win32::Networking::WinSock::{AF_INET, AF_INET6, AF_UNSPEC, SOCKADDR, SOCKADDR_IN, SOCKADDR_IN6};

/// The size that the documentation recommends for the first call.
const FIRST_SIZE: u32 = 15 * 1024;
const ATTEMPTS: usize = 5;

pub(super) fn interfaces() -> io::Result<Vec<Interface>> {
    let mut size = FIRST_SIZE;
    for _ in 0..ATTEMPTS {
        // u64: the structures are aligned to eight bytes
        let mut buffer = vec![0u64; (size as usize).div_ceil(8)];
        let first = buffer.as_mut_ptr().cast::<IP_ADAPTER_ADDRESSES_LH>();
        let flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
        // SAFETY: the buffer is as long as `size` says and lives until the list is read
        let answer = unsafe { GetAdaptersAddresses(AF_UNSPEC.0.into(), flags, None, Some(first), &raw mut size) };
        match WIN32_ERROR(answer) {
            NO_ERROR => return Ok(list(first)),
            ERROR_NO_DATA => return Ok(Vec::new()),
            // adapters came since the size was told
            ERROR_BUFFER_OVERFLOW => {}
            error => return Err(io::Error::from_raw_os_error(error.0.cast_signed())),
        }
    }
    Err(io::Error::other("the list of adapters grows faster than it can be read"))
}

fn list(first: *const IP_ADAPTER_ADDRESSES_LH) -> Vec<Interface> {
    let mut interfaces = Vec::new();
    let mut next = first;
    // SAFETY: the system has filled the list; its last entry points to nothing
    while let Some(adapter) = unsafe { next.as_ref() } {
        if adapter.IfType != IF_TYPE_SOFTWARE_LOOPBACK {
            interfaces.push(interface(adapter));
        }
        next = adapter.Next;
    }
    interfaces
}

fn interface(adapter: &IP_ADAPTER_ADDRESSES_LH) -> Interface {
    let length = (adapter.PhysicalAddressLength as usize).min(adapter.PhysicalAddress.len());
    // SAFETY: the name is a text that ends with zero
    let name = unsafe { adapter.FriendlyName.to_string() }.unwrap_or_default();
    let mut addresses = Vec::new();
    let mut next = adapter.FirstUnicastAddress.cast_const();
    // SAFETY: as for the list of adapters
    while let Some(entry) = unsafe { next.as_ref() } {
        addresses.extend(address(entry));
        next = entry.Next;
    }
    Interface {
        name,
        mac: super::mac_text(&adapter.PhysicalAddress[..length]),
        is_up: adapter.OperStatus == IfOperStatusUp,
        addresses,
    }
}

fn address(entry: &IP_ADAPTER_UNICAST_ADDRESS_LH) -> Option<InterfaceAddress> {
    Some(InterfaceAddress { address: ip(entry.Address.lpSockaddr)?, prefix_length: entry.OnLinkPrefixLength })
}

fn ip(address: *const SOCKADDR) -> Option<IpAddr> {
    // SAFETY: the system points to an address or to nothing
    let family = unsafe { address.as_ref() }?.sa_family;
    match family {
        AF_INET => {
            // SAFETY: the family says which structure it is
            let v4 = unsafe { address.cast::<SOCKADDR_IN>().read_unaligned() };
            // SAFETY: every member of the union is the same four bytes
            Some(IpAddr::V4(Ipv4Addr::from(unsafe { v4.sin_addr.S_un.S_addr }.to_ne_bytes())))
        }
        AF_INET6 => {
            // SAFETY: the family says which structure it is
            let v6 = unsafe { address.cast::<SOCKADDR_IN6>().read_unaligned() };
            // SAFETY: every member of the union is the same sixteen bytes
            Some(IpAddr::V6(Ipv6Addr::from(unsafe { v6.sin6_addr.u.Byte })))
        }
        _ => None,
    }
}
