//! What is said of a run: a few lines that compare with the last one of the same branch.

use std::collections::HashMap;
use std::fmt::Write as _;

use mad_store::{
    Recording, Run, RunFilter, Sample, Status, Store, StoreError, Subject, SubjectKind,
};

use crate::output::line;

/// So many tests are named; of more only the number is told.
const MOST_NAMES: usize = 5;

/// A test is called slower if it took twice as long, and so much longer in seconds: below that it may be anything.
const SLOWER: f64 = 0.5;

/// What is compared of the sources, with the words for one of it and for more.
const SOURCE_FACTS: [(&str, &str, &str); 4] = [
    ("source_code_lines", "line of code", "lines of code"),
    ("source_functions", "function", "functions"),
    (
        "source_cognitive_complexity",
        "cognitive complexity",
        "cognitive complexity",
    ),
    ("source_unsafe", "unsafe", "unsafe"),
];

/// The lines about recordings that are not in the store yet.
pub(super) fn of(store: &Store, recordings: &[Recording]) -> Result<String, StoreError> {
    let mut said = String::new();
    for recording in recordings {
        let last = last(store, recording)?;
        if recording.environment.runner.is_empty() {
            // Of functions and files there may be tens of thousands of numbers.
            let before = last
                .map(|run| store.samples(run.id, &Subject::run()))
                .transpose()?;
            sources(&recording.samples, before.as_deref(), &mut said);
        } else {
            let before = last.map(|run| store.recording(&run)).transpose()?;
            tests(recording, before.as_ref(), &mut said);
        }
    }
    Ok(said)
}

/// The last run of the same branch in the same environment.
pub(super) fn last(store: &Store, recording: &Recording) -> Result<Option<Run>, StoreError> {
    let filter = RunFilter {
        branch: recording.branch.clone(),
        environment: Some(recording.environment.clone()),
        limit: Some(1),
        ..RunFilter::default()
    };
    let last = store.runs(&filter)?.pop();
    Ok(last.filter(|run| run.branch == recording.branch))
}

fn tests(recording: &Recording, before: Option<&Recording>, said: &mut String) {
    let now = Values::of(&recording.samples);
    let all = Subject::run();
    let count = |metric| now.get(&all, metric).unwrap_or_default();
    _ = write!(said, "mad: {}", plural(count("tests"), "test"));
    for (metric, word) in [
        ("tests_passed", "passed"),
        ("tests_failed", "failed"),
        ("tests_skipped", "skipped"),
        ("tests_flaky", "flaky"),
    ] {
        if count(metric) > 0.0 {
            _ = write!(said, ", {} {word}", count(metric));
        }
    }
    if let Some(seconds) = now.get(&all, "run_wall_seconds") {
        _ = write!(said, ", in {seconds:.1} s");
    }
    if let Some(seconds) = now.get(&all, "build_seconds") {
        _ = write!(said, " (after {seconds:.1} s of building)");
    }
    _ = writeln!(said, "; {}", recording.status.word());
    // Of tests that nobody came to, none is gone.
    if count("tests") < 0.5 && recording.status != Status::NoTests {
        return;
    }
    match before {
        None => said.push_str(
            "mad: the first run of its kind on this branch: the next is compared with it\n",
        ),
        Some(before) => compare(&now, before, said),
    }
}

fn compare(now: &Values<'_>, before: &Recording, said: &mut String) {
    let commit = before.commit.as_ref().map_or("", |commit| &commit.id);
    let commit = commit.get(..8).unwrap_or(commit);
    let then = Values::of(&before.samples);
    let changes = Changes::between(&then, now);
    let lines = [
        ("now fails", &changes.broken),
        ("now passes", &changes.mended),
        ("is new", &changes.new),
        ("is gone", &changes.gone),
        ("became slow", &changes.slower),
    ];
    let to_tell: Vec<_> = lines
        .into_iter()
        .filter(|(_, tests)| !tests.is_empty())
        .collect();
    let last = if commit.is_empty() {
        "the last run".to_owned()
    } else {
        format!("the last run, of {commit}")
    };
    if to_tell.is_empty() {
        _ = writeln!(said, "mad: as in {last}");
        return;
    }
    _ = writeln!(said, "mad: since {last}:");
    for (what, tests) in to_tell {
        for test in tests.iter().take(MOST_NAMES) {
            _ = writeln!(said, "mad:   {what}: {}", line(test, 120));
        }
        if tests.len() > MOST_NAMES {
            _ = writeln!(said, "mad:   {what}: {} more", tests.len() - MOST_NAMES);
        }
    }
}

fn sources(samples: &[Sample], before: Option<&[Sample]>, said: &mut String) {
    let now = Values::of(samples);
    let then = before.map(Values::of);
    let all = Subject::run();
    let mut facts = Vec::new();
    for (metric, one, more) in SOURCE_FACTS {
        let Some(value) = now.get(&all, metric) else {
            continue;
        };
        let word = if is_one(value) { one } else { more };
        let before = then.as_ref().and_then(|then| then.get(&all, metric));
        let change = value - before.unwrap_or(value);
        if change.abs() < 0.5 {
            facts.push(format!("{value} {word}"));
        } else {
            facts.push(format!("{value} {word} ({change:+})"));
        }
    }
    if !facts.is_empty() {
        _ = writeln!(said, "mad: {}", facts.join(", "));
    }
}

fn is_one(count: f64) -> bool {
    (count - 1.0).abs() < 0.5
}

fn plural(count: f64, word: &str) -> String {
    if is_one(count) {
        format!("1 {word}")
    } else {
        format!("{count} {word}s")
    }
}

/// Numbers, by what they are of.
struct Values<'samples>(HashMap<(&'samples Subject, &'samples str), f64>);

impl<'samples> Values<'samples> {
    fn of(samples: &'samples [Sample]) -> Self {
        let key = |sample: &'samples Sample| (&sample.subject, sample.metric.name.as_str());
        let samples = samples.iter();
        Self(samples.map(|sample| (key(sample), sample.value)).collect())
    }

    fn get(&self, subject: &Subject, metric: &str) -> Option<f64> {
        self.0.get(&(subject, metric)).copied()
    }

    fn tests(&self) -> impl Iterator<Item = (&'samples Subject, bool)> + '_ {
        let passed = self
            .0
            .iter()
            .filter(|((_, metric), _)| *metric == "test_passed");
        let tests = passed.filter(|((subject, _), _)| subject.kind == SubjectKind::Test);
        tests.map(|((subject, _), value)| (*subject, *value > 0.5))
    }
}

/// What became of tests from one run to the next, by name.
#[derive(Default)]
struct Changes {
    broken: Vec<String>,
    mended: Vec<String>,
    new: Vec<String>,
    gone: Vec<String>,
    slower: Vec<String>,
}

impl Changes {
    fn between(then: &Values<'_>, now: &Values<'_>) -> Self {
        let mut changes = Self::default();
        for (test, passes) in now.tests() {
            let name = name(test);
            match then.get(test, "test_passed").map(|value| value > 0.5) {
                None => changes.new.push(name),
                Some(true) if !passes => changes.broken.push(name),
                Some(false) if passes => changes.mended.push(name),
                Some(_) => changes.slower.extend(slower(then, now, test)),
            }
        }
        let is_gone = |test: &Subject| now.get(test, "test_passed").is_none();
        let gone = then.tests().filter(|(test, _)| is_gone(test));
        changes.gone = gone.map(|(test, _)| name(test)).collect();
        for names in [
            &mut changes.broken,
            &mut changes.mended,
            &mut changes.new,
            &mut changes.gone,
            &mut changes.slower,
        ] {
            names.sort();
        }
        changes
    }
}

fn slower(then: &Values<'_>, now: &Values<'_>, test: &Subject) -> Option<String> {
    let before = then.get(test, "test_duration_seconds")?;
    let after = now.get(test, "test_duration_seconds")?;
    let is_slower = after > 2.0 * before && after > before + SLOWER;
    is_slower.then(|| format!("{} ({before:.2} s, now {after:.2} s)", name(test)))
}

fn name(test: &Subject) -> String {
    format!("{} {}", test.package, test.name)
}
