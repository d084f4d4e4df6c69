use gururmm_ids::{CommandId, SpoolId};
use gururmm_protocol::command::{Outcome, Stream};
use gururmm_protocol::limits::OUTPUT_MAX;
use gururmm_protocol::record::{Body, CommandResult, Output, Record};
use gururmm_server_testkit::{ApiClient, Link, SimulatedAgent, TestServer, metrics};
use jiff::SignedDuration;
use serde_json::json;

/// Everything stored of the last hour and the next: the machines of these tests live in real time, the server's clock stands still.
async fn points(admin: &ApiClient, agent: &SimulatedAgent) -> Vec<f64> {
    let now = gururmm_clock::Clock::now(&gururmm_clock::SystemClock);
    let hour = SignedDuration::from_hours(1);
    let (from, to) = (now.saturating_sub(hour).unwrap(), now.saturating_add(hour).unwrap());
    let range = admin.get(&format!("/agents/{}/metrics?from={from}&to={to}", agent.agent_id)).await.ok();
    range["items"].as_array().unwrap().iter().map(|point| point["cpu_percent"].as_f64().unwrap()).collect()
}

#[tokio::test]
async fn a_measurement_is_stored_shown_and_announced() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut events = admin.events("").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let sequence = link.record(Body::Metrics(Box::new(metrics(42.5)))).await.unwrap();
    link.acknowledged(sequence).await.unwrap();
    let event = events.wait_for("agent_metrics", |_| true).await;
    assert_eq!((event["cpu_percent"].as_f64(), event["memory_percent"].as_f64()), (Some(42.5), Some(37.5)));
    assert_eq!(points(&admin, &agent).await, [42.5]);
    let shown = admin.get(&format!("/agents/{}", agent.agent_id)).await.ok();
    assert_eq!((shown["cpu_percent"].as_f64(), shown["disk_percent"].as_f64()), (Some(42.5), Some(40.0)));
    assert_eq!(shown["logged_in_user"], "technician");
    let processes = admin.get(&format!("/agents/{}/processes", agent.agent_id)).await.ok();
    assert_eq!(processes["top_memory"][1]["name"], "cache");
    server.stop().await;
}

#[tokio::test]
async fn a_repeated_record_is_applied_once_even_after_a_restart_of_the_server() {
    let mut server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let at = server.app().clock.now();
    let record = |sequence: u64| {
        let recorded_at = at.saturating_add(SignedDuration::from_secs(sequence.cast_signed())).unwrap();
        Record { sequence, recorded_at, body: Body::Metrics(Box::new(metrics(sequence as f32))) }
    };
    for sequence in [1, 1, 2, 1, 2, 3] {
        link.send_record(record(sequence)).await.unwrap();
    }
    link.acknowledged(3).await.unwrap();
    link.vanish();
    server.restart().await;
    let mut link = Link::connect(&agent).await.unwrap();
    assert_eq!(link.welcome.as_ref().unwrap().acknowledged, 3);
    for sequence in [2, 3, 4] {
        link.send_record(record(sequence)).await.unwrap();
    }
    link.acknowledged(4).await.unwrap();
    assert_eq!(points(&admin, &agent).await, [1.0, 2.0, 3.0, 4.0]);
    server.stop().await;
}

#[tokio::test]
async fn a_new_spool_counts_from_the_beginning_and_doubles_nothing() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let now = server.app().clock.now();
    let record = |sequence, seconds_ago, cpu| Record {
        sequence,
        recorded_at: now.saturating_sub(SignedDuration::from_secs(seconds_ago)).unwrap(),
        body: Body::Metrics(Box::new(metrics(cpu))),
    };
    link.send_record(record(1, 9, 1.0)).await.unwrap();
    link.acknowledged(1).await.unwrap();
    let renewed = SimulatedAgent { spool_id: SpoolId::generate(), ..agent.clone() };
    let mut link = Link::connect(&renewed).await.unwrap();
    assert_eq!((link.welcome.as_ref().unwrap().acknowledged, link.next_sequence), (0, 1));
    // what was not known to be acknowledged comes again under another number
    link.send_record(record(1, 9, 1.0)).await.unwrap();
    link.send_record(record(2, 8, 2.0)).await.unwrap();
    link.acknowledged(2).await.unwrap();
    assert_eq!(points(&admin, &agent).await, [1.0, 2.0]);
    server.stop().await;
}

#[tokio::test]
async fn wrong_clocks_and_impossible_values_never_stop_the_records_after_them() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let now = server.app().clock.now();
    let mut impossible = metrics(0.0);
    impossible.memory_used_bytes = u64::MAX;
    impossible.network_rx_bytes = u64::MAX;
    impossible.logged_in_user = Some("\u{0}\u{0}".to_owned());
    impossible.disks[0].mount = "a\u{0}b".to_owned();
    impossible.cpu_percent = 4_000.0;
    let times =
        [SignedDuration::from_hours(-24 * 4000), SignedDuration::from_hours(24 * 400), SignedDuration::from_secs(-2)];
    for (sequence, offset) in (1..).zip(times) {
        let recorded_at = now.saturating_add(offset).unwrap();
        link.send_record(Record { sequence, recorded_at, body: Body::Metrics(Box::new(impossible.clone())) })
            .await
            .unwrap();
    }
    link.acknowledged(3).await.unwrap();
    let last = link.next_sequence + 3;
    let recorded_at = now.saturating_sub(SignedDuration::from_secs(1)).unwrap();
    link.send_record(Record { sequence: last, recorded_at, body: Body::Metrics(Box::new(metrics(7.0))) })
        .await
        .unwrap();
    link.acknowledged(last).await.unwrap();
    let stored = points(&admin, &agent).await;
    assert_eq!(
        stored.iter().filter(|cpu| (**cpu - 100.0).abs() < 0.01).count(),
        2,
        "the future is now, the distant past is dropped: {stored:?}"
    );
    assert!(stored.contains(&7.0));
    server.stop().await;
}

#[tokio::test]
async fn an_agent_cannot_write_to_another_agents_command() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (victim, liar) = (server.enrol(&admin, "web-1").await, server.enrol(&admin, "web-2").await);
    let command =
        admin.post(&format!("/agents/{}/command", victim.agent_id), json!({ "command": "id" })).await.accepted();
    let id: CommandId = command["id"].as_str().unwrap().parse().unwrap();
    let mut events = admin.events(&format!("?watch_command={id}")).await;
    let mut link = Link::connect(&liar).await.unwrap();
    let result = CommandResult {
        command_id: id,
        outcome: Outcome::Completed,
        exit_code: Some(0),
        reason: None,
        stdout_bytes: 4,
        stderr_bytes: 0,
    };
    link.play(id, b"lies", result).await.unwrap();
    let detail = admin.get(&format!("/commands/{id}")).await.ok();
    assert_eq!((detail["status"].as_str(), detail["stdout"].as_str()), (Some("queued"), Some("")));
    let mut honest = Link::connect(&victim).await.unwrap();
    honest.order().await.unwrap();
    honest
        .record(Body::CommandOutput(Output {
            command_id: id,
            stream: Stream::Stdout,
            offset: 0,
            data: b"truth".to_vec(),
        }))
        .await
        .unwrap();
    let heard = events.wait_for("command_output", |_| true).await;
    assert_eq!(heard["data"], "dHJ1dGg=", "the liar was not heard");
    server.stop().await;
}

#[tokio::test]
async fn output_beyond_the_limit_is_marked_and_not_kept() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let command =
        admin.post(&format!("/agents/{}/command", agent.agent_id), json!({ "command": "yes" })).await.accepted();
    let id: CommandId = command["id"].as_str().unwrap().parse().unwrap();
    link.order().await.unwrap();
    link.record(Body::CommandStarted { command_id: id }).await.unwrap();
    for offset in [OUTPUT_MAX - 2, OUTPUT_MAX, OUTPUT_MAX + 10, u64::MAX] {
        link.record(Body::CommandOutput(Output {
            command_id: id,
            stream: Stream::Stdout,
            offset,
            data: b"abcd".to_vec(),
        }))
        .await
        .unwrap();
    }
    let result = CommandResult {
        command_id: id,
        outcome: Outcome::Failed,
        exit_code: None,
        reason: Some("x\u{0}y".to_owned()),
        stdout_bytes: u64::MAX,
        stderr_bytes: 0,
    };
    let last = link.record(Body::CommandResult(result)).await.unwrap();
    link.acknowledged(last).await.unwrap();
    let detail = admin.get(&format!("/commands/{id}")).await.ok();
    assert_eq!(
        (detail["stdout"].as_str(), detail["truncated"].as_bool(), detail["status_reason"].as_str()),
        (Some("ab"), Some(true), Some("xy"))
    );
    server.stop().await;
}
