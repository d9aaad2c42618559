//! The process that runs one check, as the one that started it holds it.

use std::collections::VecDeque;
use std::env;
use std::io::{self, PipeReader, Read};
use std::os::fd::AsFd as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::launch::Launch;
use super::order::{Order, VARIABLE};
use crate::cancellation::Cancellation;

/// How many bytes of what it writes beside its report are kept, the last ones.
const COMPLAINTS_LENGTH: usize = 4 * 1024;

/// How often as much as that is read when it has ended.
const MAX_UNHEARD: usize = 64;

/// No message is longer. What is, is no report.
const LONGEST_LINE: usize = 1024 * 1024;

/// How long a process that has closed its report may take to end.
const LAST_MOMENTS: Duration = Duration::from_secs(1);

/// By these the manager of the service knows it; another process must not answer in its place.
const OF_THE_SERVICE: [&str; 7] = [
    "NOTIFY_SOCKET",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
    "LISTEN_FDS",
    "LISTEN_FDNAMES",
    "LISTEN_PID",
    "LISTEN_PIDFDID",
];

/// The process that runs one check. Dropped, it is ended with all that it started.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    report: ChildStdout,
    /// What of the report has not been read as lines yet.
    unread: Vec<u8>,
    complaints: ChildStderr,
    is_complaining: bool,
    /// Hung up when the run is cancelled.
    alarm: PipeReader,
    tail: VecDeque<u8>,
}

/// What comes next from a process.
#[derive(Debug)]
pub(super) enum Next {
    /// A line of its report.
    Line(String),
    /// The end of its report.
    End,
    /// The run was cancelled.
    Alarm,
    /// Nothing, until the time was over.
    Nothing,
}

/// Which of the pipes can be read.
#[derive(Debug, Default)]
struct News {
    alarm: bool,
    report: bool,
    complaints: bool,
}

impl Process {
    /// Starts the program anew, to run one check.
    ///
    /// Nothing is done between `fork` and `exec`: so the standard library can use `posix_spawn`, which
    /// costs the same whatever memory the service has. Limits are the business of the new process.
    ///
    /// # Errors
    ///
    /// If the system does not start it.
    pub(super) fn start(
        launch: Launch,
        order: &Order,
        cancellation: &Cancellation,
    ) -> io::Result<Self> {
        let (alarm, bell) = io::pipe()?;
        let mut command = Command::new(program()?);
        if let Some(name) = env::args_os().next() {
            command.arg0(name);
        }
        for name in OF_THE_SERVICE {
            command.env_remove(name);
        }
        command
            .args(launch.arguments())
            .env(VARIABLE, order.to_text())
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let pipes = child.stdout.take().zip(child.stderr.take());
        let (report, complaints) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
        cancellation.when_cancelled(move || drop(bell));
        Ok(Self {
            child,
            report,
            unread: Vec::new(),
            complaints,
            is_complaining: true,
            alarm,
            tail: VecDeque::new(),
        })
    }

    /// Waits for the next line of the report, until then at the longest.
    ///
    /// # Errors
    ///
    /// If the pipe cannot be read.
    pub(super) fn next(&mut self, until: Instant) -> io::Result<Next> {
        loop {
            if let Some(line) = self.unread_line() {
                return Ok(Next::Line(line));
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Next::Nothing);
            }
            let news = self.wait(left)?;
            if news.complaints {
                self.listen();
            }
            if news.report && !self.read()? {
                return Ok(Next::End);
            }
            if news.alarm {
                return Ok(Next::Alarm);
            }
        }
    }

    fn unread_line(&mut self) -> Option<String> {
        let end = self.unread.iter().position(|byte| *byte == b'\n')?;
        let rest = self.unread.split_off(end + 1);
        let mut line = std::mem::replace(&mut self.unread, rest);
        line.pop();
        Some(String::from_utf8_lossy(&line).into_owned())
    }

    /// Waits until one of the pipes can be read; says which.
    fn wait(&self, left: Duration) -> io::Result<News> {
        let alarm = PollFd::new(&self.alarm, PollFlags::IN);
        let report = PollFd::new(&self.report, PollFlags::IN);
        let complaints = PollFd::new(&self.complaints, PollFlags::IN);
        let mut pipes = [alarm, report, complaints];
        let open = if self.is_complaining { 3 } else { 2 };
        let left = Timespec::try_from(left).map_err(|_| io::ErrorKind::InvalidInput)?;
        match poll(&mut pipes[..open], Some(&left)) {
            Ok(_) => {
                let [alarm, report, complaints] = pipes.map(|pipe| !pipe.revents().is_empty());
                Ok(News {
                    alarm,
                    report,
                    complaints: self.is_complaining && complaints,
                })
            }
            Err(rustix::io::Errno::INTR) => Ok(News::default()),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads what there is of the report; says whether there will be more.
    fn read(&mut self) -> io::Result<bool> {
        if self.unread.len() > LONGEST_LINE {
            // Noise from before the report; in the report, what is left of it is no message.
            self.unread.clear();
        }
        let mut bytes = [0; 8 * 1024];
        match self.report.read(&mut bytes) {
            Ok(length) => {
                self.unread.extend_from_slice(&bytes[..length]);
                Ok(length > 0)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Reads what there is beside the report.
    fn listen(&mut self) {
        let mut bytes = [0; COMPLAINTS_LENGTH];
        let length = match self.complaints.read(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return,
            read => read.unwrap_or_default(),
        };
        self.is_complaining = length > 0;
        self.tail.extend(&bytes[..length]);
        let surplus = self.tail.len().saturating_sub(COMPLAINTS_LENGTH);
        self.tail.drain(..surplus);
    }

    /// Waits a moment for the process to end by itself, for a process that has no more to report.
    pub(super) fn wait_for_its_end(&self) {
        let until = Instant::now() + LAST_MOMENTS;
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let has_ended = || {
            let state = waitid(WaitId::Pid(Pid::from_child(&self.child)), options);
            !matches!(state, Ok(None))
        };
        while !has_ended() && Instant::now() < until {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Ends it with all that it started, and says how it ended: by itself, if it had already.
    ///
    /// # Errors
    ///
    /// If the system does not say.
    pub(super) fn end(&mut self) -> io::Result<ExitStatus> {
        // As long as nobody has asked how the first process of the group ended, the number is its own.
        let group = Pid::from_child(&self.child);
        _ = kill_process_group(group, Signal::KILL);
        let status = self.child.wait();
        reap(group);
        status
    }

    /// Returns the last lines that it wrote beside its report.
    pub(super) fn complaints(&mut self) -> Vec<String> {
        // As much as a pipe holds: something that it started and that got away may write for ever.
        for _ in 0..MAX_UNHEARD {
            if !(self.is_complaining && matches!(self.has_complaints(), Ok(true))) {
                break;
            }
            self.listen();
        }
        let bytes = self.tail.make_contiguous();
        let text = String::from_utf8_lossy(bytes);
        let lines = text
            .lines()
            .map(str::trim_end)
            .filter(|line| !line.is_empty());
        lines.map(str::to_owned).collect()
    }

    fn has_complaints(&self) -> io::Result<bool> {
        let mut pipe = [PollFd::from_borrowed_fd(
            self.complaints.as_fd(),
            PollFlags::IN,
        )];
        Ok(poll(&mut pipe, Some(&Timespec::default()))? > 0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has been asked how it ended if there is nobody left; then the number may be another's.
        if matches!(self.child.try_wait(), Ok(None)) {
            _ = self.end();
        }
    }
}

/// Asks how the rest of a group ended, where that falls to this process: to the first one of a
/// container, which gets the children of those that have died. Else their numbers are never free.
fn reap(group: Pid) {
    let until = Instant::now() + LAST_MOMENTS;
    while Instant::now() < until {
        match waitid(
            WaitId::Pgid(Some(group)),
            WaitIdOptions::EXITED | WaitIdOptions::NOHANG,
        ) {
            Ok(Some(_)) => {}
            Ok(None) => thread::sleep(Duration::from_millis(1)),
            Err(_) => return,
        }
    }
}

/// Returns the path of this program, also when the file has been replaced since it was started.
fn program() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        Ok(PathBuf::from("/proc/self/exe"))
    } else {
        env::current_exe()
    }
}
