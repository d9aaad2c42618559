//! What tests measured, kept per commit.
//!
//! A [`Recording`] is what one run measured: [`Sample`]s, each a number of a [`Metric`] about a [`Subject`], in an
//! [`Environment`], for a [`Commit`]. A [`Store`] keeps recordings in one SQLite file and gives them back as
//! [`Series`].
//!
//! ```
//! use mad_store::{
//!     Commit, Direction, Environment, Metric, MetricKind, Recording, Sample, SeriesFilter, Store, Subject, SubjectKind,
//! };
//!
//! # let folder = tempfile::tempdir()?;
//! let mut store = Store::open(folder.path().join("mad.db"))?;
//! let duration = Metric::new("test_duration_seconds", "seconds", MetricKind::Noisy, Direction::Lower);
//! let test = Subject::new(SubjectKind::Test, "shop", "orders::are_placed");
//! for (hour, (id, parent, seconds)) in [("a1", None, 0.20), ("b2", Some("a1"), 0.31)].into_iter().enumerate() {
//!     let committed_at = 1_790_000_000 + 3_600 * hour as i64;
//!     let mut recording = Recording::new(Environment::default(), 1_000 * committed_at);
//!     recording.commit = Some(Commit {
//!         id: id.to_owned(),
//!         parent: parent.map(str::to_owned),
//!         committed_at,
//!         summary: String::new(),
//!     });
//!     recording.samples.push(Sample::new(test.clone(), duration.clone(), seconds));
//!     store.record(&recording)?;
//! }
//!
//! let series = store.series(&SeriesFilter { subject: Some(test), ..SeriesFilter::default() })?;
//! let values: Vec<f64> = store.points(&series[0])?.iter().map(|point| point.value).collect();
//! assert_eq!(values, [0.20, 0.31]);
//! assert_eq!(store.line("b2")?.len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alias;
mod commit;
mod environment;
mod metric;
mod recording;
mod renames;
#[cfg(feature = "sinks")]
pub mod sink;
mod store;
mod subject;
mod upkeep;

pub use commit::Commit;
pub use environment::Environment;
pub use metric::{Direction, Metric, MetricKind};
pub use recording::{Note, Recording, Sample, Status};
pub use renames::Rename;
pub use store::{Point, Run, RunFilter, RunId, Series, SeriesFilter, Store, StoreError};
pub use subject::{Subject, SubjectError, SubjectKind};
pub use upkeep::{Merged, Thinned};
