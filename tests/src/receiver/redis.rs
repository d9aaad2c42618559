//! Redis, which forgets everything when it ends unless it writes a log.

use std::process::Command;

use super::{Server, can_be_killed};
use crate::foreign::said;
use crate::recorded::{Series, Stored};

/// The password of all of them.
const PASSWORD: &str = "s3cret";

/// A real Redis that writes down what it is told before it answers.
#[derive(Debug)]
pub struct Redis {
    server: Server,
}

can_be_killed!(Redis);

impl Redis {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start() -> Self {
        let server = Server::start(1, |folder, addresses| {
            let port = addresses[0].rsplit(':').next().unwrap();
            let mut command = Command::new("redis-server");
            command.args([
                "--port",
                port,
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--requirepass",
                PASSWORD,
            ]);
            command
                .args(["--appendonly", "yes", "--appendfsync", "always", "--dir"])
                .arg(folder);
            command
        });
        Self { server }
    }

    /// Where it listens, as `host:port`.
    pub fn address(&self) -> &str {
        self.server.address(0)
    }

    /// Returns what is in the streams of its index.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    #[track_caller]
    pub fn stored(&self) -> Stored {
        let mut stored = Stored::default();
        for key in self.ask(&["SMEMBERS", "mad:series"]) {
            let labels = self.ask(&["HGETALL", &key.replacen("mad:", "mad:labels:", 1)]);
            let labels = labels
                .chunks(2)
                .map(|pair| (pair[0].clone(), pair[1].clone().into()))
                .collect();
            let series = Series::of_prometheus(&serde_json::Value::Object(labels));
            // An entry is its number, then the names and values in it.
            for entry in self.ask(&["XRANGE", &key, "-", "+"]).chunks(3) {
                let at = entry[0].trim_end_matches("-0").parse().unwrap();
                stored.add(series.clone(), at, entry[2].parse().unwrap());
            }
        }
        stored
    }

    #[track_caller]
    fn ask(&self, words: &[&str]) -> Vec<String> {
        let port = self.address().rsplit(':').next().unwrap();
        let mut cli = Command::new("redis-cli");
        cli.args([
            "-p",
            port,
            "-a",
            PASSWORD,
            "--no-auth-warning",
            "--json",
            "-3",
        ])
        .args(words);
        let said = said(&mut cli);
        let answer: serde_json::Value =
            serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"));
        let mut flat = Vec::new();
        flatten(&answer, &mut flat);
        flat
    }
}

/// Every text of an answer, in order.
fn flatten(answer: &serde_json::Value, flat: &mut Vec<String>) {
    match answer {
        serde_json::Value::Array(all) => all.iter().for_each(|one| flatten(one, flat)),
        serde_json::Value::Object(all) => {
            for (name, value) in all {
                flat.push(name.clone());
                flatten(value, flat);
            }
        }
        serde_json::Value::String(text) => flat.push(text.clone()),
        other => flat.push(other.to_string()),
    }
}
