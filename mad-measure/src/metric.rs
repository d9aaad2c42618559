//! All that is measured, by name, with units.
//!
//! One metric has the same name whatever it is about: `source_code_lines` of a function, of a file, of a package and
//! of the whole are samples of one metric about four [`Subject`]s.

use mad_store::{Direction, Metric, MetricKind, Sample, Subject};

/// What is measured, as it stands in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its name.
    pub name: &'static str,
    /// The unit of its values; empty for plain numbers.
    pub unit: &'static str,
    /// How its values vary.
    pub kind: MetricKind,
    /// Which way is better.
    pub direction: Direction,
    /// What is counted or taken, in one line.
    pub meaning: &'static str,
}

impl Definition {
    /// It, as the store knows metrics.
    pub fn metric(&self) -> Metric {
        Metric::new(self.name, self.unit, self.kind, self.direction)
    }

    /// A number of it.
    pub fn sample(&self, subject: &Subject, value: f64) -> Sample {
        Sample::new(subject.clone(), self.metric(), value)
    }

    /// A number of it, which was counted.
    #[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^53")]
    pub(crate) fn count(&self, subject: &Subject, count: u64) -> Sample {
        self.sample(subject, count as f64)
    }
}

/// Makes a constant of each row, and the table of all.
macro_rules! metrics {
    ($($constant:ident = $name:literal, $unit:literal, $kind:ident, $direction:ident, $meaning:literal;)*) => {
        $(
            #[doc = concat!("`", $name, "`: ", $meaning, ".")]
            pub const $constant: Definition = Definition {
                name: $name,
                unit: $unit,
                kind: MetricKind::$kind,
                direction: Direction::$direction,
                meaning: $meaning,
            };
        )*

        /// Every metric that this crate knows, in the order in which documents list them.
        pub const ALL: &[Definition] = &[$($constant),*];
    };
}

metrics! {
    DEPENDENCIES = "dependencies", "packages", Exact, Lower,
        "packages of others that are compiled, those of tests and build scripts among them";
    DUPLICATE_DEPENDENCIES = "duplicate_dependencies", "packages", Exact, Lower,
        "packages of others that are there in more than one version";
    PROGRAM_BYTES = "program_bytes", "bytes", Exact, Lower, "the size of a program, as the tests have it";
    COVERAGE_LINES = "coverage_lines", "lines", Exact, Neither, "lines that can run";
    COVERAGE_COVERED_LINES = "coverage_covered_lines", "lines", Exact, Higher, "lines that tests ran";
    COVERAGE_LINE_RATIO = "coverage_line_ratio", "", Ratio, Higher, "lines that tests ran, of those that can run";
    COVERAGE_FUNCTIONS = "coverage_functions", "functions", Exact, Neither, "functions that can run";
    COVERAGE_COVERED_FUNCTIONS = "coverage_covered_functions", "functions", Exact, Higher, "functions that tests ran";
    COVERAGE_FUNCTION_RATIO = "coverage_function_ratio", "", Ratio, Higher, "functions that tests ran, of those that can run";
    COVERAGE_REGIONS = "coverage_regions", "regions", Exact, Neither, "pieces of code that run as a whole";
    COVERAGE_COVERED_REGIONS = "coverage_covered_regions", "regions", Exact, Higher, "pieces of code that tests ran";
    COVERAGE_REGION_RATIO = "coverage_region_ratio", "", Ratio, Higher, "pieces of code that tests ran, of all";
    COVERAGE_BRANCHES = "coverage_branches", "branches", Exact, Neither, "ways to go on from a decision, where a tool tells them";
    COVERAGE_COVERED_BRANCHES = "coverage_covered_branches", "branches", Exact, Higher, "ways to go on that tests took";
    COVERAGE_BRANCH_RATIO = "coverage_branch_ratio", "", Ratio, Higher, "ways to go on that tests took, of all";
    LINT_FINDINGS = "lint_findings", "", Exact, Lower, "complaints by a lint, or by all of them; one that is said twice of a place is one";
    UNFORMATTED_FILES = "unformatted_files", "files", Exact, Lower, "files that rustfmt would write in another way";
    BUILD_ERRORS = "build_errors", "", Exact, Lower, "errors of the compiler that are no lint's";
    BENCHMARK_SECONDS = "benchmark_seconds", "seconds", Noisy, Lower, "the median time of a benchmark's iteration";
    SOURCE_FILES = "source_files", "files", Exact, Neither, "Rust files";
    SOURCE_UNPARSED_FILES = "source_unparsed_files", "files", Exact, Lower,
        "Rust files that do not parse: their lines are counted, and nothing else";
    SOURCE_CODE_LINES = "source_code_lines", "lines", Exact, Neither, "lines with code on them";
    SOURCE_COMMENT_LINES = "source_comment_lines", "lines", Exact, Neither,
        "lines with nothing but a comment on them, documentation among them";
    SOURCE_BLANK_LINES = "source_blank_lines", "lines", Exact, Neither, "lines with nothing on them, but for those in a text";
    SOURCE_FUNCTIONS = "source_functions", "functions", Exact, Neither, "functions and methods that have a body";
    SOURCE_LONGEST_FUNCTION_LINES = "source_longest_function_lines", "lines", Exact, Lower,
        "lines of code of the longest function";
    SOURCE_PARAMETERS = "source_parameters", "parameters", Exact, Lower,
        "parameters of a function, `self` among them";
    SOURCE_CYCLOMATIC_COMPLEXITY = "source_cyclomatic_complexity", "", Exact, Lower,
        "McCabe's: ways through a function that are independent of each other; of more than one function, the sum";
    SOURCE_COGNITIVE_COMPLEXITY = "source_cognitive_complexity", "", Exact, Lower,
        "Campbell's: what a reader has to keep in mind; of more than one function, the sum";
    SOURCE_NESTING = "source_nesting", "", Exact, Lower,
        "how deep branches, loops and closures stand in each other; of more than one function, the maximum";
    SOURCE_CALL_DEPTH = "source_call_depth", "", Exact, Lower,
        "how deep a function calls others of its package, itself counted; a recursion counts once; of more than one function, the maximum";
    SOURCE_UNSAFE = "source_unsafe", "", Exact, Lower, "unsafe blocks, functions, traits, implementations and extern blocks";
    TESTS = "tests", "tests", Exact, Neither, "tests that ran";
    TESTS_PASSED = "tests_passed", "tests", Exact, Higher, "tests that passed, at last";
    TESTS_FAILED = "tests_failed", "tests", Exact, Lower, "tests that failed";
    TESTS_SKIPPED = "tests_skipped", "tests", Exact, Neither, "tests that were not to run: ignored ones; not those that were filtered out";
    TESTS_FLAKY = "tests_flaky", "tests", Exact, Lower, "tests that failed and passed, without any change";
    TESTS_SUCCESS_RATIO = "tests_success_ratio", "", Ratio, Higher, "tests that passed, of those that ran";
    TEST_PASSED = "test_passed", "", Outcome, Higher, "whether a test passed, at last";
    TEST_DURATION_SECONDS = "test_duration_seconds", "seconds", Noisy, Lower, "how long a test took, the last time it was tried";
    TEST_RETRIES = "test_retries", "", Exact, Lower, "how often a test failed and was tried again; not there for a test that never was";
    TEST_FLAKY = "test_flaky", "", Exact, Lower, "1 for a test that failed and passed without any change; not there for others";
    TEST_INSTRUCTIONS = "test_instructions", "instructions", Exact, Lower, "instructions of a test and all that it calls";
    TEST_CALLS = "test_calls", "calls", Exact, Lower, "calls of functions in a test and all that it calls";
    TEST_CALL_DEPTH = "test_call_depth", "", Exact, Lower, "how deep the functions of a test call each other; a recursion counts once";
    TEST_FAN_OUT = "test_fan_out", "functions", Exact, Lower, "how many functions a test calls itself";
    TEST_STEPS = "test_steps", "steps", Exact, Neither, "MAD's steps in a test";
    TEST_STEP_DEPTH = "test_step_depth", "", Exact, Lower, "how deep MAD's steps in a test stand in each other";
    TEST_STEP_FAN_OUT = "test_step_fan_out", "steps", Exact, Lower, "how many steps stand side by side, in a test or in one of its steps";
    TEST_SPANS = "test_spans", "spans", Exact, Neither, "spans of `tracing` that a test opens";
    TEST_SPAN_DEPTH = "test_span_depth", "", Exact, Lower, "how deep the spans of a test stand in each other";
    TEST_SPAN_FAN_OUT = "test_span_fan_out", "spans", Exact, Lower, "how many spans stand side by side, in a test or in one of its spans";
    RUN_WALL_SECONDS = "run_wall_seconds", "seconds", Noisy, Lower, "from the first test to the last";
    RUN_CPU_SECONDS = "run_cpu_seconds", "seconds", Noisy, Lower, "processor time of the runner and all it started, building among it";
    BUILD_SECONDS = "build_seconds", "seconds", Noisy, Lower,
        "from the start of the runner to the first test: all that was not built yet, and listing the tests";
    PACKAGE_BUILD_SECONDS = "package_build_seconds", "seconds", Noisy, Lower,
        "how long the compiler worked on a package, of others too: libraries, programs, tests and build scripts; those that were built already have none";
    SOURCE_TESTS = "source_tests", "tests", Exact, Higher, "functions that an attribute makes a test";
}
