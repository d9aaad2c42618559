//! Workers go from commit to commit. The store is the only record of what they have done.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use mad_measure::test_run::RunError;
use mad_store::{Commit, Recording, Status, Store, StoreError};

use super::alike::ToTests;
use super::attempts::{Attempt, Attempts};
use super::done::Done;
use super::hindrance;
use super::measurement::Measurement;
use super::plan::Plan;
use super::progress::Progress;
use super::queue::Job;
use super::workshop::{Measured, Workshop};
use crate::interrupt::Interrupt;
use crate::output::{line, with_causes};

/// So many letters of a reason fit into a line of progress.
const REASON_LETTERS: usize = 100;

/// A walk through commits.
#[derive(Debug)]
pub(super) struct Walk<'run> {
    pub(super) plan: &'run Plan,
    /// Those that are meant, from old to new.
    pub(super) commits: &'run [Commit],
    /// What they are to their tests.
    pub(super) to_tests: &'run ToTests,
    /// The file of the store, which each worker opens for itself.
    pub(super) store: &'run Path,
    /// Whether what is between two commits that are broken alike is tried all the same, and what comes after many that were hindered.
    pub(super) tries_all: bool,
    pub(super) progress: &'run Progress,
    pub(super) interrupt: &'run Interrupt,
}

/// What a walk came to.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) attempts: Attempts,
    pub(super) counts: Counts,
    /// Why nobody went on, if too many commits in a row were hindered.
    pub(super) gave_up: Option<String>,
}

/// How many commits were ..., one for each repeat.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Counts {
    pub(super) measured: usize,
    /// ... known from an earlier walk.
    pub(super) known: usize,
    /// ... alike one that was measured.
    pub(super) alike: usize,
    pub(super) jumped: usize,
    pub(super) crashed: usize,
    pub(super) timed_out: usize,
    /// ... not even tried, for want of a checkout, room or network.
    pub(super) not_there: usize,
    /// ... looked at in their sources alone, as nothing else was asked for.
    pub(super) of_sources: usize,
}

/// What workers share.
struct Shared {
    jobs: VecDeque<Job>,
    done: Done,
    walked: Walked,
    hindered: hindrance::Row,
}

impl Walk<'_> {
    /// Walks, with a worker for each workshop, until all is done or somebody wants no more of it.
    pub(super) fn walk(
        &self,
        jobs: Vec<Job>,
        done: Done,
        workshops: Vec<Workshop<'_>>,
    ) -> Result<Walked, WalkError> {
        self.progress
            .begins("commits", jobs.iter().map(|job| job.places.len()).sum());
        let shared = Mutex::new(Shared {
            jobs: jobs.into(),
            done,
            walked: Walked::default(),
            hindered: hindrance::Row::default(),
        });
        let workers: Vec<Worker<'_, '_>> = workshops
            .into_iter()
            .map(|workshop| Worker {
                walk: self,
                shared: &shared,
                workshop,
            })
            .collect();
        let ended: Vec<Result<(), WalkError>> = thread::scope(|scope| {
            let work = |worker| {
                scope.spawn(move || {
                    let ended = Worker::work(worker);
                    if ended.is_err() {
                        // What stops one stops all, and is said once.
                        self.interrupt.raise();
                    }
                    ended
                })
            };
            let running: Vec<_> = workers.into_iter().map(work).collect();
            let joined = running.into_iter().map(thread::ScopedJoinHandle::join);
            joined
                .map(|ended| ended.unwrap_or(Err(WalkError::Panicked)))
                .collect()
        });
        self.progress.ends();
        ended.into_iter().collect::<Result<(), _>>()?;
        Ok(shared
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .walked)
    }
}

struct Worker<'run, 'plan> {
    walk: &'run Walk<'run>,
    shared: &'run Mutex<Shared>,
    workshop: Workshop<'plan>,
}

impl Worker<'_, '_> {
    fn work(mut self) -> Result<(), WalkError> {
        let mut store = Store::open(self.walk.store)?;
        while let Some(job) = self.next_job() {
            self.job(&job, &mut store)?;
        }
        self.workshop.close()?;
        Ok(())
    }

    /// The next job that is worth a try.
    fn next_job(&self) -> Option<Job> {
        let mut shared = self.lock();
        loop {
            if self.walk.interrupt.is_raised() {
                return None;
            }
            let place = self.next_place(&shared.jobs);
            let job = shared.jobs.remove(place)?;
            let place = job.places[0];
            let attempts = &shared.walked.attempts;
            let is_first_try = !attempts.is_known(place);
            let reason = attempts
                .reason_to_jump(place)
                .filter(|_| is_first_try && !self.walk.tries_all);
            let Some(reason) = reason
                .map(str::to_owned)
                .or_else(|| attempts.reason_of_jumped(place))
            else {
                return Some(job);
            };
            for place in job.places {
                shared
                    .walked
                    .attempts
                    .add(place, Attempt::Jumped(reason.clone()));
                shared.walked.counts.jumped += 1;
                self.walk.progress.advances();
            }
        }
    }

    /// The place of the job that is next: the first, or while others build dependencies the first of the same round that needs none.
    fn next_place(&self, jobs: &VecDeque<Job>) -> usize {
        if !self.workshop.would_wait() {
            return 0;
        }
        let first = jobs.front().map(|job| job.round);
        let of_round = jobs.iter().take_while(|job| Some(job.round) == first);
        let mut places = of_round.enumerate();
        let alone = places.find(|(_, job)| !self.walk.to_tests.needed(&job.content).others);
        alone.map_or(0, |(place, _)| place)
    }

    fn job(&mut self, job: &Job, store: &mut Store) -> Result<(), WalkError> {
        let plan = self.walk.plan;
        let commits: Vec<&Commit> = job
            .places
            .iter()
            .map(|place| &self.walk.commits[*place])
            .collect();
        let mut came_to = Vec::new();
        let mut source = Source::Known;
        let mut hindrance = None;
        for measurement in &plan.measurements {
            if let Some((known, from)) = self.known(measurement, job, &commits, store)? {
                source = source.max(from);
                came_to.push(known);
                continue;
            }
            let needed = self.walk.to_tests.needed(&job.content);
            let measured = self.workshop.measure(measurement, commits[0], needed)?;
            let recording = match measured {
                Measured::Recording(recording) => recording,
                Measured::NotThere(error) => {
                    // Not kept: a disk that is full today is not the commit's fault.
                    let reason = with_causes(&error);
                    hindrance = (!error.is_of_commit()).then(|| reason.clone());
                    came_to.push((error.status(), Some(reason)));
                    source = Source::Nothing;
                    break;
                }
                Measured::Stopped => return Ok(()),
            };
            source = Source::Measured;
            came_to.push((recording.status, recording.reason.clone()));
            self.keep(measurement, job, &commits, &recording, store)?;
        }
        let attempt = hindrance.map_or_else(|| attempt(&came_to), Attempt::Hindered);
        self.tell(job, &commits, &came_to, source, &attempt);
        Ok(())
    }

    /// What is known of a job without measuring it: how it ended, and whether all its commits had been measured or
    /// some are only alike. Those get a recording of their own.
    fn known(
        &self,
        measurement: &Measurement,
        job: &Job,
        commits: &[&Commit],
        store: &mut Store,
    ) -> Result<Option<(Ended, Source)>, WalkError> {
        let plan = self.walk.plan;
        let (known, missing) = {
            let shared = self.lock();
            let find = |commit: &Commit| plan.find(&shared.done, measurement, commit, job.round);
            let is_missing = |commit: &&&Commit| find(commit).is_none();
            let missing: Vec<&Commit> = commits.iter().filter(is_missing).copied().collect();
            let alike = || plan.find_alike(&shared.done, measurement, &job.content, job.round);
            let known = find(commits[0]).or_else(alike);
            (known.cloned(), missing)
        };
        let Some(known) = known else {
            return Ok(None);
        };
        let came_to = (known.status, known.reason.clone());
        if missing.is_empty() {
            return Ok(Some((came_to, Source::Known)));
        }
        let recording = store.recording(&known)?;
        self.keep(measurement, job, &missing, &recording, store)?;
        Ok(Some((came_to, Source::Alike)))
    }

    /// Keeps what was measured for all commits that are alike, at once.
    fn keep(
        &self,
        measurement: &Measurement,
        job: &Job,
        commits: &[&Commit],
        recording: &Recording,
        store: &mut Store,
    ) -> Result<(), WalkError> {
        let plan = self.walk.plan;
        let of_commit =
            |commit: &&Commit| plan.signed(measurement, recording, commit, &job.content, job.round);
        let recordings: Vec<Recording> = commits.iter().map(of_commit).collect();
        store.record_all(&recordings)?;
        Ok(())
    }

    fn tell(
        &self,
        job: &Job,
        commits: &[&Commit],
        came_to: &[Ended],
        source: Source,
        attempt: &Attempt,
    ) {
        let reason = reason(came_to);
        let has = |wanted| usize::from(came_to.iter().any(|(status, _)| *status == wanted));
        let mut shared = self.lock();
        let n = job.places.len();
        for place in &job.places {
            shared.walked.attempts.add(*place, attempt.clone());
        }
        self.give_up_if_hindered(&mut shared, source, attempt);
        let counts = &mut shared.walked.counts;
        counts.crashed += n * has(Status::Crashed);
        counts.timed_out += n * has(Status::TimedOut);
        match source {
            Source::Nothing => counts.not_there += n,
            Source::Known => counts.known += n,
            Source::Alike => counts.alike += n,
            Source::Measured => {
                counts.measured += 1;
                counts.alike += n - 1;
            }
        }
        drop(shared);
        let words: Vec<&str> = came_to.iter().map(|(status, _)| status.word()).collect();
        let reason = reason.map_or_else(String::new, |reason| {
            format!(": {}", line(reason, REASON_LETTERS))
        });
        for commit in commits {
            let summary = line(&commit.summary, 40);
            self.walk.progress.advances_with(format_args!(
                "{} {summary}: {}{reason}",
                &commit.id[..12],
                words.join(", ")
            ));
        }
    }

    /// Ends the walk where one after the other is hindered, unless all are to be tried.
    fn give_up_if_hindered(&self, shared: &mut Shared, source: Source, attempt: &Attempt) {
        match attempt {
            Attempt::Hindered(reason) => {
                let is_too_much = shared.hindered.is_too_long_with(reason);
                if is_too_much && !self.walk.tries_all {
                    shared.walked.gave_up.get_or_insert_with(|| reason.clone());
                    self.walk.interrupt.raise();
                }
            }
            _ if source == Source::Measured => shared.hindered = hindrance::Row::default(),
            // What was known before says nothing of the machine as it is now.
            _ => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a measurement ended, and why.
type Ended = (Status, Option<String>);

/// The first reason that somebody gave.
fn reason(came_to: &[Ended]) -> Option<&str> {
    came_to.iter().find_map(|(_, reason)| reason.as_deref())
}

/// What became of commits that came to this.
fn attempt(came_to: &[Ended]) -> Attempt {
    let is_broken = |(status, _): &Ended| {
        matches!(
            status,
            Status::BuildFailed | Status::TimedOut | Status::CheckoutFailed
        )
    };
    if came_to.iter().all(is_broken) {
        Attempt::Broken(reason(came_to).unwrap_or_default().to_owned())
    } else {
        Attempt::Measured
    }
}

/// Where it is known from what a job came to.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Source {
    Known,
    Alike,
    Measured,
    /// It is not known.
    Nothing,
}

/// Why a walk could not go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WalkError {
    #[error("what was measured cannot be kept")]
    Store(#[from] StoreError),
    #[error("nothing can be run")]
    Run(#[from] RunError),
    #[error("the lock file for commits without one cannot be kept")]
    Lock(#[source] std::io::Error),
    #[error("what was built cannot be taken away")]
    Slot(#[from] super::slots::SlotError),
    #[error("a worker has failed; this is a mistake of the program")]
    Panicked,
}
