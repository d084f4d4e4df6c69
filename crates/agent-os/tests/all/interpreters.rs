#![expect(clippy::unwrap_used, reason = "helpers of tests")]
//! Texts and what they are given, through real interpreters.

use std::collections::BTreeMap;
use std::path::Path;

use gururmm_agent_os::interpreter::{self, Launch};
use gururmm_agent_os::process::{Containment, Ended};
use gururmm_protocol::command::CommandType;
use tokio::io::AsyncReadExt as _;

/// What no shell leaves as it is.
const ODD: [&str; 9] = ["a b", "\"", "'", "$HOME", "`id`", "\\", "two\nlines", "ä€", "%PATH%"];

fn launch(kind: CommandType, named: Option<&str>, folder: &Path, text: &str) -> Launch {
    let interpreter = interpreter::find(kind, named, folder, false).unwrap();
    Launch { interpreter, text: text.to_owned(), ..Launch::shell("").unwrap() }
}

async fn output(containment: &Containment, launch: &Launch) -> (String, Ended) {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let mut running = containment.start(&format!("text-{}-{number}", std::process::id()), launch).unwrap();
    let mut out = String::new();
    running.stdout.read_to_string(&mut out).await.unwrap();
    let status = running.child.wait().await.unwrap();
    let ended = running.tree.ended(status).await;
    running.tree.release();
    (out, ended)
}

#[tokio::test]
async fn arguments_and_variables_arrive_as_they_were_given() {
    let folder = tempfile::tempdir().unwrap();
    for containment in Containment::every(folder.path()) {
        for (kind, named) in [(CommandType::Shell, None), (CommandType::Script, Some("sh"))] {
            let mut launch = launch(kind, named, folder.path(), "printf '%s\\0' \"$@\" \"$ODD\"; exit $#");
            launch.arguments = ODD.map(str::to_owned).to_vec();
            launch.environment = BTreeMap::from([("ODD".to_owned(), ODD.concat())]);
            let (out, ended) = output(&containment, &launch).await;
            let expected: Vec<String> =
                ODD.iter().map(ToString::to_string).chain([ODD.concat(), String::new()]).collect();
            assert_eq!(out.split('\0').map(str::to_owned).collect::<Vec<_>>(), expected);
            assert_eq!(ended, Ended::Code(ODD.len() as i32));
        }
    }
}

#[tokio::test]
async fn a_script_may_be_long_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let containment = Containment::every(folder.path()).pop().unwrap();
    let text = format!("# {}\nread line; echo \"${{line:-nothing}}\"\n", "x".repeat(500_000));
    let launch = launch(CommandType::Script, Some("/bin/sh"), folder.path(), &text);
    assert_eq!(output(&containment, &launch).await, ("nothing\n".to_owned(), Ended::Code(0)));
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("text-")), "{left:?}");
}

#[tokio::test]
async fn python_reads_what_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let containment = Containment::every(folder.path()).pop().unwrap();
    let mut launch = launch(CommandType::Python, None, folder.path(), "import sys\nprint(sys.argv[1:])\nsys.exit(3)\n");
    launch.arguments = vec!["a b".to_owned()];
    assert_eq!(output(&containment, &launch).await, ("['a b']\n".to_owned(), Ended::Code(3)));
}

#[tokio::test]
async fn a_task_gets_its_text_by_its_input() {
    let folder = tempfile::tempdir().unwrap();
    let task = r#"{ "executable": "/bin/sh", "arguments": ["-c", "echo task; cat"] }"#;
    std::fs::write(folder.path().join(interpreter::CLAUDE_TASK), task).unwrap();
    let containment = Containment::every(folder.path()).pop().unwrap();
    let launch = launch(CommandType::ClaudeTask, None, folder.path(), "Look at\nthe disks.");
    assert_eq!(output(&containment, &launch).await.0, "task\nLook at\nthe disks.");
}
