//! Records while something is wrong: with the clock, with one of them, with the database.

use gururmm_ids::SpoolId;
use gururmm_protocol::record::{Body, Record};
use gururmm_server::features::history::roll_up;
use gururmm_server_testkit::{ApiClient, Link, SimulatedAgent, TestServer, metrics, wait_for};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// Records that may wait for the batcher.
const QUEUE_MAX: usize = 8_192;

fn record(sequence: u64, recorded_at: Timestamp) -> Record {
    Record { sequence, recorded_at, body: Body::Metrics(Box::new(metrics(sequence as f32))) }
}

/// The use of the processors in every measurement around the server's present.
async fn points(server: &TestServer, admin: &ApiClient, agent: &SimulatedAgent) -> Vec<f64> {
    let (now, hour) = (server.app().clock.now(), SignedDuration::from_hours(1));
    let (from, to) = (now.saturating_sub(hour).unwrap(), now.saturating_add(hour).unwrap());
    let range = admin.get(&format!("/agents/{}/metrics?from={from}&to={to}", agent.agent_id)).await.ok();
    range["items"].as_array().unwrap().iter().map(|point| point["cpu_percent"].as_f64().unwrap()).collect()
}

#[tokio::test]
async fn measurements_after_a_jump_of_the_clock_are_stored() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    // beyond every day that was made ahead; the session of the person has ended, too
    server.clock.advance(SignedDuration::from_hours(10 * 24));
    link.send_record(record(1, server.app().clock.now())).await.unwrap();
    link.acknowledged(1).await.unwrap();
    let mut owner = server.db.connect("gururmm_owner").await;
    let stored: Vec<f32> = sqlx::query_scalar("select cpu_percent from metrics").fetch_all(&mut owner).await.unwrap();
    assert_eq!(stored, [1.0]);
    server.stop().await;
}

/// Records on both sides of midnight come again after midnight: as they are, and as those of another life of the spool.
#[tokio::test]
async fn a_repeat_across_midnight_doubles_nothing() {
    Box::pin(repeats_once_across(|today| today.saturating_add(1.day()))).await;
}

/// Then another partition begins in the tables of the history, too.
#[tokio::test]
async fn a_repeat_across_the_end_of_a_month_doubles_nothing() {
    Box::pin(repeats_once_across(|today| today.last_of_month().saturating_add(1.day()))).await;
}

/// Of a year as well.
#[tokio::test]
async fn a_repeat_across_the_end_of_a_year_doubles_nothing() {
    Box::pin(repeats_once_across(|today| today.last_of_year().saturating_add(1.day()))).await;
}

async fn repeats_once_across(day_after: fn(Date) -> Date) {
    let mut server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let midnight = day_after(server.app().clock.now().to_zoned(TimeZone::UTC).date());
    let midnight = midnight.to_zoned(TimeZone::UTC).unwrap().timestamp();
    let at = |seconds: i64| midnight.saturating_add(SignedDuration::from_secs(seconds)).unwrap();
    server.clock.advance(at(-20).duration_since(server.app().clock.now()));
    let times = [-40, -21, -1, 0, 1];
    let send = async |link: &mut Link| {
        for (sequence, seconds) in (1..).zip(times) {
            link.send_record(record(sequence, at(seconds))).await.unwrap();
        }
    };
    let mut link = Link::connect(&agent).await.unwrap();
    send(&mut link).await;
    link.acknowledged(5).await.unwrap();
    link.vanish();
    server.clock.advance(SignedDuration::from_mins(1));
    server.restart().await;
    let mut link = Link::connect(&agent).await.unwrap();
    send(&mut link).await;
    link.send_record(record(6, at(30))).await.unwrap();
    link.acknowledged(6).await.unwrap();
    link.vanish();
    let renewed = SimulatedAgent { spool_id: SpoolId::generate(), ..agent.clone() };
    let mut link = Link::connect(&renewed).await.unwrap();
    send(&mut link).await;
    link.acknowledged(5).await.unwrap();
    let mut owner = server.db.connect("gururmm_owner").await;
    let stored: Vec<f32> =
        sqlx::query_scalar("select cpu_percent from metrics order by recorded_at").fetch_all(&mut owner).await.unwrap();
    assert_eq!(stored, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    // the spans on both sides have what belongs to them, once
    server.clock.advance(SignedDuration::from_hours(2));
    server.restart().await;
    while roll_up(&server.app().db, server.app().clock.now()).await.unwrap() > 0 {}
    for table in ["history_5m", "history_1h"] {
        let spans = AssertSqlSafe(format!("select samples from {table} order by begins_at"));
        let spans: Vec<i32> = sqlx::query_scalar(spans).fetch_all(&mut owner).await.unwrap();
        assert_eq!(spans, [3, 3], "{table}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_record_that_the_database_refuses_takes_no_other_with_it() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let mut owner = server.db.connect("gururmm_owner").await;
    owner.execute("alter table metrics add constraint no_thirteen check (cpu_percent <> 13)").await.unwrap();
    let now = server.app().clock.now();
    let mut held = owner.begin().await.unwrap();
    held.execute("lock table ingest_marks in access exclusive mode").await.unwrap();
    for sequence in 11..=15 {
        let at = now.saturating_sub(SignedDuration::from_secs(20 - sequence)).unwrap();
        link.send_record(record(sequence.cast_unsigned(), at)).await.unwrap();
        if sequence == 11 {
            server.db.wait_for_blocked().await;
        }
    }
    held.rollback().await.unwrap();
    link.acknowledged(15).await.unwrap();
    assert_eq!(points(&server, &admin, &agent).await, [11.0, 12.0, 14.0, 15.0]);
    server.stop().await;
}

/// Takes the database away from the server; the owner, who is above limits, stays.
async fn take_away(owner: &mut PgConnection) {
    owner
        .execute("do $$ begin execute format('alter database %I connection limit 0', current_database()); end $$")
        .await
        .unwrap();
    let end_all = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    owner.execute(end_all).await.unwrap();
}

async fn give_back(owner: &mut PgConnection) {
    owner
        .execute("do $$ begin execute format('alter database %I connection limit -1', current_database()); end $$")
        .await
        .unwrap();
}

/// More records than may wait: the server stops reading, and goes on as if nothing had been.
#[tokio::test]
async fn while_the_database_is_away_records_wait_within_bounds_and_none_is_acknowledged() {
    const EACH: u64 = 2_000;
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut links = Vec::new();
    for number in 0..5 {
        let agent = server.enrol(&admin, &format!("web-{number}")).await;
        links.push(Link::connect(&agent).await.unwrap());
    }
    let mut owner = server.db.connect("gururmm_owner").await;
    take_away(&mut owner).await;
    let now = server.app().clock.now();
    let sending: Vec<_> = links
        .into_iter()
        .map(|mut link| {
            tokio::spawn(async move {
                for sequence in 1..=EACH {
                    let at = now.saturating_sub(SignedDuration::from_secs((EACH - sequence).cast_signed())).unwrap();
                    link.send_record(record(sequence, at)).await.unwrap();
                }
                link
            })
        })
        .collect();
    let full = wait_for("the queue to be full", async || {
        let waiting = server.app().ingest.len();
        (waiting >= QUEUE_MAX).then_some(waiting)
    })
    .await;
    assert_eq!(full, QUEUE_MAX);
    let count = "select count(*) from metrics";
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut owner).await.unwrap(), 0);
    give_back(&mut owner).await;
    for link in sending {
        let mut link = link.await.unwrap();
        assert_eq!(link.welcome.as_ref().unwrap().acknowledged, 0);
        link.acknowledged(EACH).await.unwrap();
    }
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut owner).await.unwrap(), 5 * EACH.cast_signed());
    server.stop().await;
}
