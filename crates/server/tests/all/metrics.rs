use gururmm_protocol::record::{Body, Record};
use gururmm_server::features::metrics::maintain;
use gururmm_server::platform::db::PartitionReport;
use gururmm_server::platform::time::Time;
use gururmm_server_testkit::{ApiClient, Link, SimulatedAgent, TestServer, metrics, wait_for};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

const RETENTION_DAYS: u32 = 3;

/// A server with one agent, its measurements kept for three days.
async fn start() -> (TestServer, ApiClient, SimulatedAgent) {
    let server = TestServer::start_with(|config| config.metrics_retention_days = RETENTION_DAYS).await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    (server, admin, agent)
}

fn ago(server: &TestServer, by: SignedDuration) -> Timestamp {
    server.app().clock.now().saturating_sub(by).unwrap()
}

/// Stores measurements of these use of the processors, a second apart, the last one at `last`.
async fn store(server: &TestServer, agent: &SimulatedAgent, last: Timestamp, cpus: std::ops::RangeInclusive<u32>) {
    let sql = "insert into metrics select id, org_id, $2 - make_interval(secs => $4 - number), 1, number, null, 1, 2, 0, 0, 0, 0,
                   '[{\"mount\": \"/\", \"used_bytes\": 3, \"total_bytes\": 4}]'
               from agents, generate_series($3, $4) number where id = $1::uuid";
    sqlx::query(sql)
        .bind(agent.agent_id.to_string())
        .bind(Time(last))
        .bind(cpus.start().cast_signed())
        .bind(cpus.end().cast_signed())
        .execute(&mut server.db.connect("gururmm_owner").await)
        .await
        .unwrap();
}

async fn range(admin: &ApiClient, agent: &SimulatedAgent, query: &str) -> Value {
    admin.get(&format!("/agents/{}/metrics?{query}", agent.agent_id)).await.ok()
}

fn cpus(range: &Value) -> Vec<u32> {
    range["items"].as_array().unwrap().iter().map(|point| point["cpu_percent"].as_f64().unwrap() as u32).collect()
}

async fn run(owner: &mut PgConnection, sql: String) {
    owner.execute(AssertSqlSafe(sql)).await.unwrap();
}

/// The statement that makes it.
fn create_partition(at: Timestamp) -> String {
    let day = at.strftime("%F");
    format!("select partitions_create('metrics', 'day', '{day}', '{day}')")
}

/// The partition of a moment.
fn partition(at: Timestamp) -> String {
    at.strftime("metrics_%Y%m%d").to_string()
}

/// The tables of measurements, those that are partitions and those that are not any more.
async fn tables(server: &TestServer) -> Vec<String> {
    let sql = "select relname::text from pg_class where relkind = 'r' and relname like 'metrics\\_%' order by 1";
    sqlx::query_scalar(sql).fetch_all(&mut server.db.connect("gururmm_owner").await).await.unwrap()
}

fn day(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

#[tokio::test]
async fn the_last_hour_is_shown_unless_told() {
    let (server, admin, agent) = start().await;
    let minute = SignedDuration::from_mins(1);
    for (minutes, cpu) in [(-1, 1), (0, 2), (1, 3), (59, 4), (61, 5), (120, 6)] {
        store(&server, &agent, ago(&server, minute * minutes), cpu..=cpu).await;
    }
    let shown = range(&admin, &agent, "").await;
    assert_eq!((cpus(&shown), shown["truncated"].as_bool()), (vec![4, 3, 2], Some(false)), "{shown}");
    let point = &shown["items"][0];
    assert_eq!((point["memory_total_bytes"].as_i64(), point["load_1"].as_f64()), (Some(2), None));
    assert_eq!(point["disks"][0]["used_bytes"], 3);

    let (from, to) = (ago(&server, minute * 119), ago(&server, minute * 30));
    assert_eq!(cpus(&range(&admin, &agent, &format!("from={from}&to={to}")).await), [5, 4]);
    assert_eq!(cpus(&range(&admin, &agent, &format!("from={from}")).await), [5, 4, 3, 2], "up to now");
    let to = ago(&server, minute * 60);
    assert_eq!(cpus(&range(&admin, &agent, &format!("to={to}")).await), [6, 5], "an hour up to then");
    let other = server.enrol(&admin, "web-2").await;
    assert!(cpus(&range(&admin, &other, "").await).is_empty(), "another machine has none");
    server.stop().await;
}

#[tokio::test]
async fn impossible_ranges_are_refused() {
    let (server, admin, agent) = start().await;
    let (now, hour) = (server.app().clock.now(), SignedDuration::from_hours(1));
    let too_wide = now.saturating_sub(day(31) + SignedDuration::from_secs(1)).unwrap();
    for query in [
        format!("from={now}&to={}", now.saturating_sub(hour).unwrap()),
        format!("from={now}&to={now}"),
        format!("from={}", now.saturating_add(hour).unwrap()),
        format!("from={too_wide}&to={now}"),
        "from=-009000-01-01T00:00:00Z&to=9999-12-30T00:00:00Z".to_owned(),
        "to=-009000-01-01T00:00:00Z".to_owned(),
        "from=yesterday".to_owned(),
        "from=".to_owned(),
        "since=1".to_owned(),
        "limit=10".to_owned(),
    ] {
        let path = format!("/agents/{}/metrics?{query}", agent.agent_id);
        admin.get(&path).await.problem(400, "invalid_request");
    }
    let widest = ago(&server, day(31));
    assert!(cpus(&range(&admin, &agent, &format!("from={widest}&to={now}")).await).is_empty());
    assert!(cpus(&range(&admin, &agent, "to=9999-12-30T00:00:00Z").await).is_empty());
    admin.get("/agents/01900000-0000-7000-8000-000000000000/metrics").await.problem(404, "agent_not_found");
    server.stop().await;
}

#[tokio::test]
async fn very_many_points_come_in_parts_the_oldest_first() {
    let (server, admin, agent) = start().await;
    let (from, to) = (ago(&server, SignedDuration::from_hours(3)), server.app().clock.now());
    store(&server, &agent, to, 1..=5_000).await;
    let all = range(&admin, &agent, &format!("from={from}")).await;
    assert_eq!((all["items"].as_array().unwrap().len(), all["truncated"].as_bool()), (5_000, Some(false)));

    store(&server, &agent, ago(&server, SignedDuration::from_hours(2)), 9_999..=9_999).await;
    let first = range(&admin, &agent, &format!("from={from}")).await;
    assert_eq!((first["items"].as_array().unwrap().len(), first["truncated"].as_bool()), (5_000, Some(true)));
    let (shown, expected): (_, Vec<u32>) = (cpus(&first), std::iter::once(9_999).chain(1..=4_999).collect());
    assert_eq!(shown, expected);
    let last = first["items"][4_999]["recorded_at"].as_str().unwrap();
    let rest = range(&admin, &agent, &format!("from={last}")).await;
    assert_eq!((cpus(&rest), rest["truncated"].as_bool()), (vec![4_999, 5_000], Some(false)));
    server.stop().await;
}

#[tokio::test]
async fn partitions_are_made_ahead_and_old_ones_really_go() {
    let (server, admin, agent) = start().await;
    let now = server.app().clock.now();
    // one made by an earlier configuration that kept more
    let (old, made) = (partition(ago(&server, day(9))), tables(&server).await);
    let expected: Vec<String> = (-3..=3).map(|days| partition(now.saturating_add(day(days)).unwrap())).collect();
    assert_eq!(made, expected, "of the days kept, today and three days ahead");
    let mut owner = server.db.connect("gururmm_owner").await;
    let create = create_partition(ago(&server, day(9)));
    run(&mut owner, create).await;
    for (days, cpu) in [(9, 1), (1, 2)] {
        store(&server, &agent, ago(&server, day(days)), cpu..=cpu).await;
    }
    let (from, to) = (ago(&server, day(10)), ago(&server, SignedDuration::ZERO));
    let query = format!("from={from}&to={to}");
    assert_eq!(cpus(&range(&admin, &agent, &query).await), [1, 2]);

    let report = maintain(&server.app().db, now, RETENTION_DAYS).await.unwrap();
    assert_eq!(report, PartitionReport { dropped: vec![old], ..PartitionReport::default() });
    assert_eq!(cpus(&range(&admin, &agent, &query).await), [2]);
    assert_eq!(tables(&server).await, expected, "the table itself is gone");
    let again = maintain(&server.app().db, now, RETENTION_DAYS).await.unwrap();
    assert_eq!(again, PartitionReport::default(), "there is nothing left to do");

    server.clock.advance(day(2));
    let now = server.app().clock.now();
    let report = maintain(&server.app().db, now, RETENTION_DAYS).await.unwrap();
    assert_eq!(report.created, 2);
    let expected: Vec<String> = (-3..=3).map(|days| partition(now.saturating_add(day(days)).unwrap())).collect();
    let kept: Vec<String> = tables(&server).await.into_iter().filter(|table| expected.contains(table)).collect();
    assert_eq!(kept, expected);
    server.stop().await;
}

#[tokio::test]
async fn a_detach_that_was_stopped_half_way_is_finished() {
    let (server, admin, agent) = start().await;
    let old = ago(&server, day(9));
    let (old_table, kept_table) = (partition(old), partition(ago(&server, day(1))));
    let mut owner = server.db.connect("gururmm_owner").await;
    run(&mut owner, create_partition(old)).await;
    store(&server, &agent, ago(&server, day(1)), 5..=5).await;

    stop_half_way(&server, &old_table).await;
    let report = maintain(&server.app().db, server.app().clock.now(), RETENTION_DAYS).await.unwrap();
    assert_eq!(report, PartitionReport { dropped: vec![old_table.clone()], ..PartitionReport::default() });
    assert!(!tables(&server).await.contains(&old_table));

    // detached and not dropped: the step after
    run(&mut owner, create_partition(old)).await;
    run(&mut owner, format!("alter table metrics detach partition {old_table}")).await;
    let report = maintain(&server.app().db, server.app().clock.now(), RETENTION_DAYS).await.unwrap();
    assert_eq!(report.dropped, [old_table]);

    // a clock that was far ahead for a while made it detach a day that is kept
    stop_half_way(&server, &kept_table).await;
    let report = maintain(&server.app().db, server.app().clock.now(), RETENTION_DAYS).await.unwrap();
    assert_eq!(report, PartitionReport { attached: vec![kept_table], ..PartitionReport::default() });
    let from = ago(&server, day(2));
    assert_eq!(cpus(&range(&admin, &agent, &format!("from={from}")).await), [5], "its points are back");
    let again = maintain(&server.app().db, server.app().clock.now(), RETENTION_DAYS).await.unwrap();
    assert_eq!(again, PartitionReport::default());
    server.stop().await;
}

/// Leaves a partition as a server leaves it that is killed while it waits for the readers of what it detaches.
async fn stop_half_way(server: &TestServer, partition: &str) {
    let (mut reader, mut owner) = (server.db.connect("gururmm_owner").await, server.db.connect("gururmm_owner").await);
    let mut reading = reader.begin().await.unwrap();
    reading.execute("select count(*) from metrics").await.unwrap();
    let mut detacher = server.db.connect("gururmm_owner").await;
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut detacher).await.unwrap();
    let statement = format!("alter table metrics detach partition {partition} concurrently");
    let detaching = async { sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut detacher).await };
    let (detached, ()) = tokio::join!(detaching, async {
        wait_for("the partition to be half detached", async || {
            let sql = "select exists (select from pg_inherits where inhdetachpending)";
            sqlx::query_scalar(sql).fetch_one(&mut owner).await.unwrap_or(false).then_some(())
        })
        .await;
        sqlx::query("select pg_terminate_backend($1, 30000)").bind(pid).execute(&mut owner).await.unwrap();
    });
    assert!(detached.is_err(), "it was stopped");
    reading.commit().await.unwrap();
}

#[tokio::test]
async fn what_an_agent_sends_from_before_the_retention_is_left_out() {
    let (server, admin, agent) = start().await;
    let mut link = Link::connect(&agent).await.unwrap();
    for (sequence, days) in [(1, 4), (2, 2)] {
        let body = Body::Metrics(Box::new(metrics(sequence as f32)));
        link.send_record(Record { sequence, recorded_at: ago(&server, day(days)), body }).await.unwrap();
    }
    link.acknowledged(2).await.unwrap();
    let from = ago(&server, day(10));
    assert_eq!(cpus(&range(&admin, &agent, &format!("from={from}")).await), [2]);
    server.stop().await;
}
