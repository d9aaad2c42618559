//! OpenTSDB, from its libraries.

use std::fs::{create_dir_all, write};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::cassandra::LOG;
use super::hbase::HBase;
use super::{Server, can_be_killed};
use crate::foreign::java_class_path;
use crate::http::get;
use crate::recorded::{Series, Stored};

/// A real OpenTSDB, which keeps what it takes in a real `HBase`.
#[derive(Debug)]
pub struct OpenTsdb {
    server: Server,
    // It goes last, and takes everything with it.
    _hbase: HBase,
}

can_be_killed!(OpenTsdb);

impl OpenTsdb {
    /// Starts it, with its libraries listed in a folder.
    ///
    /// # Panics
    ///
    /// If it does not start, or there are no JDK and no Maven, or the libraries cannot be had.
    #[track_caller]
    pub fn start(folder: &Path) -> Self {
        let class_path = java_class_path("opentsdb", folder);
        let hbase = HBase::start(folder);
        let quorum = hbase.quorum().to_owned();
        let server = Server::start(1, move |folder, addresses| {
            create_dir_all(folder.join("cache")).unwrap();
            write(folder.join("logback.xml"), LOG).unwrap();
            write(
                folder.join("opentsdb.conf"),
                settings(folder, &addresses[0], &quorum),
            )
            .unwrap();
            let here = folder.display();
            let mut command = Command::new("java");
            command.arg("-Xmx256m");
            command.arg(format!("-Dlogback.configurationFile={here}/logback.xml"));
            command.args(["-cp", &class_path, "net.opentsdb.tools.TSDMain"]);
            command.arg(format!("--config={here}/opentsdb.conf"));
            command
        });
        Self {
            server,
            _hbase: hbase,
        }
    }

    /// Where it takes lines and HTTP, as `host:port`.
    pub fn address(&self) -> &str {
        self.server.address(0)
    }

    /// Returns what it has of the metrics whose names begin so.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    #[track_caller]
    pub fn stored(&self, prefix: &str) -> Stored {
        let url = format!("http://{}/api", self.address());
        let metrics = get(&format!("{url}/suggest?type=metrics&max=1000&q={prefix}")).json();
        let mut stored = Stored::default();
        for metric in metrics.as_array().unwrap() {
            let metric = metric.as_str().unwrap();
            let found = get(&format!(
                "{url}/query?start=2000/01/01&ms=true&m=none:{metric}"
            ))
            .json();
            for series in found.as_array().unwrap() {
                add(&mut stored, metric, series);
            }
        }
        stored
    }
}

fn add(stored: &mut Stored, metric: &str, found: &Value) {
    let series = Series::new(metric, &found["tags"]);
    for (at, value) in found["dps"].as_object().unwrap() {
        stored.add(series.clone(), at.parse().unwrap(), value.as_f64().unwrap());
    }
}

fn settings(folder: &Path, address: &str, quorum: &str) -> String {
    let (host, port) = address.rsplit_once(':').unwrap();
    let folder = folder.display();
    format!(
        "tsd.network.bind = {host}\n\
         tsd.network.port = {port}\n\
         tsd.http.staticroot = {folder}\n\
         tsd.http.cachedir = {folder}/cache\n\
         tsd.core.auto_create_metrics = true\n\
         tsd.storage.hbase.zk_quorum = {quorum}\n"
    )
}
