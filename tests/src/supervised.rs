//! The program under a service manager, and the manager's ear.

use std::io::{BufRead, BufReader, Lines, Write};
use std::os::unix::net::UnixDatagram;
use std::process::{ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::process::Process;

/// A program that is told to end by SIGTERM, and says on its standard output what it does.
#[derive(Debug)]
pub struct Supervised {
    process: Process,
    lines: Lines<BufReader<ChildStdout>>,
    /// Where MAD answers: `http://127.0.0.1:...`.
    pub mad: String,
}

impl Supervised {
    /// Starts it, and returns when its address is known.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Process::start(command);
        let output = process.child().stdout.take().unwrap();
        let mut lines = BufReader::new(output).lines();
        let mad = lines.next().expect("it prints its address").unwrap();
        Self {
            process,
            lines,
            mad,
        }
    }

    /// Stalls its runtime.
    ///
    /// # Panics
    ///
    /// If it does not listen.
    #[track_caller]
    pub fn stall(&mut self) {
        let input = self.process.child().stdin.as_mut();
        writeln!(input.unwrap(), "stall").unwrap();
    }

    /// Sends it SIGTERM.
    pub fn terminate(&mut self) {
        self.process.terminate();
    }

    /// Waits until it has ended by itself; returns what it printed, and how it ended.
    ///
    /// # Panics
    ///
    /// If what it prints is no text.
    #[track_caller]
    pub fn last_words(mut self) -> (Vec<String>, ExitStatus) {
        let lines = self.lines.by_ref().map(Result::unwrap).collect();
        (lines, self.process.child().wait().unwrap())
    }
}

/// What a service manager hears.
#[derive(Debug)]
pub struct Ear {
    socket: UnixDatagram,
}

impl Ear {
    /// Listens on a socket that is bound.
    pub fn new(socket: UnixDatagram) -> Self {
        Self { socket }
    }

    /// Waits for a datagram that has this in it, and returns it with those before it.
    ///
    /// # Panics
    ///
    /// If it does not come within a minute.
    #[track_caller]
    pub fn hear(&self, part: &str) -> Vec<String> {
        let deadline = Instant::now() + Duration::from_mins(1);
        let mut heard = Vec::new();
        while let Some(datagram) = self.next(deadline) {
            let is_it = datagram.contains(part);
            heard.push(datagram);
            if is_it {
                return heard;
            }
        }
        panic!("{part} was not among {heard:?}");
    }

    /// Returns what comes in this time.
    pub fn listen_for(&self, time: Duration) -> Vec<String> {
        let deadline = Instant::now() + time;
        std::iter::from_fn(|| self.next(deadline)).collect()
    }

    fn next(&self, deadline: Instant) -> Option<String> {
        let left = deadline.saturating_duration_since(Instant::now());
        let limit = left.max(Duration::from_millis(1));
        self.socket.set_read_timeout(Some(limit)).unwrap();
        let mut bytes = [0; 4096];
        let length = self.socket.recv(&mut bytes).ok()?;
        Some(String::from_utf8(bytes[..length].to_vec()).unwrap())
    }
}
