//! A history that was recorded, and what a server should have of it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::create_dir;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mad_store::sink::{PushError, PushOptions, Pushed, Reading, Target, push, readings};
use mad_store::{
    Commit, Direction, Environment, Metric, MetricKind, Recording, RunFilter, Sample, Store,
    Subject, SubjectKind,
};
use serde_json::Value;
use tempfile::TempDir;

/// Names of tests, of which some are what a wire format cannot write as it is.
pub const SUBJECTS: [&str; 4] = [
    "orders::are_placed",
    r#"with a blank, "quotes" = \back;semi"#,
    "grüße\tan\nalle",
    "~x",
];

/// A store in a folder of its own.
#[derive(Debug)]
pub struct Recorded {
    folder: TempDir,
    /// The store.
    pub store: Store,
    n_runs: i64,
}

impl Default for Recorded {
    fn default() -> Self {
        Self::new()
    }
}

impl Recorded {
    /// A store that has two runs, one ten seconds ago and one nine.
    ///
    /// # Panics
    ///
    /// If there is no room for it.
    #[track_caller]
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        // As the root of a repository has it.
        create_dir(folder.path().join(".git")).unwrap();
        create_dir(folder.path().join(".mad")).unwrap();
        let store = Store::open(folder.path().join(".mad/mad.db")).unwrap();
        let mut recorded = Self {
            folder,
            store,
            n_runs: 0,
        };
        recorded.run_on("ci-1", now() - 10_000);
        recorded.run_on("ci-2", now() - 9_000);
        recorded
    }

    /// The root of the repository that it is of.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Records one more run, on a host at a time.
    ///
    /// # Panics
    ///
    /// If it cannot be recorded.
    #[track_caller]
    pub fn run_on(&mut self, host: &str, at: i64) {
        let environment = Environment {
            host: host.to_owned(),
            toolchain: "1.95.0".to_owned(),
            cell: BTreeMap::from([("db".to_owned(), "sqlite".to_owned())]),
            ..Environment::default()
        };
        let mut recording = Recording::new(environment, at);
        self.n_runs += 1;
        recording.commit = Some(Commit {
            id: format!("{:040x}", self.n_runs),
            parent: None,
            committed_at: at / 1000 - 1,
            summary: String::new(),
        });
        recording.branch = Some("main".to_owned());
        let duration = Metric::new(
            "test_duration_seconds",
            "seconds",
            MetricKind::Noisy,
            Direction::Lower,
        );
        let change = Metric::new(
            "source_lines_change",
            "lines",
            MetricKind::Exact,
            Direction::Neither,
        );
        for (index, name) in SUBJECTS.into_iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let number = self.n_runs as f64 + index as f64 / 8.0;
            let subject = Subject::new(SubjectKind::Test, "shop", name);
            recording
                .samples
                .push(Sample::new(subject.clone(), duration.clone(), number));
            recording
                .samples
                .push(Sample::new(subject, change.clone(), -number * 1e12));
        }
        self.store.record(&recording).unwrap();
    }

    /// Sends what is new, all of which arrives.
    ///
    /// # Panics
    ///
    /// If not.
    #[track_caller]
    pub fn push(&mut self, target: &str) -> Pushed {
        match self.try_push(target) {
            Ok(pushed) if pushed.refusals.is_empty() => pushed,
            Ok(pushed) => panic!("{:?}", pushed.refusals),
            Err(error) => panic!("{}", causes(&error)),
        }
    }

    /// Sends everything once more, with little patience.
    ///
    /// # Panics
    ///
    /// If the sink does not take it.
    #[track_caller]
    pub fn push_again(&mut self, target: &str) -> Pushed {
        match self.try_push_again(target) {
            Ok(pushed) => pushed,
            Err(error) => panic!("{}", causes(&error)),
        }
    }

    /// Sends everything once more, with little patience.
    ///
    /// # Errors
    ///
    /// If the sink does not take it.
    ///
    /// # Panics
    ///
    /// If the address is none.
    #[track_caller]
    pub fn try_push_again(&mut self, target: &str) -> Result<Pushed, PushError> {
        self.push_with(target, true)
    }

    /// Sends what is new, with little patience.
    ///
    /// # Errors
    ///
    /// If the sink does not take it.
    ///
    /// # Panics
    ///
    /// If the address is none.
    #[track_caller]
    pub fn try_push(&mut self, target: &str) -> Result<Pushed, PushError> {
        self.push_with(target, false)
    }

    #[track_caller]
    fn push_with(&mut self, target: &str, all: bool) -> Result<Pushed, PushError> {
        let target: Target = target.parse().unwrap();
        let options = PushOptions {
            patience: Duration::from_millis(300),
            all,
            ..PushOptions::default()
        };
        push(&mut self.store, &target, &options)
    }

    /// Returns the readings of all runs, in their order.
    ///
    /// # Panics
    ///
    /// If they cannot be read.
    #[track_caller]
    pub fn readings(&self) -> Vec<Reading> {
        let filter = RunFilter::default();
        let runs = self.store.runs(&filter).unwrap();
        let recordings = runs.iter().map(|run| self.store.recording(run).unwrap());
        recordings
            .flat_map(|recording| readings(&recording, &PushOptions::default()))
            .collect()
    }

    /// Returns what a server has that got everything.
    #[track_caller]
    pub fn stored(&self) -> Stored {
        let mut stored = Stored::default();
        for reading in self.readings() {
            let labels = reading.labels.into_iter().collect();
            stored.add(
                Series {
                    name: reading.name,
                    labels,
                },
                reading.at,
                reading.value,
            );
        }
        stored
    }
}

/// An error with all that it came from.
pub fn causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |&cause| cause.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// Milliseconds since 1970.
#[expect(
    clippy::missing_panics_doc,
    reason = "only for a clock of another century"
)]
pub fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

/// A series as a server knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

impl Series {
    /// A series with the labels of a JSON object; empty ones are none.
    pub fn new(name: &str, labels: &Value) -> Self {
        let labels = labels.as_object().into_iter().flatten();
        let labels = labels
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
        let labels = labels.filter(|(_, value)| !value.is_empty()).collect();
        Self {
            name: name.to_owned(),
            labels,
        }
    }

    /// A series whose name is among the labels.
    pub fn of_prometheus(labels: &Value) -> Self {
        let mut series = Self::new("", labels);
        series.name = series.labels.remove("__name__").unwrap_or_default();
        series
    }
}

/// What is stored: numbers by series and time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stored(pub BTreeMap<Series, BTreeMap<i64, f64>>);

impl Stored {
    /// What a judge has read: an array of objects in JSON, each with a name, labels, a time and a value.
    ///
    /// # Panics
    ///
    /// If it is none.
    #[track_caller]
    pub fn of_rows(said: &str) -> Self {
        let rows: Vec<Value> = serde_json::from_str(said).unwrap_or_else(|_| panic!("{said}"));
        let mut stored = Self::default();
        for row in rows {
            let series = Series::new(row["name"].as_str().unwrap(), &row["labels"]);
            let (at, value) = (row["at"].as_i64().unwrap(), row["value"].as_f64().unwrap());
            stored.add(series, at, value);
        }
        stored
    }

    /// Adds a number.
    pub fn add(&mut self, series: Series, at: i64, value: f64) {
        self.0.entry(series).or_default().insert(at, value);
    }

    /// Adds what somebody else has.
    pub fn add_all(&mut self, other: Self) {
        for (series, values) in other.0 {
            self.0.entry(series).or_default().extend(values);
        }
    }

    /// The series whose names begin so.
    #[must_use]
    pub fn of(mut self, prefix: &str) -> Self {
        self.0.retain(|series, _| series.name.starts_with(prefix));
        self
    }

    /// How many numbers there are.
    pub fn count(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// The same with other series or times.
    #[must_use]
    pub fn map(self, change: impl Fn(Series, i64) -> (Series, i64)) -> Self {
        let mut changed = Self::default();
        for (series, values) in self.0 {
            for (at, value) in values {
                let (series, at) = change(series.clone(), at);
                changed.add(series, at, value);
            }
        }
        changed
    }
}
