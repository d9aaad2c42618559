//! ClickHouse, as Debian has it.

use std::fs::write;
use std::path::Path;
use std::process::Command;

use super::{Server, can_be_killed, has_small_disk, on_small_disk};
use crate::foreign::said;
use crate::recorded::{Series, Stored};

/// A real ClickHouse with a user `ci`, whose password is `s3cret`.
#[derive(Debug)]
pub struct ClickHouse {
    server: Server,
}

can_be_killed!(ClickHouse);
has_small_disk!(ClickHouse);

impl ClickHouse {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start() -> Self {
        let server = Server::start(2, command);
        Self { server }
    }

    /// Starts it on a small disk of its own.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start_on_small_disk() -> Self {
        let server = Server::start(2, |folder, addresses| {
            on_small_disk(&folder.join("data"), 16, &command(folder, addresses))
        });
        Self { server }
    }

    /// Where it takes HTTP, as `host:port`.
    pub fn http(&self) -> &str {
        self.server.address(0)
    }

    /// Returns what is in its table.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    #[track_caller]
    pub fn stored(&self) -> Stored {
        let query = "SELECT name, label_names, label_values, at_ms, value FROM mad_samples FINAL FORMAT JSONEachRow";
        let mut curl = Command::new("curl");
        curl.args([
            "--silent",
            "--user",
            "ci:s3cret",
            "--data-binary",
            query,
            self.http(),
        ]);
        let mut stored = Stored::default();
        for line in said(&mut curl).lines() {
            let row: serde_json::Value =
                serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
            let texts = |column: &str| -> Vec<String> {
                serde_json::from_value(row[column].clone()).unwrap()
            };
            let labels = texts("label_names")
                .into_iter()
                .zip(texts("label_values"))
                .collect();
            let name = row["name"].as_str().unwrap().to_owned();
            // Numbers of 64 bits stand in quotes.
            let at = row["at_ms"].as_str().unwrap().parse().unwrap();
            stored.add(Series { name, labels }, at, row["value"].as_f64().unwrap());
        }
        stored
    }
}

fn command(folder: &Path, addresses: &[String]) -> Command {
    let port = |index: usize| addresses[index].rsplit(':').next().unwrap().to_owned();
    let (http, native, here) = (port(0), port(1), folder.display());
    let config = format!(
        "<yandex><logger><level>warning</level><console>1</console></logger>\
         <http_port>{http}</http_port><tcp_port>{native}</tcp_port><listen_host>127.0.0.1</listen_host>\
         <path>{here}/data/</path><tmp_path>{here}/tmp/</tmp_path><users_config>{here}/users.xml</users_config>\
         <default_profile>default</default_profile><default_database>default</default_database>\
         <mark_cache_size>100000000</mark_cache_size></yandex>"
    );
    write(folder.join("config.xml"), config).unwrap();
    let users = "<yandex><profiles><default/></profiles><quotas><default/></quotas>\
        <users><ci><password>s3cret</password><networks><ip>127.0.0.1</ip></networks>\
        <profile>default</profile><quota>default</quota></ci></users></yandex>";
    write(folder.join("users.xml"), users).unwrap();
    let mut command = Command::new("clickhouse-server");
    command.arg(format!("--config-file={here}/config.xml"));
    command
}
