//! Prometheus' remote write, 2.0 where the server speaks it and 1.0 elsewhere.

use std::collections::{BTreeMap, HashMap};

use super::http::{Answer, Http};
use super::protobuf::Message;
use super::target::Target;
use super::{Reading, Receipt, Sink, SinkError};

/// What says that a server has understood a message of 2.0.
const WRITTEN: &str = "X-Prometheus-Remote-Write-Samples-Written";

/// A gauge, among the types of metrics.
const GAUGE: i64 = 2;

/// A server that takes remote writes.
#[derive(Debug)]
pub(super) struct RemoteWrite {
    http: Http,
    version: Version,
}

/// What the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    /// 2.0 until the first answer.
    Unknown,
    Two,
    One,
}

impl RemoteWrite {
    pub(super) fn new(target: &Target) -> Result<Self, SinkError> {
        Ok(Self {
            http: Http::new(target, "/api/v1/write")?,
            version: Version::Unknown,
        })
    }

    /// Writes in 2.0, or finds out that the server speaks 1.0 alone.
    fn write_2(&mut self, series: &BySeries<'_>) -> Result<(), SinkError> {
        let answer = self.post(
            "application/x-protobuf;proto=io.prometheus.write.v2.Request",
            "2.0.0",
            request_2(series),
        )?;
        if answer.headers.contains_key(WRITTEN) {
            self.version = Version::Two;
        }
        match answer.accepted() {
            // A server that knows 1.0 alone sees no field that it knows, and is content: nothing is stored. Others
            // say 415, as they should, or that they cannot read it.
            Ok(_) | Err(SinkError::Refused { .. }) if self.version == Version::Unknown => {
                self.version = Version::One;
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn post(&self, media_type: &str, version: &str, message: Message) -> Result<Answer, SinkError> {
        let body = packed(&message.into_bytes());
        let headers = [
            ("Content-Type", media_type),
            ("Content-Encoding", "snappy"),
            ("X-Prometheus-Remote-Write-Version", version),
        ];
        self.http.post_to(self.http.url(), &headers, &body)
    }
}

impl Sink for RemoteWrite {
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        let series = by_series(batch);
        if self.version != Version::One {
            self.write_2(&series)?;
        }
        if self.version == Version::One {
            let answer = self.post("application/x-protobuf", "0.1.0", request_1(&series))?;
            answer.accepted()?;
        }
        Ok(Receipt::taken(batch.len()))
    }
}

fn packed(message: &[u8]) -> Vec<u8> {
    // It fails only for what is longer than 4 GiB.
    snap::raw::Encoder::new()
        .compress_vec(message)
        .unwrap_or_default()
}

/// What is sent of each series, by time. Of two values at one time the later one counts.
type BySeries<'batch> = BTreeMap<(&'batch str, &'batch [(String, String)]), Times<'batch>>;

struct Times<'batch> {
    unit: &'batch str,
    values: BTreeMap<i64, f64>,
}

fn by_series(batch: &[Reading]) -> BySeries<'_> {
    let mut series = BySeries::new();
    for reading in batch {
        let times = series
            .entry((&reading.name, &reading.labels))
            .or_insert_with(|| Times {
                unit: &reading.unit,
                values: BTreeMap::new(),
            });
        times.values.insert(reading.at, reading.value);
    }
    series
}

/// All labels with the name among them, in the order of their bytes.
fn sorted_labels<'a>(name: &'a str, labels: &'a [(String, String)]) -> Vec<(&'a str, &'a str)> {
    let labels = labels
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let mut sorted: Vec<_> = std::iter::once(("__name__", name)).chain(labels).collect();
    sorted.sort_unstable();
    sorted
}

/// `prometheus.WriteRequest`
fn request_1(series: &BySeries<'_>) -> Message {
    let mut request = Message::default();
    for ((name, labels), times) in series {
        request.message(1, |one| {
            for (name, value) in sorted_labels(name, labels) {
                one.message(1, |label| {
                    label.text(1, name);
                    label.text(2, value);
                });
            }
            write_samples(one, times);
        });
    }
    request
}

/// `io.prometheus.write.v2.Request`
fn request_2(series: &BySeries<'_>) -> Message {
    let mut symbols = Symbols::default();
    // The symbols come first, and are known last.
    let mut all = Message::default();
    symbols.number("");
    for ((name, labels), times) in series {
        all.message(5, |one| {
            let labels = sorted_labels(name, labels);
            let words = labels.into_iter().flat_map(|(name, value)| [name, value]);
            one.packed(1, words.map(|word| symbols.number(word)));
            write_samples(one, times);
            one.message(5, |metadata| {
                metadata.integer(1, GAUGE);
                metadata.integer(4, symbols.number(times.unit).into());
            });
        });
    }
    let mut request = Message::default();
    for symbol in &symbols.words {
        request.text(4, symbol);
    }
    request.append(all);
    request
}

fn write_samples(series: &mut Message, times: &Times<'_>) {
    for (at, value) in &times.values {
        series.message(2, |sample| {
            sample.double(1, *value);
            sample.integer(2, *at);
        });
    }
}

/// Words that are written once and then known by their number.
#[derive(Default)]
struct Symbols<'words> {
    words: Vec<&'words str>,
    numbers: HashMap<&'words str, u32>,
}

impl<'words> Symbols<'words> {
    fn number(&mut self, word: &'words str) -> u32 {
        let next = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(word).or_insert_with(|| {
            self.words.push(word);
            next
        })
    }
}
