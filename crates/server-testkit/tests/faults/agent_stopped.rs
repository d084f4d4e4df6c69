use crate::processes::{AgentHome, ServerHome, command_when, machine, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_ended_with_its_agent_stays_ended_when_the_agent_is_back() {
    let home = ServerHome::new();
    let _server = home.start().await;
    let admin = home.administrator().await;
    let agent = AgentHome::enrol(&home, &home.origin()).await;
    let running = agent.run();
    let machine_id = machine(&admin, "online").await;
    let id = run(&admin, &machine_id, "echo begun; exec sleep 1000").await;
    command_when(&admin, &id, "the first output", |command| command["stdout"] == "begun\n").await;
    // as `systemctl restart` and a reboot do it
    drop(running);
    let ended = command_when(&admin, &id, "the end", |command| command["finished_at"].is_string()).await;
    assert_eq!((ended["status"].as_str(), ended["stdout"].as_str()), (Some("interrupted"), Some("begun\n")));

    let _running = agent.run();
    let next = run(&admin, &machine_id, "echo again").await;
    command_when(&admin, &next, "the next result", |command| command["status"] == "completed").await;
    let command = admin.get(&format!("/commands/{id}")).await.ok();
    assert_eq!((&command["status"], &command["finished_at"]), (&ended["status"], &ended["finished_at"]));
}
