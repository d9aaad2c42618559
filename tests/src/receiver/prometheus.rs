//! Prometheus, as a receiver of remote writes.

use std::fs::write;
use std::path::Path;
use std::process::Command;

use super::{Server, can_be_killed, has_small_disk, on_small_disk};
use crate::foreign::said;
use crate::http::{encode, get};
use crate::prometheus::version_3;
use crate::recorded::{Series, Stored};
use crate::wait::eventually;

/// A real Prometheus that takes remote writes.
#[derive(Debug)]
pub struct ReceivingPrometheus {
    server: Server,
}

can_be_killed!(ReceivingPrometheus);
has_small_disk!(ReceivingPrometheus);

impl ReceivingPrometheus {
    /// Starts one that wants what comes in order.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start() -> Self {
        Self::ready(Server::start(1, |folder, addresses| {
            receiving("prometheus", "{}", folder, addresses)
        }))
    }

    /// Starts one that takes what is up to 40 days late.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start_patient() -> Self {
        Self::ready(Server::start(1, |folder, addresses| {
            let config = "{storage: {tsdb: {out_of_order_time_window: 40d}}}";
            receiving("prometheus", config, folder, addresses)
        }))
    }

    /// Starts one on a small disk of its own.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start_on_small_disk() -> Self {
        Self::ready(Server::start(1, |folder, addresses| {
            let command = receiving("prometheus", "{}", folder, addresses);
            on_small_disk(&folder.join("data"), 4, &command)
        }))
    }

    /// Starts one of version 3, which takes OTLP, too.
    ///
    /// # Panics
    ///
    /// If it does not start, or there is no Go, or its modules cannot be had.
    #[track_caller]
    pub fn start_version_3(folder: &Path) -> Self {
        let program = version_3(folder).display().to_string();
        Self::ready(Server::start(1, move |folder, addresses| {
            let mut command = receiving(&program, "{}", folder, addresses);
            command.arg("--web.enable-otlp-receiver");
            command
        }))
    }

    /// How many requests it has answered at an address of its own.
    ///
    /// # Panics
    ///
    /// If it does not say.
    #[track_caller]
    pub fn requests_to(&self, path: &str) -> u64 {
        let page = get(&format!("http://{}/metrics", self.http())).body;
        let of_path = page.lines().filter(|line| {
            line.starts_with("prometheus_http_requests_total{")
                && line.contains(&format!("handler=\"{path}\""))
        });
        of_path
            .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
            .sum()
    }

    /// Starts one on blocks that promtool makes of a page, however old they are.
    ///
    /// # Panics
    ///
    /// If promtool does not like the page, or it does not start.
    #[track_caller]
    pub fn start_on_blocks_of(page: &str) -> Self {
        let mut prometheus = Self::start();
        prometheus.kill();
        let folder = prometheus.server.folder.path();
        write(folder.join("page"), page).unwrap();
        let mut promtool = Command::new("promtool");
        promtool.args(["tsdb", "create-blocks-from", "openmetrics"]);
        said(promtool.arg(folder.join("page")).arg(folder.join("data")));
        prometheus.server.start_again();
        Self::ready(prometheus.server)
    }

    fn ready(server: Server) -> Self {
        let prometheus = Self { server };
        eventually("Prometheus is ready", || {
            get(&format!("http://{}/-/ready", prometheus.http())).status == 200
        });
        prometheus
    }

    /// Where it takes HTTP, as `host:port`.
    pub fn http(&self) -> &str {
        self.server.address(0)
    }

    /// Returns what it has of the series whose names begin so, as far as the last hours go.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    #[track_caller]
    pub fn stored(&self, prefix: &str) -> Stored {
        let query = encode(&format!("{{__name__=~\"{prefix}.*\"}}[1000d]"));
        let answer = get(&format!(
            "http://{}/api/v1/query?query={query}",
            self.http()
        ))
        .json();
        let mut stored = Stored::default();
        for series in answer["data"]["result"]
            .as_array()
            .unwrap_or_else(|| panic!("{answer}"))
        {
            for value in series["values"].as_array().unwrap() {
                #[expect(clippy::cast_possible_truncation, reason = "milliseconds of our time")]
                let at = (value[0].as_f64().unwrap() * 1000.0).round() as i64;
                let number = value[1].as_str().unwrap().parse().unwrap();
                stored.add(Series::of_prometheus(&series["metric"]), at, number);
            }
        }
        stored
    }
}

fn receiving(program: &str, config: &str, folder: &Path, addresses: &[String]) -> Command {
    let file = folder.join("prometheus.yml");
    write(&file, config).unwrap();
    let mut command = Command::new(program);
    command
        .arg(format!("--config.file={}", file.display()))
        .arg(format!(
            "--storage.tsdb.path={}",
            folder.join("data").display()
        ))
        .arg("--storage.tsdb.retention.time=1000d")
        .arg("--web.enable-remote-write-receiver")
        .arg(format!("--web.listen-address={}", addresses[0]));
    command
}
