//! Stores are examined, merged, thinned, and know what may have been renamed.

use mad_store::{
    Commit, Direction, Environment, Merged, Metric, MetricKind, Recording, RunFilter, Sample,
    SeriesFilter, Store, Subject, SubjectKind, Thinned,
};

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("mad.db")).unwrap();
    (folder, store)
}

fn test(name: &str) -> Subject {
    Subject::new(SubjectKind::Test, "shop", name)
}

fn recording(at: i64, commit: &str, tests: &[(&str, f64)]) -> Recording {
    let seconds = Metric::new(
        "test_duration_seconds",
        "seconds",
        MetricKind::Noisy,
        Direction::Lower,
    );
    let mut recording = Recording::new(Environment::default(), at);
    recording.commit = Some(Commit {
        id: commit.to_owned(),
        parent: None,
        committed_at: at / 1000,
        summary: String::new(),
    });
    for (name, value) in tests {
        recording
            .samples
            .push(Sample::new(test(name), seconds.clone(), *value));
    }
    recording
}

fn points(store: &Store) -> Vec<(f64, u32, Option<f64>)> {
    let series = store.series(&SeriesFilter::default()).unwrap();
    let points = store.points(&series[0]).unwrap();
    points
        .iter()
        .map(|point| (point.value, point.count, point.spread))
        .collect()
}

#[test]
fn a_merge_brings_what_is_new_and_can_be_done_again() {
    let (_here, mut here) = store();
    let (_there, mut there) = store();
    let both = recording(1, "a", &[("orders", 1.0)]);
    here.record(&both).unwrap();
    there.record(&both).unwrap();
    for at in 2..350 {
        there
            .record(&recording(at, "b", &[("orders", 2.0)]))
            .unwrap();
    }
    there.rename(&test("orders"), &test("baskets")).unwrap();

    assert_eq!(here.merge(&there).unwrap(), Merged { new: 348, known: 1 });
    assert_eq!(here.merge(&there).unwrap(), Merged { new: 0, known: 349 });
    assert_eq!(here.commits().unwrap(), there.commits().unwrap());
    assert_eq!(points(&here).len(), 349);
    let series = here.series(&SeriesFilter::default()).unwrap();
    assert_eq!(series[0].subject, test("baskets"));
}

#[test]
fn thinned_a_commit_has_one_run_with_the_median_of_all() {
    let (_folder, mut store) = store();
    for (at, value) in [(1, 1.0), (2, 5.0), (3, 2.0)] {
        store
            .record(&recording(at, "a", &[("orders", value)]))
            .unwrap();
    }
    let first = store.runs(&RunFilter::default()).unwrap()[0].id;
    let mut dirty = recording(4, "a", &[("orders", 9.0)]);
    dirty.dirty = true;
    store.record(&dirty).unwrap();
    store
        .record(&recording(1_000, "a", &[("orders", 3.0)]))
        .unwrap();

    assert_eq!(
        store.thin(1_000).unwrap(),
        Thinned {
            before: 4,
            after: 1
        }
    );
    assert_eq!(points(&store), [(2.0, 3, Some(1.0)), (3.0, 1, None)]);
    let kept = store.runs(&RunFilter::default()).unwrap()[0].id;
    assert_eq!(kept, first, "what a sink has already is not new to it");
    assert_eq!(
        store.thin(1_000).unwrap(),
        Thinned {
            before: 1,
            after: 1
        }
    );
    assert_eq!(store.forget(1_000).unwrap(), 1);
    assert_eq!(points(&store), [(3.0, 1, None)]);
    store.shrink().unwrap();
    store
        .record(&recording(2_000, "b", &[("orders", 4.0)]))
        .unwrap();
    assert_eq!(points(&store).len(), 2);
}

#[test]
fn a_test_that_went_as_one_like_it_came_may_have_been_renamed() {
    let (_folder, mut store) = store();
    store
        .record(&recording(
            1,
            "a",
            &[
                ("orders::are_placed", 1.0),
                ("baskets::are_empty", 1.0),
                ("prices", 1.0),
            ],
        ))
        .unwrap();
    store
        .record(&recording(
            2,
            "b",
            &[
                ("orders::can_be_placed", 1.0),
                ("baskets::are_empty", 1.0),
                ("wholly_new", 1.0),
            ],
        ))
        .unwrap();
    let suggestions = store.suggest_renames().unwrap();
    assert_eq!(suggestions.len(), 1, "{suggestions:?}");
    assert_eq!(suggestions[0].old, test("orders::are_placed"));
    assert_eq!(suggestions[0].new, test("orders::can_be_placed"));

    store
        .rename(&suggestions[0].old, &suggestions[0].new)
        .unwrap();
    assert!(store.suggest_renames().unwrap().is_empty());
}

#[test]
fn a_sound_store_has_no_complaints_and_a_damaged_one_has() {
    let (folder, mut store) = store();
    for at in 0..200 {
        store
            .record(&recording(at, "a", &[("orders", 1.0)]))
            .unwrap();
    }
    assert!(store.check().unwrap().is_empty());

    let raw = rusqlite::Connection::open(folder.path().join("mad.db")).unwrap();
    raw.pragma_update(None, "foreign_keys", false).unwrap();
    raw.execute("DELETE FROM environments", ()).unwrap();
    let complaints = store.check();
    assert!(complaints.is_err() || !complaints.unwrap().is_empty());
}

#[test]
fn the_newest_runs_are_those_that_a_limit_leaves() {
    let (_folder, mut store) = store();
    for at in 1..=5 {
        store.record(&recording(at, "a", &[])).unwrap();
    }
    let starts = |filter: &RunFilter| -> Vec<i64> {
        store
            .runs(filter)
            .unwrap()
            .iter()
            .map(|run| run.started_at)
            .collect()
    };
    let newest = RunFilter {
        limit: Some(2),
        ..RunFilter::default()
    };
    assert_eq!(starts(&newest), [4, 5]);
    let first = store.runs(&RunFilter::default()).unwrap()[0].id;
    let next = RunFilter {
        after: Some(first),
        limit: Some(2),
        ..RunFilter::default()
    };
    assert_eq!(starts(&next), [2, 3]);
}
