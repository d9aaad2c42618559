//! What one run of one check reports, whole.

use mad_core::Outcome;
use serde::Serialize;

use crate::render::timestamp::rfc3339;

/// What one run of one check reports.
#[derive(Debug, Serialize)]
pub(super) struct Report<'a> {
    outcome: &'static str,
    /// Why it warned or was skipped.
    reason: Option<&'a str>,
    failure: Option<Failure<'a>>,
    started_at: String,
    duration_seconds: f64,
    attempts: u32,
    steps: Vec<Step<'a>>,
    observations: Vec<Observation<'a>>,
    notes: Vec<Note<'a>>,
    omitted: usize,
}

#[derive(Debug, Serialize)]
struct Failure<'a> {
    cause: &'static str,
    message: &'a str,
    sources: &'a [String],
    location: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Step<'a> {
    name: &'a str,
    offset_seconds: f64,
    duration_seconds: f64,
    is_finished: bool,
    steps: Vec<Step<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct Observation<'a> {
    name: &'a str,
    value: f64,
    unit: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct Note<'a> {
    text: &'a str,
    is_warning: bool,
    offset_seconds: f64,
}

pub(super) fn report(report: &mad_core::Report) -> Report<'_> {
    Report {
        outcome: report.outcome.kind().as_str(),
        reason: reason(&report.outcome),
        failure: report.outcome.failure().map(failure),
        started_at: rfc3339(report.started_at),
        duration_seconds: report.duration.as_secs_f64(),
        attempts: report.attempts,
        steps: report.steps.iter().map(step).collect(),
        observations: report.observations.iter().map(observation).collect(),
        notes: report.notes.iter().map(note).collect(),
        omitted: report.omitted,
    }
}

fn reason(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Warn(reason) | Outcome::Skip(reason) => Some(reason),
        Outcome::Pass | Outcome::Fail(_) => None,
    }
}

fn failure(failure: &mad_core::Failure) -> Failure<'_> {
    Failure {
        cause: failure.cause().as_str(),
        message: failure.message(),
        sources: failure.sources(),
        location: failure.location(),
    }
}

fn step(step: &mad_core::Step) -> Step<'_> {
    Step {
        name: &step.name,
        offset_seconds: step.offset.as_secs_f64(),
        duration_seconds: step.duration.as_secs_f64(),
        is_finished: step.is_finished,
        steps: step.steps.iter().map(self::step).collect(),
    }
}

pub(super) fn observation(observation: &mad_core::Observation) -> Observation<'_> {
    Observation {
        name: &observation.name,
        value: observation.value,
        unit: observation.unit.as_str(),
    }
}

pub(super) fn note(note: &mad_core::Note) -> Note<'_> {
    Note {
        text: &note.text,
        is_warning: note.is_warning,
        offset_seconds: note.offset.as_secs_f64(),
    }
}
