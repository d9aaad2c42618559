//! One number of one commit: out of the store, or measured now.

use mad_store::{Commit, Metric, Recording, Sample, Store, StoreError, Subject};

use super::search::Reading;
use crate::history::done::Done;
use crate::history::measurement::Measurement;
use crate::history::needed::Needed;
use crate::history::plan::Plan;
use crate::history::survey;
use crate::history::walk::WalkError;
use crate::history::workshop::{Measured, Workshop};
use crate::output::with_causes;

/// The metrics that are meant if none is named, of what has several: the first that the ends differ in.
const USUAL: [&str; 5] = [
    "test_passed",
    "command_value",
    "command_instructions",
    "command_success",
    "benchmark_seconds",
];

/// What is looked at.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) subject: Subject,
    pub(super) metric: Option<String>,
}

/// Reads numbers of commits.
#[derive(Debug)]
pub(super) struct Meter<'run> {
    pub(super) plan: &'run Plan,
    pub(super) workshop: Workshop<'run>,
    pub(super) store: &'run mut Store,
    pub(super) wanted: Wanted,
    pub(super) contents: &'run survey::Contents,
    pub(super) n_measured: usize,
}

/// What somebody wanted to know when they wanted no more of it.
pub(super) enum Read {
    Samples(Vec<Sample>),
    Nothing(String),
    Stopped,
}

impl Meter<'_> {
    /// The metric that the two ends differ in.
    pub(super) fn metric(&mut self, ends: [&Commit; 2]) -> Result<Option<Metric>, WalkError> {
        let mut of_ends = Vec::new();
        for end in ends {
            match self.read(end, 0)? {
                Read::Samples(samples) => of_ends.push(samples),
                Read::Nothing(_) | Read::Stopped => of_ends.push(Vec::new()),
            }
        }
        let value = |samples: &[Sample], name: &str| {
            samples
                .iter()
                .find(|sample| sample.metric.name == name)
                .map(|sample| sample.value)
        };
        let differs = |name: &&str| value(&of_ends[0], name) != value(&of_ends[1], name);
        let named = self.wanted.metric.as_deref();
        let known = |name: &&str| of_ends.iter().any(|samples| value(samples, name).is_some());
        let name = match named {
            Some(name) => Some(name).filter(known),
            None => USUAL
                .into_iter()
                .filter(known)
                .find(differs)
                .or_else(|| USUAL.into_iter().find(known)),
        };
        let metrics = of_ends.iter().flatten().map(|sample| &sample.metric);
        Ok(name.and_then(|name| {
            metrics
                .into_iter()
                .find(|metric| metric.name == name)
                .cloned()
        }))
    }

    /// The number of a commit in one of the rounds; nothing, if somebody wants no more of it.
    pub(super) fn reading(
        &mut self,
        commit: &Commit,
        round: u32,
        metric: &str,
    ) -> Result<Option<Reading>, WalkError> {
        Ok(match self.read(commit, round)? {
            Read::Stopped => None,
            Read::Nothing(reason) => Some(Reading::Nothing(reason)),
            Read::Samples(samples) => {
                let sample = samples.iter().find(|sample| sample.metric.name == metric);
                Some(match sample {
                    Some(sample) => Reading::Value(sample.value),
                    None => {
                        Reading::Nothing(format!("there is no {metric} of {}", self.wanted.subject))
                    }
                })
            }
        })
    }

    /// All samples of what is looked at.
    fn read(&mut self, commit: &Commit, round: u32) -> Result<Read, WalkError> {
        let mut samples = self.of_sources(commit)?;
        let mut reason = None;
        for measurement in &self.plan.measurements {
            let recording = match self.known(measurement, commit, round)? {
                Some(recording) => recording,
                None => match self.measured(measurement, commit, round)? {
                    Ok(recording) => recording,
                    Err(read) => return Ok(read),
                },
            };
            reason = reason.or(recording.reason);
            let of_subject = |sample: &Sample| sample.subject == self.wanted.subject;
            samples.extend(recording.samples.into_iter().filter(of_subject));
        }
        Ok(match reason {
            Some(reason) if samples.is_empty() => Read::Nothing(reason),
            _ => Read::Samples(samples),
        })
    }

    /// Measures, and keeps it; or says why there is nothing.
    fn measured(
        &mut self,
        measurement: &Measurement,
        commit: &Commit,
        round: u32,
    ) -> Result<Result<Recording, Read>, WalkError> {
        let recording = match self.workshop.measure(measurement, commit, Needed::ALL)? {
            Measured::Recording(recording) => *recording,
            Measured::NotThere(error) => return Ok(Err(Read::Nothing(with_causes(&error)))),
            Measured::Stopped => return Ok(Err(Read::Stopped)),
        };
        self.n_measured += 1;
        let content = &self.contents[&commit.id];
        let recording = self
            .plan
            .signed(measurement, &recording, commit, content, round);
        self.store.record(&recording)?;
        Ok(Ok(recording))
    }

    fn known(
        &self,
        measurement: &Measurement,
        commit: &Commit,
        round: u32,
    ) -> Result<Option<Recording>, StoreError> {
        let done = Done::of_commit(self.store, &commit.id)?;
        let run = self.plan.find(&done, measurement, commit, round);
        run.map(|run| self.store.recording(run)).transpose()
    }

    fn of_sources(&self, commit: &Commit) -> Result<Vec<Sample>, StoreError> {
        let done = Done::of_commit(self.store, &commit.id)?;
        let Some(run) = done.run(&survey::key(commit)) else {
            return Ok(Vec::new());
        };
        let mut samples = self.store.recording(run)?.samples;
        samples.retain(|sample| sample.subject == self.wanted.subject);
        Ok(samples)
    }
}
