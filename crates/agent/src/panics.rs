//! A panic ends the agent.
//!
//! Its tasks and threads need each other: one that died would leave an agent that looks alive and does nothing. Ended, it is
//! started again by whoever supervises it, and ends what it left running as after any other sudden death.

use std::panic;

/// From here on a panic on any thread is logged and ends the process.
pub(crate) fn end_the_agent() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        tracing::error!("the agent ends: {}", gururmm_observe::Printable(&info.to_string()));
        usual(info);
        std::process::abort();
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHILD: &str = "GURURMM_TEST_PANICS";

    #[test]
    fn a_panic_of_any_thread_ends_the_process() {
        if std::env::var_os(CHILD).is_some() {
            end_the_agent();
            let died = std::thread::spawn(|| panic!("a thread that others wait for")).join();
            assert!(died.is_err());
            return;
        }
        // once more, as a process of its own: without the hook it goes on after the thread's death and succeeds
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args(["--nocapture", "--exact", "panics::tests::a_panic_of_any_thread_ends_the_process"]).env(CHILD, "1");
        let output = again.output().unwrap();
        assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(String::from_utf8_lossy(&output.stderr).contains("a thread that others wait for"));
    }
}
