//! OpenTelemetry's protocol over HTTP, in protocol buffers.

use std::collections::BTreeMap;

use super::http::Http;
use super::protobuf::{Message, fields, text_of};
use super::target::Target;
use super::{Reading, Receipt, Sink, SinkError};

/// A collector, or whatever else takes OTLP.
#[derive(Debug)]
pub(super) struct Otlp {
    http: Http,
}

/// The readings of a host by metric.
type Host<'batch> = BTreeMap<&'batch str, Vec<&'batch Reading>>;

impl Otlp {
    pub(super) fn new(target: &Target) -> Result<Self, SinkError> {
        Ok(Self {
            http: Http::new(target, "/v1/metrics")?,
        })
    }
}

impl Sink for Otlp {
    fn send(&mut self, batch: &[Reading]) -> Result<Receipt, SinkError> {
        let headers = [("Content-Type", "application/x-protobuf")];
        let answer = self.http.post(&headers, &request(batch).into_bytes())?;
        let (refused, reason) = partial_success(&answer.body);
        let refused = refused.min(batch.len());
        Ok(Receipt {
            taken: batch.len() - refused,
            refused: vec![reason; refused],
            ..Receipt::default()
        })
    }
}

/// `ExportMetricsServiceRequest`
fn request(batch: &[Reading]) -> Message {
    let mut hosts = BTreeMap::<&str, Host<'_>>::new();
    for reading in batch {
        let host = hosts.entry(reading.label("host")).or_default();
        host.entry(&reading.name).or_default().push(reading);
    }
    let mut request = Message::default();
    for (host, metrics) in hosts {
        request.message(1, |of_resource| {
            of_resource.message(1, |resource| {
                attribute(resource, 1, "service.name", "mad");
                if !host.is_empty() {
                    attribute(resource, 1, "host.name", host);
                }
            });
            of_resource.message(2, |of_scope| {
                of_scope.message(1, |scope| {
                    scope.text(1, "mad");
                    scope.text(2, env!("CARGO_PKG_VERSION"));
                });
                for (name, readings) in metrics {
                    of_scope.message(2, |metric| gauge(metric, name, &readings));
                }
            });
        });
    }
    request
}

/// `Metric`, with a `Gauge`. Units are not part of names here: whoever turns it into a metric of Prometheus appends them.
fn gauge(metric: &mut Message, name: &str, readings: &[&Reading]) {
    let unit = readings.first().map_or("", |reading| reading.unit.as_str());
    let suffix = format!("_{unit}");
    metric.text(1, name.strip_suffix(&suffix).unwrap_or(name));
    metric.text(3, &ucum(unit));
    metric.message(5, |gauge| {
        for reading in readings {
            gauge.message(1, |point| {
                for (name, value) in reading.labels.iter().filter(|(name, _)| name != "host") {
                    attribute(point, 7, name, value);
                }
                let milliseconds = u64::try_from(reading.at).unwrap_or_default();
                point.fixed64(3, milliseconds.saturating_mul(1_000_000));
                point.double(4, reading.value);
            });
        }
    });
}

/// `KeyValue`, with a text
fn attribute(message: &mut Message, field: u32, name: &str, value: &str) {
    message.message(field, |pair| {
        pair.text(1, name);
        pair.message(2, |any| any.text(1, value));
    });
}

/// A unit as the Unified Code for Units of Measure writes it; what is counted stands in braces.
fn ucum(unit: &str) -> String {
    match unit {
        "" => "1".to_owned(),
        "seconds" => "s".to_owned(),
        "bytes" => "By".to_owned(),
        counted => format!("{{{counted}}}"),
    }
}

/// How many points a collector dropped, and why, in an `ExportMetricsServiceResponse`.
fn partial_success(body: &[u8]) -> (usize, String) {
    let mut rejected = (0, "the collector dropped it".to_owned());
    for (field, partial) in fields(body) {
        if field != 1 {
            continue;
        }
        for (field, value) in fields(partial.bytes) {
            match field {
                1 => rejected.0 = usize::try_from(value.number).unwrap_or_default(),
                2 => rejected.1 = text_of(value.bytes),
                _ => {}
            }
        }
    }
    rejected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_collector_dropped_is_read() {
        let mut answer = Message::default();
        answer.message(1, |partial| {
            partial.integer(1, 300);
            partial.text(2, "too old");
        });
        assert_eq!(
            partial_success(&answer.into_bytes()),
            (300, "too old".to_owned())
        );
        assert_eq!(partial_success(b"").0, 0);
        assert_eq!(partial_success(b"\x0a\xff").0, 0);
    }
}
