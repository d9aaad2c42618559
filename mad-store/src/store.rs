//! The file that recordings are kept in.

mod cursor;
mod read;
mod schema;
mod seen;
mod write;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

pub(crate) use read::subject_of;
pub use read::{Point, Run, RunFilter, RunId, Series, SeriesFilter};

use seen::SeenRuns;
use write::Known;

/// How long a writer waits for the others.
const PATIENCE: Duration = Duration::from_mins(1);

/// The file that recordings are kept in: SQLite, with a journal that readers and writers share.
///
/// Many processes may have it open at once; each [`Store::record`] is one transaction, on the disk when it
/// returns. A process that is killed in the middle leaves nothing of its recording behind, and nobody else's
/// touched.
///
/// ```
/// use mad_store::{Direction, Environment, Metric, MetricKind, Recording, Sample, SeriesFilter, Store, Subject};
///
/// # let folder = tempfile::tempdir()?;
/// let mut store = Store::open(folder.path().join("mad.db"))?;
/// let lines = Metric::new("source_lines", "lines", MetricKind::Exact, Direction::Neither);
/// let mut recording = Recording::new(Environment::default(), 1_790_000_000_000);
/// recording.samples.push(Sample::new(Subject::run(), lines, 4_711.0));
/// store.record(&recording)?;
///
/// let series = store.series(&SeriesFilter::default())?;
/// let points = store.points(&series[0])?;
/// assert_eq!(points[0].value, 4_711.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    known: Known,
    seen: RefCell<SeenRuns>,
}

impl Store {
    /// Opens a store, and makes it first if there is none: the file, not the folder that it is in.
    ///
    /// # Errors
    ///
    /// [`StoreError::Foreign`] if the file is something else, [`StoreError::Newer`] if a later version of MAD made
    /// it, and [`StoreError::Sqlite`] if it cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref().to_owned();
        let mut connection = Connection::open(&path)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        schema::migrate(&mut connection)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        // A run takes seconds to measure: that it is on the disk when its recording returns is worth a few milliseconds.
        connection.pragma_update(None, "synchronous", "full")?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self {
            connection,
            path,
            known: Known::default(),
            seen: RefCell::default(),
        })
    }

    /// The file that it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    pub(crate) fn reader(&self) -> &Connection {
        &self.connection
    }
}

/// Why a store could not do what it was asked for. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file is an SQLite database of somebody else.
    #[error("the file is a database of another program; name another file for the store")]
    Foreign,
    /// The file was made by a later version of MAD.
    #[error(
        "the store is of version {found}, and this program knows up to {known}; take a newer one"
    )]
    Newer {
        /// The version of the file.
        found: i32,
        /// The newest version that this program knows.
        known: usize,
    },
    /// One name would mean two things.
    #[error(
        "`{name}` is in the store already with another unit, kind or direction; give the new metric another name"
    )]
    MetricMeansSomethingElse {
        /// The metric's name.
        name: String,
    },
    /// A number that is none.
    #[error("the value of {metric} of {subject} is {value}, and only finite numbers can be kept")]
    NotFinite {
        /// The metric's name.
        metric: String,
        /// What it is about.
        subject: String,
        /// The value.
        value: f64,
    },
    /// A new name that is an old one of itself.
    #[error("`{0}` would be a name of itself; take the other alias away first")]
    AliasOfItself(String),
    /// What the file holds cannot be read.
    #[error("the store holds {what} that cannot be read: `{found}`; `mad store check` says more")]
    Unreadable {
        /// What kind of thing it is.
        what: &'static str,
        /// What is there.
        found: String,
    },
    /// The database could not be read or written.
    #[error("the store could not be read or written")]
    Sqlite(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(Box::new(SqliteError(error)))
    }
}

/// What SQLite says. What rusqlite has as the cause of that is the same again in other words, and is none here.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct SqliteError(rusqlite::Error);
