//! How fast a history of 100,000 numbers goes to each sink, beside what its own loader takes for the same numbers.
//!
//! A push reads the store, makes readings, writes them in the format of the sink, waits for each acknowledgement and
//! moves the cursor. The loaders (curl, a bare connection, `redis-cli --pipe`, `mariadb`, the official drivers in
//! Python) get a file that was written before.
//!
//! Run it with `cargo xtask bench --sinks`.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::fmt::Write as _;
use std::fs::{File, write};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mad_store::sink::{PushOptions, Reading, push, readings};
use mad_store::{
    Direction, Environment, Metric, MetricKind, Recording, RunFilter, Sample, Store, Subject,
    SubjectKind,
};
use tests::{
    Carbon, Cassandra, ClickHouse, InfluxDb, MariaDb, Pushgateway, ReceivingPrometheus, Redis,
    Rotel, Rrdcached, StatsD, VictoriaMetrics, now, python_judge,
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
        let target = format!("remote-write+http://{}", prometheus.http());
        self.to("Prometheus, remote write", &target, None);
        drop(prometheus);

        let (victoria, other) = (VictoriaMetrics::start(), VictoriaMetrics::start());
        let target = format!("remote-write+http://{}", victoria.http());
        self.to("VictoriaMetrics, remote write", &target, None);
        let url = format!("http://{}/write?precision=ms", other.http());
        let took = curl(&url, &self.files.influx);
        let target = format!("influx+http://{}/write", victoria.http());
        self.to("VictoriaMetrics, InfluxDB's lines", &target, Some(took));
        let took = poured(other.opentsdb(), &self.files.opentsdb);
        let target = format!("opentsdb://{}", victoria.opentsdb());
        self.to("VictoriaMetrics, OpenTSDB's lines", &target, Some(took));
        let target = format!("opentsdb+http://{}", victoria.opentsdb_http());
        self.to("VictoriaMetrics, OpenTSDB's JSON", &target, None);
        drop((victoria, other));

        let (influxdb, other) = (InfluxDb::start(), InfluxDb::start());
        let url = format!("http://{}/write?db=ci&precision=ms", other.http());
        let took = curl(&url, &self.files.influx);
        let target = format!("influx+http://{}/write?db=ci", influxdb.http());
        self.to("InfluxDB, its lines", &target, Some(took));
        drop((influxdb, other));

        let (carbon, other) = (Carbon::start(), Carbon::start());
        let took = poured(other.graphite(), &self.files.graphite);
        let target = format!("graphite://{}", carbon.graphite());
        self.to("carbon", &target, Some(took));
        drop((carbon, other));

        let rotel = Rotel::start();
        self.to(
            "Rotel, OTLP",
            &format!("otlp+http://{}", rotel.http()),
            None,
        );
        drop(rotel);
        let pushgateway = Pushgateway::start();
        let target = format!("pushgateway+http://{}", pushgateway.http());
        self.to("Pushgateway", &target, None);
        drop(pushgateway);
        let statsd = StatsD::start();
        self.to(
            "StatsD, over UDP",
            &format!("statsd://{}", statsd.address()),
            None,
        );
    }

    fn databases(&mut self) {
        let (redis, other) = (Redis::start(), Redis::start());
        let took = piped(&other, &self.files.redis);
        let target = format!("redis://:s3cret@{}", redis.address());
        self.to("Redis, each write on the disk", &target, Some(took));
        drop((redis, other));

        let start = Redis::start_with_time_series;
        let (redis, other) = (start(), start());
        let took = piped(&other, &self.files.redis_timeseries);
        let target = format!("redis-timeseries://:s3cret@{}", redis.address());
        self.to(
            "RedisTimeSeries, each write on the disk",
            &target,
            Some(took),
        );
        drop((redis, other));

        let rrdcached = Rrdcached::start();
        let target = format!("rrdcached://{}", rrdcached.address());
        self.to("rrdcached, flushed", &target, None);
        drop(rrdcached);

        let (mariadb, other) = (MariaDb::start(), MariaDb::start());
        let (host, port) = other.address().rsplit_once(':').expect("a port");
        let mut client = Command::new("mariadb");
        client.args(["--no-defaults", "--user=ci", "--password=s3cret"]);
        client.args(["--host", host, "--port", port, "ci"]);
        let took = fed(&mut client, &self.files.mariadb);
        let target = format!("mysql://ci:s3cret@{}/ci", mariadb.address());
        self.to("MariaDB", &target, Some(took));
        drop((mariadb, other));

        let (clickhouse, other) = (ClickHouse::start(), ClickHouse::start());
        let url = |query: &str| {
            let query = query.replace(' ', "+");
            format!("http://ci:s3cret@{}/?query={query}", other.http())
        };
        curl(&url(CLICKHOUSE_TABLE), "/dev/null");
        let took = curl(&url("INSERT INTO samples FORMAT TSV"), &self.files.rows);
        let target = format!("clickhouse+http://ci:s3cret@{}", clickhouse.http());
        self.to("ClickHouse", &target, Some(took));
        drop((clickhouse, other));

        self.cassandra();
    }

    fn cassandra(&mut self) {
        if Command::new("mvn").arg("--version").output().is_err() {
            println!("| Cassandra | no Maven here | | |");
            return;
        }
        let cassandra = Cassandra::start(Path::new(env!("CARGO_TARGET_TMPDIR")));
        let port = cassandra.address().rsplit(':').next().expect("a port");
        let took = by_python("cassandra_load.py", &[port], &self.files.rows);
        let target = format!("cassandra://cassandra:cassandra@{}/ci", cassandra.address());
        self.to("Cassandra", &target, Some(took));
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

/// What ClickHouse's loader writes to.
const CLICKHOUSE_TABLE: &str = "CREATE TABLE samples (series String, at_ms Int64, value Float64) \
    ENGINE = MergeTree ORDER BY (series, at_ms) PARTITION BY tuple()";

/// What loaders are fed with; none of the names needs an escape.
struct Files {
    influx: String,
    graphite: String,
    opentsdb: String,
    redis: String,
    redis_timeseries: String,
    mariadb: String,
    /// Series, time and value, with tabs between.
    rows: String,
}

impl Files {
    fn of(folder: &Path, all: &[Reading]) -> Self {
        let of_each = |write_one: fn(&mut String, &Reading, &[String])| {
            let mut text = String::new();
            for reading in all {
                let labels = reading.labels.iter();
                let labels = labels.map(|(name, value)| format!("{name}={value}"));
                write_one(&mut text, reading, &labels.collect::<Vec<_>>());
            }
            text
        };
        let file = |name: &str, text: &str| {
            let path = folder.join(name);
            write(&path, text).expect("there is room");
            path.display().to_string()
        };
        Self {
            influx: file("influx", &of_each(influx)),
            graphite: file("graphite", &of_each(graphite)),
            opentsdb: file("opentsdb", &of_each(opentsdb)),
            redis: file("redis", &of_each(redis)),
            redis_timeseries: file("redis-timeseries", &of_each(redis_timeseries)),
            mariadb: file("mariadb", &mariadb(all)),
            rows: file("rows", &of_each(row_of)),
        }
    }
}

fn influx(text: &mut String, reading: &Reading, labels: &[String]) {
    let Reading {
        name, at, value, ..
    } = reading;
    _ = writeln!(text, "{name},{} value={value} {at}", labels.join(","));
}

fn graphite(text: &mut String, reading: &Reading, labels: &[String]) {
    let Reading {
        name, at, value, ..
    } = reading;
    _ = writeln!(text, "{name};{} {value} {}", labels.join(";"), at / 1000);
}

fn opentsdb(text: &mut String, reading: &Reading, labels: &[String]) {
    let Reading {
        name, at, value, ..
    } = reading;
    let labels = labels.join(" ").replace("::", "..");
    _ = writeln!(text, "put {name} {} {value} {labels}", at / 1000);
}

fn redis(text: &mut String, reading: &Reading, _: &[String]) {
    let (at, value) = (format!("{}-0", reading.at), reading.value.to_string());
    write_command(text, &["XADD", &reading.series(), &at, "value", &value]);
}

fn redis_timeseries(text: &mut String, reading: &Reading, _: &[String]) {
    let (at, value) = (reading.at.to_string(), reading.value.to_string());
    write_command(text, &["TS.ADD", &reading.series(), &at, &value]);
}

fn write_command(text: &mut String, words: &[&str]) {
    _ = write!(text, "*{}\r\n", words.len());
    for word in words {
        _ = write!(text, "${}\r\n{word}\r\n", word.len());
    }
}

fn row_of(text: &mut String, reading: &Reading, _: &[String]) {
    let (series, at, value) = (reading.series(), reading.at, reading.value);
    _ = writeln!(text, "{series}\t{at}\t{value}");
}

fn mariadb(all: &[Reading]) -> String {
    let mut text = "CREATE TABLE samples (series BINARY(16) NOT NULL, at_ms BIGINT NOT NULL, \
         value DOUBLE NOT NULL, PRIMARY KEY (series, at_ms));\nBEGIN;\n"
        .to_owned();
    for rows in all.chunks(1_000) {
        let row = |reading: &Reading| {
            let (series, at, value) = (reading.series(), reading.at, reading.value);
            format!("(UNHEX(MD5('{series}')),{at},{value})")
        };
        let rows: Vec<_> = rows.iter().map(row).collect();
        _ = writeln!(text, "INSERT INTO samples VALUES {};", rows.join(","));
    }
    text.push_str("COMMIT;\n");
    text
}

/// Sends lines over a connection of their own, as netcat does, and waits until the server has read them.
fn poured(address: &str, file: &str) -> Duration {
    let lines = std::fs::read(file).expect("it was written");
    let start = Instant::now();
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.write_all(&lines).expect("it reads");
    stream.shutdown(Shutdown::Write).expect("it is open");
    stream.read_to_end(&mut Vec::new()).expect("it closes");
    start.elapsed()
}

fn piped(redis: &Redis, file: &str) -> Duration {
    let port = redis.address().rsplit(':').next().expect("a port");
    let mut cli = Command::new("redis-cli");
    cli.args(["-p", port, "-a", "s3cret", "--no-auth-warning", "--pipe"]);
    fed(&mut cli, file)
}

/// The time that a loader says itself: Python takes long to begin.
fn by_python(program: &str, arguments: &[&str], file: &str) -> Duration {
    let mut python = python_judge(program);
    python.args(arguments).stderr(Stdio::inherit());
    let input = File::open(file).expect("it was written");
    let output = python.stdin(input).output().expect("it is installed");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let seconds = said.trim().parse().unwrap_or_else(|_| panic!("{said}"));
    Duration::from_secs_f64(seconds)
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
