//! InfluxDB 1, which takes its own lines, Graphite's, OpenTSDB's and Prometheus' remote writes.

use std::fs::write;
use std::path::Path;
use std::process::Command;

use super::{Server, can_be_killed, has_small_disk, on_small_disk};
use crate::http::{Request, encode, get, request};
use crate::recorded::{Series, Stored};

/// The database that everything goes to.
const DATABASE: &str = "ci";

/// A real InfluxDB.
#[derive(Debug)]
pub struct InfluxDb {
    server: Server,
}

can_be_killed!(InfluxDb);
has_small_disk!(InfluxDb);

impl InfluxDb {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start() -> Self {
        Self::ready(Server::start(4, command))
    }

    /// Starts it on a small disk of its own.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start_on_small_disk() -> Self {
        Self::ready(Server::start(4, |folder, addresses| {
            on_small_disk(&folder.join("data"), 8, &command(folder, addresses))
        }))
    }

    #[track_caller]
    fn ready(server: Server) -> Self {
        let influxdb = Self { server };
        influxdb.ask(&format!("CREATE DATABASE {DATABASE}"));
        influxdb
    }

    /// Makes a user, from when on nobody else is let in.
    ///
    /// # Panics
    ///
    /// If it does not start again.
    #[track_caller]
    pub fn let_in_only(&mut self, user: &str, password: &str) {
        self.ask(&format!(
            "CREATE USER {user} WITH PASSWORD '{password}' WITH ALL PRIVILEGES"
        ));
        self.kill();
        write(self.server.folder.path().join("with-passwords"), "").unwrap();
        self.start_again();
    }

    /// Where it takes HTTP, as `host:port`.
    pub fn http(&self) -> &str {
        self.server.address(0)
    }

    /// Where it takes OpenTSDB's lines and JSON.
    pub fn opentsdb(&self) -> &str {
        self.server.address(2)
    }

    /// Returns what it has of the measurements whose names begin so.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    #[track_caller]
    pub fn stored(&self, prefix: &str) -> Stored {
        let answer = self.ask(&format!("SELECT value FROM /^{prefix}/ GROUP BY *"));
        let mut stored = Stored::default();
        for series in answer["results"][0]["series"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let labels = Series::new(series["name"].as_str().unwrap(), &series["tags"]);
            for row in series["values"].as_array().unwrap() {
                stored.add(
                    labels.clone(),
                    row[0].as_i64().unwrap(),
                    row[1].as_f64().unwrap(),
                );
            }
        }
        stored
    }

    #[track_caller]
    fn ask(&self, query: &str) -> serde_json::Value {
        let url = format!(
            "http://{}/query?db={DATABASE}&epoch=ms&q={}",
            self.http(),
            encode(query)
        );
        if query.starts_with("SELECT") {
            return get(&url).json();
        }
        let post = Request {
            method: "POST",
            url: &url,
            token: None,
            body: None,
        };
        request(post).json()
    }
}

fn command(folder: &Path, addresses: &[String]) -> Command {
    let [http, graphite, opentsdb, own] = addresses else {
        panic!("it has four addresses")
    };
    let data = folder.join("data");
    let data = data.display();
    let has_passwords = folder.join("with-passwords").exists();
    let config = format!(
        "reporting-disabled = true\nbind-address = \"{own}\"\n\
         [meta]\ndir = \"{data}/meta\"\n\
         [data]\ndir = \"{data}/data\"\nwal-dir = \"{data}/wal\"\n\
         [http]\nbind-address = \"{http}\"\nauth-enabled = {has_passwords}\n\
         [[graphite]]\nenabled = true\nbind-address = \"{graphite}\"\ndatabase = \"{DATABASE}\"\n\
         batch-timeout = \"50ms\"\n\
         [[opentsdb]]\nenabled = true\nbind-address = \"{opentsdb}\"\ndatabase = \"{DATABASE}\"\n\
         batch-timeout = \"50ms\"\n"
    );
    let file = folder.join("influxdb.conf");
    write(&file, config).unwrap();
    let mut command = Command::new("influxd");
    command.arg("-config").arg(file);
    command
}
