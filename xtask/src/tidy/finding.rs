//! What a rule says.

use std::fmt;

/// A place in a file where a rule is broken; in the order of files and lines.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Finding {
    /// From the root of the workspace.
    file: String,
    /// From 1; 0 is the file as a whole.
    line: usize,
    what: String,
    why: &'static str,
    pub(crate) severity: Severity,
}

/// Whether a finding fails the check.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Severity {
    Error,
    /// Shown only: what a rule is about is not there.
    Warning,
}

impl Finding {
    pub(crate) fn error(
        file: impl Into<String>,
        line: usize,
        what: impl Into<String>,
        why: &'static str,
    ) -> Self {
        Self {
            file: file.into(),
            line,
            what: what.into(),
            why,
            severity: Severity::Error,
        }
    }

    pub(crate) fn warning(
        file: impl Into<String>,
        what: impl Into<String>,
        why: &'static str,
    ) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(file, 0, what, why)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {} ({})", self.what, self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::Finding;

    #[test]
    fn a_finding_is_one_line_that_an_editor_can_jump_to() {
        let error = Finding::error("src/lib.rs", 7, "uses x", "y is better");
        assert_eq!(error.to_string(), "src/lib.rs:7: uses x (y is better)");
        let warning = Finding::warning("README.md", "missing", "it is read first");
        assert_eq!(
            warning.to_string(),
            "warning: README.md: missing (it is read first)"
        );
    }
}
