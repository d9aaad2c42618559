//! Prometheus' Pushgateway.

use std::process::Command;

use serde_json::Value;

use super::{Server, can_be_killed};
use crate::http::get;
use crate::recorded::{Series, Stored};

/// A real Pushgateway, which forgets everything when it ends.
#[derive(Debug)]
pub struct Pushgateway {
    server: Server,
}

can_be_killed!(Pushgateway);

impl Pushgateway {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start() -> Self {
        let server = Server::start(1, |_, addresses| {
            let mut command = Command::new("prometheus-pushgateway");
            command.arg(format!("--web.listen-address={}", addresses[0]));
            command
        });
        Self { server }
    }

    /// Where it takes HTTP, as `host:port`.
    pub fn http(&self) -> &str {
        self.server.address(0)
    }

    /// Returns what it has of the metrics whose names begin so; it knows no times.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    #[track_caller]
    pub fn stored(&self, prefix: &str) -> Stored {
        let answer = get(&format!("http://{}/api/v1/metrics", self.http())).json();
        let mut stored = Stored::default();
        for group in answer["data"].as_array().into_iter().flatten() {
            let families = group.as_object().unwrap().iter();
            for (name, family) in families.filter(|(name, _)| name.starts_with(prefix)) {
                for metric in family["metrics"].as_array().unwrap() {
                    stored.add(series(name, &metric["labels"]), 0, number(&metric["value"]));
                }
            }
        }
        stored
    }
}

fn series(name: &str, labels: &Value) -> Series {
    let mut series = Series::new(name, labels);
    for added in ["job", "instance"] {
        series.labels.remove(added);
    }
    series
}

#[track_caller]
fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}
