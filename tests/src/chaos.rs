//! The service in which everything goes wrong, in a process of its own, and the orders it is given.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::process::Process;

/// The token that it is started with.
pub const TOKEN: &str = "chaos";

/// Its checks. The first word says what kind they are.
pub const CHECKS: &[&str] = &[
    "plain/0",
    "plain/1",
    "plain/2",
    "plain/3",
    "async/0",
    "async/1",
    "async/2",
    "async/3",
    "blocking/0",
    "blocking/1",
    "blocking/2",
    "blocking/3",
    "serial/0",
    "serial/1",
    "serial/2",
];

/// Those of its checks of which one runs at a time: one that hangs keeps the others from their turns.
pub const SERIAL: &str = "serial/";

/// How often its checks run.
pub const EVERY: Duration = Duration::from_millis(200);

/// How long they may take.
pub const TIMEOUT: Duration = Duration::from_millis(100);

/// How old their results may be.
pub const MAX_AGE: Duration = Duration::from_millis(700);

/// The running service.
#[derive(Debug)]
pub struct Chaos {
    process: Mutex<Process>,
    channel: Mutex<Channel>,
    truth: Mutex<Truth>,
    /// Where MAD answers.
    pub mad: SocketAddr,
    /// Where a bare server answers.
    pub bare: SocketAddr,
    pid: u32,
}

#[derive(Debug)]
struct Channel {
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// Since when each check has been failing that was broken: of that moment on, no run passes.
pub type Truth = HashMap<String, Instant>;

impl Chaos {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub fn start(program: &str) -> Self {
        let mut command = Command::new(program);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = Process::start(&mut command);
        let child = process.child();
        let pid = child.id();
        let orders = child.stdin.take().expect("it is piped");
        let mut answers = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        answers.read_line(&mut line).expect("it says where it is");
        let mut addresses = line.split_whitespace().map(str::parse);
        let mut address = || addresses.next().expect("an address").expect("a legal one");
        Self {
            mad: address(),
            bare: address(),
            process: Mutex::new(process),
            channel: Mutex::new(Channel { orders, answers }),
            truth: Mutex::default(),
            pid,
        }
    }

    /// Gives an order and returns the answer.
    ///
    /// # Panics
    ///
    /// If it is refused, or the service is gone.
    #[track_caller]
    pub fn order(&self, order: &str) -> String {
        let mut channel = self.channel.lock().expect("no order was refused");
        writeln!(channel.orders, "{order}").expect("the service is there");
        let mut answer = String::new();
        let read = channel.answers.read_line(&mut answer);
        assert!(read.is_ok_and(|n_read| n_read > 0), "the service has ended");
        assert!(!answer.starts_with("error"), "{order}: {answer}");
        answer
    }

    /// Breaks a check: no run passes that begins when this has returned.
    pub fn break_check(&self, name: &str, how: &str) {
        self.order(&format!("set {name} {how}"));
        let mut truth = self.truth.lock().unwrap_or_else(PoisonError::into_inner);
        truth.entry(name.to_owned()).or_insert_with(Instant::now);
    }

    /// Mends a check.
    pub fn mend(&self, name: &str) {
        let mut truth = self.truth.lock().unwrap_or_else(PoisonError::into_inner);
        truth.remove(name);
        drop(truth);
        self.order(&format!("set {name} pass"));
    }

    /// Returns what is broken at this moment.
    pub fn truth(&self) -> Truth {
        let truth = self.truth.lock().unwrap_or_else(PoisonError::into_inner);
        truth.clone()
    }

    /// Returns what is known inside.
    ///
    /// # Panics
    ///
    /// If it is no JSON.
    pub fn tell(&self) -> Value {
        serde_json::from_str(&self.order("tell")).expect("it tells in JSON")
    }

    /// Stops every thread of it for a while, as a virtual machine is paused.
    ///
    /// # Panics
    ///
    /// If there is no `kill`.
    pub fn freeze(&self, time: Duration) {
        let signal = |signal: &str| {
            let pid = self.pid.to_string();
            let sent = Command::new("kill").args([signal, &pid]).status();
            assert!(sent.is_ok_and(|status| status.success()), "kill {signal}");
        };
        signal("-STOP");
        std::thread::sleep(time);
        signal("-CONT");
    }

    /// Returns how many threads it has, and its resident memory in KiB.
    ///
    /// # Panics
    ///
    /// If it is gone, or this is not Linux.
    pub fn size(&self) -> (u64, u64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid));
        let status = status.expect("the service is there");
        let number = |name: &str| {
            let value = status.lines().find_map(|line| line.strip_prefix(name));
            let word = value.and_then(|value| value.split_whitespace().next());
            word.and_then(|word| word.parse().ok()).expect("a number")
        };
        (number("Threads:"), number("VmRSS:"))
    }

    /// Says whether it runs.
    pub fn is_running(&self) -> bool {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(process.child().try_wait(), Ok(None))
    }
}
