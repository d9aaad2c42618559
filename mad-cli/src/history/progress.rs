//! How far it has come, on the standard error output: a bar with the time that is left on a terminal, lines elsewhere.

use std::fmt::Display;
use std::io::{self, IsTerminal as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::output::complain;

/// How often the bar is drawn when nothing happens, so that it is seen to be alive.
const TICK: Duration = Duration::from_millis(200);

const STYLE: &str = "{prefix} {elapsed} [{bar:24}] {pos}/{len}, {eta} left  {wide_msg}";

/// Tells how far it has come, one stage after another.
#[derive(Debug)]
pub(super) struct Progress {
    is_quiet: bool,
    done: AtomicUsize,
    of: AtomicUsize,
    /// On a terminal only.
    bar: Mutex<Option<ProgressBar>>,
}

impl Progress {
    pub(super) fn new(is_quiet: bool) -> Self {
        Self {
            is_quiet,
            done: AtomicUsize::new(0),
            of: AtomicUsize::new(0),
            bar: Mutex::new(None),
        }
    }

    /// A stage of so many steps begins.
    pub(super) fn begins(&self, stage: &'static str, n: usize) {
        self.done.store(0, Ordering::Relaxed);
        self.of.store(n, Ordering::Relaxed);
        if !self.is_quiet && io::stderr().is_terminal() {
            let bar = ProgressBar::new(n as u64).with_prefix(stage);
            let style = ProgressStyle::with_template(STYLE);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(TICK);
            *self.bar() = Some(bar);
        }
    }

    /// A step is done.
    pub(super) fn advances(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
        if let Some(bar) = &*self.bar() {
            bar.inc(1);
        }
    }

    /// A step is done of which there is something to say.
    pub(super) fn advances_with(&self, words: impl Display) {
        self.advances();
        let (done, of) = (
            self.done.load(Ordering::Relaxed),
            self.of.load(Ordering::Relaxed),
        );
        match &*self.bar() {
            Some(bar) => bar.set_message(words.to_string()),
            None if self.is_quiet => {}
            None => complain(format_args!("[{done}/{of}] {words}")),
        }
    }

    /// The stage is over.
    pub(super) fn ends(&self) {
        if let Some(bar) = self.bar().take() {
            bar.finish_and_clear();
        }
    }

    fn bar(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
