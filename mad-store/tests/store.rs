//! What goes in comes out, to the bit, in order, under its present name.

use mad_store::{
    Commit, Direction, Environment, Metric, MetricKind, Note, Recording, RunFilter, Sample,
    SeriesFilter, Status, Store, StoreError, Subject, SubjectKind,
};
use proptest::prelude::*;

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("mad.db")).unwrap();
    (folder, store)
}

fn seconds() -> Metric {
    Metric::new(
        "test_duration_seconds",
        "seconds",
        MetricKind::Noisy,
        Direction::Lower,
    )
}

fn test(name: &str) -> Subject {
    Subject::new(SubjectKind::Test, "shop", name)
}

fn recording(at: i64, name: &str, value: f64) -> Recording {
    let mut recording = Recording::new(Environment::default(), at);
    recording
        .samples
        .push(Sample::new(test(name), seconds(), value));
    recording
}

fn commit(id: &str, parent: Option<&str>, committed_at: i64) -> Commit {
    Commit {
        id: id.to_owned(),
        parent: parent.map(str::to_owned),
        committed_at,
        summary: format!("what {id} changes"),
    }
}

fn values(store: &Store, filter: &SeriesFilter) -> Vec<Vec<f64>> {
    let series = store.series(filter).unwrap();
    series
        .iter()
        .map(|series| {
            store
                .points(series)
                .unwrap()
                .iter()
                .map(|point| point.value)
                .collect()
        })
        .collect()
}

#[test]
fn a_recording_comes_out_as_it_went_in() {
    let (_folder, mut store) = store();
    let mut recording = recording(1_790_000_000_123, "orders::are_placed", 0.1 + 0.2);
    recording.commit = Some(commit("a1", Some("a0"), 1_790_000_000));
    recording.branch = Some("main".to_owned());
    recording.dirty = true;
    recording.environment.host = "ci-3".to_owned();
    recording
        .environment
        .cell
        .insert("allocator".to_owned(), "system".to_owned());
    recording.command = "cargo nextest run".to_owned();
    recording.wall_ms = 1_234;
    recording.load = Some(0.5);
    recording.status = Status::Partial;
    recording.reason = Some("`shop` did not build".to_owned());
    recording.content = Some("c0ffee".to_owned());
    recording.samples[0].count = 3;
    recording.samples[0].spread = Some(5e-324);
    recording.notes.push(Note {
        subject: test("orders::are_placed"),
        text: "assertion failed: 1 == 2\n\"quoted\" and \u{1f980}".to_owned(),
    });
    store.record(&recording).unwrap();

    let runs = store.runs(&RunFilter::default()).unwrap();
    assert_eq!(store.recording(&runs[0]).unwrap(), recording);
}

#[test]
fn who_records_the_same_again_changes_nothing() {
    let (_folder, mut store) = store();
    let recording = recording(1, "a", 1.0);
    let first = store.record(&recording).unwrap();
    assert_eq!(store.record(&recording).unwrap(), first);
    assert_eq!(values(&store, &SeriesFilter::default()), [[1.0]]);
}

#[test]
fn environments_have_series_of_their_own() {
    let (_folder, mut store) = store();
    for host in ["ci-1", "ci-2"] {
        let mut recording = recording(1, "a", 1.0);
        recording.environment.host = host.to_owned();
        store.record(&recording).unwrap();
    }
    assert_eq!(values(&store, &SeriesFilter::default()), [[1.0], [1.0]]);
    let environment = Environment {
        host: "ci-2".to_owned(),
        ..Environment::default()
    };
    let filter = SeriesFilter {
        environment: Some(environment),
        ..SeriesFilter::default()
    };
    assert_eq!(values(&store, &filter), [[1.0]]);
}

#[test]
fn a_renamed_test_keeps_its_history() {
    let (_folder, mut store) = store();
    for (at, name) in [(1, "first"), (2, "second"), (3, "third")] {
        #[expect(clippy::cast_precision_loss, reason = "small")]
        store.record(&recording(at, name, at as f64)).unwrap();
    }
    store.rename(&test("first"), &test("second")).unwrap();
    store.rename(&test("second"), &test("third")).unwrap();
    assert_eq!(values(&store, &SeriesFilter::default()), [[1.0, 2.0, 3.0]]);
    for name in ["first", "third"] {
        let filter = SeriesFilter {
            subject: Some(test(name)),
            ..SeriesFilter::default()
        };
        assert_eq!(
            store.series(&filter).unwrap()[0].subject,
            test("third"),
            "asked for {name}"
        );
    }

    let circle = store.rename(&test("third"), &test("first")).unwrap_err();
    assert!(matches!(circle, StoreError::AliasOfItself(_)), "{circle}");
    assert!(store.forget_rename(&test("first")).unwrap());
    assert!(!store.forget_rename(&test("first")).unwrap());
    assert_eq!(
        values(&store, &SeriesFilter::default()),
        [vec![1.0], vec![2.0, 3.0]]
    );
}

#[test]
fn the_line_of_commits_is_that_of_first_parents_whatever_their_dates() {
    let (_folder, mut store) = store();
    let commits = [
        commit("c", Some("b"), 10),
        commit("b", Some("a"), 30),
        commit("a", None, 20),
        commit("x", None, 5),
    ];
    store.record_commits(&commits).unwrap();
    let line: Vec<_> = store
        .line("c")
        .unwrap()
        .into_iter()
        .map(|commit| commit.id)
        .collect();
    assert_eq!(line, ["a", "b", "c"]);
    assert!(store.line("unknown").unwrap().is_empty());
}

#[test]
fn one_name_of_a_metric_has_one_meaning() {
    let (_folder, mut store) = store();
    store.record(&recording(1, "a", 1.0)).unwrap();
    let mut other = recording(2, "b", 2.0);
    other.samples[0].metric.unit = "milliseconds".to_owned();
    let error = store.record(&other).unwrap_err();
    assert!(
        matches!(error, StoreError::MetricMeansSomethingElse { .. }),
        "{error}"
    );
    assert_eq!(store.runs(&RunFilter::default()).unwrap().len(), 1);
    store.record(&recording(3, "b", 3.0)).unwrap();
    assert_eq!(values(&store, &SeriesFilter::default()), [[1.0], [3.0]]);
}

#[test]
fn what_is_no_number_is_refused_whole() {
    let (_folder, mut store) = store();
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut recording = recording(1, "a", 1.0);
        recording
            .samples
            .push(Sample::new(test("b"), seconds(), value));
        let error = store.record(&recording).unwrap_err();
        assert!(matches!(error, StoreError::NotFinite { .. }), "{error}");
    }
    assert!(store.runs(&RunFilter::default()).unwrap().is_empty());
    assert!(store.series(&SeriesFilter::default()).unwrap().is_empty());
}

#[test]
fn files_of_others_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE theirs (a)").unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Foreign), "{error}");
    other
        .execute_batch("INSERT INTO theirs VALUES (1)")
        .unwrap();

    let path = folder.path().join("text");
    std::fs::write(
        &path,
        "no database at all, but rather a longer text than nothing".repeat(20),
    )
    .unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Sqlite(_)), "{error}");
}

#[test]
fn a_store_of_a_later_version_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mad.db");
    drop(Store::open(&path).unwrap());
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.pragma_update(None, "user_version", 99).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(
        matches!(error, StoreError::Newer { found: 99, .. }),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_subject_reads_back_from_its_text(kind in 0..SubjectKind::ALL.len(), package in "[a-z-]{0,9}", name in ".{0,20}") {
        prop_assume!(package != "-");
        let subject = Subject::new(SubjectKind::ALL[kind], package, name);
        prop_assert_eq!(subject.to_string().parse::<Subject>(), Ok(subject));
    }

    #[test]
    fn every_finite_value_comes_back_bit_for_bit(values in prop::collection::vec(any::<f64>().prop_filter("finite", |value| value.is_finite()), 1..20)) {
        let (_folder, mut store) = store();
        let recordings: Vec<_> = (0..).zip(&values).map(|(at, value)| recording(at, "a", *value)).collect();
        store.record_all(&recordings).unwrap();
        let points = store.points(&store.series(&SeriesFilter::default()).unwrap()[0]).unwrap();
        let back: Vec<u64> = points.iter().map(|point| point.value.to_bits()).collect();
        // SQLite has one zero only.
        let put: Vec<u64> = values.iter().map(|value| if *value == 0.0 { 0 } else { value.to_bits() }).collect();
        prop_assert_eq!(back, put);
    }
}
