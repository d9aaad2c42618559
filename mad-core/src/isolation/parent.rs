//! Watches a check that runs in a process of its own, and says what became of it.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::launch::Launch;
use super::order::Order;
use super::process::{Next, Process};
use super::wire::Message;
use crate::cancellation::Cancellation;
use crate::check::Check;
use crate::journal::{Journal, tidy};
use crate::outcome::{Cause, Failure, Outcome};
use crate::run;

/// How long the new process may take to come to the check.
const LONGEST_START: Duration = Duration::from_secs(5);

/// How many of the last lines that a process wrote are told when its check failed.
const MAX_COMPLAINTS: usize = 12;

/// How many panics after the first one are told.
const MAX_PANICS: usize = 4;

/// Runs a check in a process of its own, which is ended when the run is cancelled. What it leaves on
/// the way is left in this journal.
pub(super) fn run(check: &Check, journal: &Journal, cancellation: &Cancellation) -> Outcome {
    let order = Order::new(check);
    let started = Launch::of(check).map_err(str::to_owned).and_then(|launch| {
        let start = Process::start(launch, &order, cancellation);
        start.map_err(|error| format!("its process does not start: {error}"))
    });
    let mut watch = match started {
        Ok(process) => Watch {
            check,
            journal,
            cancellation,
            greeting: order.greeting(),
            process,
            panic: None,
        },
        Err(reason) => return aborted(reason),
    };
    let outcome = watch.outcome();
    // A failure that it reported itself says what there is to say.
    let cause = outcome.failure().map(Failure::cause);
    if matches!(cause, Some(Cause::Aborted | Cause::TimedOut)) {
        watch.tell_complaints();
    }
    outcome
}

/// A check that runs in a process of its own, while it does.
struct Watch<'a> {
    check: &'a Check,
    journal: &'a Journal,
    cancellation: &'a Cancellation,
    greeting: String,
    process: Process,
    /// The first panic that it told of.
    panic: Option<Failure>,
}

impl Watch<'_> {
    fn outcome(&mut self) -> Outcome {
        let end = self.follow();
        if let Ok(End::Died(_)) = &end {
            self.process.wait_for_its_end();
        }
        let status = self.process.end();
        match (end, status) {
            (Ok(End::Reported(outcome)), _) => outcome,
            (Ok(End::Overdue), _) => Outcome::Fail(run::overdue(self.check.timeout())),
            (Ok(End::Garbled(line)), _) => aborted(format!(
                "its process reported what is no report: {}",
                tidy(&line)
            )),
            (Ok(End::Cancelled), _) => {
                Outcome::Fail(run::cancelled(&self.cancellation.why().unwrap_or_default()))
            }
            (Ok(End::NeverCame), _) => aborted(format!(
                "its process did not come to the check within {LONGEST_START:?}: \
                 is `mad_core::init()` the first line of `main`?"
            )),
            (Ok(End::Died(when)), Ok(status)) => self.verdict(when, status),
            (Err(error), _) | (_, Err(error)) => {
                aborted(format!("its process cannot be followed: {error}"))
            }
        }
    }

    /// Follows the report to its end, or to that of the time.
    fn follow(&mut self) -> io::Result<End> {
        let deadline = self.journal.begin().awake + self.check.timeout();
        let start_by = deadline.min(Instant::now() + LONGEST_START);
        loop {
            match self.process.next(start_by)? {
                // What stands before the greeting was written by whatever runs before `main`.
                Next::Line(line) if line.ends_with(&self.greeting) => break,
                Next::Line(_) => {}
                Next::End => return Ok(End::Died(When::BeforeTheCheck)),
                Next::Alarm => return Ok(End::Cancelled),
                Next::Nothing if start_by < deadline => return Ok(End::NeverCame),
                Next::Nothing => return Ok(End::Overdue),
            }
        }
        loop {
            match self.process.next(deadline)? {
                Next::Line(line) => match Message::from_line(&line) {
                    Some(Message::Event(event)) => self.journal.take_unscrubbed(event),
                    Some(Message::Panicked(panic)) => self.panicked(panic),
                    Some(Message::Ended(outcome)) => return Ok(End::Reported(outcome)),
                    None => return Ok(End::Garbled(line)),
                },
                Next::End => return Ok(End::Died(When::BeforeItsReport)),
                Next::Alarm => return Ok(End::Cancelled),
                Next::Nothing => return Ok(End::Overdue),
            }
        }
    }

    /// Keeps a panic. What follows on it, such as "panic in a function that cannot unwind", is told
    /// as what it came with.
    fn panicked(&mut self, panic: Failure) {
        self.panic = Some(match self.panic.take() {
            None => panic,
            Some(first) if first.sources().len() < MAX_PANICS => {
                first.because(panic.message().to_owned())
            }
            Some(first) => first,
        });
    }

    /// Says why a process ended that should have reported.
    fn verdict(&mut self, when: When, status: ExitStatus) -> Outcome {
        let before = match when {
            When::BeforeTheCheck => "it came to the check",
            When::BeforeItsReport => "it had reported",
        };
        let end = format!("its process ended before {before}, with {status}");
        // A program that is built to abort when it panics, and a panic that nothing can catch.
        let is_abort = status.signal() == Some(Signal::ABORT.as_raw());
        if let Some(panic) = self.panic.take().filter(|_| is_abort) {
            return Outcome::Fail(panic.because(end));
        }
        let complaints = self.process.complaints();
        let failure = Failure::new(Cause::Aborted, end);
        let failure = match complaints.last() {
            Some(last) => failure.because(last.clone()),
            None => failure,
        };
        Outcome::Fail(match self.exceeded(&complaints) {
            Some(limit) => failure.because(format!("it may take {limit} bytes of memory")),
            None => failure,
        })
    }

    /// Returns the limit of its memory, if that is what it ran into.
    fn exceeded(&self, complaints: &[String]) -> Option<u64> {
        let limit = self.check.self_test_options()?.max_memory?;
        // What Rust's standard library writes before it aborts.
        let is_out_of_memory = |line: &String| line.contains("memory allocation of");
        complaints.iter().any(is_out_of_memory).then_some(limit)
    }

    /// Leaves what the process wrote beside its report as notes.
    fn tell_complaints(&mut self) {
        let complaints = self.process.complaints();
        let last = complaints.len().saturating_sub(MAX_COMPLAINTS);
        for line in &complaints[last..] {
            self.journal
                .note(&format!("its process wrote: {line}"), false);
        }
    }
}

/// How the report ended.
#[derive(Debug)]
enum End {
    Reported(Outcome),
    Overdue,
    Garbled(String),
    Cancelled,
    NeverCame,
    Died(When),
}

#[derive(Clone, Copy, Debug)]
enum When {
    BeforeTheCheck,
    BeforeItsReport,
}

fn aborted(why: String) -> Outcome {
    Outcome::Fail(Failure::new(Cause::Aborted, why))
}
