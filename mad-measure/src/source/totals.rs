//! The sums of a file, of a package and of the whole.

use mad_store::{Sample, Subject};

use super::functions::Function;
use super::lines::LineCounts;
use crate::metric;

/// What more than one function came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Totals {
    files: u64,
    pub(super) unparsed_files: u64,
    lines: LineCounts,
    functions: u64,
    longest_function: u64,
    cyclomatic: u64,
    cognitive: u64,
    nesting: u64,
    call_depth: u64,
    pub(super) n_unsafe: u64,
    pub(super) tests: u64,
}

impl Totals {
    /// Those of a file of which nothing else is known.
    pub(super) fn of_lines(lines: &LineCounts) -> Self {
        Self {
            files: 1,
            lines: *lines,
            ..Self::default()
        }
    }

    pub(super) fn add_function(&mut self, function: &Function, code_lines: u64, call_depth: u64) {
        self.functions += 1;
        self.longest_function = self.longest_function.max(code_lines);
        self.cyclomatic += function.cyclomatic;
        self.cognitive += function.cognitive;
        self.nesting = self.nesting.max(function.nesting);
        self.call_depth = self.call_depth.max(call_depth);
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.unparsed_files += other.unparsed_files;
        self.lines.code += other.lines.code;
        self.lines.comments += other.lines.comments;
        self.lines.blank += other.lines.blank;
        self.functions += other.functions;
        self.longest_function = self.longest_function.max(other.longest_function);
        self.cyclomatic += other.cyclomatic;
        self.cognitive += other.cognitive;
        self.nesting = self.nesting.max(other.nesting);
        self.call_depth = self.call_depth.max(other.call_depth);
        self.n_unsafe += other.n_unsafe;
        self.tests += other.tests;
    }

    pub(super) fn tell(&self, subject: &Subject, samples: &mut Vec<Sample>) {
        samples.extend([
            metric::SOURCE_FILES.count(subject, self.files),
            metric::SOURCE_UNPARSED_FILES.count(subject, self.unparsed_files),
            metric::SOURCE_CODE_LINES.count(subject, self.lines.code),
            metric::SOURCE_COMMENT_LINES.count(subject, self.lines.comments),
            metric::SOURCE_BLANK_LINES.count(subject, self.lines.blank),
            metric::SOURCE_FUNCTIONS.count(subject, self.functions),
            metric::SOURCE_LONGEST_FUNCTION_LINES.count(subject, self.longest_function),
            metric::SOURCE_CYCLOMATIC_COMPLEXITY.count(subject, self.cyclomatic),
            metric::SOURCE_COGNITIVE_COMPLEXITY.count(subject, self.cognitive),
            metric::SOURCE_NESTING.count(subject, self.nesting),
            metric::SOURCE_CALL_DEPTH.count(subject, self.call_depth),
            metric::SOURCE_UNSAFE.count(subject, self.n_unsafe),
            metric::SOURCE_TESTS.count(subject, self.tests),
        ]);
    }
}
