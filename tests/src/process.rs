//! Child processes that do not outlive the test.

use std::net::TcpListener;
use std::process::{Child, Command};

use rustix::process::{Pid, Signal, kill_process};

/// A child process, killed by its own id when this is dropped.
#[derive(Debug)]
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        match command.spawn() {
            Ok(child) => Self(child),
            Err(error) => panic!(
                "cannot start {}: {error}; `cargo xtask test` installs what the tests need",
                command.get_program().display()
            ),
        }
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    /// Sends it SIGTERM.
    #[track_caller]
    pub(crate) fn terminate(&mut self) {
        let process = Pid::from_child(&self.0);
        kill_process(process, Signal::TERM).expect("it is there until it is waited for");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// Chooses a free address on loopback for a server that cannot, or does not say which one it took.
#[track_caller]
pub(crate) fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}
