use std::time::Duration;

use gururmm_agent_core::commands::memory::Fate;
use gururmm_protocol::command::{Outcome, Stream};
use gururmm_protocol::metrics::Metrics;
use gururmm_protocol::record::{CommandResult, Output};

use super::*;

fn metrics() -> Body {
    let empty = serde_json::json!({
        "interval_seconds": 60.0, "cpu_percent": 1.0, "memory_used_bytes": 1, "memory_total_bytes": 2
    });
    Body::Metrics(Box::new(serde_json::from_value::<Metrics>(empty).unwrap()))
}

fn output(command_id: CommandId, bytes: usize) -> Body {
    Body::CommandOutput(Output { command_id, stream: Stream::Stdout, offset: 0, data: vec![b'x'; bytes] })
}

fn result(command_id: CommandId) -> Body {
    Body::CommandResult(CommandResult {
        command_id,
        outcome: Outcome::Completed,
        exit_code: Some(0),
        reason: None,
        stdout_bytes: 0,
        stderr_bytes: 0,
    })
}

fn accepted(command_id: CommandId) -> Remembered {
    let expires_at = Timestamp::from_second(100).unwrap();
    Remembered { command_id, issued_at: Timestamp::UNIX_EPOCH, expires_at, fate: Fate::Accepted }
}

struct Disk {
    folder: tempfile::TempDir,
    agent_id: AgentId,
    limits: Limits,
}

impl Disk {
    fn new() -> Self {
        let disk =
            Self { folder: tempfile::tempdir().unwrap(), agent_id: AgentId::generate(), limits: Limits::default() };
        create_anew(&disk.path(), disk.agent_id).unwrap();
        disk
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("agent.db")
    }

    fn open(&self) -> Opened {
        Store::open(&self.path(), self.agent_id, self.limits, CancellationToken::new()).unwrap()
    }

    /// The files as they are now: what a crash of the machine leaves, as far as it was synced.
    fn copy(&self) -> Self {
        let copy = Self { folder: tempfile::tempdir().unwrap(), agent_id: self.agent_id, limits: self.limits };
        for entry in std::fs::read_dir(self.folder.path()).unwrap().flatten() {
            std::fs::copy(entry.path(), copy.folder.path().join(entry.file_name())).unwrap();
        }
        copy
    }
}

async fn numbers(store: &Store, after: u64) -> Vec<u64> {
    store.ready(after, 1000).await.into_iter().map(|(sequence, _)| sequence).collect()
}

/// The numbers of everything that can be sent, asked for in pages.
async fn numbers_by(store: &Store, limit: usize) -> Vec<u64> {
    let mut seen = Vec::new();
    loop {
        let page = store.ready(seen.last().copied().unwrap_or(0), limit).await;
        if page.is_empty() {
            return seen;
        }
        seen.extend(page.into_iter().map(|(sequence, _)| sequence));
    }
}

async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let poll = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), poll).await.unwrap_or_else(|_| panic!("never: {what}"));
}

#[tokio::test]
async fn records_survive_until_they_are_acknowledged() {
    let disk = Disk::new();
    let store = disk.open().store;
    for _ in 0..3 {
        store.append(Timestamp::UNIX_EPOCH, metrics()).await;
    }
    assert_eq!(numbers(&store, 0).await, [1, 2, 3]);
    store.acknowledged(2);
    store.close().await;

    let store = disk.open().store;
    assert_eq!(numbers(&store, 0).await, [3]);
    assert_eq!(depth(&disk.path()), Some(1));
}

#[tokio::test]
async fn what_is_acknowledged_before_it_is_written_does_not_stay() {
    let disk = Disk::new();
    let store = disk.open().store;
    store.acknowledged(2);
    for _ in 0..3 {
        store.append(Timestamp::UNIX_EPOCH, metrics()).await;
        store.settled().await;
    }
    store.close().await;
    assert_eq!(numbers(&disk.open().store, 0).await, [3]);
}

#[tokio::test]
async fn a_number_is_never_used_twice_even_after_a_crash() {
    let disk = Disk::new();
    let store = disk.open().store;
    // the crash comes before anything was written: the copy knows only the reservation
    let crashed = disk.copy();
    for _ in 0..5 {
        store.append(Timestamp::UNIX_EPOCH, metrics()).await;
    }
    let sent = numbers(&store, 0).await;

    let store = crashed.open().store;
    assert!(!store.is_behind(*sent.last().unwrap()));
    store.append(Timestamp::UNIX_EPOCH, metrics()).await;
    let next = numbers(&store, 0).await[0];
    assert!(next > *sent.last().unwrap(), "{next} after {sent:?}");
}

#[tokio::test]
async fn the_block_moves_on_before_it_is_used_up() {
    let disk = Disk::new();
    let store = disk.open().store;
    for _ in 0..numbering::BLOCK + 100 {
        store.append(Timestamp::UNIX_EPOCH, result(CommandId::generate())).await;
    }
    let crashed = disk.copy();
    let highest = numbering::BLOCK + 100;
    assert!(!crashed.open().store.is_behind(highest));
}

#[tokio::test]
async fn an_acceptance_is_durable_when_it_is_reported() {
    let disk = Disk::new();
    let store = disk.open().store;
    let entry = accepted(CommandId::generate());
    assert!(store.remember(entry.clone()).await.await);
    assert_eq!(disk.copy().open().remembered, [entry]);
}

#[tokio::test]
async fn an_acceptance_keeps_its_place_before_the_result() {
    let disk = Disk::new();
    let store = disk.open().store;
    let id = CommandId::generate();
    let answer = store.remember(accepted(id)).await;
    store.append(Timestamp::UNIX_EPOCH, result(id)).await;
    assert!(answer.await);
    store.settled().await;
    assert_eq!(disk.copy().open().remembered[0].fate, Fate::Ended);
}

#[tokio::test]
async fn a_refusal_and_its_id_are_written_together() {
    let disk = Disk::new();
    let store = disk.open().store;
    let id = CommandId::generate();
    let entry = Remembered { fate: Fate::Ended, ..accepted(id) };
    store.append_remembering(Timestamp::UNIX_EPOCH, result(id), entry.clone()).await;
    store.settled().await;
    let after_crash = disk.copy().open();
    assert_eq!(after_crash.remembered, [entry]);
    assert_eq!(numbers(&after_crash.store, 0).await, [1]);
}

#[tokio::test]
async fn a_result_is_sent_only_with_the_fate_of_its_id_on_disk() {
    let disk = Disk::new();
    let store = disk.open().store;
    let id = CommandId::generate();
    assert!(store.remember(accepted(id)).await.await);
    store.append(Timestamp::UNIX_EPOCH, result(id)).await;
    store.settled().await;
    assert_eq!(numbers(&store, 0).await, [1]);
    let after_crash = disk.copy().open();
    assert_eq!(after_crash.remembered[0].fate, Fate::Ended);
    assert_eq!(numbers(&after_crash.store, 0).await.len(), 1);
    assert_eq!(after_crash.store.commands_with_records().await, [id]);
}

#[tokio::test]
async fn when_the_spool_is_full_metrics_go_and_commands_stay() {
    let mut disk = Disk::new();
    disk.limits = Limits { bytes: 100_000, metrics: 10 };
    let store = disk.open().store;
    let id = CommandId::generate();
    store.append(Timestamp::UNIX_EPOCH, output(id, 10)).await;
    for _ in 0..30 {
        store.append(Timestamp::UNIX_EPOCH, metrics()).await;
    }
    store.settled().await;
    let crashed = disk.copy();
    let kept = numbers(&crashed.open().store, 0).await;
    assert_eq!(kept.len(), 11, "one piece of output and the newest metrics: {kept:?}");
    assert_eq!((kept[0], kept[10]), (1, 31));
    assert!(store.has_room());

    for _ in 0..4 {
        store.append(Timestamp::UNIX_EPOCH, output(id, 30_000)).await;
    }
    store.settled().await;
    assert!(!store.has_room());
    assert_eq!(numbers(&disk.copy().open().store, 0).await, [1, 32, 33, 34, 35]);
    store.acknowledged(35);
    until("room again", async || store.has_room()).await;
}

#[tokio::test]
async fn a_connection_that_lags_reads_from_disk_without_a_gap() {
    let disk = Disk::new();
    let store = disk.open().store;
    for _ in 0..40 {
        store.append(Timestamp::UNIX_EPOCH, output(CommandId::generate(), 20_000)).await;
    }
    let (mut cursor, mut seen) = (0, Vec::new());
    while seen.len() < 40 {
        for (sequence, json) in store.ready(cursor, 7).await {
            assert!(json.contains("command_output"));
            seen.push(sequence);
            cursor = sequence;
            store.sent(sequence);
        }
    }
    assert_eq!(seen, (1..=40).collect::<Vec<_>>());
}

/// From now on the disk takes no records.
fn refuse_records(disk: &Disk) {
    let refusal = "CREATE TRIGGER full BEFORE INSERT ON records BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    rusqlite::Connection::open(disk.path()).unwrap().execute_batch(refusal).unwrap();
}

#[tokio::test]
async fn a_backlog_on_a_full_disk_is_read_without_a_gap() {
    let disk = Disk::new();
    let store = disk.open().store;
    for _ in 0..40 {
        store.append(Timestamp::UNIX_EPOCH, output(CommandId::generate(), 20_000)).await;
    }
    store.settled().await;
    refuse_records(&disk);
    let refused = CommandId::generate();
    for _ in 0..10 {
        store.append(Timestamp::UNIX_EPOCH, output(refused, 20_000)).await;
    }
    store.settled().await;
    assert!(!store.has_room(), "the disk refused");
    assert!(store.commands_with_records().await.contains(&refused));

    let (mut cursor, mut seen) = (0, Vec::new());
    while seen.len() < 50 {
        let ready = store.ready(cursor, 1000).await;
        assert!(!ready.is_empty(), "nothing after {cursor}");
        seen.extend(ready.iter().map(|(sequence, _)| *sequence));
        cursor = *seen.last().unwrap();
    }
    assert_eq!(seen, (1..=50).collect::<Vec<_>>());
}

/// What a bad sector does to the content of the file, while the agent works.
fn damage(disk: &Disk, sql: &str) {
    rusqlite::Connection::open(disk.path()).unwrap().execute_batch(sql).unwrap();
}

#[tokio::test]
async fn a_damaged_record_holds_up_no_other() {
    let disk = Disk::new();
    let broken = CancellationToken::new();
    let store = Store::open(&disk.path(), disk.agent_id, disk.limits, broken.clone()).unwrap().store;
    for _ in 0..20 {
        store.append(Timestamp::UNIX_EPOCH, output(CommandId::generate(), 20_000)).await;
    }
    store.settled().await;
    damage(&disk, "UPDATE records SET json = cast(x'7bff7d' AS text) WHERE sequence IN (1, 5)");
    damage(
        &disk,
        "UPDATE records SET json = x'00' WHERE sequence = 2; UPDATE records SET json = '{' WHERE sequence = 3",
    );
    assert_eq!(numbers_by(&store, 1).await, [4].into_iter().chain(6..=20).collect::<Vec<_>>());
    assert!(!broken.is_cancelled());
    store.acknowledged(20);
    store.append(Timestamp::UNIX_EPOCH, result(CommandId::generate())).await;
    store.settled().await;
    assert_eq!(depth(&disk.path()), Some(1));
}

#[tokio::test]
async fn a_store_that_broke_while_it_worked_is_replaced_at_the_next_start() {
    // what a look at the file from outside does not show
    let lost_result = "UPDATE records SET json = '{' WHERE sequence = 20";
    let lost_index = "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'kind = 0', 'kind = 1')
                      WHERE name = 'records_metrics'";
    for sql in [lost_result, lost_index] {
        let disk = Disk::new();
        let opened = disk.open();
        for _ in 0..19 {
            opened.store.append(Timestamp::UNIX_EPOCH, output(CommandId::generate(), 20_000)).await;
        }
        opened.store.append(Timestamp::UNIX_EPOCH, result(CommandId::generate())).await;
        opened.store.close().await;
        damage(&disk, sql);

        let broken = CancellationToken::new();
        let store = Store::open(&disk.path(), disk.agent_id, disk.limits, broken.clone()).unwrap().store;
        store.acknowledged(10);
        store.append(Timestamp::UNIX_EPOCH, metrics()).await;
        store.settled().await;
        numbers_by(&store, 1000).await;
        assert!(broken.is_cancelled(), "{sql}");
        store.close().await;
        move_aside(&disk.path()).unwrap();

        let opened = disk.open();
        assert!(opened.memory_lost);
        opened.store.append(Timestamp::UNIX_EPOCH, metrics()).await;
        assert_eq!(numbers(&opened.store, 0).await.len(), 1);
    }
}

#[tokio::test]
async fn text_of_all_languages_leaves_no_trace_in_the_size_of_the_spool() {
    let mut disk = Disk::new();
    disk.limits.bytes = 20_000;
    let body = || {
        let Body::Metrics(mut metrics) = metrics() else { unreachable!() };
        metrics.logged_in_user = Some("José サービス".repeat(10));
        Body::Metrics(metrics)
    };
    let store = disk.open().store;
    for round in 1..=100 {
        for _ in 0..20 {
            store.append(Timestamp::UNIX_EPOCH, body()).await;
        }
        store.acknowledged(round * 20);
        store.settled().await;
    }
    store.append(Timestamp::UNIX_EPOCH, result(CommandId::generate())).await;
    store.settled().await;
    let weight = store.shared.totals().bytes;
    assert!(weight < 1000, "{weight} bytes of one small record");
    store.close().await;
    assert_eq!(disk.open().store.shared.totals().bytes, weight);
}

#[tokio::test]
async fn room_is_held_for_a_full_disk_and_given_up() {
    let disk = Disk::new();
    let ballast = disk.folder.path().join("agent.db.ballast");
    disk.open().store.close().await;
    assert_eq!(std::fs::metadata(&ballast).unwrap().len(), ballast::SIZE as u64);

    let mut held = Ballast::of(&disk.path());
    let content = schema::open(&disk.path(), disk.agent_id, &mut held).unwrap();
    // a disk with room for a dozen pages more
    let pages: i64 = content.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    content.connection.pragma_update(None, "max_page_count", pages + 12).unwrap();
    let store = Store::start(content, held, disk.limits, CancellationToken::new()).unwrap().store;
    store.append(Timestamp::UNIX_EPOCH, output(CommandId::generate(), 30_000)).await;
    store.settled().await;
    assert!(store.has_room() && ballast.exists());
    store.append(Timestamp::UNIX_EPOCH, output(CommandId::generate(), 30_000)).await;
    store.settled().await;
    assert!(!store.has_room() && !ballast.exists());
    // it is not wanted back at once
    store.acknowledged(2);
    until("room again", async || store.has_room()).await;
    assert!(!ballast.exists());
    remove(&disk.path()).unwrap();
}

#[tokio::test]
async fn without_any_room_the_store_lives_in_memory_and_the_file_is_no_memory_any_more() {
    let disk = Disk::new();
    let id = CommandId::generate();
    let store = disk.open().store;
    assert!(store.remember(accepted(id)).await.await);
    store.close().await;
    remove(&disk.path()).unwrap();
    // nothing can be opened here
    std::fs::create_dir(disk.path()).unwrap();
    let opened = disk.open();
    assert!(opened.memory_lost && opened.remembered.is_empty());
    assert!(opened.store.remember(accepted(id)).await.await);
    opened.store.append(Timestamp::UNIX_EPOCH, result(id)).await;
    opened.store.settled().await;
    assert_eq!(numbers(&opened.store, 0).await, [1]);
    opened.store.acknowledged(1);
    opened.store.close().await;

    // the disk works again: what ran meanwhile is not known, so it must not look known
    let opened = disk.open();
    assert!(opened.memory_lost && disk.path().is_file());
}

#[tokio::test]
async fn the_files_are_private_whatever_the_umask_says() {
    use std::os::unix::fs::PermissionsExt as _;
    let disk = Disk::new();
    std::fs::set_permissions(disk.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let store = disk.open().store;
    store.append(Timestamp::UNIX_EPOCH, metrics()).await;
    store.settled().await;
    let files: Vec<_> = std::fs::read_dir(disk.folder.path()).unwrap().flatten().collect();
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    store.close().await;
    remove(&disk.path()).unwrap();
    assert_eq!(std::fs::read_dir(disk.folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_damaged_file_is_moved_aside_and_its_memory_counts_as_lost() {
    let disk = Disk::new();
    disk.open().store.close().await;
    let mut bytes = std::fs::read(disk.path()).unwrap();
    for damage in [&mut bytes[..], &mut [0u8; 10][..]] {
        damage.fill(0x55);
        std::fs::write(disk.path(), &*damage).unwrap();
        let opened = disk.open();
        assert!(opened.memory_lost);
        assert!(disk.folder.path().join("agent.db.damaged").exists());
        opened.store.append(Timestamp::UNIX_EPOCH, metrics()).await;
        assert_eq!(numbers(&opened.store, 0).await.len(), 1);
        opened.store.close().await;
    }
}

#[tokio::test]
async fn a_missing_file_is_a_lost_memory_until_a_limit_is_set() {
    let disk = Disk::new();
    remove(&disk.path()).unwrap();
    let opened = disk.open();
    assert!(opened.memory_lost);
    let limit = Timestamp::from_second(50).unwrap();
    opened.store.forget(Vec::new(), Some(limit)).await;
    opened.store.close().await;
    let opened = disk.open();
    assert!(!opened.memory_lost);
    assert_eq!(opened.not_before, Some(limit));
}

#[tokio::test]
async fn the_servers_time_is_known_without_the_agent() {
    let disk = Disk::new();
    assert_eq!(ahead_of_wall(&disk.path()), SignedDuration::ZERO);
    let store = disk.open().store;
    store.keep_clock(SignedDuration::from_secs(-700)).await;
    store.close().await;
    assert_eq!(ahead_of_wall(&disk.path()), SignedDuration::from_secs(-700));
    assert_eq!(ahead_of_wall(&disk.folder.path().join("none")), SignedDuration::ZERO);
}

#[tokio::test]
async fn another_identity_never_inherits_a_memory() {
    let disk = Disk::new();
    let first = disk.open();
    let spool_id = first.store.spool_id();
    first.store.close().await;
    let other = Disk { agent_id: AgentId::generate(), ..disk };
    let opened = other.open();
    assert_ne!(opened.store.spool_id(), spool_id);
    assert!(opened.memory_lost);
}

#[tokio::test]
async fn an_older_copy_of_a_working_agents_disk_is_noticed() {
    let disk = Disk::new();
    let store = disk.open().store;
    let append = async |many: u64| {
        for _ in 0..many {
            store.append(Timestamp::UNIX_EPOCH, metrics()).await;
        }
        store.settled().await;
    };
    append(10).await;
    store.acknowledged(10);
    append(1).await;
    let copy = disk.copy();
    append(2000).await;
    store.acknowledged(2011);
    append(1).await;
    let crashed = disk.copy();

    // what a crash can lose is no older copy
    let known = crashed.open().store;
    assert!(!known.is_behind(2012) && !known.is_behind(2100));
    let older = copy.open().store;
    assert!(!older.is_behind(11) && older.is_behind(2011));
    // nor is what a run has sent that crashed before its first write
    let begun = disk.copy();
    let first = begun.open().store;
    let crashed = begun.copy();
    first.append(Timestamp::UNIX_EPOCH, metrics()).await;
    let sent = numbers(&first, 2012).await[0];
    assert!(sent > 10_000 && !crashed.open().store.is_behind(sent));
    // and numbers of its own run are not strange to it
    older.append(Timestamp::UNIX_EPOCH, metrics()).await;
    let own = numbers(&older, 11).await;
    assert!(!older.is_behind(own[0]) && older.is_behind(own[0] + 1));
}

#[tokio::test]
async fn an_older_copy_of_the_disk_begins_another_life() {
    let disk = Disk::new();
    let opened = disk.open();
    let before = opened.store.spool_id();
    assert!(opened.store.is_behind(1_000_000));
    opened.store.begin_another_life().await;
    assert_ne!(opened.store.spool_id(), before);
    let after = opened.store.spool_id();
    opened.store.close().await;
    let opened = disk.open();
    assert!(opened.memory_lost);
    assert_eq!(opened.store.spool_id(), after);
}
