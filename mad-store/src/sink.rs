//! On to other stores: what was recorded is sent to databases of other people.
//!
//! The store itself is the spool. Each sink has a cursor in it, the last run that was acknowledged as a whole, and
//! [`push()`] goes on from there: whatever dies in between, the sink, the network or this process, the next push
//! sends what is missing. What arrives twice therefore changes nothing at any sink that can tell.
//!
//! A [`Sink`] turns a batch of [`Reading`]s into what one kind of server understands. What all of them share is in one
//! place: [`Target`] reads an address, [`push()`] cuts batches, waits, tries again and counts.
//!
//! ```no_run
//! use mad_store::Store;
//! use mad_store::sink::{PushOptions, Target, push};
//!
//! let mut store = Store::open("mad.db")?;
//! let target: Target = "graphite://localhost:2003".parse()?;
//! let pushed = push(&mut store, &target, &PushOptions::default())?;
//! assert!(pushed.refusals.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod backfill;
#[cfg(feature = "cassandra")]
mod cassandra;
mod clickhouse;
mod graphite;
mod http;
mod influx;
#[cfg(feature = "mongodb")]
mod mongodb;
#[cfg(feature = "mysql")]
mod mysql;
mod opentsdb;
mod otlp;
mod protobuf;
mod push;
mod pushgateway;
mod reading;
mod redis;
mod redis_protocol;
mod redis_timeseries;
mod relay;
mod remote_write;
mod retry;
mod rrd_protocol;
mod rrdcached;
mod shards;
mod spelling;
mod statsd;
mod stream;
mod target;

pub use backfill::{BackfillError, write_open_metrics};
pub use push::{Extra, PushError, PushOptions, Pushed, Refusal, Time, push};
pub use reading::{Reading, readings};
pub use relay::Relay;
pub use shards::shard_of;
pub use target::{Secret, Target, TargetError};

use std::fmt;
use std::time::Duration;

/// A server that takes readings.
///
/// [`Target::open`] gives one. Most programs call [`push()`] instead, which cuts batches, tries again and remembers how
/// far it has come. Both wait, and belong on no thread of an async runtime.
pub trait Sink: fmt::Debug + Send {
    /// Sends readings, in their order, and returns when the server has them.
    ///
    /// What has arrived before is not sent in vain: wherever the server can tell, it changes nothing.
    ///
    /// # Errors
    ///
    /// [`SinkError::Unavailable`] if the same may succeed later, [`SinkError::Refused`] if these readings never
    /// will, and [`SinkError::Denied`] if no reading will until somebody changes something.
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError>;

    /// How many readings are best sent at once, unless [`PushOptions::batch`] says otherwise. What is refused is looked for
    /// in so many at most, and after a failure so many are sent again.
    fn batch_size(&self) -> usize {
        1_000
    }

    /// Says whether a run must come in one batch, however long: where a batch takes the place of an earlier one.
    fn wants_whole_runs(&self) -> bool {
        false
    }
}

/// What became of a batch that was not refused as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// How many readings the server took.
    pub taken: usize,
    /// How many it had already, or something newer in their place.
    pub present: usize,
    /// Why it refused others, one by one.
    pub refused: Vec<String>,
}

impl Receipt {
    /// All of them were taken.
    pub fn taken(count: usize) -> Self {
        Self {
            taken: count,
            ..Self::default()
        }
    }
}

/// Why a batch was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// The server is away, busy or ill: the same may succeed later.
    #[error("the server is not available: {reason}")]
    Unavailable {
        /// What was seen.
        reason: String,
        /// When the server wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// The server understands the batch and does not want it.
    #[error("the server refuses it: {reason}")]
    Refused {
        /// What the server says.
        reason: String,
    },
    /// The server takes nothing from us: a wrong password, a wrong path, a database that is not there.
    #[error("the server lets nothing in: {reason}")]
    Denied {
        /// What the server says.
        reason: String,
    },
}

impl SinkError {
    pub(crate) fn unavailable(reason: impl fmt::Display) -> Self {
        Self::Unavailable {
            reason: reason.to_string(),
            retry_after: None,
        }
    }

    pub(crate) fn refused(reason: impl fmt::Display) -> Self {
        Self::Refused {
            reason: reason.to_string(),
        }
    }

    pub(crate) fn denied(reason: impl fmt::Display) -> Self {
        Self::Denied {
            reason: reason.to_string(),
        }
    }
}
