//! The starter set: every file is one of the library's, and those for Linux run here.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use gururmm_scripts::front_matter::{export, import};
use gururmm_scripts::interpreter::Interpreter;
use gururmm_scripts::parameters::{Kind, Parameter};
use gururmm_scripts::script::{Platform, ScriptFile};
use gururmm_scripts::values::{environment, values};

/// An account without rights.
const NOBODY: u32 = 65534;
/// Tests run at the same time, and none must see the file of another.
static RUNS: AtomicUsize = AtomicUsize::new(0);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("starter")
}

fn starter() -> BTreeMap<String, (ScriptFile, String)> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    files
        .map(|name| {
            let file = fs::read_to_string(folder().join(&name)).unwrap();
            let script = import(&name, file.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, (script, file))
        })
        .collect()
}

fn for_linux() -> impl Iterator<Item = (String, ScriptFile)> {
    let all = starter().into_iter().map(|(name, (script, _))| (name, script));
    all.filter(|(_, script)| script.platforms.contains(&Platform::Linux))
}

/// Runs the text as the agent gets it: without the block.
fn run(name: &str, script: &ScriptFile, variables: &BTreeMap<String, String>, user: u32) -> Output {
    let number = RUNS.fetch_add(1, Ordering::Relaxed);
    // where an account without rights can read it
    let text = std::env::temp_dir().join(format!("gururmm-starter-{}-{number}-{name}", std::process::id()));
    fs::write(&text, &script.text).unwrap();
    fs::set_permissions(&text, fs::Permissions::from_mode(0o644)).unwrap();
    let program = match script.interpreter {
        Interpreter::Sh => "sh",
        Interpreter::Python => "/usr/bin/python3",
        ref other => panic!("{other:?} is not here"),
    };
    let mut command = Command::new(program);
    command.arg(&text).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").envs(variables);
    command.current_dir("/").stdin(Stdio::null());
    if user != 0 {
        command.uid(user).gid(user);
    }
    let output = command.output().unwrap();
    fs::remove_file(text).unwrap();
    output
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

fn defaults(script: &ScriptFile) -> BTreeMap<String, String> {
    environment(&values(&script.parameters, &BTreeMap::new(), &|_| None).unwrap())
}

#[test]
fn there_are_twenty_and_each_is_as_an_export_writes_it() {
    let all = starter();
    assert_eq!(all.len(), 20);
    let count = |wanted: &dyn Fn(&ScriptFile) -> bool| all.values().filter(|(script, _)| wanted(script)).count();
    assert!(count(&|script| script.platforms.contains(&Platform::Linux)) >= 11);
    assert_eq!(count(&|script| script.interpreter == Interpreter::Cmd), 4);
    assert_eq!(count(&|script| script.interpreter == Interpreter::PowerShell), 3);
    let mut names: Vec<_> = all.values().map(|(script, _)| (&script.folder, &script.name)).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all.len());
    for (name, (script, file)) in &all {
        assert_eq!(&export(script), file, "{name}");
        assert!(file.is_ascii(), "{name}: Windows PowerShell and cmd read other letters as they like");
        assert!(!script.description.is_empty() && !script.folder.is_empty(), "{name}");
        assert!(script.timeout_seconds <= 1800, "{name}");
        for parameter in &script.parameters {
            assert!(!parameter.required, "{name}: it must run as it is");
            assert!(file.contains(&parameter.variable()), "{name}: {} is not read", parameter.name);
        }
    }
}

#[test]
fn every_shell_script_is_one_of_dash() {
    for (name, (script, _)) in starter() {
        if script.interpreter == Interpreter::Sh {
            let output = Command::new("dash").arg("-n").arg(folder().join(&name)).output().unwrap();
            assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

#[test]
fn each_for_linux_runs_with_its_defaults() {
    let users: &[u32] = if is_root() { &[0, NOBODY] } else { &[0] };
    for (name, script) in for_linux() {
        for &user in users {
            for variables in [defaults(&script), BTreeMap::new()] {
                let output = run(&name, &script, &variables, user);
                let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
                let code = output.status.code();
                let head = said.lines().take(8).collect::<Vec<_>>().join("\n    ");
                println!("{name} as {user} with {} variables: {code:?}\n    {head}", variables.len());
                assert!(matches!(code, Some(0 | 1)), "{name} as {user}: {code:?} {said} {errors}");
                assert!(!said.trim().is_empty() && errors.is_empty(), "{name} as {user}: {said} {errors}");
            }
        }
    }
}

fn wrong_values(parameter: &Parameter) -> &'static [&'static str] {
    match (parameter.kind, parameter.name.as_str()) {
        (Kind::Number, _) => {
            &["x", "-1", "1.5", "1 2", "$(id)", "99999999999999999999", "0x10", "1\n2", "1000001", " 1"]
        }
        (Kind::Choice, _) => &["no such choice", "*", "yes\nno", "DELETE", "/etc", "-"],
        (_, "folder") => &["var", "/no/such/folder", "-x", "/etc/passwd", "$(id)"],
        (_, "expected") => &["a;b", "$(id)", "*", "22\n23"],
        (_, other) => panic!("say what is wrong for {other}"),
    }
}

#[test]
fn each_for_linux_tells_of_wrong_values() {
    for (name, script) in for_linux() {
        for parameter in &script.parameters {
            for wrong in wrong_values(parameter) {
                let mut variables = defaults(&script);
                variables.insert(parameter.variable(), (*wrong).to_owned());
                let output = run(&name, &script, &variables, if is_root() { NOBODY } else { 0 });
                assert_eq!(output.status.code(), Some(2), "{name}: {} = {wrong:?}", parameter.name);
                assert!(
                    !output.stderr.is_empty() && output.stdout.is_empty(),
                    "{name}: {} = {wrong:?}",
                    parameter.name
                );
            }
        }
    }
}
