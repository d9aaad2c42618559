//! What one run reports.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::outcome::{Outcome, OutcomeKind};

/// What one run of a check reports: the outcome and what was noted on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What it came to.
    pub outcome: Outcome,
    /// When it started.
    pub started_at: SystemTime,
    /// How long it took; for a self-test that was retried, all attempts together.
    pub duration: Duration,
    /// How many attempts it took: 1, or more after retries.
    pub attempts: u32,
    /// The steps, each with the steps inside it.
    pub steps: Vec<Step>,
    /// The numbers observed.
    pub observations: Vec<Observation>,
    /// The notes and warnings.
    pub notes: Vec<Note>,
    /// How many steps, observations and notes were left out because there were too many.
    pub omitted: usize,
}

impl Report {
    /// Makes the report of a run that came to `outcome` without doing anything.
    pub fn without_run(outcome: Outcome, at: SystemTime) -> Self {
        Self {
            outcome,
            started_at: at,
            duration: Duration::ZERO,
            attempts: 1,
            steps: Vec::new(),
            observations: Vec::new(),
            notes: Vec::new(),
            omitted: 0,
        }
    }

    /// Adds the failed attempts before it: a pass after a failure is a warning.
    pub(crate) fn after_attempts(mut self, before: &[Self]) -> Self {
        let Some(first) = before.first() else {
            return self;
        };
        self.attempts += u32::try_from(before.len()).unwrap_or(u32::MAX);
        self.started_at = first.started_at;
        self.duration += before
            .iter()
            .map(|attempt| attempt.duration)
            .sum::<Duration>();
        let (attempts, failed) = (self.attempts, &first.outcome);
        self.outcome = match self.outcome {
            Outcome::Pass | Outcome::Warn(_) => Outcome::warn(format!(
                "flaky: passed at attempt {attempts}, after {failed}"
            )),
            // A skip says nothing, and a failure has been seen.
            Outcome::Skip(_) => failed.clone(),
            failure @ Outcome::Fail(_) => failure,
        };
        self
    }

    /// Says whether it passed only after a retry.
    pub fn is_flaky(&self) -> bool {
        self.attempts > 1 && self.outcome.kind() == OutcomeKind::Warn
    }

    /// Says whether a self-test that may be retried so often is tried again after this.
    pub(crate) fn is_retried(&self, before: &[Self], retries: u32) -> bool {
        self.outcome.kind() == OutcomeKind::Fail && before.len() < retries as usize
    }
}

/// One step of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What is done in it.
    pub name: String,
    /// When it started, counted from the start of the run.
    pub offset: Duration,
    /// How long it took, up to the end of the run for one that did not end.
    pub duration: Duration,
    /// Whether it ran to its end; a step that panicked, or was cut off, did not.
    pub is_finished: bool,
    /// The steps inside it.
    pub steps: Vec<Step>,
}

/// A named number with a unit that a run reports.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Its name, legal as [`is_name`](crate::is_name) says.
    pub name: String,
    /// The number, finite.
    pub value: f64,
    /// What it counts or measures.
    pub unit: Unit,
}

/// What an observation counts or measures: base units, as Prometheus asks for them.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Unit {
    /// Things, counted.
    Count,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// A part of a whole, from 0 to 1.
    Ratio,
}

impl Unit {
    pub(crate) const ALL: [Self; 4] = [Self::Count, Self::Seconds, Self::Bytes, Self::Ratio];

    /// Returns the unit with this word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.as_str() == word)
    }

    /// Returns the word used in labels and JSON: `count`, `seconds`, `bytes` or `ratio`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Seconds => "seconds",
            Self::Bytes => "bytes",
            Self::Ratio => "ratio",
        }
    }
}

/// A text that a run left.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Note {
    /// When, counted from the start of the run.
    pub offset: Duration,
    /// The text, without control characters.
    pub text: String,
    /// Whether it was left by [`warn`](crate::warn), which turns a pass into a warning.
    pub is_warning: bool,
}

/// Writes the report as a tree for people: steps with their times, then observations, notes and the
/// outcome.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            write_step(step, 0, f)?;
        }
        for observation in &self.observations {
            let Observation { name, value, unit } = observation;
            writeln!(f, "observed {name} = {value} {}", unit.as_str())?;
        }
        for note in &self.notes {
            let word = if note.is_warning { "warning" } else { "note" };
            writeln!(f, "{word}: {}", note.text)?;
        }
        if self.omitted > 0 {
            writeln!(f, "({} more left out)", self.omitted)?;
        }
        write!(f, "{} [{:.1?}]", self.outcome, self.duration)
    }
}

fn write_step(step: &Step, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mark = if step.is_finished { "+" } else { "!" };
    let unfinished = if step.is_finished {
        ""
    } else {
        ", not finished"
    };
    let Step { name, duration, .. } = step;
    writeln!(
        f,
        "{:indent$}{mark} {name} [{duration:.1?}{unfinished}]",
        "",
        indent = depth * 2
    )?;
    for inner in &step.steps {
        write_step(inner, depth + 1, f)?;
    }
    Ok(())
}
