//! What compilers and linters complained of.

mod clippy;

use std::collections::{BTreeMap, BTreeSet};

use mad_store::{Sample, Subject, SubjectKind};

use crate::metric;

pub use clippy::measure;

/// Complaints, each once: what is said of a file twice, as of a library and of its tests, is one.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    of_lints: BTreeMap<String, BTreeSet<String>>,
    errors: BTreeSet<String>,
}

impl Complaints {
    /// A complaint by a lint, or one that has no name; the text says what and where.
    pub(crate) fn warn(&mut self, lint: &str, text: &str) {
        let lint = self.of_lints.entry(lint.to_owned()).or_default();
        lint.insert(text.to_owned());
    }

    pub(crate) fn error(&mut self, text: &str) {
        self.errors.insert(text.to_owned());
    }

    pub(crate) fn tell(&self) -> Vec<Sample> {
        let mut samples = Vec::new();
        let mut all = 0;
        for (lint, complaints) in &self.of_lints {
            let subject = Subject::new(SubjectKind::Lint, "", lint);
            samples.push(metric::LINT_FINDINGS.count(&subject, complaints.len() as u64));
            all += complaints.len() as u64;
        }
        samples.push(metric::LINT_FINDINGS.count(&Subject::run(), all));
        samples.push(metric::BUILD_ERRORS.count(&Subject::run(), self.errors.len() as u64));
        samples
    }
}
