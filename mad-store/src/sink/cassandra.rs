//! Cassandra and `ScyllaDB`: a table of series and one of numbers, in a keyspace that is there already.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use scylla::client::execution_profile::ExecutionProfile;
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::errors::{
    ConnectionError, ConnectionPoolError, ConnectionSetupRequestErrorKind as SetupError, DbError,
    ExecutionError, MetadataError, NewSessionError, PrepareError, RequestAttemptError,
    UseKeyspaceError,
};
use scylla::serialize::row::SerializeRow;
use scylla::statement::prepared::PreparedStatement;
use scylla::value::CqlTimestamp;
use tokio::runtime::{self, Runtime};

use super::spelling::hash;
use super::target::{Secret, Target, with_port};
use super::{Reading, Receipt, Sink, SinkError};

const PORT: u16 = 9042;

const PATIENCE: Duration = Duration::from_secs(10);

/// So many writes are on their way at once: a write is for one series, and each of them has its place in the cluster.
const AT_ONCE: usize = 64;

/// A period has so many milliseconds, 115 days. With a series it is a partition, so that none grows for ever.
const PERIOD: i64 = 10_000_000_000;

const TABLES: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS mad_series \
     (id blob PRIMARY KEY, name text, host text, unit text, labels map<text, text>)",
    "CREATE TABLE IF NOT EXISTS mad_samples \
     (series blob, period bigint, at timestamp, value double, PRIMARY KEY ((series, period), at)) \
     WITH CLUSTERING ORDER BY (at DESC)",
];

const INSERT_SERIES: &str =
    "INSERT INTO mad_series (id, name, host, unit, labels) VALUES (?, ?, ?, ?, ?)";

const INSERT_SAMPLE: &str =
    "INSERT INTO mad_samples (series, period, at, value) VALUES (?, ?, ?, ?)";

/// A cluster. Its hosts are where it is entered; it shares by itself.
pub(super) struct Cassandra {
    hosts: Vec<String>,
    keyspace: String,
    user: Option<String>,
    secret: Option<Secret>,
    runtime: Runtime,
    open: Option<Open>,
}

impl fmt::Debug for Cassandra {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Cassandra({:?}, {})", self.hosts, self.keyspace)
    }
}

/// What is known of a cluster.
struct Open {
    session: Session,
    series: PreparedStatement,
    sample: PreparedStatement,
    /// The series that are there for sure.
    known: HashSet<u128>,
}

impl Cassandra {
    pub(super) fn new(target: &Target) -> Result<Self, SinkError> {
        let keyspace = target.path.trim_matches('/').to_owned();
        if keyspace.is_empty() {
            return Err(SinkError::denied(
                "the address names no keyspace: cassandra://host/keyspace",
            ));
        }
        let hosts = target.hosts.iter();
        Ok(Self {
            hosts: hosts.map(|host| with_port(host, PORT)).collect(),
            keyspace,
            user: target.user.clone(),
            secret: target.secret.clone(),
            runtime: runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("mad-cassandra")
                .enable_all()
                .build()
                .map_err(SinkError::unavailable)?,
            open: None,
        })
    }

    fn connect(&self) -> Result<Open, SinkError> {
        let profile = ExecutionProfile::builder().request_timeout(Some(PATIENCE));
        let mut builder = SessionBuilder::new()
            .known_nodes(&self.hosts)
            .connection_timeout(PATIENCE)
            .default_execution_profile_handle(profile.build().into_handle())
            .use_keyspace(&self.keyspace, true);
        if let Some(user) = &self.user {
            builder = builder.user(user, self.secret.as_ref().map_or("", Secret::reveal));
        }
        self.runtime.block_on(async {
            let session = builder.build().await.map_err(|error| unopened(&error))?;
            for table in TABLES {
                let made = session.query_unpaged(table, ()).await;
                made.map_err(|error| judged(&error))?;
            }
            let unprepared = |error: PrepareError| judged(&error.into());
            Ok(Open {
                series: session.prepare(INSERT_SERIES).await.map_err(unprepared)?,
                sample: session.prepare(INSERT_SAMPLE).await.map_err(unprepared)?,
                session,
                known: HashSet::new(),
            })
        })
    }
}

impl Sink for Cassandra {
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.connect()?,
        };
        let new = batch
            .iter()
            .filter(|reading| open.known.insert(hash(&reading.series())))
            .map(series);
        let new: Vec<_> = new.collect();
        let written = self.runtime.block_on(async {
            write_all(&open.session, &open.series, new).await?;
            write_all(&open.session, &open.sample, batch.iter().map(sample)).await
        });
        written.map_err(|error| judged(&error))?;
        self.open = Some(open);
        Ok(Receipt::taken(batch.len()))
    }
}

/// Writes rows, many at once, and returns when the cluster has all of them.
async fn write_all(
    session: &Session,
    insert: &PreparedStatement,
    rows: impl IntoIterator<Item = impl SerializeRow>,
) -> Result<(), ExecutionError> {
    stream::iter(rows)
        .map(|row| async move { session.execute_unpaged(insert, row).await.map(drop) })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// Why a cluster could not be entered.
fn unopened(error: &NewSessionError) -> SinkError {
    let is_denied = match error {
        NewSessionError::UseKeyspaceError(UseKeyspaceError::RequestTimeout(_)) => false,
        NewSessionError::UseKeyspaceError(_) | NewSessionError::IllegalConfig(_) => true,
        NewSessionError::MetadataError(MetadataError::ConnectionPoolError(
            ConnectionPoolError::Broken {
                last_connection_error: ConnectionError::ConnectionSetupRequestError(setup),
            },
        )) => matches!(
            setup.error,
            SetupError::MissingAuthentication
                | SetupError::DbError(DbError::AuthenticationError | DbError::Unauthorized, _)
        ),
        _ => false,
    };
    if is_denied {
        SinkError::denied(error)
    } else {
        SinkError::unavailable(error)
    }
}

fn judged(error: &ExecutionError) -> SinkError {
    let (ExecutionError::LastAttemptError(RequestAttemptError::DbError(said, _))
    | ExecutionError::PrepareError(PrepareError::AllAttemptsFailed {
        first_attempt: RequestAttemptError::DbError(said, _),
    })) = error
    else {
        return SinkError::unavailable(error);
    };
    match said {
        DbError::AuthenticationError | DbError::Unauthorized => SinkError::denied(error),
        DbError::Invalid | DbError::SyntaxError | DbError::ConfigError => SinkError::refused(error),
        _ => SinkError::unavailable(error),
    }
}

fn id(reading: &Reading) -> Vec<u8> {
    hash(&reading.series()).to_be_bytes().to_vec()
}

type SeriesRow<'batch> = (
    Vec<u8>,
    &'batch str,
    &'batch str,
    &'batch str,
    BTreeMap<&'batch str, &'batch str>,
);

fn series(reading: &Reading) -> SeriesRow<'_> {
    let labels = reading.labels.iter();
    (
        id(reading),
        &reading.name,
        reading.label("host"),
        &reading.unit,
        labels
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect(),
    )
}

fn sample(reading: &Reading) -> (Vec<u8>, i64, CqlTimestamp, f64) {
    (
        id(reading),
        reading.at.div_euclid(PERIOD),
        CqlTimestamp(reading.at),
        reading.value,
    )
}
