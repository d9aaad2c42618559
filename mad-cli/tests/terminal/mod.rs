//! A real terminal, which is tmux.

use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A terminal of 80 columns and 24 lines with a shell in it.
pub(crate) struct Terminal {
    pub(crate) folder: TempDir,
}

impl Terminal {
    pub(crate) fn open() -> Self {
        let terminal = Self {
            folder: TempDir::new().unwrap(),
        };
        let shell = "env PS1='$ ' ENV= sh";
        let opened = terminal.tmux(&["new-session", "-d", "-x", "80", "-y", "24", shell]);
        assert!(opened.status.success(), "{opened:?}");
        terminal
    }

    pub(crate) fn tmux(&self, arguments: &[&str]) -> Output {
        Command::new("tmux")
            .args(["-f", "/dev/null", "-S"])
            .arg(self.folder.path().join("tmux"))
            .args(arguments)
            .env_remove("TMUX")
            .stdin(Stdio::null())
            .output()
            .expect("`cargo xtask test` installs what the tests need")
    }

    pub(crate) fn press(&self, keys: &[&str]) {
        let sent = self.tmux(&[&["send-keys"], keys].concat());
        assert!(sent.status.success(), "{sent:?}");
    }

    pub(crate) fn shown(&self) -> String {
        String::from_utf8(self.tmux(&["capture-pane", "-p"]).stdout).unwrap()
    }

    /// Waits until this is to be seen.
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        let started = Instant::now();
        while !self.shown().contains(text) {
            assert!(
                started.elapsed() < Duration::from_mins(1),
                "{text:?} is never shown: {}",
                self.shown()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}
