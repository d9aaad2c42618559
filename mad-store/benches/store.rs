//! What it costs to keep and to read a million samples, beside SQLite without us and DuckDB.
//!
//! Run it with `cargo xtask bench --store`.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use mad_store::{
    Direction, Environment, Metric, MetricKind, Recording, Sample, SeriesFilter, Store, Subject,
    SubjectKind,
};
use rusqlite::{Connection, params};

const RUNS: u32 = 1_000;
const SERIES: u32 = 1_000;

/// So many runs are one transaction, with us and without.
const AT_ONCE: usize = 100;

/// The same work in DuckDB. Its own way to load much is to read a file; `executemany` is the way of a program.
const DUCKDB: &str = r#"
import os, sys, time, duckdb
folder = sys.argv[1]
base = duckdb.connect(os.path.join(folder, "peer.duckdb"))
base.execute("SET threads = 2")
base.execute("CREATE TABLE samples (series INTEGER, run INTEGER, value DOUBLE)")
start = time.perf_counter()
base.execute(f"COPY samples FROM '{folder}/samples.csv' (HEADER false)")
base.execute("CHECKPOINT")
print(time.perf_counter() - start)
start = time.perf_counter()
for series in range(200):
    base.execute("SELECT run, value FROM samples WHERE series = ? ORDER BY run", [series]).fetchall()
print((time.perf_counter() - start) / 200)
start = time.perf_counter()
base.execute("SELECT series, avg(value) FROM samples GROUP BY series").fetchall()
print(time.perf_counter() - start)
print(os.path.getsize(os.path.join(folder, "peer.duckdb")))
"#;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let plain = plain_sqlite(folder.path());
    let ours = ours(folder.path());
    println!(
        "## {} samples: {RUNS} runs of {SERIES} series\n",
        u64::from(RUNS) * u64::from(SERIES)
    );
    println!(
        "| | kept in | a series of {RUNS} points | the mean of each series | bytes a sample |"
    );
    println!("|---|---|---|---|---|");
    row("mad-store", &ours);
    row("rusqlite, one table, bulk insert", &plain);
    match duckdb(folder.path()) {
        Some(peer) => row("DuckDB, COPY from a file", &peer),
        None => println!(
            "| DuckDB | not measured: `pip install duckdb` for the interpreter in `MAD_TEST_PYTHON` | | | |"
        ),
    }
    println!(
        "\nKept: {:.2} x rusqlite's time. A series: {:.2} x.",
        ours.kept.as_secs_f64() / plain.kept.as_secs_f64(),
        ours.series.as_secs_f64() / plain.series.as_secs_f64()
    );
}

struct Figures {
    kept: Duration,
    series: Duration,
    means: Duration,
    bytes: u64,
}

fn row(name: &str, figures: &Figures) {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let bytes = figures.bytes as f64 / f64::from(RUNS) / f64::from(SERIES);
    println!(
        "| {name} | {:.2} s | {:.0} µs | {:.1} ms | {bytes:.1} |",
        figures.kept.as_secs_f64(),
        figures.series.as_secs_f64() * 1e6,
        figures.means.as_secs_f64() * 1e3,
    );
}

/// A duration in seconds that looks measured, the same in every run of the benchmark.
fn value(series: u32, run: u32) -> f64 {
    let noise = (series.wrapping_mul(2_654_435_761) ^ run.wrapping_mul(40_503)) % 10_007;
    f64::from(series % 50 + 1) * 0.01 * (1.0 + f64::from(noise) / 100_070.0)
}

fn recordings() -> impl Iterator<Item = Recording> {
    let metric = Metric::new(
        "test_duration_seconds",
        "seconds",
        MetricKind::Noisy,
        Direction::Lower,
    );
    let tests: Vec<_> = (0..SERIES)
        .map(|test| Subject::new(SubjectKind::Test, "shop", format!("orders::test_{test}")))
        .collect();
    (0..RUNS).map(move |run| {
        let mut recording = Recording::new(
            Environment::default(),
            1_790_000_000_000 + 60_000 * i64::from(run),
        );
        recording.samples = (0..)
            .zip(&tests)
            .map(|(series, test)| Sample::new(test.clone(), metric.clone(), value(series, run)))
            .collect();
        recording
    })
}

fn ours(folder: &Path) -> Figures {
    let path = folder.join("mad.db");
    let mut store = Store::open(&path).expect("a store");
    let recordings: Vec<_> = recordings().collect();
    let start = Instant::now();
    for some in recordings.chunks(AT_ONCE) {
        store.record_all(some).expect("recorded");
    }
    let kept = start.elapsed();

    let all = store.series(&SeriesFilter::default()).expect("series");
    let start = Instant::now();
    for series in &all {
        assert_eq!(store.points(series).expect("points").len(), RUNS as usize);
    }
    let series = start.elapsed() / SERIES;
    let start = Instant::now();
    let means: Vec<f64> = all
        .iter()
        .map(|series| {
            let points = store.points(series).expect("points");
            points.iter().map(|point| point.value).sum::<f64>() / f64::from(RUNS)
        })
        .collect();
    let means_in = start.elapsed();
    assert_eq!(means.len(), SERIES as usize);
    store.shrink().expect("shrunk");
    Figures {
        kept,
        series,
        means: means_in,
        bytes: fs::metadata(path).expect("a file").len(),
    }
}

fn plain_sqlite(folder: &Path) -> Figures {
    let path = folder.join("plain.db");
    let mut base = Connection::open(&path).expect("a database");
    base.pragma_update(None, "journal_mode", "wal")
        .expect("set");
    base.pragma_update(None, "synchronous", "full")
        .expect("set");
    base.execute_batch(
        "CREATE TABLE samples (series INTEGER NOT NULL, run INTEGER NOT NULL, value REAL NOT NULL,
            count INTEGER NOT NULL, spread REAL, PRIMARY KEY (series, run)) STRICT, WITHOUT ROWID;
         CREATE INDEX samples_of_run ON samples (run);",
    )
    .expect("a table");
    let start = Instant::now();
    for first in (0..RUNS).step_by(AT_ONCE) {
        let transaction = base.transaction().expect("begun");
        let mut insert = transaction
            .prepare("INSERT INTO samples (series, run, value, count, spread) VALUES (?1, ?2, ?3, 1, NULL)")
            .expect("prepared");
        for run in (first..RUNS).take(AT_ONCE) {
            for series in 0..SERIES {
                insert
                    .execute(params![series, run, value(series, run)])
                    .expect("inserted");
            }
        }
        drop(insert);
        transaction.commit().expect("committed");
    }
    let kept = start.elapsed();
    let mut select = base
        .prepare("SELECT run, value FROM samples WHERE series = ?1 ORDER BY run")
        .expect("prepared");
    let start = Instant::now();
    for series in 0..SERIES {
        let points: Vec<(u32, f64)> = select
            .query_map([series], |row| Ok((row.get(0)?, row.get(1)?)))
            .expect("asked")
            .collect::<Result<_, _>>()
            .expect("read");
        assert_eq!(points.len(), RUNS as usize);
    }
    let series = start.elapsed() / SERIES;
    let start = Instant::now();
    let mut select = base
        .prepare("SELECT series, avg(value) FROM samples GROUP BY series")
        .expect("prepared");
    let means = select
        .query_map((), |row| row.get::<_, f64>(1))
        .expect("asked")
        .count();
    assert_eq!(means, SERIES as usize);
    let means = start.elapsed();
    drop(select);
    base.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("made small");
    Figures {
        kept,
        series,
        means,
        bytes: fs::metadata(path).expect("a file").len(),
    }
}

fn duckdb(folder: &Path) -> Option<Figures> {
    use std::fmt::Write as _;
    let mut lines = String::new();
    for run in 0..RUNS {
        for series in 0..SERIES {
            _ = writeln!(lines, "{series},{run},{}", value(series, run));
        }
    }
    fs::write(folder.join("samples.csv"), lines).expect("written");
    let output = Command::new(python())
        .args(["-c", DUCKDB])
        .arg(folder)
        .output()
        .ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    let figures: Vec<f64> = said.lines().filter_map(|line| line.parse().ok()).collect();
    let [kept, series, means, bytes] = figures[..] else {
        return None;
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the size of a file"
    )]
    let bytes = bytes as u64;
    Some(Figures {
        kept: Duration::from_secs_f64(kept),
        series: Duration::from_secs_f64(series),
        means: Duration::from_secs_f64(means),
        bytes,
    })
}

/// The interpreter that has DuckDB, if any has.
fn python() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "the verb that starts this says so, and there is nobody else to ask"
    )]
    std::env::var("MAD_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}
