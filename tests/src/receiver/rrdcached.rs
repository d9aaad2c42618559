//! rrdcached, with its files.

use std::fs::create_dir_all;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::Signal;

use super::{Server, can_be_killed, files_below, has_small_disk, on_small_disk};
use crate::foreign::said;

/// A real rrdcached, at an address and at a socket.
#[derive(Debug)]
pub struct Rrdcached {
    server: Server,
}

can_be_killed!(Rrdcached);
has_small_disk!(Rrdcached);

impl Rrdcached {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start() -> Self {
        let server = Server::start(1, command);
        Self { server }
    }

    /// Starts it on a small disk of its own.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start_on_small_disk() -> Self {
        let server = Server::start(1, |folder, addresses| {
            on_small_disk(&folder.join("data"), 8, &command(folder, addresses))
        });
        Self { server }
    }

    /// Stops it where it is: it has its connections, and answers nobody.
    ///
    /// # Panics
    ///
    /// If it does not run.
    #[track_caller]
    pub fn stall(&mut self) {
        self.server.signal(Signal::STOP);
    }

    /// Lets it go on.
    ///
    /// # Panics
    ///
    /// If it does not run.
    #[track_caller]
    pub fn go_on(&mut self) {
        self.server.signal(Signal::CONT);
    }

    /// Where it listens, as `host:port`.
    pub fn address(&self) -> &str {
        self.server.address(0)
    }

    /// Its socket.
    pub fn socket(&self) -> PathBuf {
        self.server.folder.path().join("socket")
    }

    /// Returns the newest number of each of its files, with the second that it is of, smallest first.
    ///
    /// # Panics
    ///
    /// If a file cannot be read.
    #[track_caller]
    pub fn newest(&self) -> Vec<(i64, f64)> {
        let files = files_below(&self.server.folder.path().join("data"), "rrd");
        let mut newest: Vec<_> = files.iter().filter_map(|file| last_update(file)).collect();
        newest.sort_by(|(a, one), (b, other)| a.cmp(b).then(one.total_cmp(other)));
        newest
    }
}

fn command(folder: &Path, addresses: &[String]) -> Command {
    let base = folder.join("data");
    create_dir_all(&base).unwrap();
    let mut command = Command::new("rrdcached");
    command.args(["-g", "-m", "0600", "-B", "-R", "-w", "3600", "-f", "7200"]);
    command
        .arg("-p")
        .arg(folder.join("pid"))
        .arg("-b")
        .arg(base);
    // A socket of one that was killed is in the way.
    _ = std::fs::remove_file(folder.join("socket"));
    command.arg(format!("-lunix:{}", folder.join("socket").display()));
    command.args(["-l", &addresses[0]]);
    command
}

/// What `rrdtool` reads as the last update; nothing if there was none.
#[track_caller]
fn last_update(file: &Path) -> Option<(i64, f64)> {
    let said = said(Command::new("rrdtool").arg("lastupdate").arg(file));
    let (second, value) = said.lines().last()?.split_once(':')?;
    Some((second.trim().parse().ok()?, value.trim().parse().ok()?))
}
