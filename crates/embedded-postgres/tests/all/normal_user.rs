//! Root proves the other half: the same program, copied to where everyone can run it, started as an unprivileged user
//! and from a working directory that only root can enter.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    process::Command,
};

use nix::unistd::User;

use crate::support::{copy_of_this_program, is_root, open_dir};

#[test]
fn everything_works_for_a_normal_user_too() {
    if !is_root() {
        return;
    }
    let user = User::from_name("postgres").unwrap().expect("the package postgresql makes the user postgres");
    let dir = open_dir();
    let program = copy_of_this_program(dir.path());
    let mut command = Command::new(program);
    command.args(["--skip", "normal_user"]).current_dir("/").env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap());
    command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    assert_success(command);
}

#[test]
fn a_working_directory_for_root_alone_does_not_matter() {
    if !is_root() {
        return;
    }
    let dir = open_dir();
    let closed = dir.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    let mut command = Command::new(copy_of_this_program(&closed));
    command.args(["temporary::everyone_shares", "start::a_new_database"]).current_dir(&closed);
    assert_success(command);
}

#[test]
fn a_strict_umask_does_not_lock_the_databases_user_out() {
    if !is_root() {
        return;
    }
    let dir = open_dir();
    let mut command = Command::new("sh");
    command.args(["-c", r#"umask 077; exec "$@""#, "sh"]).arg(copy_of_this_program(dir.path()));
    command.args(["temporary::everyone_shares", "start::a_deep_directory"]).current_dir("/");
    assert_success(command);
}

fn assert_success(mut command: Command) {
    let output = command.output().unwrap();
    let words = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{words}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(!words.contains(" 0 passed"), "{words}");
}
