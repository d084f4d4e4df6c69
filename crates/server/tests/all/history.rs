//! Roll-ups, compared with the measurements that they are made of.

use gururmm_protocol::record::{Body, Record};
use gururmm_server::features::history::{Step, roll_up};
use gururmm_server::platform::time::Time;
use gururmm_server_testkit::{ApiClient, Link, SimulatedAgent, TestServer, metrics};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sqlx::{Connection as _, Executor as _};

/// A server with one agent, ten minutes into an hour.
async fn start() -> (TestServer, ApiClient, SimulatedAgent) {
    let server = TestServer::start().await;
    let ten_past = at(hour(&server), 3_600 + 600);
    server.clock.advance(ten_past.duration_since(server.app().clock.now()));
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    (server, admin, agent)
}

/// The beginning of the present hour; everything here is measured before.
fn hour(server: &TestServer) -> Timestamp {
    let second = server.app().clock.now().as_second();
    Timestamp::from_second(second - second.rem_euclid(3_600)).unwrap()
}

fn at(hour: Timestamp, seconds: i64) -> Timestamp {
    hour.checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

/// Stores a measurement as the ingest does: what it says is derived from `value`.
async fn store(server: &TestServer, agent: &SimulatedAgent, at: Timestamp, value: i32) {
    let sql = "select ingest_metrics(array[$1::uuid], array[$2], array[10::real], array[$3::real], array[($3::real / 10)::real], array[$3::bigint * 1000],
                   array[100000::bigint], array[$3::bigint], array[1000::bigint], array[$3::bigint * 50], array[$3::bigint * 20],
                   array[json_build_array(json_build_object('mount', '/', 'used_bytes', $3 * 7, 'total_bytes', 1000))::text], $2)";
    let query = sqlx::query(sql).bind(agent.agent_id.to_string()).bind(Time(at)).bind(value);
    query.execute(&mut server.db.connect("gururmm_owner").await).await.unwrap();
}

/// Rolls up, when nothing more has come for a minute.
async fn roll(server: &TestServer) -> u32 {
    let later = server.app().clock.now().checked_add(SignedDuration::from_secs(61)).unwrap();
    roll_up(&server.app().db, later).await.unwrap()
}

async fn history(admin: &ApiClient, agent: &SimulatedAgent, from: Timestamp, to: Timestamp) -> Value {
    admin.get(&format!("/agents/{}/history?from={from}&to={to}", agent.agent_id)).await.ok()
}

/// Lowest, average, highest, 95th percentile.
fn figures(value: &Value) -> Value {
    json!(["min", "avg", "max", "p95"].map(|name| value[name].as_f64().unwrap()))
}

#[tokio::test]
async fn a_span_is_what_was_measured_in_it() {
    let (server, admin, agent) = start().await;
    let begin = at(hour(&server), -3_600);
    // 1 to 20 in the first five minutes, 100 in the second, nothing in the third, 50 at the very end of the hour
    for value in 1..=20 {
        store(&server, &agent, at(begin, i64::from(value) * 10), value).await;
    }
    store(&server, &agent, at(begin, 300), 100).await;
    store(&server, &agent, at(begin, 3_599), 50).await;
    assert_eq!(roll(&server).await, 0, "nothing came late");

    let shown = history(&admin, &agent, begin, hour(&server)).await;
    assert_eq!(shown["step_seconds"], 300);
    let items = shown["items"].as_array().unwrap();
    let begins: Vec<Timestamp> =
        items.iter().map(|item| item["begins_at"].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(begins, [begin, at(begin, 300), at(begin, 3_300)]);
    let first = &items[0];
    assert_eq!(first["samples"], 20);
    assert_eq!(figures(&first["cpu_percent"]), json!([1.0, 10.5, 20.0, 19.0]));
    assert_eq!(figures(&first["memory_used_bytes"]), json!([1_000.0, 10_500.0, 20_000.0, 19_000.0]));
    assert_eq!(figures(&first["swap_used_bytes"]), json!([1.0, 10.5, 20.0, 19.0]));
    assert_eq!(figures(&first["network_rx_bytes_per_second"]), json!([5.0, 52.5, 100.0, 95.0]));
    assert_eq!(figures(&first["network_tx_bytes_per_second"]), json!([2.0, 21.0, 40.0, 38.0]));
    assert_eq!(figures(&first["disks"][0]["used_bytes"]), json!([7.0, 73.5, 140.0, 133.0]));
    assert_eq!((&first["disks"][0]["mount"], &first["disks"][0]["total_bytes"]), (&json!("/"), &json!(1000.0)));
    assert_eq!((&first["memory_total_bytes"], &first["swap_total_bytes"]), (&json!(100_000), &json!(1_000)));
    assert_eq!(figures(&items[1]["cpu_percent"]), json!([100.0, 100.0, 100.0, 100.0]));

    // the same hour as a long range shows it
    let long = history(&admin, &agent, at(begin, -30 * 86_400), hour(&server)).await;
    assert_eq!((&long["step_seconds"], long["items"].as_array().unwrap().len()), (&json!(3_600), 1), "{long}");
    let whole = &long["items"][0];
    assert_eq!((&whole["samples"], &whole["begins_at"]), (&json!(22), &json!(begin.to_string())));
    let average = (f64::from((1..=20).sum::<i32>()) + 150.0) / 22.0;
    let cpu = figures(&whole["cpu_percent"]);
    assert_eq!((&cpu[0], &cpu[2], &cpu[3]), (&json!(1.0), &json!(100.0), &json!(50.0)));
    let avg = cpu[1].as_f64().unwrap();
    assert!((avg - average).abs() < 0.001, "{avg} is not {average}");
    server.stop().await;
}

#[tokio::test]
async fn the_hours_that_are_not_over_are_made_of_their_minutes() {
    let (server, admin, agent) = start().await;
    let now = hour(&server);
    store(&server, &agent, at(now, -60), 10).await;
    roll(&server).await;
    store(&server, &agent, at(now, 60), 30).await;
    roll(&server).await;
    let shown = history(&admin, &agent, at(now, -30 * 86_400), at(now, 400)).await;
    let averages: Vec<f64> =
        shown["items"].as_array().unwrap().iter().map(|item| item["cpu_percent"]["avg"].as_f64().unwrap()).collect();
    assert_eq!(averages, [10.0, 30.0], "{shown}");
    server.stop().await;
}

#[tokio::test]
async fn a_year_has_steps_of_hours_and_keeps_its_peaks() {
    let (server, admin, agent) = start().await;
    let end = hour(&server);
    let begin = at(end, -365 * 86_400);
    let mut owner = server.db.connect("gururmm_owner").await;
    let make = "select partitions_create(size, 'month', $1::text::date, $2::text::date) from unnest(array['history_1h', 'history_6h']) size";
    let day = |at: Timestamp| at.strftime("%F").to_string();
    sqlx::query(make).bind(day(begin)).bind(day(end)).execute(&mut owner).await.unwrap();
    let fill = "insert into history_1h select id, org_id, $2 + make_interval(hours => n), 60, 1, 2, case n when 5000 then 99 else 3 end, 3,
                    null, null, null, null, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, '{}'
                from agents, generate_series(0, 8759) n where id = $1::uuid";
    sqlx::query(fill).bind(agent.agent_id.to_string()).bind(Time(begin)).execute(&mut owner).await.unwrap();
    let coarsen = "select history_coarsen('-infinity', 'infinity', null, null)";
    sqlx::query(coarsen).execute(&mut owner).await.unwrap();
    roll(&server).await;
    let shown = history(&admin, &agent, begin, end).await;
    let (step, items) = (shown["step_seconds"].as_i64().unwrap(), shown["items"].as_array().unwrap());
    assert_eq!(step, 6 * 3_600);
    assert!((1_460..=1_462).contains(&items.len()), "{}", items.len());
    let samples: i64 = items.iter().map(|item| item["samples"].as_i64().unwrap()).sum();
    let highest = items.iter().map(|item| item["cpu_percent"]["max"].as_f64().unwrap()).fold(0.0, f64::max);
    assert_eq!((samples, highest), (8_760 * 60, 99.0), "every hour is in one step, and the peak is seen");
    assert!(items[0]["load_1"].is_null());
    server.stop().await;
}

/// An average of nearly nothing would be too small for its column, which is an error that stops the roll-up of everybody.
#[tokio::test]
async fn a_figure_that_is_nearly_nothing_stops_no_roll_up() {
    let (server, admin, agent) = start().await;
    let begin = at(hour(&server), -3_600);
    let mut owner = server.db.connect("gururmm_owner").await;
    for (seconds, cpu) in [(10, "1e-45"), (20, "0")] {
        let sql = "insert into metrics select id, org_id, $2, 10, $3::text::real, $3::text::real, 1, 2, 0, 0, 0, 0, '[]' from agents where id = $1::uuid";
        let query = sqlx::query(sql).bind(agent.agent_id.to_string()).bind(Time(at(begin, seconds))).bind(cpu);
        query.execute(&mut owner).await.unwrap();
    }
    roll(&server).await;
    let shown = history(&admin, &agent, begin, hour(&server)).await;
    assert_eq!(figures(&shown["items"][0]["cpu_percent"]), json!([0.0, 0.0, 0.0, 0.0]), "{shown}");
    server.stop().await;
}

#[tokio::test]
async fn what_comes_late_is_in_the_history_too() {
    let (server, admin, agent) = start().await;
    let begin = at(hour(&server), -7_200);
    store(&server, &agent, at(begin, 10), 10).await;
    roll(&server).await;
    let mut link = Link::connect(&agent).await.unwrap();
    for (sequence, seconds, cpu) in [(1, 20, 30.0), (2, 310, 70.0)] {
        let body = Body::Metrics(Box::new(metrics(cpu)));
        link.send_record(Record { sequence, recorded_at: at(begin, seconds), body }).await.unwrap();
    }
    link.acknowledged(2).await.unwrap();
    let at_once = roll_up(&server.app().db, server.app().clock.now()).await.unwrap();
    assert_eq!(at_once, 0, "more may come");
    assert_eq!(roll(&server).await, 3, "two spans of 5 minutes and one hour");
    assert_eq!(roll(&server).await, 0, "once");
    let shown = history(&admin, &agent, begin, hour(&server)).await;
    let figures: Vec<_> = shown["items"].as_array().unwrap().iter().map(|item| figures(&item["cpu_percent"])).collect();
    assert_eq!(json!(figures), json!([[10.0, 20.0, 30.0, 30.0], [70.0, 70.0, 70.0, 70.0]]));
    let long = history(&admin, &agent, at(begin, -30 * 86_400), hour(&server)).await;
    assert_eq!(long["items"][0]["samples"], 3);
    server.stop().await;
}

#[tokio::test]
async fn what_comes_late_into_a_span_whose_measurements_are_no_longer_kept_does_not_replace_it() {
    let (server, admin, agent) = start().await;
    let begin = at(hour(&server), -7_200);
    for seconds in [10, 20] {
        store(&server, &agent, at(begin, seconds), 10).await;
    }
    roll(&server).await;
    let mut owner = server.db.connect("gururmm_owner").await;
    owner.execute("delete from metrics").await.unwrap();
    let mut link = Link::connect(&agent).await.unwrap();
    let body = Body::Metrics(Box::new(metrics(90.0)));
    link.send_record(Record { sequence: 1, recorded_at: at(begin, 30), body }).await.unwrap();
    link.acknowledged(1).await.unwrap();
    assert_eq!(roll(&server).await, 2, "looked at: a span of 5 minutes and an hour");
    for from in [begin, at(begin, -30 * 86_400)] {
        let shown = history(&admin, &agent, from, hour(&server)).await;
        assert_eq!(shown["items"][0]["samples"], 2);
        assert_eq!(figures(&shown["items"][0]["cpu_percent"]), json!([10.0, 10.0, 10.0, 10.0]));
    }
    server.stop().await;
}

/// The batch has looked at the mark and stored, and has not committed yet: closing must wait for it.
#[tokio::test]
async fn a_batch_and_the_end_of_a_span_cannot_pass_each_other() {
    let (server, admin, agent) = start().await;
    let begin = at(hour(&server), -3_600);
    roll(&server).await;
    let mut batch = server.db.connect("gururmm_owner").await;
    let mut batch = batch.begin().await.unwrap();
    batch.execute("select pg_advisory_xact_lock_shared(hashtext('history_marks'))").await.unwrap();
    let sql = "insert into metrics select id, org_id, $2, 1, 42, null, 1, 2, 0, 0, 0, 0, '[]' from agents where id = $1::uuid";
    let insert = sqlx::query(sql).bind(agent.agent_id.to_string()).bind(Time(at(hour(&server), 605)));
    insert.execute(&mut *batch).await.unwrap();
    server.clock.advance(SignedDuration::from_hours(1));
    let mut owner = server.db.connect("gururmm_owner").await;
    let (rolled, ()) = tokio::join!(roll_up(&server.app().db, server.app().clock.now()), async {
        gururmm_server_testkit::wait_for("the roll-up to wait", async || {
            let sql = "select exists (select from pg_locks where locktype = 'advisory' and not granted)";
            sqlx::query_scalar(sql).fetch_one(&mut owner).await.unwrap_or(false).then_some(())
        })
        .await;
        batch.commit().await.unwrap();
    });
    rolled.unwrap();
    let shown = history(&admin, &agent, begin, server.app().clock.now()).await;
    assert_eq!(figures(&shown["items"][0]["cpu_percent"]), json!([42.0, 42.0, 42.0, 42.0]), "{shown}");
    server.stop().await;
}

#[tokio::test]
async fn absurd_figures_of_one_machine_do_not_stop_the_others() {
    let (server, admin, agent) = start().await;
    let liar = server.enrol(&admin, "liar").await;
    let begin = at(hour(&server), -3_600);
    let mut owner = server.db.connect("gururmm_owner").await;
    let sql = "insert into metrics select id, org_id, $2, 1e-30, 'infinity', 'infinity', 9223372036854775807, 9223372036854775807,
                   9223372036854775807, 9223372036854775807, 9223372036854775807, 9223372036854775807,
                   '[{\"mount\": \"/\", \"used_bytes\": 18446744073709551615, \"total_bytes\": 18446744073709551615}]'
               from agents where id = $1::uuid";
    let insert = sqlx::query(sql).bind(liar.agent_id.to_string()).bind(Time(at(begin, 10)));
    insert.execute(&mut owner).await.unwrap();
    store(&server, &agent, at(begin, 10), 42).await;
    roll(&server).await;
    let shown = history(&admin, &agent, begin, hour(&server)).await;
    assert_eq!(figures(&shown["items"][0]["cpu_percent"]), json!([42.0, 42.0, 42.0, 42.0]));
    let shown = history(&admin, &liar, begin, hour(&server)).await;
    assert_eq!(figures(&shown["items"][0]["network_rx_bytes_per_second"])[2], json!(1e15));
    server.stop().await;
}

#[tokio::test]
async fn sparklines_show_the_last_three_hours() {
    let (server, admin, agent) = start().await;
    let idle = server.enrol(&admin, "idle").await;
    let now = server.app().clock.now();
    for (minutes, value) in [(181, 1), (179, 2), (61, 3), (1, 4)] {
        store(&server, &agent, at(now, -60 * minutes), value).await;
    }
    server.clock.advance(SignedDuration::from_secs(31));
    roll(&server).await;
    let path = format!("/agents/sparklines?agent_ids={},{}", agent.agent_id, idle.agent_id);
    let shown = admin.get(&path).await.ok();
    assert_eq!(shown["step_seconds"], Step::FIVE_MINUTES.seconds);
    let line = |id: &str| {
        let items = shown["items"].as_array().unwrap();
        items.iter().find(|item| item["agent_id"] == id).unwrap()["cpu_percent"].as_array().unwrap().clone()
    };
    let (busy, nothing) = (line(&agent.agent_id.to_string()), line(&idle.agent_id.to_string()));
    assert_eq!((busy.len(), nothing.iter().filter(|value| !value.is_null()).count()), (36, 0));
    let known: Vec<f64> = busy.iter().filter_map(Value::as_f64).collect();
    assert_eq!((known, busy[35].as_f64()), (vec![2.0, 3.0, 4.0], Some(4.0)));

    let stranger = server.stranger().await;
    let foreign = server.client_of(&stranger).get(&path).await.ok();
    assert_eq!(foreign["items"], json!([]), "another organisation's machines are not there");
    for ids in ["", "x", &[agent.agent_id.to_string().as_str(); 201].join(",")] {
        admin.get(&format!("/agents/sparklines?agent_ids={ids}")).await.problem(400, "invalid_request");
    }
    server.stop().await;
}

#[tokio::test]
async fn impossible_ranges_and_unknown_machines_are_refused() {
    let (server, admin, agent) = start().await;
    let now = server.app().clock.now();
    for query in [
        format!("from={now}&to={now}"),
        format!("from={}", at(now, 60)),
        format!("from=2000-01-01T00:00:00Z&to={now}"),
        "from=yesterday".to_owned(),
        "step=1".to_owned(),
    ] {
        admin.get(&format!("/agents/{}/history?{query}", agent.agent_id)).await.problem(400, "invalid_request");
    }
    admin.get("/agents/01900000-0000-7000-8000-000000000000/history").await.problem(404, "agent_not_found");
    server.stop().await;
}
