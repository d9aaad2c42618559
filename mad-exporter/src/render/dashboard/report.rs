//! What a run left: outcome, steps as a tree, observations, notes.

use askama::Template;
use mad_core::Unit;

use super::moment::Moment;
use super::span::span;

/// What a run left.
#[derive(Debug, Template)]
#[template(path = "report.html")]
pub(super) struct Report {
    outcome: &'static str,
    /// The outcome with its reason, as in every other place.
    outcome_in_words: String,
    /// The errors below the one that was returned.
    sources: Vec<String>,
    /// Where it panicked, if it did.
    location: Option<String>,
    started: Moment,
    took: String,
    attempts: u32,
    steps: Vec<Step>,
    observations: Vec<Observation>,
    notes: Vec<Note>,
    omitted: usize,
}

/// One step, with those in it.
#[derive(Debug, Template)]
#[template(path = "step.html")]
struct Step {
    name: String,
    took: String,
    is_finished: bool,
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Observation {
    name: String,
    value: String,
}

#[derive(Debug)]
struct Note {
    text: String,
    is_warning: bool,
}

impl From<&mad_core::Report> for Report {
    fn from(report: &mad_core::Report) -> Self {
        let failure = report.outcome.failure();
        Self {
            outcome: report.outcome.kind().as_str(),
            outcome_in_words: report.outcome.to_string(),
            sources: failure.map_or_else(Vec::new, |failure| failure.sources().to_vec()),
            location: failure.and_then(|failure| failure.location().map(str::to_owned)),
            started: report.started_at.into(),
            took: span(report.duration),
            attempts: report.attempts,
            steps: report.steps.iter().map(Step::from).collect(),
            observations: report.observations.iter().map(Observation::from).collect(),
            notes: report.notes.iter().map(Note::from).collect(),
            omitted: report.omitted,
        }
    }
}

impl From<&mad_core::Step> for Step {
    fn from(step: &mad_core::Step) -> Self {
        Self {
            name: step.name.clone(),
            took: span(step.duration),
            is_finished: step.is_finished,
            steps: step.steps.iter().map(Self::from).collect(),
        }
    }
}

impl From<&mad_core::Observation> for Observation {
    fn from(observation: &mad_core::Observation) -> Self {
        let mad_core::Observation { name, value, unit } = observation;
        Self {
            name: name.clone(),
            value: match unit {
                Unit::Count => value.to_string(),
                Unit::Seconds => format!("{value} s"),
                Unit::Bytes => format!("{value} B"),
                unit => format!("{value} {}", unit.as_str()),
            },
        }
    }
}

impl From<&mad_core::Note> for Note {
    fn from(note: &mad_core::Note) -> Self {
        Self {
            text: note.text.clone(),
            is_warning: note.is_warning,
        }
    }
}
