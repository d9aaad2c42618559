//! How much of the code tests ran.

mod collect;

use mad_store::{Sample, Subject, SubjectKind};

use crate::metric::{self, Definition};

pub use collect::{CoverageError, Instrumented};

/// How much of a file tests ran.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileCoverage {
    /// The package that it is in, if that is known.
    pub package: String,
    /// Its path there, or wherever the report has it from.
    pub path: String,
    /// Its lines that can run.
    pub lines: Share,
    /// Its functions.
    pub functions: Share,
    /// Its regions: pieces of code that run as a whole.
    pub regions: Share,
    /// Its branches: ways to go on from a decision.
    pub branches: Share,
}

/// Some of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// How many ran.
    pub covered: u64,
    /// How many there are.
    pub all: u64,
}

impl Share {
    /// Counts one more.
    pub fn add_one(&mut self, is_covered: bool) {
        self.all += 1;
        self.covered += u64::from(is_covered);
    }

    fn add(&mut self, other: Self) {
        self.all += other.all;
        self.covered += other.covered;
    }

    #[expect(clippy::cast_precision_loss, reason = "no file has 2^53 lines")]
    fn ratio(self) -> Option<f64> {
        (self.all > 0).then(|| self.covered as f64 / self.all as f64)
    }
}

impl FileCoverage {
    fn add(&mut self, other: &Self) {
        self.lines.add(other.lines);
        self.functions.add(other.functions);
        self.regions.add(other.regions);
        self.branches.add(other.branches);
    }

    fn tell(&self, subject: &Subject, samples: &mut Vec<Sample>) {
        let shares: [(Share, [&Definition; 3]); 4] = [
            (
                self.lines,
                [
                    &metric::COVERAGE_LINES,
                    &metric::COVERAGE_COVERED_LINES,
                    &metric::COVERAGE_LINE_RATIO,
                ],
            ),
            (
                self.functions,
                [
                    &metric::COVERAGE_FUNCTIONS,
                    &metric::COVERAGE_COVERED_FUNCTIONS,
                    &metric::COVERAGE_FUNCTION_RATIO,
                ],
            ),
            (
                self.regions,
                [
                    &metric::COVERAGE_REGIONS,
                    &metric::COVERAGE_COVERED_REGIONS,
                    &metric::COVERAGE_REGION_RATIO,
                ],
            ),
            (
                self.branches,
                [
                    &metric::COVERAGE_BRANCHES,
                    &metric::COVERAGE_COVERED_BRANCHES,
                    &metric::COVERAGE_BRANCH_RATIO,
                ],
            ),
        ];
        for (share, [all, covered, of_all]) in shares {
            if let Some(ratio) = share.ratio() {
                samples.push(all.count(subject, share.all));
                samples.push(covered.count(subject, share.covered));
                samples.push(of_all.sample(subject, ratio));
            }
        }
    }
}

/// The numbers of each file and of all. What a report does not count is left out.
pub fn tell(files: &[FileCoverage]) -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut of_all = FileCoverage::default();
    for file in files {
        let subject = Subject::new(SubjectKind::File, &file.package, &file.path);
        file.tell(&subject, &mut samples);
        of_all.add(file);
    }
    of_all.tell(&Subject::run(), &mut samples);
    samples
}
