//! Child processes that do not outlive the test.

use std::process::{Child, Command};

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
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}
