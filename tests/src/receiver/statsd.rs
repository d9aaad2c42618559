//! StatsD, Etsy's own.

use std::fs::write;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use super::Server;
use crate::judge::python;
use crate::recorded::{Series, Stored};

/// A real StatsD, which is asked at its management port.
#[derive(Debug)]
pub struct StatsD {
    server: Server,
}

impl StatsD {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start() -> Self {
        let server = Server::start(1, |folder, addresses| {
            let port = addresses[0].rsplit(':').next().unwrap();
            let config = folder.join("config.js");
            // It takes numbers over UDP where it is asked over TCP.
            let ports = format!(
                "port: {port}, address: '127.0.0.1', mgmt_port: {port}, mgmt_address: '127.0.0.1'"
            );
            write(
                &config,
                format!("{{ {ports}, backends: [], flushInterval: 1000000 }}"),
            )
            .unwrap();
            let python = python();
            let environment = Path::new(&python)
                .ancestors()
                .nth(2)
                .expect("it is in an environment");
            let mut command = Command::new("node");
            command
                .arg(environment.join("node_modules/statsd/stats.js"))
                .arg(config);
            command
        });
        Self { server }
    }

    /// Where it takes numbers, as `host:port`.
    pub fn address(&self) -> &str {
        self.server.address(0)
    }

    /// Returns its gauges; it knows no times.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    #[track_caller]
    pub fn stored(&self) -> Stored {
        let mut connection = TcpStream::connect(self.address()).unwrap();
        connection.write_all(b"gauges\n").unwrap();
        let lines = BufReader::new(connection).lines().map(Result::unwrap);
        let mut stored = Stored::default();
        // `  'name;label=value': number,`
        for line in lines.take_while(|line| line != "END") {
            let Some((key, value)) = line.trim().trim_end_matches(',').rsplit_once("': ") else {
                continue;
            };
            let mut words = key.trim_start_matches('\'').split(';');
            let name = words.next().unwrap().to_owned();
            let labels = words.filter_map(|word| word.split_once('='));
            let labels = labels
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            stored.add(Series { name, labels }, 0, value.parse().unwrap());
        }
        stored
    }
}
