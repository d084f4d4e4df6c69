//! Interfaces of the machine and their addresses, as the network state reports them.
//!
//! The loopback is left out, and so are ends of links into containers: they come and go with every container and reach nothing
//! that the machine's own interfaces do not.

use gururmm_protocol::limits::{ADDRESSES_MAX, INTERFACES_MAX};
use gururmm_protocol::network::{Interface, InterfaceAddress};

use crate::Unsupported;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as platform;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;

/// Names of the machine's ends of links into containers and virtual machines.
const CONTAINER_LINKS: [&str; 3] = ["veth", "vnet", "tap"];

/// All interfaces by name, each with its addresses in order: the same state gives the same list.
pub fn interfaces() -> Result<Vec<Interface>, Unsupported> {
    let found = platform::interfaces()
        .map_err(|error| Unsupported::because(format!("the system does not tell its interfaces: {error}")))?;
    Ok(ordered(found))
}

fn ordered(mut interfaces: Vec<Interface>) -> Vec<Interface> {
    interfaces.retain(is_worth_telling);
    for interface in &mut interfaces {
        interface.name = super::short(&interface.name);
        interface.addresses.retain(|address| address.is_valid() && !address.address.is_loopback());
        interface.addresses.sort_unstable();
        interface.addresses.dedup();
        interface.addresses.truncate(ADDRESSES_MAX);
    }
    interfaces.sort_by(|a, b| a.name.cmp(&b.name));
    interfaces.truncate(INTERFACES_MAX);
    interfaces
}

fn is_worth_telling(interface: &Interface) -> bool {
    let is_container_link = CONTAINER_LINKS.iter().any(|prefix| interface.name.starts_with(prefix));
    let is_only_local = interface.addresses.iter().all(|address| is_link_local(*address));
    !(is_container_link && is_only_local) && (interface.mac.is_some() || !interface.addresses.is_empty())
}

fn is_link_local(address: InterfaceAddress) -> bool {
    match address.address {
        std::net::IpAddr::V4(ip) => ip.is_link_local(),
        std::net::IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

/// `02:00:5e:00:53:01`; an address of zeros is none.
fn mac_text(bytes: &[u8]) -> Option<String> {
    let is_address = bytes.len() == 6 && bytes.iter().any(|byte| *byte != 0);
    is_address.then(|| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(name: &str, mac: Option<&str>, addresses: &[(&str, u8)]) -> Interface {
        let addresses = addresses
            .iter()
            .map(|(text, prefix_length)| InterfaceAddress {
                address: text.parse().unwrap(),
                prefix_length: *prefix_length,
            })
            .collect();
        Interface { name: name.to_owned(), mac: mac.map(str::to_owned), is_up: true, addresses }
    }

    #[test]
    fn the_same_state_gives_the_same_list() {
        let ethernet = interface("eth0", Some("02:00:5e:00:53:01"), &[("192.0.2.7", 24), ("2001:db8::7", 64)]);
        let turned = interface("eth0", Some("02:00:5e:00:53:01"), &[("2001:db8::7", 64), ("192.0.2.7", 24)]);
        let wireless = interface("wlan0", Some("02:00:5e:00:53:02"), &[]);
        assert_eq!(ordered(vec![ethernet.clone(), wireless.clone()]), ordered(vec![wireless, turned]));
    }

    #[test]
    fn links_into_containers_are_left_out_unless_they_carry_an_address() {
        let mac = Some("02:00:5e:00:53:01");
        let list = ordered(vec![
            interface("veth12ab", mac, &[("fe80::1", 64)]),
            interface("veth-lan", mac, &[("192.0.2.1", 24)]),
            interface("empty0", None, &[]),
            interface("docker0", mac, &[]),
        ]);
        let names: Vec<_> = list.iter().map(|interface| interface.name.as_str()).collect();
        assert_eq!(names, ["docker0", "veth-lan"]);
    }

    #[test]
    fn hardware_addresses_are_written_in_one_way() {
        assert_eq!(mac_text(&[2, 0, 0x5e, 0, 0x53, 0xff]).as_deref(), Some("02:00:5e:00:53:ff"));
        assert_eq!(mac_text(&[0; 6]), None);
        assert_eq!(mac_text(&[1; 20]), None);
    }

    #[test]
    fn this_machine_tells_its_interfaces() {
        let interfaces = interfaces().unwrap();
        assert!(interfaces.iter().all(|interface| interface.name != "lo"));
        assert!(interfaces.iter().flat_map(|interface| &interface.addresses).all(|address| address.is_valid()));
    }
}
