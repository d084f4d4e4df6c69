//! Network state: the interfaces of a machine and the addresses it is reached by. Sent when it changes, not with every
//! measurement.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// All interfaces of a machine but the loopback, and its address on the internet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkState {
    /// Interfaces by name, at most [`crate::limits::INTERFACES_MAX`].
    #[serde(default)]
    pub interfaces: Vec<Interface>,
    /// The WAN address: the one that others on the internet see. Absent when it is not known or not asked for.
    #[serde(default)]
    pub wan_address: Option<IpAddr>,
}

/// One network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Its name on the machine, such as `eth0` or `Ethernet`.
    pub name: String,
    /// Hardware address as `02:00:5e:00:53:01`, where it has one.
    #[serde(default)]
    pub mac: Option<String>,
    /// Whether it is on and has a link.
    #[serde(default)]
    pub is_up: bool,
    /// Its addresses, at most [`crate::limits::ADDRESSES_MAX`].
    #[serde(default)]
    pub addresses: Vec<InterfaceAddress>,
}

/// One address of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InterfaceAddress {
    /// IPv4 or IPv6.
    pub address: IpAddr,
    /// Bits of the network part: 0 to 32 or 0 to 128.
    pub prefix_length: u8,
}

impl InterfaceAddress {
    /// The network in CIDR notation, such as `192.0.2.0/24`.
    pub fn cidr(self) -> String {
        format!("{}/{}", self.network(), self.prefix_length)
    }

    fn network(self) -> IpAddr {
        match self.address {
            IpAddr::V4(ip) => {
                let host = u32::MAX.checked_shr(self.prefix_length.into()).unwrap_or(0);
                IpAddr::V4((ip.to_bits() & !host).into())
            }
            IpAddr::V6(ip) => {
                let host = u128::MAX.checked_shr(self.prefix_length.into()).unwrap_or(0);
                IpAddr::V6((ip.to_bits() & !host).into())
            }
        }
    }

    /// Whether the prefix length is possible for this kind of address.
    pub fn is_valid(self) -> bool {
        self.prefix_length <= if self.address.is_ipv4() { 32 } else { 128 }
    }
}

/// Whether an address is one that others on the internet can see: not of this machine, this link or a private network.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            // 100.64.0.0/10: carrier-grade NAT (RFC 6598)
            let is_shared = a == 100 && (64..128).contains(&b);
            !(ip.is_loopback()
                || ip.is_private()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_broadcast()
                || ip.is_multicast()
                || is_shared
                || a == 0)
        }
        IpAddr::V6(ip) => {
            if let Some(v4) = ip.to_ipv4_mapped() {
                return is_public(IpAddr::V4(v4));
            }
            !(ip.is_loopback()
                || ip.is_unique_local()
                || ip.is_unicast_link_local()
                || ip.is_unspecified()
                || ip.is_multicast())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(address: &str, prefix_length: u8) -> String {
        InterfaceAddress { address: address.parse().unwrap(), prefix_length }.cidr()
    }

    #[test]
    fn networks_are_derived_from_addresses() {
        assert_eq!(cidr("192.0.2.77", 24), "192.0.2.0/24");
        assert_eq!(cidr("192.0.2.77", 32), "192.0.2.77/32");
        assert_eq!(cidr("192.0.2.77", 0), "0.0.0.0/0");
        assert_eq!(cidr("2001:db8:1:2:3::4", 64), "2001:db8:1:2::/64");
        assert_eq!(cidr("2001:db8::4", 128), "2001:db8::4/128");
    }

    #[test]
    fn a_prefix_is_checked_against_its_kind() {
        let with = |address: &str, prefix_length| InterfaceAddress { address: address.parse().unwrap(), prefix_length };
        assert!(with("192.0.2.1", 32).is_valid() && with("2001:db8::1", 128).is_valid());
        assert!(!with("192.0.2.1", 33).is_valid() && !with("2001:db8::1", 129).is_valid());
    }

    #[test]
    fn inside_addresses_are_not_public() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.1.1",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "224.0.0.1",
            "ff02::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "100.128.0.1"] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }
}
