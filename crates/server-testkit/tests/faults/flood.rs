use gururmm_simulator::processes::usage::peak_mb;

use crate::processes::{AgentHome, ServerHome, command_when, machine, run};

const GIGABYTE: u64 = 1 << 30;
/// What either program may need at most while it goes through: no more than without it, but for a few buffers.
const PEAK_MB: f64 = 150.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gigabyte_of_output_is_counted_and_needs_no_memory_and_others_do_not_wait() {
    let home = ServerHome::new();
    let server = home.start().await;
    let admin = home.administrator().await;
    let agent = AgentHome::enrol(&home, &home.origin()).await;
    let running = agent.run();
    let machine_id = machine(&admin, "online").await;
    let flood = run(&admin, &machine_id, &format!("yes | head -c {GIGABYTE}; echo over >&2; exit 3")).await;
    command_when(&admin, &flood, "the flood to begin", |command| command["stdout_bytes"].as_u64() > Some(0)).await;
    let other = run(&admin, &machine_id, "echo beside it").await;
    command_when(&admin, &other, "the command beside it", |command| command["stdout"] == "beside it\n").await;

    let ended = command_when(&admin, &flood, "the end", |command| command["finished_at"].is_string()).await;
    assert_eq!((ended["status"].as_str(), ended["exit_code"].as_i64()), (Some("failed"), Some(3)));
    assert_eq!((ended["stdout_bytes"].as_u64(), ended["truncated"].as_bool()), (Some(GIGABYTE), Some(true)));
    assert_eq!(ended["stderr"], "over\n");
    let kept = ended["stdout"].as_str().unwrap();
    assert_eq!((kept.len(), kept.trim_matches(['y', '\n'])), (1 << 20, ""), "the first mebibyte is there as it was");
    for (name, pid) in [("server", server.id()), ("agent", running.id())] {
        let peak = peak_mb(pid).unwrap();
        assert!(peak < PEAK_MB, "the {name} needed {peak:.0} MB");
    }
}
