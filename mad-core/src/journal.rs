//! What a run leaves on its way: steps, observations, notes.

use std::cell::RefCell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::clock::Moment;
use crate::event::Event;
use crate::name::is_name;
use crate::number::Number;
use crate::outcome::Outcome;
use crate::report::{Note, Observation, Report, Step, Unit};
use crate::scrubber::Scrubber;

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
    with_current(|journal| journal.observe(name, value.to_f64(), unit));
}

/// Leaves a text in the report of the current run.
///
/// It is shown to authorised callers only. Outside a run nothing happens.
pub fn note(text: impl AsRef<str>) {
    with_current(|journal| journal.note(text.as_ref(), false));
}

/// Leaves a warning in the report of the current run, and turns a pass into a warning.
///
/// Outside a run nothing happens.
pub fn warn(text: impl AsRef<str>) {
    with_current(|journal| journal.note(text.as_ref(), true));
}

/// Returns how long the current run may still take; `None` outside a run.
///
/// An `async` check is dropped at its deadline. A plain function cannot be stopped: one that waits for
/// something outside gives this to what it waits with, and its thread is never stuck.
///
/// ```
/// use std::io;
/// use std::net::{SocketAddr, TcpStream};
/// use std::time::Duration;
///
/// fn peer_listens(peer: &SocketAddr) -> io::Result<()> {
///     let patience = mad_core::time_left().unwrap_or(Duration::from_secs(5));
///     // A time of zero is refused by sockets.
///     TcpStream::connect_timeout(peer, patience.max(Duration::from_millis(1))).map(drop)
/// }
/// # assert_eq!(mad_core::time_left(), None);
/// ```
pub fn time_left() -> Option<Duration> {
    let deadline = Current::get()?.deadline;
    Some(deadline.saturating_duration_since(Instant::now()))
}

thread_local! {
    static CURRENT: RefCell<Option<Current>> = const { RefCell::new(None) };
}

/// Where on this thread something is written to.
#[derive(Clone)]
struct Current {
    journal: Arc<Journal>,
    step: Option<usize>,
    deadline: Instant,
}

impl Current {
    fn get() -> Option<Self> {
        // On a thread that is ending the slot is gone: that is outside a run as well.
        let current = CURRENT.try_with(|current| current.borrow().clone());
        current.ok().flatten()
    }
}

fn with_current(function: impl FnOnce(&Journal)) {
    if let Some(current) = Current::get() {
        function(&current.journal);
    }
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
pub(crate) struct Journal {
    /// When the run began; the thread that it was given may come to it late.
    began: OnceLock<Moment>,
    entries: Mutex<Entries>,
    witness: Option<Box<dyn Witness>>,
    /// What every text goes through, if the program wants that.
    scrubber: OnceLock<Scrubber>,
}

/// Who sees what a run leaves while it leaves it.
pub(crate) trait Witness: Send + Sync {
    /// Sees an event, with the journal's lock held, so that the order is the same.
    fn see(&self, event: &Event);

    /// Is told, without that lock, that there was one.
    fn has_seen(&self) {}
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
    /// Makes the journal of a run that has not begun.
    pub(crate) fn new() -> Arc<Self> {
        Self::with(None)
    }

    /// Makes one with a witness.
    pub(crate) fn witnessed(witness: impl Witness + 'static) -> Arc<Self> {
        Self::with(Some(Box::new(witness)))
    }

    fn with(witness: Option<Box<dyn Witness>>) -> Arc<Self> {
        Arc::new(Self {
            began: OnceLock::new(),
            entries: Mutex::default(),
            witness,
            scrubber: OnceLock::new(),
        })
    }

    /// Has what the run leaves from here on go through this.
    pub(crate) fn scrub_with(&self, scrubber: &Scrubber) {
        _ = self.scrubber.set(scrubber.clone());
    }

    /// Says that the run begins; returns when that was.
    pub(crate) fn begin(&self) -> Moment {
        *self.began.get_or_init(Moment::now)
    }

    /// Returns when the run began, if it has.
    pub(crate) fn began(&self) -> Option<Moment> {
        self.began.get().copied()
    }

    fn elapsed(&self) -> Duration {
        self.begin().awake.elapsed()
    }

    /// Makes this journal the current one of this thread while `function` runs, which is until
    /// `deadline` at most.
    pub(crate) fn record<T>(
        self: &Arc<Self>,
        deadline: Instant,
        function: impl FnOnce() -> T,
    ) -> T {
        let _restore = Restore::after_setting(Current {
            journal: Arc::clone(self),
            step: None,
            deadline,
        });
        function()
    }

    /// Makes the report, on the thread of the run: what was left until now, and this outcome.
    pub(crate) fn report(&self, outcome: Outcome) -> Report {
        let outcome = match self.scrubber.get() {
            Some(scrubber) => scrubber.outcome(outcome),
            None => outcome,
        };
        self.report_at(outcome, Moment::now())
    }

    /// Makes the report of a run that goes on: what was left until now, and this outcome, which is no text of the
    /// program's.
    pub(crate) fn report_at(&self, outcome: Outcome, now: Moment) -> Report {
        let began = self.began().unwrap_or(now);
        let (started_at, duration) = (began.time, now.awake.saturating_duration_since(began.awake));
        let entries = self.entries.lock();
        let outcome = match (outcome.bounded(), &entries.warning) {
            (Outcome::Pass, Some(warning)) => Outcome::Warn(warning.clone()),
            (outcome, _) => outcome,
        };
        Report {
            outcome,
            started_at,
            duration,
            attempts: 1,
            steps: tree(&entries.steps, None, duration),
            observations: entries.observations.clone(),
            notes: entries.notes.clone(),
            omitted: entries.omitted,
        }
    }

    /// Takes in what happened. Beyond the limits it is left out, which is an event as well.
    ///
    /// Returns the number of the step that began, if one did.
    pub(crate) fn take(&self, event: Event) -> Option<usize> {
        let mut entries = self.entries.lock();
        let steps = entries.steps.len();
        let event = if entries.has_room_for(&event) {
            event
        } else {
            Event::LeftOut
        };
        if let Some(witness) = &self.witness {
            witness.see(&event);
        }
        entries.take(event);
        let has_begun = entries.steps.len() > steps;
        drop(entries);
        if let Some(witness) = &self.witness {
            witness.has_seen();
        }
        has_begun.then_some(steps)
    }

    /// Takes in what happened elsewhere, in a process that has not scrubbed it.
    pub(crate) fn take_unscrubbed(&self, event: Event) {
        let event = match self.scrubber.get() {
            Some(scrubber) => scrubber.event(event),
            None => event,
        };
        self.take(event);
    }

    /// Scrubs a text before it is cut: half a secret is not known as one.
    fn tidy(&self, text: &str) -> String {
        match self.scrubber.get() {
            Some(scrubber) => tidy(&scrubber.text(text)),
            None => tidy(text),
        }
    }

    fn observe(&self, name: &str, value: f64, unit: Unit) {
        if !is_name(name) || !value.is_finite() {
            let text = format!(
                "observation {name:?} = {value} is left out: the name must be legal and the value finite"
            );
            return self.note(&text, true);
        }
        let name = name.to_owned();
        self.take(Event::Observed(Observation { name, value, unit }));
    }

    pub(crate) fn note(&self, text: &str, is_warning: bool) {
        self.take(Event::Noted(Note {
            offset: self.elapsed(),
            text: self.tidy(text),
            is_warning,
        }));
    }

    fn begin_step(&self, name: &str, parent: Option<usize>) -> Option<(usize, Duration)> {
        let offset = self.elapsed();
        let name = self.tidy(name);
        let step = self.take(Event::StepBegan {
            name,
            parent,
            offset,
        })?;
        Some((step, offset))
    }

    fn finish_step(&self, step: usize, offset: Duration) {
        let duration = self.elapsed().saturating_sub(offset);
        self.take(Event::StepFinished { step, duration });
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("began", &self.began)
            .field("entries", &self.entries)
            .finish_non_exhaustive()
    }
}

impl Entries {
    fn has_room_for(&self, event: &Event) -> bool {
        match event {
            Event::StepBegan { .. } => self.steps.len() < MAX_STEPS,
            Event::Observed(observation) => {
                self.observations.len() < MAX_OBSERVATIONS || self.knows(observation)
            }
            Event::Noted(note) => self.notes.len() < MAX_NOTES || self.is_first_warning(note),
            Event::StepFinished { .. } | Event::LeftOut => true,
        }
    }

    fn knows(&self, observation: &Observation) -> bool {
        self.observations
            .iter()
            .any(|known| known.name == observation.name)
    }

    fn is_first_warning(&self, note: &Note) -> bool {
        note.is_warning && self.warning.is_none()
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::StepBegan {
                name,
                parent,
                offset,
            } => self.steps.push(StepEntry {
                name,
                parent,
                offset,
                duration: None,
            }),
            Event::StepFinished { step, duration } => {
                if let Some(step) = self.steps.get_mut(step) {
                    step.duration = Some(duration);
                }
            }
            Event::Observed(observation) => {
                let is_same = |known: &&mut Observation| known.name == observation.name;
                match self.observations.iter_mut().find(is_same) {
                    Some(known) => *known = observation,
                    None => self.observations.push(observation),
                }
            }
            Event::Noted(note) => {
                if self.is_first_warning(&note) {
                    self.warning = Some(note.text.clone());
                }
                self.notes.push(note);
            }
            Event::LeftOut => self.omitted += 1,
        }
    }
}

/// A step that has begun. Dropped without [`finish`](OpenStep::finish), it stays unfinished.
struct OpenStep {
    journal: Arc<Journal>,
    number: usize,
    offset: Duration,
    /// When the run ends at the latest.
    deadline: Instant,
}

impl OpenStep {
    fn begin(name: &str) -> Option<Self> {
        let current = Current::get()?;
        let (number, offset) = current.journal.begin_step(name, current.step)?;
        Some(Self {
            journal: current.journal,
            number,
            offset,
            deadline: current.deadline,
        })
    }

    fn enter(&self) -> Restore {
        Restore::after_setting(Current {
            journal: Arc::clone(&self.journal),
            step: Some(self.number),
            deadline: self.deadline,
        })
    }

    fn finish(self) {
        self.journal.finish_step(self.number, self.offset);
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
