//! How fast a history of 100,000 numbers goes to each sink, beside what its own loader takes for the same numbers.
//!
//! A push reads the store, makes readings, writes them in the format of the sink, waits for each acknowledgement and
//! moves the cursor. The loaders (curl, `redis-cli --pipe`, `mariadb`) get a file that was written before.
//!
//! Run it with `cargo xtask bench --sinks`.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::fmt::Write as _;
use std::fs::{File, write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mad_store::sink::{PushOptions, Reading, push, readings};
use mad_store::{
    Direction, Environment, Metric, MetricKind, Recording, RunFilter, Sample, Store, Subject,
    SubjectKind,
};
use tests::{
    Carbon, ClickHouse, InfluxDb, MariaDb, ReceivingPrometheus, Redis, Rrdcached, VictoriaMetrics,
    now,
};

const RUNS: i64 = 20;
const TESTS: usize = 5_000;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = history(folder.path());
    let start = Instant::now();
    let all = all_readings(&store);
    println!("| 100,000 numbers to | a second | its own loader | |");
    println!("|---|---|---|---|");
    row(
        "nowhere: only made from the store",
        all.len(),
        start.elapsed(),
        None,
    );
    let files = Files::of(folder.path(), &all);
    let mut bench = Bench { store, files };
    bench.time_series();
    bench.databases();
}

struct Bench {
    store: Store,
    files: Files,
}

impl Bench {
    fn time_series(&mut self) {
        let prometheus = ReceivingPrometheus::start();
        self.to(
            "Prometheus, remote write",
            &format!("remote-write+http://{}", prometheus.http()),
            None,
        );
        drop(prometheus);
        let (victoria, other) = (VictoriaMetrics::start(), VictoriaMetrics::start());
        self.to(
            "VictoriaMetrics, remote write",
            &format!("remote-write+http://{}", victoria.http()),
            None,
        );
        let took = curl(
            &format!("http://{}/write?precision=ms", other.http()),
            &self.files.influx,
        );
        let influx = format!("influx+http://{}/write", victoria.http());
        self.to("VictoriaMetrics, InfluxDB's lines", &influx, Some(took));
        self.to(
            "VictoriaMetrics, OpenTSDB's lines",
            &format!("opentsdb://{}", victoria.opentsdb()),
            None,
        );
        drop((victoria, other));
        let (influxdb, other) = (InfluxDb::start(), InfluxDb::start());
        let took = curl(
            &format!("http://{}/write?db=ci&precision=ms", other.http()),
            &self.files.influx,
        );
        self.to(
            "InfluxDB, its lines",
            &format!("influx+http://{}/write?db=ci", influxdb.http()),
            Some(took),
        );
        drop((influxdb, other));
        let carbon = Carbon::start();
        self.to("carbon", &format!("graphite://{}", carbon.graphite()), None);
    }

    fn databases(&mut self) {
        let (redis, other) = (Redis::start(), Redis::start());
        let port = other
            .address()
            .rsplit(':')
            .next()
            .expect("a port")
            .to_owned();
        let mut cli = Command::new("redis-cli");
        cli.args(["-p", &port, "-a", "s3cret", "--no-auth-warning", "--pipe"]);
        let took = fed(&mut cli, &self.files.redis);
        self.to(
            "Redis",
            &format!("redis://:s3cret@{}", redis.address()),
            Some(took),
        );
        drop((redis, other));
        let rrdcached = Rrdcached::start();
        self.to(
            "rrdcached, flushed",
            &format!("rrdcached://{}", rrdcached.address()),
            None,
        );
        drop(rrdcached);
        let (mariadb, other) = (MariaDb::start(), MariaDb::start());
        let (host, port) = other.address().rsplit_once(':').expect("a port");
        let mut client = Command::new("mariadb");
        client.args([
            "--no-defaults",
            "--user=ci",
            "--password=s3cret",
            "--host",
            host,
            "--port",
            port,
            "ci",
        ]);
        let took = fed(&mut client, &self.files.mariadb);
        self.to(
            "MariaDB",
            &format!("mysql://ci:s3cret@{}/ci", mariadb.address()),
            Some(took),
        );
        drop((mariadb, other));
        let clickhouse = ClickHouse::start();
        self.to(
            "ClickHouse",
            &format!("clickhouse+http://ci:s3cret@{}", clickhouse.http()),
            None,
        );
    }

    /// Pushes everything to one sink; the other time is that of its own loader.
    fn to(&mut self, what: &str, target: &str, loader: Option<Duration>) {
        let start = Instant::now();
        let pushed = push(
            &mut self.store,
            &target.parse().expect("an address"),
            &PushOptions::default(),
        );
        let took = start.elapsed();
        let pushed = pushed.expect("it arrives");
        assert_eq!(pushed.refused(), 0, "{:?}", pushed.refusals);
        row(what, pushed.taken + pushed.present, took, loader);
    }
}

/// A line of the table.
fn row(what: &str, count: usize, took: Duration, loader: Option<Duration>) {
    #[expect(clippy::cast_precision_loss, reason = "a hundred thousand")]
    let count = count as f64;
    let rate = |took: Duration| count / took.as_secs_f64();
    let (its_own, ratio) = loader.map_or_else(Default::default, |loader| {
        (
            format!("{:.0}", rate(loader)),
            format!("{:.2}", rate(took) / rate(loader)),
        )
    });
    println!("| {what} | {:.0} | {its_own} | {ratio} |", rate(took));
}

/// Runs of the last twenty minutes.
fn history(folder: &Path) -> Store {
    let mut store = Store::open(folder.join("mad.db")).expect("a store");
    let duration = Metric::new(
        "test_duration_seconds",
        "seconds",
        MetricKind::Noisy,
        Direction::Lower,
    );
    for run in 0..RUNS {
        let environment = Environment {
            host: "ci-1".to_owned(),
            ..Environment::default()
        };
        let mut recording = Recording::new(environment, now() - (RUNS - run) * 60_000);
        for test in 0..TESTS {
            let subject = Subject::new(SubjectKind::Test, "shop", format!("orders::number_{test}"));
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let value = test as f64 / 1_000.0;
            recording
                .samples
                .push(Sample::new(subject, duration.clone(), value));
        }
        store.record(&recording).expect("there is room");
    }
    store
}

fn all_readings(store: &Store) -> Vec<Reading> {
    let runs = store.runs(&RunFilter::default()).expect("it can be read");
    let recordings = runs
        .iter()
        .map(|run| store.recording(run).expect("it can be read"));
    recordings
        .flat_map(|recording| readings(&recording, &PushOptions::default()))
        .collect()
}

/// What loaders are fed with; none of the names needs an escape.
struct Files {
    influx: String,
    redis: String,
    mariadb: String,
}

impl Files {
    fn of(folder: &Path, all: &[Reading]) -> Self {
        let (mut influx, mut redis) = (String::new(), String::new());
        let mut mariadb =
            "CREATE TABLE samples (series BINARY(16) NOT NULL, at_ms BIGINT NOT NULL, \
             value DOUBLE NOT NULL, PRIMARY KEY (series, at_ms));\nBEGIN;\n"
                .to_owned();
        for reading in all {
            let labels: Vec<_> = reading
                .labels
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let (name, at, value) = (&reading.name, reading.at, reading.value);
            _ = writeln!(influx, "{name},{} value={value} {at}", labels.join(","));
            let key = reading.series();
            for word in [
                "*5",
                "XADD",
                &key,
                &format!("{at}-0"),
                "value",
                &value.to_string(),
            ] {
                if word == "*5" {
                    redis.push_str("*5\r\n");
                } else {
                    _ = write!(redis, "${}\r\n{word}\r\n", word.len());
                }
            }
        }
        for rows in all.chunks(1_000) {
            let rows: Vec<_> = rows
                .iter()
                .map(|reading| {
                    format!(
                        "(UNHEX(MD5('{}')),{},{})",
                        reading.series(),
                        reading.at,
                        reading.value
                    )
                })
                .collect();
            _ = writeln!(mariadb, "INSERT INTO samples VALUES {};", rows.join(","));
        }
        mariadb.push_str("COMMIT;\n");
        let file = |name: &str, text: &str| {
            let path = folder.join(name);
            write(&path, text).expect("there is room");
            path.display().to_string()
        };
        Self {
            influx: file("influx", &influx),
            redis: file("redis", &redis),
            mariadb: file("mariadb", &mariadb),
        }
    }
}

fn curl(url: &str, file: &str) -> Duration {
    let mut curl = Command::new("curl");
    curl.args([
        "--silent",
        "--fail",
        "--data-binary",
        &format!("@{file}"),
        url,
    ]);
    timed(&mut curl)
}

fn fed(command: &mut Command, file: &str) -> Duration {
    timed(command.stdin(File::open(file).expect("it was written")))
}

fn timed(command: &mut Command) -> Duration {
    let start = Instant::now();
    let output = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .expect("it is installed");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    start.elapsed()
}
