//! The collector of OpenTelemetry's own making, which writes what it takes to a file.

use std::fs::{read_to_string, write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{Server, can_be_killed};
use crate::foreign::go_program;
use crate::recorded::{Series, Stored};

/// A real collector.
#[derive(Debug)]
pub struct Collector {
    server: Server,
}

can_be_killed!(Collector);

impl Collector {
    /// Builds it, with its program in a folder, and starts it.
    ///
    /// # Panics
    ///
    /// If there is no Go, or the modules cannot be had, or it does not start.
    #[track_caller]
    pub fn start(programs: &Path) -> Self {
        let program = go_program("collector", programs);
        let server = Server::start(1, move |folder, addresses| {
            let config = folder.join("collector.yaml");
            write(&config, configuration(&addresses[0], &file(folder))).unwrap();
            let mut command = Command::new(&program);
            command.arg("--config").arg(config);
            command
        });
        Self { server }
    }

    /// Where it takes HTTP, as `host:port`.
    pub fn http(&self) -> &str {
        self.server.address(0)
    }

    /// Returns the points that it has taken; the host of a resource is a label of its points.
    ///
    /// # Panics
    ///
    /// If it has written something else than OTLP's JSON, a document a line.
    #[track_caller]
    pub fn stored(&self) -> Stored {
        let mut stored = Stored::default();
        // What has no end yet is not written yet.
        let text = read_to_string(file(self.server.folder.path())).unwrap_or_default();
        for line in text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
        {
            let document: Value = serde_json::from_str(line).unwrap();
            for resource in all(&document["resourceMetrics"]) {
                for scope in all(&resource["scopeMetrics"]) {
                    for metric in all(&scope["metrics"]) {
                        add(&mut stored, &resource["resource"], metric);
                    }
                }
            }
        }
        stored
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("metrics.json")
}

fn configuration(address: &str, file: &Path) -> String {
    let file = file.display();
    format!(
        "receivers: {{otlp: {{protocols: {{http: {{endpoint: '{address}'}}}}}}}}\n\
         exporters: {{file: {{path: '{file}', append: true}}}}\n\
         service:\n  \
           telemetry: {{metrics: {{level: none}}}}\n  \
           pipelines: {{metrics: {{receivers: [otlp], exporters: [file]}}}}\n"
    )
}

fn add(stored: &mut Stored, resource: &Value, metric: &Value) {
    for kind in ["gauge", "sum"] {
        for point in all(&metric[kind]["dataPoints"]) {
            let attributes = all(&point["attributes"]).chain(all(&resource["attributes"]));
            let labels = attributes.filter_map(|attribute| {
                let name = match attribute["key"].as_str().unwrap() {
                    "host.name" => "host",
                    "service.name" => return None,
                    name => name,
                };
                let text = attribute["value"]["stringValue"]
                    .as_str()
                    .unwrap_or_default();
                Some((name.to_owned(), text.to_owned()))
            });
            let series = Series {
                name: metric["name"].as_str().unwrap().to_owned(),
                labels: labels.collect(),
            };
            let nanoseconds: i64 = point["timeUnixNano"].as_str().unwrap().parse().unwrap();
            stored.add(
                series,
                nanoseconds / 1_000_000,
                point["asDouble"].as_f64().unwrap(),
            );
        }
    }
}

fn all(values: &Value) -> impl Iterator<Item = &Value> {
    values.as_array().into_iter().flatten()
}
