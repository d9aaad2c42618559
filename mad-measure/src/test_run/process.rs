//! One process with all that it starts: what it writes, how long it may run, what it cost.

use std::fs;
use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid,
};

use super::{Output, Plan, RunError};

/// How often somebody's wish to stop is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// How long processes have to end by themselves once they are asked to.
const GRACE: Duration = Duration::from_secs(5);

/// So much of the end of what a process writes is kept.
const MOST_OUTPUT: usize = 256 << 10;

/// What became of a process.
#[derive(Debug, Default)]
pub(super) struct Ended {
    pub(super) wall: Duration,
    /// Of it and all that it waited for, where the system tells it.
    pub(super) cpu: Option<Duration>,
    /// Nothing, if it was ended by a signal.
    pub(super) exit_code: Option<i32>,
    /// The number of that.
    pub(super) signal: Option<i32>,
    pub(super) is_timed_out: bool,
    pub(super) is_stopped: bool,
    /// The end of what it wrote, if that was captured; what went to either stream, in no order.
    pub(super) output: String,
}

/// Runs a command with the plan's time limit and output.
pub(super) fn run(plan: &Plan, command: Command) -> Result<Ended, RunError> {
    run_listening(plan, command, |_, _| {})
}

/// One of the two streams that a process writes to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stream {
    Output,
    Errors,
}

/// Runs a command, and hands each piece of what it writes to somebody who listens. Of output that is shown, that is
/// only done of a stream that was piped before.
pub(super) fn run_listening(
    plan: &Plan,
    mut command: Command,
    mut listen: impl FnMut(Stream, &[u8]),
) -> Result<Ended, RunError> {
    let is_captured = plan.output == Output::Captured;
    if is_captured {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
    }
    let begun = Instant::now();
    let mut child = command.spawn().map_err(|source| RunError::NotStarted {
        program: command.get_program().to_string_lossy().into_owned(),
        source,
    })?;
    let (sender, events) = mpsc::channel();
    let mut n_streams = 0;
    if let Some(output) = child.stdout.take() {
        n_streams += 1;
        reader(Stream::Output, output, sender.clone())?;
    }
    if let Some(errors) = child.stderr.take() {
        n_streams += 1;
        reader(Stream::Errors, errors, sender.clone())?;
    }
    waiter(&child, sender)?;
    let mut ended = Ended::default();
    let mut watch = Watch::new(plan, &child, begun);
    let mut kept = Tail::default();
    let mut is_over = false;
    // What a process has started may hold its streams open for longer than it runs: that is waited for no longer than
    // the grace.
    while !(is_over && n_streams == 0) {
        match next(&events) {
            Some(Event::Wrote(stream, bytes)) => {
                if is_captured {
                    kept.add(&bytes);
                } else {
                    stream.show(&bytes);
                }
                listen(stream, &bytes);
            }
            Some(Event::Closed) => n_streams -= 1,
            Some(Event::Over(cpu)) => {
                is_over = true;
                ended.wall = begun.elapsed();
                ended.cpu = cpu;
                watch.is_over(is_captured);
            }
            None if watch.has_waited_for_streams() => break,
            None => {}
        }
        watch.look();
    }
    let status = child
        .wait()
        .map_err(RunError::io("the runner could not be waited for"))?;
    ended.exit_code = status.code();
    ended.is_timed_out = watch.is_timed_out;
    ended.signal = signal(status);
    ended.is_stopped = watch.is_stopped || (!watch.is_timed_out && ended.was_interrupted());
    ended.output = kept.text();
    Ok(ended)
}

impl Stream {
    /// Passes it on. A reader that has gone away is no reason to end the tests.
    fn show(self, bytes: &[u8]) {
        fn pass_on(mut to: impl Write, bytes: &[u8]) {
            _ = to.write_all(bytes).and_then(|()| to.flush());
        }
        match self {
            Self::Output => pass_on(io::stdout(), bytes),
            Self::Errors => pass_on(io::stderr(), bytes),
        }
    }
}

enum Event {
    Wrote(Stream, Vec<u8>),
    Closed,
    Over(Option<Duration>),
}

fn next(events: &Receiver<Event>) -> Option<Event> {
    events.recv_timeout(LOOK).ok()
}

fn reader(
    stream: Stream,
    mut from: impl Read + Send + 'static,
    sender: mpsc::Sender<Event>,
) -> Result<(), RunError> {
    let read = move || {
        let mut buffer = vec![0; 8 << 10];
        loop {
            match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => {
                    if sender
                        .send(Event::Wrote(stream, buffer[..length].to_vec()))
                        .is_err()
                    {
                        return;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        _ = sender.send(Event::Closed);
    };
    spawn("mad-output", read)
}

/// Waits without taking the process away, so that the kernel still tells what it cost.
fn waiter(child: &Child, sender: mpsc::Sender<Event>) -> Result<(), RunError> {
    let pid = Pid::from_child(child);
    spawn("mad-wait", move || {
        let how = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), how) {}
        _ = sender.send(Event::Over(cpu(pid)));
    })
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), RunError> {
    let builder = thread::Builder::new().name(name.to_owned());
    let spawned = builder.spawn(work).map(drop);
    spawned.map_err(RunError::io("a thread could not be started"))
}

/// Processor time of a process and of all that it waited for.
fn cpu(pid: Pid) -> Option<Duration> {
    // In hundredths of a second, whatever the kernel's own clock is.
    const TICK: Duration = Duration::from_millis(10);
    let told = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    // The second field is the name, in brackets, and may hold anything.
    let (_, fields) = told.rsplit_once(')')?;
    let fields: Vec<_> = fields.split_ascii_whitespace().collect();
    let ticks = fields
        .get(11..15)?
        .iter()
        .map(|field| field.parse::<u32>().ok());
    Some(TICK * ticks.sum::<Option<u32>>()?)
}

impl Ended {
    fn was_interrupted(&self) -> bool {
        [Signal::INT, Signal::TERM, Signal::KILL]
            .iter()
            .any(|asked| Some(asked.as_raw()) == self.signal)
    }
}

/// The signal that ended a process.
fn signal(status: ExitStatus) -> Option<i32> {
    #[cfg(unix)]
    return std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    None
}

/// Ends what takes too long or is not wanted any more.
struct Watch<'plan> {
    plan: &'plan Plan,
    pid: Pid,
    begun: Instant,
    is_timed_out: bool,
    is_stopped: bool,
    /// When it was asked to end.
    asked: Option<Instant>,
    over: Option<Instant>,
}

impl<'plan> Watch<'plan> {
    fn new(plan: &'plan Plan, child: &Child, begun: Instant) -> Self {
        Self {
            plan,
            pid: Pid::from_child(child),
            begun,
            is_timed_out: false,
            is_stopped: false,
            asked: None,
            over: None,
        }
    }

    fn look(&mut self) {
        if self.over.is_some() {
            return;
        }
        match self.asked {
            Some(asked) if asked.elapsed() > GRACE => self.signal(Signal::KILL),
            Some(_) => {}
            None => {
                self.is_stopped = self.is_unwanted();
                let limit = self.plan.time_limit;
                self.is_timed_out =
                    !self.is_stopped && limit.is_some_and(|limit| self.begun.elapsed() > limit);
                let is_to_be_told = self.is_stopped && !self.plan.stops_by_itself;
                if is_to_be_told || self.is_timed_out {
                    self.asked = Some(Instant::now());
                    self.signal(Signal::TERM);
                }
            }
        }
    }

    fn signal(&self, signal: Signal) {
        // It may have ended by itself in this moment.
        _ = match self.plan.output {
            Output::Captured => kill_process_group(self.pid, signal),
            Output::Shown => kill_process(self.pid, signal),
        };
    }

    fn is_unwanted(&self) -> bool {
        let stop = self.plan.stop.as_ref();
        stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// What is left of the group goes too.
    fn is_over(&mut self, has_group: bool) {
        self.over = Some(Instant::now());
        // It may have been asked just now, and ended before anybody looked.
        self.is_stopped |= !self.is_timed_out && self.is_unwanted();
        if has_group {
            _ = kill_process_group(self.pid, Signal::KILL);
        }
    }

    fn has_waited_for_streams(&self) -> bool {
        self.over.is_some_and(|over| over.elapsed() > GRACE)
    }
}

/// The end of a text.
#[derive(Default)]
struct Tail(Vec<u8>);

impl Tail {
    fn add(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
        if self.0.len() > 2 * MOST_OUTPUT {
            self.0.drain(..self.0.len() - MOST_OUTPUT);
        }
    }

    fn text(self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}
