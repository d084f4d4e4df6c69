use gururmm_protocol::network::{Interface, InterfaceAddress, NetworkState};
use gururmm_protocol::record::Body;
use gururmm_server_testkit::{Link, TestServer, network};

#[tokio::test]
async fn a_network_state_is_stored_shown_and_announced() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let path = format!("/agents/{}/network", agent.agent_id);
    let unknown = admin.get(&path).await.ok();
    assert!(unknown["recorded_at"].is_null() && unknown["interfaces"].as_array().unwrap().is_empty());

    let mut link = Link::connect(&agent).await.unwrap();
    let mut events = admin.events("").await;
    let sequence = link.record(Body::NetworkState(network())).await.unwrap();
    link.acknowledged(sequence).await.unwrap();
    events.wait_for("agent_changed", |event| event["agent_id"] == agent.agent_id.to_string()).await;
    let shown = admin.get(&path).await.ok();
    assert_eq!(shown["wan_address"], "198.51.100.7");
    let interface = &shown["interfaces"][0];
    assert_eq!((&interface["name"], &interface["is_up"]), (&"eth0".into(), &true.into()));
    assert_eq!(interface["addresses"][0]["cidr"], "192.0.2.0/24");
    assert_eq!(interface["addresses"][1]["cidr"], "2001:db8::/64");

    // the address that the machine found out also counts where machines are listed and searched
    let machine = admin.get(&format!("/agents/{}", agent.agent_id)).await.ok();
    assert_eq!(machine["public_ip"], "198.51.100.7");
    link.vanish();
    let _again = Link::connect(&agent).await.unwrap();
    let machine = admin.get(&format!("/agents/{}", agent.agent_id)).await.ok();
    assert_eq!(machine["public_ip"], "198.51.100.7");
    server.stop().await;
}

#[tokio::test]
async fn the_newest_state_counts_and_impossible_ones_are_bounded() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let sequence = link.record(Body::NetworkState(network())).await.unwrap();
    link.acknowledged(sequence).await.unwrap();
    let addresses = vec![
        InterfaceAddress { address: "192.0.2.9".parse().unwrap(), prefix_length: 99 },
        InterfaceAddress { address: "2001:db8::9".parse().unwrap(), prefix_length: 64 },
    ];
    let interface = |number: u32| Interface {
        name: format!("eth{number}\0"),
        mac: Some("x".repeat(1_000)),
        is_up: false,
        addresses: addresses.clone(),
    };
    let state =
        NetworkState { interfaces: (0..200).map(interface).collect(), wan_address: Some("10.0.0.1".parse().unwrap()) };
    let sequence = link.record(Body::NetworkState(state)).await.unwrap();
    link.acknowledged(sequence).await.unwrap();
    let shown = admin.get(&format!("/agents/{}/network", agent.agent_id)).await.ok();
    let interfaces = shown["interfaces"].as_array().unwrap();
    assert_eq!(interfaces.len(), 64);
    assert_eq!(interfaces[0]["name"], "eth0");
    assert_eq!(interfaces[0]["mac"].as_str().unwrap().len(), 17);
    let kept: Vec<_> =
        interfaces[0]["addresses"].as_array().unwrap().iter().map(|address| &address["address"]).collect();
    assert_eq!(kept, ["2001:db8::9"]);
    // an inside address is nobody's address on the internet
    assert_eq!(shown["wan_address"], "198.51.100.7");
    server.stop().await;
}
