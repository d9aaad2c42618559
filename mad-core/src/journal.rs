//! What a run leaves on its way: steps, observations, notes.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;

use crate::name::is_name;
use crate::number::Number;
use crate::outcome::Outcome;
use crate::report::{Note, Observation, Report, Step, Unit};

/// A run that leaves more than this leaves the rest out, and says how much that was.
const MAX_STEPS: usize = 1_000;
const MAX_OBSERVATIONS: usize = 64;
const MAX_NOTES: usize = 100;
const MAX_TEXT_LENGTH: usize = 512;

/// Runs a future as a named step of the current run.
///
/// Steps nest, are timed, and are shown as a tree: Given, When, Then reads well. Outside a run the
/// future simply runs.
///
/// ```
/// # async fn place() -> u32 { 7 }
/// # async fn example() {
/// let order = mad_core::step("place the order", async { place().await }).await;
/// # }
/// ```
pub async fn step<F: Future>(name: impl Into<String>, future: F) -> F::Output {
    let Some(step) = OpenStep::begin(&name.into()) else {
        return future.await;
    };
    let mut future = pin!(future);
    let output = poll_fn(|context| {
        let _inside = step.enter();
        future.as_mut().poll(context)
    })
    .await;
    step.finish();
    output
}

/// Runs a closure as a named step of the current run; see [`step`].
///
/// ```
/// let sum = mad_core::step_sync("add", || 1 + 1);
/// assert_eq!(sum, 2);
/// ```
pub fn step_sync<T>(name: impl Into<String>, function: impl FnOnce() -> T) -> T {
    let Some(step) = OpenStep::begin(&name.into()) else {
        return function();
    };
    let output = {
        let _inside = step.enter();
        function()
    };
    step.finish();
    output
}

/// Reports a named number of the current run; it becomes a metric and a series of the history.
///
/// A name that is not legal ([`is_name`]) or a value that is not finite is left
/// out, with a warning in the report. The same name again replaces the value. Outside a run nothing
/// happens.
///
/// ```
/// let rows = vec!["one", "two"];
/// mad_core::observe("rows", rows.len(), mad_core::Unit::Count);
/// mad_core::observe("rows_kept", 0.5, mad_core::Unit::Ratio);
/// ```
pub fn observe(name: &str, value: impl Number, unit: Unit) {
    with_current(|journal, _| journal.observe(name, value.to_f64(), unit));
}

/// Leaves a text in the report of the current run.
///
/// It is shown to authorised callers only. Outside a run nothing happens.
pub fn note(text: impl AsRef<str>) {
    with_current(|journal, _| journal.note(text.as_ref(), false));
}

/// Leaves a warning in the report of the current run, and turns a pass into a warning.
///
/// Outside a run nothing happens.
pub fn warn(text: impl AsRef<str>) {
    with_current(|journal, _| journal.note(text.as_ref(), true));
}

thread_local! {
    static CURRENT: RefCell<Option<Current>> = const { RefCell::new(None) };
}

/// Where on this thread something is written to.
#[derive(Clone)]
struct Current {
    journal: Arc<Journal>,
    step: Option<usize>,
}

fn with_current<T>(function: impl FnOnce(&Arc<Journal>, Option<usize>) -> T) -> Option<T> {
    // On a thread that is ending the slot is gone: that is outside a run as well.
    let current = CURRENT.try_with(|current| current.borrow().clone());
    let current = current.ok().flatten()?;
    Some(function(&current.journal, current.step))
}

/// Puts back what was current before, also when the user's code panics.
struct Restore(Option<Current>);

impl Restore {
    fn after_setting(current: Current) -> Self {
        let previous = CURRENT.try_with(|slot| slot.replace(Some(current)));
        Self(previous.ok().flatten())
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        _ = CURRENT.try_with(|slot| slot.replace(self.0.take()));
    }
}

/// What one run has left so far.
///
/// The run's own thread writes it, and the watcher reads it when the deadline has passed; the lock
/// is held for a push or a clone, never while user code runs.
#[derive(Debug)]
pub(crate) struct Journal {
    started: Instant,
    started_at: SystemTime,
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    steps: Vec<StepEntry>,
    observations: Vec<Observation>,
    notes: Vec<Note>,
    /// The first warning, kept also when there are too many notes.
    warning: Option<String>,
    omitted: usize,
}

#[derive(Debug)]
struct StepEntry {
    name: String,
    parent: Option<usize>,
    offset: Duration,
    duration: Option<Duration>,
}

impl Journal {
    pub(crate) fn begin() -> Arc<Self> {
        Arc::new(Self {
            started: Instant::now(),
            started_at: SystemTime::now(),
            entries: Mutex::default(),
        })
    }

    /// Returns when the run began.
    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// Makes this journal the current one of this thread while `function` runs.
    pub(crate) fn record<T>(self: &Arc<Self>, function: impl FnOnce() -> T) -> T {
        let _restore = Restore::after_setting(Current {
            journal: Arc::clone(self),
            step: None,
        });
        function()
    }

    /// Makes the report: what was left until now, and this outcome.
    pub(crate) fn report(&self, outcome: Outcome) -> Report {
        let duration = self.started.elapsed();
        let entries = self.entries.lock();
        let outcome = match (outcome.bounded(), &entries.warning) {
            (Outcome::Pass, Some(warning)) => Outcome::Warn(warning.clone()),
            (outcome, _) => outcome,
        };
        Report {
            outcome,
            started_at: self.started_at,
            duration,
            attempts: 1,
            steps: tree(&entries.steps, None, duration),
            observations: entries.observations.clone(),
            notes: entries.notes.clone(),
            omitted: entries.omitted,
        }
    }

    fn observe(&self, name: &str, value: f64, unit: Unit) {
        if !is_name(name) || !value.is_finite() {
            let text = format!(
                "observation {name:?} = {value} is left out: the name must be legal and the value finite"
            );
            return self.note(&text, true);
        }
        let mut entries = self.entries.lock();
        let Entries {
            observations,
            omitted,
            ..
        } = &mut *entries;
        if let Some(known) = observations.iter_mut().find(|known| known.name == name) {
            (known.value, known.unit) = (value, unit);
        } else if observations.len() < MAX_OBSERVATIONS {
            let name = name.to_owned();
            observations.push(Observation { name, value, unit });
        } else {
            *omitted += 1;
        }
    }

    fn note(&self, text: &str, is_warning: bool) {
        let note = Note {
            offset: self.started.elapsed(),
            text: tidy(text),
            is_warning,
        };
        let mut entries = self.entries.lock();
        if is_warning && entries.warning.is_none() {
            entries.warning = Some(note.text.clone());
        }
        if entries.notes.len() < MAX_NOTES {
            entries.notes.push(note);
        } else {
            entries.omitted += 1;
        }
    }

    fn begin_step(&self, name: &str, parent: Option<usize>) -> Option<usize> {
        let step = StepEntry {
            name: tidy(name),
            parent,
            offset: self.started.elapsed(),
            duration: None,
        };
        let mut entries = self.entries.lock();
        if entries.steps.len() == MAX_STEPS {
            entries.omitted += 1;
            return None;
        }
        entries.steps.push(step);
        Some(entries.steps.len() - 1)
    }

    fn finish_step(&self, index: usize) {
        let now = self.started.elapsed();
        let step = &mut self.entries.lock().steps[index];
        step.duration = Some(now.saturating_sub(step.offset));
    }
}

/// A step that has begun. Dropped without [`finish`](OpenStep::finish), it stays unfinished.
struct OpenStep {
    journal: Arc<Journal>,
    index: usize,
}

impl OpenStep {
    fn begin(name: &str) -> Option<Self> {
        with_current(|journal, parent| {
            let index = journal.begin_step(name, parent)?;
            let journal = Arc::clone(journal);
            Some(Self { journal, index })
        })?
    }

    fn enter(&self) -> Restore {
        Restore::after_setting(Current {
            journal: Arc::clone(&self.journal),
            step: Some(self.index),
        })
    }

    fn finish(self) {
        self.journal.finish_step(self.index);
    }
}

fn tree(steps: &[StepEntry], parent: Option<usize>, now: Duration) -> Vec<Step> {
    let inside = steps
        .iter()
        .enumerate()
        .filter(|(_, step)| step.parent == parent);
    inside
        .map(|(index, step)| Step {
            name: step.name.clone(),
            offset: step.offset,
            duration: step
                .duration
                .unwrap_or_else(|| now.saturating_sub(step.offset)),
            is_finished: step.duration.is_some(),
            steps: tree(steps, Some(index), now),
        })
        .collect()
}

/// Cuts a text short and replaces control characters, so that it fits on one line of any format.
pub(crate) fn tidy(text: &str) -> String {
    let clean = |letter: char| if letter.is_control() { ' ' } else { letter };
    text.chars().take(MAX_TEXT_LENGTH).map(clean).collect()
}
