//! Which addresses lie inside: on this machine, this link, this site, or in what is no place on the internet at all.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4: address and length of the prefix.
const CLOSED_V4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),        // this network; the kernel takes it for this machine
    ([10, 0, 0, 0], 8),       // private
    ([100, 64, 0, 0], 10),    // shared by carriers (RFC 6598); metadata of a cloud
    ([127, 0, 0, 0], 8),      // loopback
    ([168, 63, 129, 16], 32), // metadata of a cloud, at an address that looks public
    ([169, 254, 0, 0], 16),   // link-local; metadata of most clouds
    ([172, 16, 0, 0], 12),    // private
    ([192, 0, 0, 0], 24),     // protocol assignments; metadata of a cloud
    ([192, 0, 2, 0], 24),     // documentation
    ([192, 88, 99, 0], 24),   // relays of 6to4
    ([192, 168, 0, 0], 16),   // private
    ([198, 18, 0, 0], 15),    // benchmarks
    ([198, 51, 100, 0], 24),  // documentation
    ([203, 0, 113, 0], 24),   // documentation
    ([224, 0, 0, 0], 4),      // multicast
    ([240, 0, 0, 0], 4),      // reserved, broadcast
];
/// IPv6 is open in here only, which leaves out loopback, link-local, unique-local, multicast and the local NAT64.
const OPEN_V6: ([u16; 3], u32) = ([0x2000, 0, 0], 3);
/// And not in these parts of it.
const CLOSED_V6: [([u16; 3], u32); 4] = [
    ([0x2001, 0, 0], 23),      // protocol assignments, Teredo
    ([0x2001, 0x0db8, 0], 32), // documentation
    ([0x2002, 0, 0], 16),      // 6to4: an IPv4 address in disguise
    ([0x3fff, 0, 0], 20),      // documentation
];
/// The first 96 bits of NAT64 (64:ff9b::/96).
const NAT64: u128 = 0x0064_ff9b_0000_0000_0000_0000;

/// Whether an address lies inside, in whatever form it is written.
pub(super) fn is_inside(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => is_inside_v4(ip),
        IpAddr::V6(ip) => match behind_nat64(ip) {
            Some(ip) => is_inside_v4(ip),
            None => !is_in_v6(ip, OPEN_V6) || CLOSED_V6.iter().any(|network| is_in_v6(ip, *network)),
        },
    }
}

/// The IPv4 address that is reached by an address of NAT64 (RFC 6052).
fn behind_nat64(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = ip.to_bits();
    (bits >> 32 == NAT64).then_some(Ipv4Addr::from_bits(bits as u32))
}

fn is_inside_v4(ip: Ipv4Addr) -> bool {
    CLOSED_V4.iter().any(|(network, length)| {
        let differing = ip.to_bits() ^ u32::from_be_bytes(*network);
        differing.leading_zeros() >= *length
    })
}

fn is_in_v6(ip: Ipv6Addr, ([a, b, c], length): ([u16; 3], u32)) -> bool {
    let differing = ip.to_bits() ^ Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).to_bits();
    differing.leading_zeros() >= length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(address: &str) -> bool {
        is_inside(address.parse().unwrap())
    }

    #[test]
    fn what_is_inside_is_known_in_every_form() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.0.1",
            "198.19.255.255",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "3fff::1",
            // IPv4 in IPv6: mapped, NAT64 of everybody and of one's own, 6to4, Teredo
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:a00:1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:c0a8:1::1",
            "2001:0:7f00:1::1",
        ] {
            assert!(inside(address), "{address}");
        }
    }

    #[test]
    fn the_internet_is_outside_up_to_its_borders() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "168.63.129.15",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2001:200::1",
            "2600::1",
            "2606:4700::1111",
            "2a00::1",
        ] {
            assert!(!inside(address), "{address}");
        }
    }
}
