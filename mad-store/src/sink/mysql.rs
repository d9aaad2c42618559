//! MySQL and MariaDB: a table of series and one of numbers, made if they are not there.

use std::time::Duration;

use mysql::prelude::Queryable as _;
use mysql::{Conn, OptsBuilder, TxOpts, Value};
use serde_json::Map;

use super::spelling::hash;
use super::target::{Secret, Target, with_port};
use super::{Reading, Receipt, Sink, SinkError};

const PORT: u16 = 3306;

const PATIENCE: Duration = Duration::from_secs(10);

/// A series is known by a hash of its name and labels, so that nobody has to ask for numbers first. Times are
/// milliseconds in a number, as those of the database depend on the time zone of a session.
const TABLES: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS mad_series (id BINARY(16) PRIMARY KEY, name VARCHAR(255) NOT NULL, \
     host VARCHAR(255) NOT NULL, unit VARCHAR(255) NOT NULL, labels LONGTEXT NOT NULL, \
     KEY of_name (name), KEY of_host (host)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "CREATE TABLE IF NOT EXISTS mad_samples (series BINARY(16) NOT NULL, at_ms BIGINT NOT NULL, \
     value DOUBLE NOT NULL, PRIMARY KEY (series, at_ms))",
];

/// What the server says when it wants none of us: access is denied, or there is no such database.
const DENIED: [u16; 8] = [1044, 1045, 1046, 1049, 1130, 1142, 1227, 1698];

/// What it says when the same may succeed later: too many connections, a full disk, a deadlock, a shutdown.
const UNAVAILABLE: [u16; 8] = [1021, 1040, 1053, 1114, 1205, 1213, 1290, 1317];

/// A server of one shard.
#[derive(Debug)]
pub(super) struct MySql {
    options: OptsBuilder,
    connection: Option<Connection>,
}

/// A connection is not worth showing.
struct Connection(Conn);

impl std::fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Connection(..)")
    }
}

impl MySql {
    pub(super) fn new(target: &Target, host: &str) -> Self {
        let address = with_port(host, PORT);
        let (host, port) = address.rsplit_once(':').unwrap_or((&address, ""));
        let options = OptsBuilder::new()
            .ip_or_hostname(Some(host.trim_matches(['[', ']'])))
            .tcp_port(port.parse().unwrap_or(PORT))
            .prefer_socket(false)
            .user(target.user.as_deref())
            .pass(target.secret.as_ref().map(Secret::reveal))
            .db_name(Some(target.path.trim_matches('/')))
            .tcp_connect_timeout(Some(PATIENCE))
            .read_timeout(Some(PATIENCE))
            .write_timeout(Some(PATIENCE));
        Self {
            options,
            connection: None,
        }
    }

    fn open(&self) -> mysql::Result<Connection> {
        let mut connection = Conn::new(self.options.clone())?;
        for table in TABLES {
            connection.query_drop(table)?;
        }
        Ok(Connection(connection))
    }

    fn write(&mut self, batch: &[Reading]) -> mysql::Result<()> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.open()?,
        };
        let mut transaction = connection.0.start_transaction(TxOpts::default())?;
        let series = batch.iter().flat_map(series).collect::<Vec<_>>();
        let insert = format!(
            "INSERT IGNORE INTO mad_series VALUES {}",
            places("(?,?,?,?,?)", batch.len())
        );
        transaction.exec_drop(insert, series)?;
        let samples = batch.iter().flat_map(sample).collect::<Vec<_>>();
        let insert = format!(
            "INSERT INTO mad_samples VALUES {} ON DUPLICATE KEY UPDATE value = VALUES(value)",
            places("(?,?,?)", batch.len())
        );
        transaction.exec_drop(insert, samples)?;
        transaction.commit()?;
        self.connection = Some(connection);
        Ok(())
    }
}

impl Sink for MySql {
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        match self.write(batch) {
            Ok(()) => Ok(Receipt::taken(batch.len())),
            Err(error) => Err(judged(&error)),
        }
    }
}

fn judged(error: &mysql::Error) -> SinkError {
    match error {
        mysql::Error::MySqlError(said) if DENIED.contains(&said.code) => SinkError::denied(error),
        mysql::Error::MySqlError(said) if !UNAVAILABLE.contains(&said.code) => {
            SinkError::refused(error)
        }
        _ => SinkError::unavailable(error),
    }
}

fn places(of_one: &str, count: usize) -> String {
    vec![of_one; count].join(",")
}

fn id(reading: &Reading) -> Value {
    Value::from(hash(&reading.series()).to_be_bytes().to_vec())
}

fn series(reading: &Reading) -> [Value; 5] {
    let labels = reading
        .labels
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()));
    let labels: Map<_, _> = labels.collect();
    [
        id(reading),
        Value::from(&reading.name),
        Value::from(reading.label("host")),
        Value::from(&reading.unit),
        Value::from(serde_json::Value::from(labels).to_string()),
    ]
}

fn sample(reading: &Reading) -> [Value; 3] {
    [
        id(reading),
        Value::from(reading.at),
        Value::from(reading.value),
    ]
}
