//! MongoDB: a collection of series and one of numbers.

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, DateTime, Document, doc};
use mongodb::error::{Error, ErrorKind, InsertManyError, RETRYABLE_WRITE_ERROR};
use mongodb::options::{Acknowledgment, ClientOptions, WriteConcern};
use mongodb::sync::{Client, Database};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::spelling::hash;
use super::target::{Secret, Target};
use super::{Reading, Receipt, Sink, SinkError};

const PATIENCE: Duration = Duration::from_secs(10);

/// What the server says of what it has already.
const DUPLICATE: i32 = 11000;

/// What it says when it wants none of us: no right, a failed login, and names that cannot be.
const DENIED: [i32; 4] = [13, 18, 73, 8000];

/// What it says when the same may succeed later: it is slow, steps down, shuts down, or its disk is full.
const UNAVAILABLE: [i32; 10] = [50, 64, 91, 189, 262, 10107, 11600, 11602, 13436, 14031];

/// A MongoDB, or what speaks like one. Its hosts are members of one cluster, which shares by itself.
pub(super) struct MongoDb {
    /// With the secret in it.
    address: String,
    database: String,
    open: Option<Open>,
}

impl fmt::Debug for MongoDb {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MongoDb({})", self.database)
    }
}

/// What is known of a cluster.
struct Open {
    database: Database,
    /// The series that are there for sure.
    known: HashSet<u128>,
}

impl MongoDb {
    pub(super) fn new(target: &Target) -> Result<Self, SinkError> {
        let database = target.path.trim_matches('/').to_owned();
        if database.is_empty() {
            return Err(SinkError::denied(
                "the address names no database: mongodb://host/database",
            ));
        }
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let user = target.user.as_ref().map(|user| {
            let secret = target.secret.as_ref().map_or("", Secret::reveal);
            format!("{}:{}@", encoded(user), encoded(secret))
        });
        let (hosts, query) = (target.hosts.join(","), &target.query);
        Ok(Self {
            address: format!(
                "mongodb://{}{hosts}/{database}?{query}",
                user.unwrap_or_default()
            ),
            database,
            open: None,
        })
    }

    fn connect(&self) -> Result<Open, Error> {
        let mut options = ClientOptions::parse(&self.address).run()?;
        options.app_name.get_or_insert_with(|| "mad".to_owned());
        options.server_selection_timeout.get_or_insert(PATIENCE);
        options.connect_timeout.get_or_insert(PATIENCE);
        // What is acknowledged is on the disks of most.
        options.write_concern.get_or_insert_with(|| {
            WriteConcern::builder()
                .w(Acknowledgment::Majority)
                .journal(true)
                .build()
        });
        let client = Client::with_options(options)?;
        Ok(Open {
            database: client.database(&self.database),
            known: HashSet::new(),
        })
    }

    fn write(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.connect().map_err(|error| judged(&error))?,
        };
        let mut new = Vec::new();
        for reading in batch {
            if open.known.insert(hash(&reading.series())) {
                new.push(series(reading));
            }
        }
        if !new.is_empty() {
            let receipt = insert(&open.database, "mad_series", new)?;
            if let Some(reason) = receipt.refused.into_iter().next() {
                return Err(SinkError::refused(reason));
            }
        }
        let receipt = insert(
            &open.database,
            "mad_samples",
            batch.iter().map(sample).collect(),
        )?;
        self.open = Some(open);
        Ok(receipt)
    }
}

impl Sink for MongoDb {
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        self.write(batch)
    }
}

/// Inserts what is not there yet, in whatever order.
fn insert(
    database: &Database,
    collection: &str,
    documents: Vec<Document>,
) -> Result<Receipt, SinkError> {
    let count = documents.len();
    let collection = database.collection::<Document>(collection);
    let Err(error) = collection.insert_many(documents).ordered(false).run() else {
        return Ok(Receipt::taken(count));
    };
    match error.kind.as_ref() {
        ErrorKind::InsertMany(InsertManyError {
            write_errors: Some(errors),
            write_concern_error: None,
            ..
        }) => {
            let mut receipt = Receipt::taken(count - errors.len().min(count));
            for error in errors {
                match error.code {
                    DUPLICATE => receipt.present += 1,
                    code => receipt.refused.push(one(code, &error.message)?),
                }
            }
            Ok(receipt)
        }
        _ => Err(judged(&error)),
    }
}

/// The reason if it is about one document alone.
fn one(code: i32, message: &str) -> Result<String, SinkError> {
    by_code(code, message).map_or_else(|| Ok(format!("{message} ({code})")), Err)
}

fn by_code(code: i32, message: &str) -> Option<SinkError> {
    if DENIED.contains(&code) {
        return Some(SinkError::denied(message));
    }
    UNAVAILABLE
        .contains(&code)
        .then(|| SinkError::unavailable(message))
}

fn judged(error: &Error) -> SinkError {
    match error.kind.as_ref() {
        _ if error.contains_label(RETRYABLE_WRITE_ERROR) => SinkError::unavailable(error),
        ErrorKind::Authentication { .. }
        | ErrorKind::InvalidArgument { .. }
        | ErrorKind::InvalidTlsConfig { .. }
        | ErrorKind::IncompatibleServer { .. } => SinkError::denied(error),
        ErrorKind::Command(said) => {
            by_code(said.code, &said.message).unwrap_or_else(|| SinkError::refused(error))
        }
        ErrorKind::Bson(_) => SinkError::refused(error),
        _ => SinkError::unavailable(error),
    }
}

fn id(reading: &Reading) -> Binary {
    Binary {
        subtype: BinarySubtype::Generic,
        bytes: hash(&reading.series()).to_be_bytes().to_vec(),
    }
}

fn series(reading: &Reading) -> Document {
    let labels = reading.labels.iter();
    let labels: Document = labels
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    doc! {
        "_id": id(reading),
        "name": &reading.name,
        "host": reading.label("host"),
        "unit": &reading.unit,
        "labels": labels,
    }
}

/// What is in the name cannot come twice; a collection that is of time series would let it.
fn sample(reading: &Reading) -> Document {
    doc! {
        "_id": { "series": id(reading), "at": DateTime::from_millis(reading.at) },
        "value": reading.value,
    }
}
