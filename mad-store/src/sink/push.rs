//! What is new goes to a sink.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use super::retry::Waits;
use super::{Reading, Receipt, Sink, SinkError, Target, readings};
use crate::{RunFilter, RunId, Store, StoreError};

/// So many runs are read at once at most, and fewer if they are large.
const RUNS_AT_ONCE: usize = 256;

/// So much ahead of this machine's clock another one's may be.
const LEEWAY_MS: i64 = 5_000;

/// So many times a batch is halved to find what in it is refused; then the rest of it is taken for refused, too.
const MOST_HALVINGS: usize = 64;

/// How readings are made and sent.
#[derive(Clone, Debug)]
pub struct PushOptions {
    /// The time that readings have.
    pub time: Time,
    /// Labels that change with the history, and are left out unless asked for.
    pub with: Vec<Extra>,
    /// Labels for everything, by name: the cluster, the team.
    pub labels: BTreeMap<String, String>,
    /// How many readings are sent at once, instead of [as many as suit the sink](Sink::batch_size).
    pub batch: Option<usize>,
    /// How long a batch is tried again before the push ends.
    pub patience: Duration,
    /// Whether to begin from the first run, as if nothing had been sent.
    pub all: bool,
}

impl Default for PushOptions {
    fn default() -> Self {
        Self {
            time: Time::Run,
            with: Vec::new(),
            labels: BTreeMap::new(),
            batch: None,
            patience: Duration::from_secs(30),
            all: false,
        }
    }
}

/// The time that readings have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// When the run began.
    Run,
    /// When its commit was made: for histories that were measured afterwards.
    Commit,
}

/// A label that makes new series of everything whenever it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// The hash of the commit.
    Commit,
    /// The branch.
    Branch,
}

/// What a push came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// How many runs are done with.
    pub runs: usize,
    /// How many readings the server took.
    pub taken: usize,
    /// How many it had already, or something newer in their place.
    pub present: usize,
    /// What was dropped, and why.
    pub refusals: Vec<Refusal>,
    /// How many times something was sent again.
    pub retries: usize,
}

impl Pushed {
    /// How many readings were dropped.
    pub fn refused(&self) -> usize {
        self.refusals.iter().map(|refusal| refusal.count).sum()
    }

    fn refuse(&mut self, reason: String, count: usize) {
        /// More reasons than anybody reads.
        const MOST_REASONS: usize = 20;
        let is_known = |refusal: &&mut Refusal| refusal.reason == reason;
        if let Some(known) = self.refusals.iter_mut().find(is_known) {
            known.count += count;
        } else if self.refusals.len() < MOST_REASONS {
            self.refusals.push(Refusal { reason, count });
        } else if let Some(last) = self.refusals.last_mut() {
            "other reasons".clone_into(&mut last.reason);
            last.count += count;
        }
    }
}

/// Readings that were dropped for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason.
    pub reason: String,
    /// How many.
    pub count: usize,
}

/// Why a push ended before everything was sent. The store remembers how far it came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// The store could not be read, or the cursor in it not be moved on.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server takes nothing: for too long, or from us.
    #[error("the sink did not take everything")]
    Sink {
        /// Why.
        #[source]
        error: SinkError,
        /// What came of it before.
        pushed: Pushed,
    },
}

/// Sends to a sink what it has not got yet, in the order in which it was recorded, and remembers how far it has come.
///
/// Servers that are away are asked again for as long as the options say. What a server refuses is dropped and counted,
/// after the batch was halved until the rest of it is through. Readings of the future are dropped before: one of
/// them keeps Prometheus from taking anything else until its time has come.
///
/// # Errors
///
/// [`PushError`] if not everything was sent; the next push goes on from there.
pub fn push(
    store: &mut Store,
    target: &Target,
    options: &PushOptions,
) -> Result<Pushed, PushError> {
    let name = target.cursor_name();
    let mut delivery = Delivery::to(target, options)?;
    let mut cursor = if options.all {
        None
    } else {
        store.cursor(&name)?
    };
    loop {
        let filter = RunFilter {
            after: Some(cursor.unwrap_or(RunId(0))),
            limit: Some(RUNS_AT_ONCE),
            ..RunFilter::default()
        };
        let runs = store.runs(&filter)?;
        if runs.is_empty() {
            return Ok(delivery.pushed);
        }
        let mut waiting = Vec::new();
        let (mut first, last) = (0, runs.len() - 1);
        for (index, run) in runs.iter().enumerate() {
            waiting.extend(readings(&store.recording(run)?, options));
            if waiting.len() < delivery.batch && index < last {
                continue;
            }
            delivery.deliver(std::mem::take(&mut waiting))?;
            store.set_cursor(&name, run.id)?;
            delivery.pushed.runs += index + 1 - first;
            first = index + 1;
            cursor = Some(run.id);
        }
    }
}

/// One push.
struct Delivery {
    sink: Box<dyn Sink>,
    /// How many readings are sent at once.
    batch: usize,
    patience: Duration,
    pushed: Pushed,
}

impl Delivery {
    fn to(target: &Target, options: &PushOptions) -> Result<Self, PushError> {
        let pushed = Pushed::default();
        match target.open() {
            Ok(sink) => Ok(Self {
                batch: options.batch.unwrap_or_else(|| sink.batch_size()),
                sink,
                patience: options.patience,
                pushed,
            }),
            Err(error) => Err(PushError::Sink { error, pushed }),
        }
    }

    fn deliver(&mut self, mut readings: Vec<Reading>) -> Result<(), PushError> {
        self.drop_future(&mut readings);
        let size = if self.sink.wants_whole_runs() {
            readings.len()
        } else {
            self.batch
        };
        for batch in readings.chunks(size.max(1)) {
            self.send_batch(batch)?;
        }
        Ok(())
    }

    fn drop_future(&mut self, readings: &mut Vec<Reading>) {
        let (before, newest) = (readings.len(), now_ms() + LEEWAY_MS);
        readings.retain(|reading| reading.at <= newest);
        let n_future = before - readings.len();
        if n_future > 0 {
            let reason = "its time is in the future: was the clock wrong when it was measured?";
            self.pushed.refuse(reason.to_owned(), n_future);
        }
    }

    /// Sends a batch, or else its halves, in their order.
    fn send_batch(&mut self, batch: &[Reading]) -> Result<(), PushError> {
        let mut pieces = vec![batch];
        let mut n_halvings = 0;
        while let Some(piece) = pieces.pop() {
            match self.persist(piece) {
                Ok(receipt) => self.count(receipt),
                Err(SinkError::Refused { reason }) => {
                    let may_halve = n_halvings < MOST_HALVINGS && !self.sink.wants_whole_runs();
                    if piece.len() > 1 && may_halve {
                        n_halvings += 1;
                        let (first, second) = piece.split_at(piece.len() / 2);
                        pieces.extend([second, first]);
                    } else {
                        self.pushed.refuse(reason, piece.len());
                    }
                }
                Err(error) => return Err(self.ended(error)),
            }
        }
        Ok(())
    }

    /// Sends the same until the server has judged it, or patience runs out.
    fn persist(&mut self, piece: &[Reading]) -> Result<Receipt, SinkError> {
        let mut waits = Waits::new(self.patience);
        loop {
            let (error, asked) = match self.sink.send(piece) {
                Err(error @ SinkError::Unavailable { retry_after, .. }) => (error, retry_after),
                judged => return judged,
            };
            let Some(wait) = waits.next(asked, chance()) else {
                return Err(error);
            };
            std::thread::sleep(wait);
            self.pushed.retries += 1;
        }
    }

    fn count(&mut self, receipt: Receipt) {
        self.pushed.taken += receipt.taken;
        self.pushed.present += receipt.present;
        for reason in receipt.refused {
            self.pushed.refuse(reason, 1);
        }
    }

    fn ended(&mut self, error: SinkError) -> PushError {
        PushError::Sink {
            error,
            pushed: std::mem::take(&mut self.pushed),
        }
    }
}

fn now_ms() -> i64 {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

fn chance() -> u8 {
    let mut chance = [0];
    // Without any, everybody waits equally long.
    _ = getrandom::fill(&mut chance);
    chance[0]
}
