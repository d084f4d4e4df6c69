#![expect(clippy::unwrap_used, reason = "helpers of tests")]
//! Real process trees, held in every way that this machine offers.

use std::fs;
use std::path::Path;
use std::time::Duration;

use gururmm_agent_os::process::{Containment, Ended, Running};
use tokio::io::AsyncReadExt as _;
use tokio::time::{Instant, sleep, timeout};

const PATIENCE: Duration = Duration::from_secs(30);

/// Runs `test` for each containment, with an empty folder for its files.
async fn in_every_containment(test: impl AsyncFn(&Containment, &Path)) {
    let state = tempfile::tempdir().unwrap();
    let every = Containment::every(state.path());
    assert_eq!(every.last().unwrap().mechanism(), "process tree");
    for containment in every {
        let folder = tempfile::tempdir().unwrap();
        test(&containment, folder.path()).await;
    }
}

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

fn pid_in(path: &Path) -> Option<u32> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn is_alive(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().and_then(|rest| rest.trim_start().chars().next());
    state.is_some_and(|state| state != 'Z' && state != 'X')
}

async fn finish(mut running: Running) -> (Vec<u8>, Vec<u8>, Ended) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let all = async {
        let (read_out, read_err) =
            tokio::join!(running.stdout.read_to_end(&mut out), running.stderr.read_to_end(&mut err));
        read_out.unwrap();
        read_err.unwrap();
        running.child.wait().await.unwrap()
    };
    let status = timeout(PATIENCE, all).await.unwrap();
    let ended = running.tree.ended(status).await;
    running.tree.release();
    (out, err, ended)
}

fn id() -> String {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    format!("test-{}-{}", std::process::id(), NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
}

#[tokio::test]
async fn both_streams_and_the_exit_code_come_back() {
    in_every_containment(async |containment, _| {
        let running = containment.spawn(&id(), "echo out; echo err >&2; exit 7").unwrap();
        let (out, err, status) = finish(running).await;
        assert_eq!((&out[..], &err[..], status), (&b"out\n"[..], &b"err\n"[..], Ended::Code(7)));
    })
    .await;
}

#[tokio::test]
async fn bytes_are_not_required_to_be_text() {
    in_every_containment(async |containment, _| {
        let running = containment.spawn(&id(), r"printf '\377\000\376'").unwrap();
        assert_eq!(finish(running).await.0, [0xff, 0, 0xfe]);
    })
    .await;
}

#[tokio::test]
async fn a_signal_is_told_from_an_exit() {
    in_every_containment(async |containment, _| {
        let running = containment.spawn(&id(), "kill -TERM $$").unwrap();
        assert_eq!(finish(running).await.2, Ended::Signal(15));
    })
    .await;
}

#[tokio::test]
async fn a_command_gets_no_input_and_no_secrets() {
    in_every_containment(async |containment, _| {
        let running = containment.spawn(&id(), "cat; echo ${NOTIFY_SOCKET-none} $(test -t 0 || echo closed)").unwrap();
        assert_eq!(String::from_utf8(finish(running).await.0).unwrap(), "none closed\n");
    })
    .await;
}

#[tokio::test]
async fn a_command_has_the_surroundings_of_an_administrator() {
    in_every_containment(async |containment, _| {
        let command = "umask; cat /proc/self/oom_score_adj; echo ${HOME:+home} ${PATH:+path} ${LOGNAME:+name}";
        let (out, _, _) = finish(containment.spawn(&id(), command).unwrap()).await;
        assert_eq!(String::from_utf8(out).unwrap(), "0022\n0\nhome path name\n");
    })
    .await;
}

#[tokio::test]
async fn a_text_that_looks_like_an_option_is_a_text() {
    in_every_containment(async |containment, _| {
        let (_, err, status) = finish(containment.spawn(&id(), "-x; exit 5").unwrap()).await;
        assert_eq!(status, Ended::Code(5), "{}", String::from_utf8_lossy(&err));
    })
    .await;
}

/// A child, a grandchild, one in a session of its own, and a daemon: forked twice, new session, pipes closed.
fn family(folder: &Path) -> String {
    format!(
        "cd {}; sleep 1000 & echo $! > child
         (sleep 1000 & echo $! > grandchild; wait) &
         setsid sh -c 'echo $$ > session; exec sleep 1000' &
         (setsid sh -c '(exec sleep 1000 <&- >&- 2>&-) & echo $! > daemon' &) ; wait",
        folder.display()
    )
}

const FAMILY: [&str; 4] = ["child", "grandchild", "session", "daemon"];

async fn born(folder: &Path) -> Vec<u32> {
    let mut pids = Vec::new();
    for member in FAMILY {
        let file = folder.join(member);
        until(member, || pid_in(&file).is_some_and(is_alive)).await;
        pids.push(pid_in(&file).unwrap());
    }
    pids
}

#[tokio::test]
async fn a_killed_tree_leaves_nobody_behind() {
    in_every_containment(async |containment, folder| {
        let mut running = containment.spawn(&id(), &family(folder)).unwrap();
        let pids = born(folder).await;
        running.tree.kill().await;
        for (pid, member) in pids.into_iter().zip(FAMILY) {
            assert!(!is_alive(pid), "{member} survived in {}", containment.mechanism());
        }
        let status = running.child.wait().await.unwrap();
        assert_eq!(running.tree.ended(status).await, Ended::Signal(9));
    })
    .await;
}

#[tokio::test]
async fn a_killed_tree_takes_those_with_it_who_left_its_group() {
    // as a service manager does that opens a session: here it goes where the agent itself is
    let state = tempfile::tempdir().unwrap();
    for containment in Containment::every(state.path()) {
        let own = containment.place().unwrap_or(Path::new("/nowhere")).display().to_string();
        for runaway in ["child", "shell"] {
            let folder = tempfile::tempdir().unwrap();
            let member = folder.path().join("member");
            let leave = format!("echo $$ > {own}/cgroup.procs");
            let sleep = format!("echo $$ > {}; exec env -i sleep 1000", member.display());
            let command = match runaway {
                "child" => format!("sh -c '{leave}; {sleep}' & wait"),
                _ => format!("{leave}; sh -c '{sleep}' & wait"),
            };
            let mut running = containment.spawn(&id(), &command).unwrap();
            until("the member's sleep", || pid_in(&member).is_some_and(has_left_everything)).await;
            assert!(running.tree.kill().await);
            assert!(!is_alive(pid_in(&member).unwrap()), "a {runaway} survived in {}", containment.mechanism());
            running.child.wait().await.unwrap();
        }
    }
}

fn has_left_everything(pid: u32) -> bool {
    fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| environment.is_empty()) && is_alive(pid)
}

#[tokio::test]
async fn stopped_and_frozen_processes_die_too() {
    in_every_containment(async |containment, folder| {
        let stopped = folder.join("stopped");
        let command = format!("sh -c 'echo $$ > {}; kill -STOP $$; sleep 1000' & wait", stopped.display());
        let mut running = containment.spawn(&id(), &command).unwrap();
        let is_stopped = |pid| fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") T "));
        until("a stopped child", || pid_in(&stopped).is_some_and(is_stopped)).await;
        assert!(running.tree.kill().await);
        assert!(!is_alive(pid_in(&stopped).unwrap()), "a stopped child survived in {}", containment.mechanism());
        running.child.wait().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_storm_of_forks_is_ended_in_its_midst() {
    in_every_containment(async |containment, folder| {
        let ready = folder.join("ready");
        let storm = "i=0; while [ $i -lt 2000 ]; do sleep 1000 & i=$((i+1)); [ $i != 30 ] || echo $! > ready; done";
        let mut running = containment.spawn(&id(), &format!("cd {}; {storm}; wait", folder.display())).unwrap();
        until("thirty children", || pid_in(&ready).is_some()).await;
        assert!(running.tree.kill().await, "some survived in {}", containment.mechanism());
        running.child.wait().await.unwrap();
        assert_eq!(containment.end_leftovers(|_| true).await, 0, "in {}", containment.mechanism());
    })
    .await;
}

#[tokio::test]
async fn a_command_may_leave_a_daemon_behind() {
    in_every_containment(async |containment, folder| {
        let command = format!("setsid sleep 1000 <&- >/dev/null 2>&1 & echo $! > {}/daemon", folder.display());
        let running = containment.spawn(&id(), &command).unwrap();
        assert_eq!(finish(running).await.2, Ended::Code(0));
        let daemon = pid_in(&folder.join("daemon")).unwrap();
        assert!(is_alive(daemon));
        // it stays a leftover that can be found, should the agent ever want to
        assert_eq!(containment.end_leftovers(|_| true).await, 1);
        until("the daemon's end", || !is_alive(daemon)).await;
    })
    .await;
}

#[tokio::test]
async fn leftovers_of_a_dead_agent_are_found_by_the_next_and_others_spared() {
    let state = tempfile::tempdir().unwrap();
    let other_state = tempfile::tempdir().unwrap();
    let ways = Containment::every(state.path()).len();
    for way in 0..ways {
        let folder = tempfile::tempdir().unwrap();
        let other_folder = tempfile::tempdir().unwrap();
        let first = Containment::every(state.path()).swap_remove(way);
        let other = Containment::every(other_state.path()).swap_remove(way);
        let (dead, kept) = (id(), id());
        let mut leftover = first.spawn(&dead, &family(folder.path())).unwrap();
        let mut stranger = other.spawn(&kept, &family(other_folder.path())).unwrap();
        let pids = born(folder.path()).await;
        let strangers = born(other_folder.path()).await;

        let next = Containment::every(state.path()).swap_remove(way);
        assert_eq!(next.end_leftovers(|id| id == "unknown").await, 0);
        assert_eq!(next.end_leftovers(|id| id == dead).await, 1);
        assert!(pids.iter().all(|pid| !is_alive(*pid)), "a leftover survived in {}", next.mechanism());
        assert!(strangers.iter().all(|pid| is_alive(*pid)), "another agent's command was ended");
        // here the dead agent's children are this process's own, so the next one may have collected it already
        let _ = leftover.child.wait().await;
        stranger.tree.kill().await;
        stranger.child.wait().await.unwrap();
    }
}

/// Groups of the command `id`. Without any cgroup there is nothing to remove.
fn groups_of(id: &str, containment: &Containment) -> usize {
    let groups = containment.place().map(|place| fs::read_dir(place).unwrap().flatten());
    groups.into_iter().flatten().filter(|entry| entry.file_name().to_string_lossy().contains(id)).count()
}

#[tokio::test]
async fn groups_are_removed_with_their_command() {
    in_every_containment(async |containment, _| {
        let id = id();
        finish(containment.spawn(&id, "true").unwrap()).await;
        assert_eq!(groups_of(&id, containment), 0);
    })
    .await;
}

#[tokio::test]
async fn what_a_daemon_leaves_is_tidied_after_its_end() {
    in_every_containment(async |containment, folder| {
        let id = id();
        let command = format!("setsid sleep 1000 <&- >/dev/null 2>&1 & echo $! > {}/daemon", folder.display());
        finish(containment.spawn(&id, &command).unwrap()).await;
        let daemon = pid_in(&folder.join("daemon")).unwrap();
        containment.tidy();
        assert!(is_alive(daemon));
        assert_eq!(groups_of(&id, containment), containment.place().into_iter().count());
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(daemon as i32), nix::sys::signal::Signal::SIGKILL).unwrap();
        until("nothing left", || {
            containment.tidy();
            groups_of(&id, containment) == 0 && !Path::new(&format!("/proc/{daemon}")).exists()
        })
        .await;
    })
    .await;
}
