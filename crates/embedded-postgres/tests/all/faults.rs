use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use gururmm_embedded_postgres::{Config, EmbeddedPostgres, Error, OWNER};

use crate::support::{config, is_root, kill, open_dir, query, start};

#[test]
fn missing_programs_are_named_with_what_to_install() {
    let dir = open_dir();
    let config = Config { programs: Some(PathBuf::from("/nonexistent")), ..config(dir.path()) };
    let error = EmbeddedPostgres::start(config).unwrap_err();
    assert!(error.to_string().contains("apt-get install postgresql"), "{error}");
}

#[test]
fn a_cluster_of_another_version_is_refused_and_left_alone() {
    let dir = open_dir();
    drop(start(dir.path()));
    let version = dir.path().join("postgres/PG_VERSION");
    fs::write(&version, "9\n").unwrap();
    let error = EmbeddedPostgres::start(config(dir.path())).unwrap_err();
    assert!(matches!(error, Error::OtherVersion { cluster: 9, .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("PostgreSQL 9") && text.contains("pg_upgrade"), "{text}");
    assert_eq!(fs::read_to_string(version).unwrap(), "9\n");
}

#[test]
fn something_else_in_the_place_of_the_cluster_is_left_alone() {
    let dir = open_dir();
    fs::create_dir(dir.path().join("postgres")).unwrap();
    fs::write(dir.path().join("postgres/photo.jpg"), "x").unwrap();
    let error = EmbeddedPostgres::start(config(dir.path())).unwrap_err();
    assert!(matches!(error, Error::NotACluster { .. }), "{error}");
    assert!(dir.path().join("postgres/photo.jpg").exists());
}

#[test]
fn a_half_made_cluster_is_made_again() {
    let dir = open_dir();
    fs::create_dir(dir.path().join("postgres.new")).unwrap();
    fs::write(dir.path().join("postgres.new/PG_VERSION"), "15\n").unwrap();
    let postgres = start(dir.path());
    assert_eq!(query(&postgres.connection(OWNER), "select 1").unwrap(), "1");
    assert!(!dir.path().join("postgres.new").exists());
}

#[test]
fn a_stale_process_id_that_belongs_to_another_process_is_no_obstacle() {
    let dir = open_dir();
    drop(start(dir.path()));
    // pid of this test process, which is certainly alive and no postgres
    let stale = format!("{}\n{}\n1\n5432\n/nonexistent\n\n1 1\nready\n", std::process::id(), dir.path().display());
    fs::write(dir.path().join("postgres/postmaster.pid"), stale).unwrap();
    let postgres = start(dir.path());
    assert!(!postgres.was_adopted());
    assert_eq!(query(&postgres.connection(OWNER), "select 1").unwrap(), "1");
}

#[test]
fn a_killed_postmaster_does_not_stop_the_next_start() {
    let dir = open_dir();
    let first = start(dir.path());
    query(&first.connection(OWNER), "create table kept as select 42 as n").unwrap();
    kill(first.pid(), "-KILL");
    drop(first);
    let second = start(dir.path());
    assert_eq!(query(&second.connection(OWNER), "select n from kept").unwrap(), "42");
}

#[test]
fn a_survivor_that_cannot_be_reached_is_replaced() {
    let dir = open_dir();
    let first = start(dir.path());
    query(&first.connection(OWNER), "create table kept as select 42 as n").unwrap();
    let pid = first.pid();
    let socket_dir = first.connection(OWNER).socket_dir;
    std::mem::forget(first);
    fs::remove_file(dir.path().join("postgres.lock")).unwrap();
    fs::remove_dir_all(socket_dir).unwrap();
    let second = start(dir.path());
    assert_ne!(second.pid(), pid);
    assert_eq!(query(&second.connection(OWNER), "select n from kept").unwrap(), "42");
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    if is_root() {
        // root may write anywhere but here
        let error = EmbeddedPostgres::start(config("/proc/gururmm".as_ref())).unwrap_err();
        assert!(matches!(error, Error::NotWritable { .. }), "{error}");
        return;
    }
    let dir = open_dir();
    let closed = dir.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o500)).unwrap();
    for target in [closed.clone(), closed.join("below")] {
        let error = EmbeddedPostgres::start(config(&target)).unwrap_err();
        assert!(matches!(error, Error::NotWritable { .. }), "{error}");
        assert!(error.to_string().contains(&target.display().to_string()), "{error}");
    }
}

#[test]
fn a_directory_that_the_databases_user_cannot_enter_is_named() {
    if !is_root() {
        return;
    }
    let dir = open_dir();
    let closed = dir.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    let error = EmbeddedPostgres::start(config(&closed.join("deep/data"))).unwrap_err();
    let Error::Unreachable { dir: blocked, .. } = &error else { panic!("{error}") };
    assert_eq!(blocked, &closed);
    assert!(error.to_string().contains("chmod o+x"), "{error}");
}
