use std::{fs, os::unix::fs::PermissionsExt};

use gururmm_embedded_postgres::{EmbeddedPostgres, Error, OWNER};

use crate::support::{config, is_alive, is_root, kill, open_dir, query, start};

#[test]
fn a_new_database_is_private_utf8_and_keeps_its_data() {
    let dir = open_dir();
    let postgres = start(dir.path());
    let owner = postgres.connection(OWNER);
    assert_eq!(query(&owner, "show server_encoding").unwrap(), "UTF8");
    assert_eq!(query(&owner, "show listen_addresses").unwrap(), "");
    assert_eq!(query(&owner, "select datcollate from pg_database where datname = 'gururmm'").unwrap(), "C.UTF-8");
    assert_eq!(fs::metadata(&owner.socket_dir).unwrap().permissions().mode() & 0o777, 0o700);
    query(&owner, "create table kept as select 42 as n").unwrap();
    let pid = postgres.pid();
    postgres.stop().unwrap();
    assert!(!is_alive(pid));

    let again = start(dir.path());
    assert!(!again.was_adopted());
    assert_eq!(query(&again.connection(OWNER), "select n from kept").unwrap(), "42");
}

#[test]
fn dropping_the_value_stops_the_database() {
    let dir = open_dir();
    let postgres = start(dir.path());
    let pid = postgres.pid();
    drop(postgres);
    assert!(!is_alive(pid));
}

#[test]
fn the_postmaster_is_not_in_the_terminals_process_group() {
    let dir = open_dir();
    let postgres = start(dir.path());
    let group = nix::unistd::getpgid(Some(nix::unistd::Pid::from_raw(postgres.pid()))).unwrap();
    assert_eq!(group.as_raw(), postgres.pid());
}

#[test]
fn a_second_server_on_the_same_directory_is_refused_with_the_first_ones_process_id() {
    let dir = open_dir();
    let _first = start(dir.path());
    let error = EmbeddedPostgres::start(config(dir.path())).unwrap_err();
    assert!(matches!(error, Error::InUse { .. }), "{error}");
    assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
}

#[test]
fn a_deep_directory_gets_a_short_socket_that_goes_away() {
    let dir = open_dir();
    let deep = dir.path().join("d".repeat(60)).join("e".repeat(60));
    let postgres = start(&deep);
    let socket_dir = postgres.connection(OWNER).socket_dir;
    assert!(!socket_dir.starts_with(dir.path()));
    assert_eq!(fs::metadata(&socket_dir).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(query(&postgres.connection(OWNER), "select 1").unwrap(), "1");
    drop(postgres);
    assert!(!socket_dir.exists());
}

#[test]
fn a_backup_can_be_restored_and_is_private() {
    let dir = open_dir();
    let postgres = start(dir.path());
    query(&postgres.connection(OWNER), "create table kept as select 42 as n").unwrap();
    let dump = postgres.backup(&dir.path().join("backups")).unwrap();
    assert_eq!(fs::metadata(&dump).unwrap().permissions().mode() & 0o777, 0o600);
    let restore = gururmm_embedded_postgres::Binaries::find().unwrap().folder().join("pg_restore");
    let listing = std::process::Command::new(restore).arg("--list").arg(&dump).output().unwrap();
    assert!(String::from_utf8_lossy(&listing.stdout).contains("TABLE DATA public kept"));
    for _ in 0..3 {
        postgres.backup(&dir.path().join("backups")).unwrap();
    }
    assert_eq!(fs::read_dir(dir.path().join("backups")).unwrap().count(), 3);
}

#[test]
fn the_survivor_of_a_killed_server_is_adopted_and_then_stops_with_us() {
    let dir = open_dir();
    let first = start(dir.path());
    let pid = first.pid();
    query(&first.connection(OWNER), "create table kept as select 42 as n").unwrap();
    // a killed owner runs no destructor; the kernel releases its lock, which removing the file stands for here
    std::mem::forget(first);
    fs::remove_file(dir.path().join("postgres.lock")).unwrap();

    let second = start(dir.path());
    assert!(second.was_adopted());
    assert_eq!(second.pid(), pid);
    assert_eq!(query(&second.connection(OWNER), "select n from kept").unwrap(), "42");
    second.stop().unwrap();
    assert!(!is_alive(pid));
}

#[test]
fn a_killed_postmaster_is_started_again() {
    let dir = open_dir();
    let mut postgres = start(dir.path());
    query(&postgres.connection(OWNER), "create table kept as select 42 as n").unwrap();
    assert!(!postgres.ensure_running().unwrap());
    let pid = postgres.pid();
    kill(pid, "-KILL");
    crate::support::wait_for("the end of the postmaster", || postgres.ensure_running().unwrap());
    assert_ne!(postgres.pid(), pid);
    assert_eq!(query(&postgres.connection(OWNER), "select n from kept").unwrap(), "42");
}

#[test]
fn a_killed_postmaster_is_found_again_at_its_short_address() {
    let dir = open_dir();
    let mut postgres = start(&dir.path().join("d".repeat(60)).join("e".repeat(60)));
    let address = postgres.connection(OWNER);
    kill(postgres.pid(), "-KILL");
    crate::support::wait_for("the end of the postmaster", || postgres.ensure_running().unwrap());
    assert_eq!(postgres.connection(OWNER).url(), address.url());
    assert_eq!(query(&address, "select 1").unwrap(), "1");
    drop(postgres);
    assert!(!address.socket_dir.exists());
}

#[test]
fn root_never_runs_postgres_as_root() {
    if !is_root() {
        return;
    }
    let dir = open_dir();
    let mut config = config(dir.path());
    config.unprivileged_user = Some("root".to_owned());
    assert!(matches!(EmbeddedPostgres::start(config.clone()).unwrap_err(), Error::PrivilegedUser { .. }));
    config.unprivileged_user = Some("no-such-user".to_owned());
    assert!(matches!(EmbeddedPostgres::start(config).unwrap_err(), Error::UnknownUser { .. }));
    let postgres = start(dir.path());
    let status = fs::read_to_string(format!("/proc/{}/status", postgres.pid())).unwrap();
    let uids = status.lines().find(|line| line.starts_with("Uid:")).unwrap();
    let groups = status.lines().find(|line| line.starts_with("Groups:")).unwrap();
    assert!(!uids.split_whitespace().skip(1).any(|uid| uid == "0"), "{uids}");
    assert!(!groups.split_whitespace().skip(1).any(|gid| gid == "0"), "{groups}");
}
