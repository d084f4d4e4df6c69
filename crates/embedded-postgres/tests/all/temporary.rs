use std::{fs, thread};

use gururmm_embedded_postgres::TemporaryPostgres;

use crate::support::{kill, open_dir, query, wait_for};

#[test]
fn everyone_shares_one_cluster_until_it_is_stopped() {
    let dir = open_dir();
    let handles: Vec<_> = (0..4)
        .map(|_| {
            let parent = dir.path().to_owned();
            thread::spawn(move || TemporaryPostgres::shared_in(&parent).unwrap())
        })
        .collect();
    let owners: Vec<_> = handles.into_iter().map(|handle| handle.join().unwrap().owner()).collect();
    let starts: Vec<_> = owners.iter().map(|it| query(it, "select pg_postmaster_start_time()").unwrap()).collect();
    assert!(starts.iter().all(|start| start == &starts[0]), "{starts:?}");
    assert_eq!(query(&owners[0], "show fsync").unwrap(), "off");
    assert_eq!(query(&owners[0], "show max_connections").unwrap(), "300");

    TemporaryPostgres::stop_shared_in(dir.path()).unwrap();
    assert!(query(&owners[0], "select 1").is_err());
    TemporaryPostgres::stop_shared_in(dir.path()).unwrap();
}

#[test]
fn a_dead_cluster_is_made_anew() {
    let dir = open_dir();
    let first = TemporaryPostgres::shared_in(dir.path()).unwrap();
    query(&first.owner(), "create table lost ()").unwrap();
    let data = fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path().join("data");
    let pid: i32 = fs::read_to_string(data.join("postmaster.pid")).unwrap().lines().next().unwrap().parse().unwrap();
    kill(pid, "-KILL");
    wait_for("the end of the cluster", || query(&first.owner(), "select 1").is_err());
    let second = TemporaryPostgres::shared_in(dir.path()).unwrap();
    assert!(query(&second.owner(), "select * from lost").is_err());
    assert_eq!(query(&second.owner(), "select 1").unwrap(), "1");
    TemporaryPostgres::stop_shared_in(dir.path()).unwrap();
}

#[test]
fn a_folder_that_others_can_write_is_not_trusted() {
    use std::os::unix::fs::PermissionsExt;
    let dir = open_dir();
    TemporaryPostgres::shared_in(dir.path()).unwrap();
    TemporaryPostgres::stop_shared_in(dir.path()).unwrap();
    let folder = fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let error = TemporaryPostgres::shared_in(dir.path()).unwrap_err().to_string();
    assert!(error.contains("could not trust"), "{error}");
}
