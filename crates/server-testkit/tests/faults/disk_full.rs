use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use gururmm_server_testkit::{ApiClient, wait_for};
use serde_json::json;

use crate::processes::{AgentHome, ServerHome, command_when, machine, run};

/// A disk of its own; gone with its value.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn at(path: PathBuf) -> Self {
        fs::create_dir(&path).unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=300m,mode=755", "tmpfs"]).arg(&path).status();
        assert!(mounted.unwrap().success(), "root may mount here");
        Self(path)
    }

    /// Writes until there is no room left; the file that took it.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut file = File::create(&path).unwrap();
        let block = vec![0; 1 << 16];
        while file.write_all(&block).is_ok() {}
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg("--lazy").arg(&self.0).status().ok();
    }
}

/// Makes a client; whether the server did.
async fn makes(admin: &ApiClient, number: usize) -> bool {
    let name = format!("{number:04} {}", "x".repeat(90));
    let answer = admin.post("/clients", json!({ "name": name })).await;
    match answer.status.as_u16() {
        201 => true,
        507 => {
            assert_eq!(answer.json["code"], "disk_full", "{}", answer.text);
            false
        }
        503 => false,
        status => panic!("{status}: {}", answer.text),
    }
}

/// Only root can make a small disk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_and_nothing_that_was_confirmed_is_lost() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let home = ServerHome::new();
    let disk = SmallDisk::at(home.data_dir());
    let _server = home.start().await;
    let admin = home.administrator().await;
    let agent = AgentHome::enrol(&home, &home.origin()).await;
    let _running = agent.run();
    let machine_id = machine(&admin, "online").await;
    let before = admin.get("/clients").await.ok()["items"].as_array().unwrap().len();

    let filler = disk.fill();
    let mut made = 0;
    // the pages that are there already have room for some
    while makes(&admin, made).await {
        made += 1;
        assert!(made < 5_000, "the disk is not full");
    }
    fs::remove_file(filler).unwrap();
    wait_for("the server to go on", async || makes(&admin, made).await.then_some(())).await;
    let found = admin.all("/clients", 200).await.len();
    assert_eq!(found, before + made + 1, "every client that was confirmed, and no other");
    let id = run(&admin, &machine_id, "echo here again").await;
    command_when(&admin, &id, "a command", |command| command["stdout"] == "here again\n").await;
}
