//! RedisTimeSeries: a time series for each series, in a Redis that has the module.

use std::collections::{HashMap, HashSet};

use super::redis_protocol::{Connection, Server, fault};
use super::spelling::percent_encoded;
use super::target::Target;
use super::{Reading, Receipt, Sink, SinkError};

/// A Redis that has time series.
#[derive(Debug)]
pub(super) struct RedisTimeSeries {
    server: Server,
    open: Option<Open>,
}

/// What is known of a server for as long as the connection lives.
#[derive(Debug)]
struct Open {
    connection: Connection,
    /// The series that are there for sure, with their labels.
    made: HashSet<String>,
}

impl RedisTimeSeries {
    pub(super) fn new(target: &Target, host: &str) -> Self {
        Self {
            server: Server::new(target, host),
            open: None,
        }
    }

    fn open(&mut self) -> Result<Open, SinkError> {
        match self.open.take() {
            Some(open) => Ok(open),
            None => Ok(Open {
                connection: self.server.open()?,
                made: HashSet::new(),
            }),
        }
    }
}

impl Open {
    /// Makes the series that are not known yet, and returns why some could not be made. To add to them would make them
    /// without their labels.
    fn make(&mut self, points: &[Point<'_>]) -> Result<HashMap<String, String>, SinkError> {
        let is_new = |point: &&Point<'_>| self.made.insert(point.key.clone());
        let new: Vec<_> = points.iter().filter(is_new).collect();
        let creations: Vec<_> = new.iter().map(|point| point.create()).collect();
        let mut unmade = HashMap::new();
        for (point, reply) in new.iter().zip(self.connection.exchange(&creations)?) {
            if let Err(reason) = reply
                && !reason.contains("already exists")
            {
                self.made.remove(&point.key);
                unmade.insert(point.key.clone(), about_one(reason)?);
            }
        }
        Ok(unmade)
    }
}

impl Sink for RedisTimeSeries {
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        let mut open = self.open()?;
        let points: Vec<_> = batch.iter().map(Point::of).collect();
        let unmade = open.make(&points)?;
        let mut receipt = Receipt::default();
        let mut additions = Vec::new();
        for point in &points {
            match unmade.get(&point.key) {
                Some(reason) => receipt.refused.push(reason.clone()),
                None => additions.push(point.add()),
            }
        }
        for reply in open.connection.exchange(&additions)? {
            match reply {
                Ok(_) => receipt.taken += 1,
                Err(reason) => receipt.refused.push(about_one(reason)?),
            }
        }
        self.open = Some(open);
        Ok(receipt)
    }
}

/// The reason if it is about one command alone.
fn about_one(reason: String) -> Result<String, SinkError> {
    if reason.contains("unknown command") {
        return Err(SinkError::denied(
            "this Redis has no time series: load RedisTimeSeries, or have streams with redis://",
        ));
    }
    fault(&reason).map_or(Ok(reason), Err)
}

/// A reading in words.
struct Point<'batch> {
    key: String,
    /// Name and value in turn.
    labels: Vec<(&'batch str, String)>,
    at: String,
    value: String,
}

impl<'batch> Point<'batch> {
    fn of(reading: &'batch Reading) -> Self {
        let labels = reading.labels.iter();
        Self {
            key: format!("mad:ts:{}", reading.series()),
            labels: std::iter::once(("__name__", reading.name.clone()))
                .chain(labels.map(|(name, value)| (name.as_str(), label(value))))
                .collect(),
            at: reading.at.to_string(),
            value: reading.value.to_string(),
        }
    }

    fn create(&self) -> Vec<&str> {
        let mut words = vec!["TS.CREATE", &self.key, "DUPLICATE_POLICY", "LAST", "LABELS"];
        for (name, value) in &self.labels {
            words.extend([name, value.as_str()]);
        }
        words
    }

    fn add(&self) -> Vec<&str> {
        vec![
            "TS.ADD",
            &self.key,
            &self.at,
            &self.value,
            "ON_DUPLICATE",
            "LAST",
        ]
    }
}

/// What lists of labels are written with cannot stand in one.
fn label(value: &str) -> String {
    percent_encoded(value, |letter| !"(),".contains(letter))
}
