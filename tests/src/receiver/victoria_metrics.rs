//! VictoriaMetrics, which takes nearly everything.

use std::path::Path;
use std::process::Command;

use super::{Server, can_be_killed, has_small_disk, on_small_disk};
use crate::http::{encode, get};
use crate::recorded::{Series, Stored};

/// A real VictoriaMetrics.
#[derive(Debug)]
pub struct VictoriaMetrics {
    server: Server,
}

can_be_killed!(VictoriaMetrics);
has_small_disk!(VictoriaMetrics);

impl VictoriaMetrics {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start() -> Self {
        let server = Server::start(4, command);
        Self { server }
    }

    /// Starts it on a small disk of its own.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start_on_small_disk() -> Self {
        let server = Server::start(4, |folder, addresses| {
            let mut command = command(folder, addresses);
            command.arg("-storage.minFreeDiskSpaceBytes=4MiB");
            on_small_disk(&folder.join("data"), 16, &command)
        });
        Self { server }
    }

    /// Where it takes HTTP, as `host:port`.
    pub fn http(&self) -> &str {
        self.server.address(0)
    }

    /// Where it takes Graphite's lines.
    pub fn graphite(&self) -> &str {
        self.server.address(1)
    }

    /// Where it takes OpenTSDB's lines.
    pub fn opentsdb(&self) -> &str {
        self.server.address(2)
    }

    /// Where it takes OpenTSDB's JSON.
    pub fn opentsdb_http(&self) -> &str {
        self.server.address(3)
    }

    /// Returns what it has of the series whose names begin so.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    #[track_caller]
    pub fn stored(&self, prefix: &str) -> Stored {
        let http = self.http();
        get(&format!("http://{http}/internal/force_flush"));
        let selector = encode(&format!("{{__name__=~\"{prefix}.*\"}}"));
        let exported = get(&format!("http://{http}/api/v1/export?match[]={selector}"));
        let mut stored = Stored::default();
        for line in exported.body.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let numbers = |key: &str| line[key].as_array().unwrap().clone();
            for (at, value) in numbers("timestamps").iter().zip(numbers("values")) {
                stored.add(
                    Series::of_prometheus(&line["metric"]),
                    at.as_i64().unwrap(),
                    value.as_f64().unwrap(),
                );
            }
        }
        stored
    }
}

fn command(folder: &Path, addresses: &[String]) -> Command {
    let data = folder.join("data");
    let mut command = Command::new("victoria-metrics");
    command
        .arg(format!("-storageDataPath={}", data.display()))
        .args(["-retentionPeriod=100y", "-search.latencyOffset=0s"])
        .arg("-memory.allowedBytes=64MiB");
    let flags = ["http", "graphite", "opentsdb", "opentsdbHTTP"];
    for (flag, address) in flags.into_iter().zip(addresses) {
        command.arg(format!("-{flag}ListenAddr={address}"));
    }
    command
}
