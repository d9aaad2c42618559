//! One run of one check, on the thread that calls.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crate::cancellation::Cancellation;
use crate::check::{Body, Check};
use crate::context::Context;
use crate::descriptor::{Function, OnTimeout};
use crate::isolation;
use crate::journal::Journal;
use crate::outcome::{Cause, Failure, Outcome};
use crate::panics;
use crate::report::Report;
use crate::runtime::Runtime;
use crate::supply::Supply;

/// Returns how long after its deadline a run is judged from outside.
///
/// An `async` run ends itself at its deadline and reports what it did, and so does one in a process
/// of its own; this leaves them the time to.
pub(crate) fn grace(check: &Check) -> Duration {
    if isolation::is_asked_for(check) {
        Duration::from_millis(500)
    } else {
        Duration::from_millis(10)
    }
}

/// Returns how long a run that was cancelled may take to end, before it is said that it cannot be ended.
pub(crate) fn time_to_end(check: &Check) -> Duration {
    grace(check).max(Duration::from_millis(250))
}

/// Runs a check to its end and reports.
///
/// An `async` check is dropped at its deadline, or when it is cancelled, unless it says otherwise. A
/// plain function cannot be stopped: whoever called this watches the clock, too. The run's values, its future and whatever it left are dropped
/// within it, so that a panic in a destructor is the check's own.
pub(crate) fn run(
    check: &Check,
    supply: &Supply,
    runtime: &Runtime,
    journal: &Arc<Journal>,
    cancellation: &Cancellation,
) -> Report {
    let timeout = check.timeout();
    journal.begin();
    if isolation::is_asked_for(check) {
        let outcome = isolation::run(check, journal, cancellation);
        return journal.report(outcome);
    }
    let deadline = Instant::now() + timeout;
    let attempt = || {
        let _entered = runtime.enter();
        let limits = match check.on_timeout() {
            OnTimeout::Abort => Some(Limits {
                deadline,
                cancellation,
            }),
            OnTimeout::Abandon => None,
        };
        block_on(outcome(check, supply), limits)
    };
    let ended = journal.record(deadline, || panics::catch(attempt));
    let outcome = match ended {
        Ok(Some(outcome)) => outcome,
        Ok(None) => Outcome::Fail(match cancellation.why() {
            Some(why) => cancelled(&why),
            None => overdue(timeout),
        }),
        Err(panic) => Outcome::Fail(panic),
    };
    let report = journal.report(outcome);
    judged_by_time(report, timeout)
}

/// Returns what a check comes to that runs where it is decided on; `None` if it waits for a thread.
///
/// It is one of MAD's own, which waits for nothing and borrows nothing.
pub(crate) fn outcome_in_place(check: &Check) -> Option<Outcome> {
    match check.body() {
        Body::Sync(function) if check.is_in_place() => Some(function(&Context::new())),
        _ => None,
    }
}

/// What a run that was watched came to.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) report: Report,
    /// Whether it has given its thread back. If not, it must not be started again.
    pub(crate) is_over: bool,
}

/// Runs a check on a thread of its own and reports at its deadline at the latest.
pub(crate) fn run_watched(
    check: &Arc<Check>,
    supply: &Arc<Supply>,
    runtime: &Arc<Runtime>,
    journal: &Arc<Journal>,
) -> Watched {
    let (report, reported) = channel();
    let work = {
        let (check, supply) = (Arc::clone(check), Arc::clone(supply));
        let (runtime, journal) = (Arc::clone(runtime), Arc::clone(journal));
        move || {
            let nobody = Cancellation::default();
            let ended = run(&check, &supply, &runtime, &journal, &nobody);
            // Whoever gets the report is the last who holds the values, and drops them.
            drop((check, supply, runtime));
            // Nobody listens any more after the deadline.
            _ = report.send(ended);
        }
    };
    let without_report = |failure| Watched {
        report: journal.report(Outcome::Fail(failure)),
        is_over: false,
    };
    let thread = thread::Builder::new().name("mad-run".to_owned());
    if let Err(error) = thread.spawn(work) {
        let message = format!("no thread to run it on: {error}");
        return without_report(Failure::new(Cause::Aborted, message));
    }
    match reported.recv_timeout(check.timeout() + grace(check)) {
        Ok(report) => Watched {
            report,
            is_over: true,
        },
        Err(RecvTimeoutError::Timeout) => without_report(overdue(check.timeout())),
        Err(RecvTimeoutError::Disconnected) => {
            let message = "its thread ended without a report";
            without_report(Failure::new(Cause::Aborted, message))
        }
    }
}

/// Drops the values that providers made. A mock that misses a call says so by a panic, there.
///
/// A run that is not over has them still.
pub(crate) fn judged_by_values(
    mut watched: Watched,
    supply: Arc<Supply>,
    runtime: &Runtime,
) -> Watched {
    let dropped = panics::catch(|| {
        let _entered = runtime.enter();
        drop(supply);
    });
    if let Err(panic) = dropped
        && watched.report.outcome.failure().is_none()
    {
        watched.report.outcome = Outcome::Fail(panic);
    }
    watched
}

/// The failure of a run that had not ended at its deadline.
pub(crate) fn overdue(timeout: Duration) -> Failure {
    Failure::new(Cause::TimedOut, format!("had not ended after {timeout:?}"))
}

/// The failure of a run that was ended before its time.
pub(crate) fn cancelled(why: &str) -> Failure {
    Failure::new(Cause::Aborted, format!("cancelled: {why}"))
}

/// A plain function that ended after its deadline has failed, whatever it returned.
fn judged_by_time(mut report: Report, timeout: Duration) -> Report {
    let is_late = report.duration > timeout && report.outcome.failure().is_none();
    if is_late {
        let took = report.duration;
        let message = format!("ended after {took:.1?}, and it may take {timeout:?}");
        report.outcome = Outcome::Fail(Failure::new(Cause::TimedOut, message));
    }
    report
}

async fn outcome(check: &Check, supply: &Supply) -> Outcome {
    let context = match supply.prepare(check.needs()).await {
        Ok(context) => context,
        Err(failure) => return Outcome::Fail(failure),
    };
    match check.body() {
        Body::Annotated(Function::Sync(function)) => function(&context),
        Body::Annotated(Function::Async(function)) => function(&context).await,
        Body::Sync(function) => function(&context),
        Body::Async(function) => function(&context).await,
    }
}

/// What ends a future that is not ready.
#[derive(Clone, Copy, Debug)]
struct Limits<'a> {
    deadline: Instant,
    cancellation: &'a Cancellation,
}

/// Polls a future on this thread until it is ready, or the limits that it may have end it.
///
/// The future need not be `Send`: it never leaves the thread. At the limits it is dropped.
fn block_on<F: Future>(future: F, limits: Option<Limits<'_>>) -> Option<F::Output> {
    if let Some(limits) = limits {
        let thread = thread::current();
        limits.cancellation.when_cancelled(move || thread.unpark());
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = TaskContext::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
        let Some(limits) = limits else {
            thread::park();
            continue;
        };
        let left = limits.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || limits.cancellation.why().is_some() {
            return None;
        }
        thread::park_timeout(left);
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}
