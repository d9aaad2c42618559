//! What the process does that was started to run one check.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::process;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::stdio::dup2_stdout;

use super::order::Order;
use super::wire::Message;
use crate::check::Check;
use crate::context::Context;
use crate::event::Event;
use crate::journal::{Journal, Witness};
use crate::panics;
use crate::run::{judged_by_values, run_watched};
use crate::runtime::Runtime;
use crate::supply::Supply;

/// What it exits with when it cannot do what it was started for; the number has no other meaning.
const EXIT_UNABLE: i32 = 70;

/// How long it waits to be ended, which its parent does as soon as it has the report.
const LAST_MOMENTS: Duration = Duration::from_secs(10);

/// Runs a check, reports and ends the process.
pub(super) fn run(order: &Order, check: Check) -> ! {
    match try_run(order, check) {
        Ok(()) => thread::sleep(LAST_MOMENTS),
        Err(error) => leave(&error.to_string()),
    }
    end(0)
}

fn try_run(order: &Order, check: Check) -> io::Result<()> {
    die_with_parent()?;
    if !order.has_parent() {
        leave("whoever started this process is gone");
    }
    let outlet = Arc::new(Outlet::take()?);
    limit_memory(&check)?;
    outlet.write(&(order.greeting() + "\n"))?;

    let told = Arc::clone(&outlet);
    panics::tell(move |panic| told.send(&Message::Panicked(panic.clone().bounded())));
    let journal = Journal::witnessed(Arc::clone(&outlet));
    let supply = Arc::new(Supply::linked(Context::new()));
    // One of our own, also where `main` is async: its thread is the one that waits here.
    let runtime = Arc::new(Runtime::start()?);
    let check = Arc::new(check.on_a_thread());
    let watched = run_watched(&check, &supply, &runtime, &journal);
    let watched = judged_by_values(watched, supply, &runtime);
    outlet.send(&Message::Ended(watched.report.outcome.bounded()));
    Ok(())
}

/// The pipe to the parent, out of reach of whatever writes to the standard output.
#[derive(Debug)]
struct Outlet(File);

impl Outlet {
    fn take() -> io::Result<Self> {
        let outlet = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        dup2_stdout(io::stderr())?;
        Ok(Self(outlet))
    }

    fn send(&self, message: &Message) {
        // Nobody reads any more: then the parent has made up its mind, and ends this process.
        _ = self.write(&message.to_line());
    }

    fn write(&self, line: &str) -> io::Result<()> {
        (&self.0).write_all(line.as_bytes())
    }
}

impl Witness for Arc<Outlet> {
    fn see(&self, event: &Event) {
        self.send(&Message::Event(event.clone()));
    }
}

/// Asks to be ended when the thread of the parent that waits for the report is no more.
fn die_with_parent() -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "freebsd"))]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    Ok(())
}

/// Bounds the memory that can be allocated. What is asked for beyond it aborts the process.
///
/// Linux counts what is private and can be written (`RLIMIT_DATA`), other systems all addresses.
fn limit_memory(check: &Check) -> io::Result<()> {
    let Some(bytes) = check
        .self_test_options()
        .and_then(|options| options.max_memory)
    else {
        return Ok(());
    };
    let resource = if cfg!(target_os = "linux") {
        Resource::Data
    } else {
        Resource::As
    };
    // Somebody may have set a lower one, which cannot be raised.
    let bytes = getrlimit(resource)
        .maximum
        .map_or(bytes, |most| most.min(bytes));
    let limit = Rlimit {
        current: Some(bytes),
        maximum: Some(bytes),
    };
    Ok(setrlimit(resource, limit)?)
}

/// Says why this process cannot do what it was started for, and ends it.
#[expect(
    clippy::print_stderr,
    reason = "the parent reads what is written there"
)]
pub(super) fn leave(why: &str) -> ! {
    eprintln!("{why}");
    end(EXIT_UNABLE)
}

#[expect(
    clippy::exit,
    reason = "this process exists for one check, and the program must not run"
)]
fn end(code: i32) -> ! {
    process::exit(code)
}
