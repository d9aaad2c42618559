//! Prometheus' Pushgateway: the newest number of each series, for Prometheus to fetch.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE;

use super::http::Http;
use super::reading::escaped;
use super::target::Target;
use super::{Reading, Receipt, Sink, SinkError};

/// The labels that make a group: what a later run of the same replaces.
const GROUPING: [&str; 9] = [
    "host",
    "toolchain",
    "target",
    "runner",
    "profile",
    "features",
    "cell",
    "kind",
    "package",
];

/// A Pushgateway.
#[derive(Debug)]
pub(super) struct Pushgateway {
    http: Http,
}

/// What replaces what was there of the same metrics: of each, the readings of the newest run.
type Group<'batch> = BTreeMap<&'batch str, Vec<&'batch Reading>>;

impl Pushgateway {
    pub(super) fn new(target: &Target) -> Result<Self, SinkError> {
        Ok(Self {
            http: Http::new(target, "/metrics/job/mad")?,
        })
    }
}

impl Sink for Pushgateway {
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        let mut groups = BTreeMap::<String, Group<'_>>::new();
        for reading in batch {
            let group = groups.entry(grouping(reading)).or_default();
            let newest = group.entry(&reading.name).or_default();
            match newest
                .first()
                .map_or(Ordering::Equal, |first| reading.at.cmp(&first.at))
            {
                Ordering::Less => {}
                Ordering::Equal => newest.push(reading),
                Ordering::Greater => *newest = vec![reading],
            }
        }
        let headers = [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")];
        for (path, group) in &groups {
            let url = format!("{}{path}", self.http.url().trim_end_matches('/'));
            let answer = self.http.post_to(&url, &headers, page(group).as_bytes())?;
            answer.accepted()?;
        }
        Ok(Receipt::taken(batch.len()))
    }

    /// A metric that is pushed takes the place of all its series in the group.
    fn wants_whole_runs(&self) -> bool {
        true
    }
}

/// The part of the address that names the group.
fn grouping(reading: &Reading) -> String {
    let mut path = String::new();
    for name in GROUPING {
        match reading.label(name) {
            "" => {}
            value => _ = write!(path, "/{name}@base64/{}", BASE64_URL_SAFE.encode(value)),
        }
    }
    path
}

/// A page in the text format; times are refused there.
fn page(group: &Group<'_>) -> String {
    let mut page = String::new();
    for (name, readings) in group {
        _ = writeln!(page, "# TYPE {name} gauge");
        for reading in readings {
            let own = reading
                .labels
                .iter()
                .filter(|(label, _)| !GROUPING.contains(&label.as_str()));
            let own: Vec<_> = own
                .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)))
                .collect();
            _ = writeln!(page, "{name}{{{}}} {}", own.join(","), reading.value);
        }
    }
    page
}
