//! How far it has come, on the standard error output: a bar on a terminal, lines elsewhere.

use std::io::{self, IsTerminal as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::instance::Examination;
use crate::address::Address;
use crate::catalogue::seconds;
use crate::output::complain;

/// How often the bar is drawn when nothing happens, so that it is seen to be alive.
const TICK: Duration = Duration::from_millis(200);

/// Tells how far it has come.
#[derive(Debug)]
pub(super) struct Progress {
    instances: usize,
    over: AtomicUsize,
    failed: AtomicUsize,
    /// On a terminal only.
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(super) fn of(instances: usize) -> Self {
        Self {
            instances,
            over: AtomicUsize::new(0),
            failed: AtomicUsize::new(0),
            bar: io::stderr().is_terminal().then(|| bar(instances)),
        }
    }

    pub(super) fn begins(&self, instance: &Address) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{instance} begins"));
        }
    }

    pub(super) fn ends(&self, examination: &Examination) {
        let over = 1 + self.over.fetch_add(1, Ordering::Relaxed);
        let failure = usize::from(!examination.outcome.has_passed());
        let failed = failure + self.failed.fetch_add(failure, Ordering::Relaxed);
        let line = format!(
            "{}: {} after {}",
            examination.instance,
            examination.outcome.word(),
            seconds(examination.duration.as_secs_f64()),
        );
        match &self.bar {
            Some(bar) => {
                bar.inc(1);
                bar.set_message(format!("{failed} not passed; {line}"));
            }
            None => complain(format_args!("[{over}/{}] {line}", self.instances)),
        }
    }

    /// Makes room for the table.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(instances: usize) -> ProgressBar {
    let bar = ProgressBar::new(instances as u64);
    let style = ProgressStyle::with_template("{elapsed} [{bar:24}] {pos}/{len} {wide_msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(TICK);
    bar
}
