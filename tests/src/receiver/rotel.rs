//! Rotel, a collector of OpenTelemetry that says what it takes.

use std::process::Command;

use super::Server;
use crate::foreign::said;
use crate::judge::python;
use crate::recorded::{Series, Stored};

/// A real Rotel.
#[derive(Debug)]
pub struct Rotel {
    server: Server,
}

impl Rotel {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start() -> Self {
        let server = Server::start(2, |_, addresses| {
            let find = "import os, rotel; print(os.path.dirname(rotel.__file__))";
            let folder = said(Command::new(python()).args(["-c", find]));
            let mut command = Command::new(format!("{}/rotel-agent", folder.trim()));
            command.args(["start", "--exporter", "blackhole"]);
            command.args([
                "--debug-log",
                "metrics",
                "--debug-log-verbosity",
                "detailed",
            ]);
            command.args([
                "--otlp-http-endpoint",
                &addresses[0],
                "--otlp-grpc-endpoint",
                &addresses[1],
            ]);
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
    /// If it says something else than it did.
    #[track_caller]
    pub fn stored(&self) -> Stored {
        let mut stored = Stored::default();
        let (mut host, mut series, mut at) = (String::new(), Series::default(), 0);
        for line in entries(&self.server.log()) {
            let (name, value) = line.split_once(": ").unwrap_or((&line, ""));
            let text = value
                .strip_prefix("Str(")
                .and_then(|text| text.strip_suffix(')'));
            match (name, text) {
                ("-> host.name", Some(text)) => text.clone_into(&mut host),
                ("-> Name", None) => value.clone_into(&mut series.name),
                ("Data point attributes:", _) => series.labels.clear(),
                ("Timestamp", None) => at = value.parse::<i64>().unwrap() / 1_000_000,
                ("Value", None) => {
                    series.labels.insert("host".to_owned(), host.clone());
                    stored.add(series.clone(), at, value.parse().unwrap());
                }
                (name, Some(text)) if name.starts_with("-> ") => {
                    series.labels.insert(name[3..].to_owned(), text.to_owned());
                }
                _ => {}
            }
        }
        stored
    }
}

/// The lines of a log; a text in it may have lines of its own.
fn entries(log: &str) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for line in log.lines() {
        match entries.last_mut() {
            Some(last) if last.contains(": Str(") && !last.ends_with(')') => {
                last.push('\n');
                last.push_str(line);
            }
            _ => entries.push(line.trim().to_owned()),
        }
    }
    entries
}
