//! Tests, by whomever they were run, and the numbers that they come to.

use std::collections::{BTreeMap, HashMap};

use mad_store::{Note, Sample, Subject, SubjectKind};

use crate::metric::Definition;
use crate::{Measured, metric};

/// What became of one test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestCase {
    /// The package or suite that it is in.
    pub package: String,
    /// Its name there.
    pub name: String,
    /// How it ended, at last.
    pub outcome: Outcome,
    /// How long it took, once for each time that it ran without being retried.
    pub seconds: Vec<f64>,
    /// How often it failed before that.
    pub retries: u32,
    /// Why it failed, be it that it passed afterwards; why it was skipped.
    pub reason: Option<String>,
}

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It failed.
    Failed,
    /// It did not run.
    Skipped,
}

impl TestCase {
    /// A test of which nothing but its outcome is known.
    pub fn new(package: impl Into<String>, name: impl Into<String>, outcome: Outcome) -> Self {
        Self {
            package: package.into(),
            name: name.into(),
            outcome,
            seconds: Vec::new(),
            retries: 0,
            reason: None,
        }
    }

    fn is_flaky(&self) -> bool {
        self.outcome == Outcome::Passed && self.retries > 0
    }
}

/// The numbers that tests come to: each test, each package, and all.
///
/// ```
/// use mad_measure::case::{Outcome, TestCase, tell};
///
/// let mut failed = TestCase::new("shop", "orders::are_placed", Outcome::Failed);
/// failed.reason = Some("the stock is empty".to_owned());
/// let measured = tell(&[failed, TestCase::new("shop", "orders::are_cancelled", Outcome::Passed)]);
///
/// let ratio = measured.samples.iter().find(|sample| sample.metric.name == "tests_success_ratio").unwrap();
/// assert_eq!(ratio.value, 0.5);
/// assert_eq!(measured.notes[0].text, "the stock is empty");
/// ```
pub fn tell(cases: &[TestCase]) -> Measured {
    let mut measured = Measured::default();
    let mut of_packages = BTreeMap::<&str, Counts>::new();
    let mut of_all = Counts::default();
    let mut seen = HashMap::<(&str, &str), u32>::new();
    for case in cases {
        let nth = seen.entry((&case.package, &case.name)).or_default();
        *nth += 1;
        tell_case(case, *nth, &mut measured);
        of_packages.entry(&case.package).or_default().add(case);
        of_all.add(case);
    }
    for (package, counts) in of_packages {
        if !package.is_empty() {
            let package = Subject::new(SubjectKind::Package, package, "");
            counts.tell(&package, &mut measured.samples);
        }
    }
    of_all.tell(&Subject::run(), &mut measured.samples);
    measured
}

/// Of several tests with one name, which no runner of Rust's has, the later ones are told apart by a number.
fn tell_case(case: &TestCase, nth: u32, measured: &mut Measured) {
    let name = match nth {
        1 => case.name.clone(),
        nth => format!("{}#{nth}", case.name),
    };
    let subject = Subject::new(SubjectKind::Test, &case.package, name);
    if case.outcome != Outcome::Skipped {
        let passed = u64::from(case.outcome == Outcome::Passed);
        measured
            .samples
            .push(metric::TEST_PASSED.count(&subject, passed));
        measured.samples.extend(duration(case, &subject));
    }
    if case.retries > 0 {
        let retries = metric::TEST_RETRIES.count(&subject, case.retries.into());
        measured.samples.push(retries);
    }
    if case.is_flaky() {
        measured.samples.push(metric::TEST_FLAKY.count(&subject, 1));
    }
    if let Some(reason) = &case.reason {
        measured.notes.push(Note {
            subject,
            text: reason.clone(),
        });
    }
}

fn duration(case: &TestCase, subject: &Subject) -> Option<Sample> {
    middle(metric::TEST_DURATION_SECONDS, subject, &case.seconds)
}

/// The median of several measurements, with their spread; nothing, if there are none.
pub(crate) fn middle(definition: Definition, subject: &Subject, values: &[f64]) -> Option<Sample> {
    let middle = median(values)?;
    let distances: Vec<_> = values.iter().map(|one| (one - middle).abs()).collect();
    let mut sample = definition.sample(subject, middle);
    sample.count = u32::try_from(values.len()).unwrap_or(u32::MAX);
    sample.spread = median(&distances).filter(|_| distances.len() > 1);
    Some(sample)
}

/// Nothing, if there are no numbers.
fn median(numbers: &[f64]) -> Option<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

/// Takes several runs of the same tests for one: a test that failed in some of them and passed in others is flaky,
/// and counts as passed; its failures are retries.
pub fn merge(runs: impl IntoIterator<Item = Vec<TestCase>>) -> Vec<TestCase> {
    let mut merged: Vec<TestCase> = Vec::new();
    let mut places = HashMap::<(String, String), usize>::new();
    for case in runs.into_iter().flatten() {
        let place = *places
            .entry((case.package.clone(), case.name.clone()))
            .or_insert(merged.len());
        match merged.get_mut(place) {
            Some(former) => former.add(case),
            None => merged.push(case),
        }
    }
    merged
}

impl TestCase {
    fn add(&mut self, other: Self) {
        self.retries += other.retries;
        match (self.outcome, other.outcome) {
            (Outcome::Passed, Outcome::Failed) => self.retries += 1,
            (Outcome::Failed, Outcome::Passed) => {
                // As many as there were, of which each took some time.
                self.retries += u32::try_from(self.seconds.len().max(1)).unwrap_or(1);
                self.outcome = Outcome::Passed;
            }
            (Outcome::Skipped, outcome) => self.outcome = outcome,
            _ => {}
        }
        self.seconds.extend(other.seconds);
        self.reason = self.reason.take().or(other.reason);
    }
}

#[derive(Default)]
struct Counts {
    passed: u32,
    failed: u32,
    skipped: u32,
    flaky: u32,
}

impl Counts {
    fn add(&mut self, case: &TestCase) {
        match case.outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Skipped => self.skipped += 1,
        }
        self.flaky += u32::from(case.is_flaky());
    }

    fn tell(&self, subject: &Subject, samples: &mut Vec<Sample>) {
        let ran = self.passed + self.failed;
        samples.extend([
            metric::TESTS.count(subject, ran.into()),
            metric::TESTS_PASSED.count(subject, self.passed.into()),
            metric::TESTS_FAILED.count(subject, self.failed.into()),
            metric::TESTS_SKIPPED.count(subject, self.skipped.into()),
            metric::TESTS_FLAKY.count(subject, self.flaky.into()),
        ]);
        if ran > 0 {
            let ratio = f64::from(self.passed) / f64::from(ran);
            samples.push(metric::TESTS_SUCCESS_RATIO.sample(subject, ratio));
        }
    }
}
