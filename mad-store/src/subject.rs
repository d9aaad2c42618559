//! What a number is about.

use serde::{Deserialize, Serialize};

/// What a number is about: the test, function, file or whatever it was measured at.
///
/// ```
/// use mad_store::{Subject, SubjectKind};
///
/// let test = Subject::new(SubjectKind::Test, "shop", "orders::are_placed");
/// assert_eq!(test.to_string(), "test shop orders::are_placed");
/// assert_eq!("test shop orders::are_placed".parse(), Ok(test));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// What kind of thing it is.
    pub kind: SubjectKind,
    /// The package that it is in, or the suite where a report has no packages; empty for the whole.
    pub package: String,
    /// Its name there; empty for the package as a whole.
    pub name: String,
}

impl Subject {
    /// A thing of a package.
    pub fn new(kind: SubjectKind, package: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            kind,
            package: package.into(),
            name: name.into(),
        }
    }

    /// Everything that was measured at once: the run.
    pub fn run() -> Self {
        Self::new(SubjectKind::Run, "", "")
    }
}

impl std::fmt::Display for Subject {
    /// Kind, package and name, with a space between; `-` stands for an empty package.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.kind.word())?;
        match (self.package.as_str(), self.name.as_str()) {
            ("", "") => Ok(()),
            ("", name) => write!(formatter, " - {name}"),
            (package, "") => write!(formatter, " {package}"),
            (package, name) => write!(formatter, " {package} {name}"),
        }
    }
}

impl std::str::FromStr for Subject {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        let mut words = text.splitn(3, ' ');
        let word = words.next().unwrap_or_default();
        let kind = SubjectKind::ALL
            .into_iter()
            .find(|kind| kind.word() == word)
            .ok_or_else(|| SubjectError(word.to_owned()))?;
        let package = words.next().unwrap_or_default();
        let package = if package == "-" { "" } else { package };
        Ok(Self::new(kind, package, words.next().unwrap_or_default()))
    }
}

/// A text that names no subject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of subject: one of {kinds} comes first", kinds = SubjectKind::words())]
pub struct SubjectError(String);

/// What kind of thing a number is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectKind {
    /// All that was measured at once.
    Run,
    /// A package of the workspace, or a dependency.
    Package,
    /// A file with tests, as it is compiled: a test binary, a suite.
    Suite,
    /// A test.
    Test,
    /// A benchmark.
    Benchmark,
    /// A source file.
    File,
    /// A function.
    Function,
    /// A lint, by its name.
    Lint,
    /// Something that a command printed.
    Command,
}

impl SubjectKind {
    /// All of them, from the large to the small.
    pub const ALL: [Self; 9] = [
        Self::Run,
        Self::Package,
        Self::Suite,
        Self::Test,
        Self::Benchmark,
        Self::File,
        Self::Function,
        Self::Lint,
        Self::Command,
    ];

    /// The word that stands for it in the store, in labels and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Package => "package",
            Self::Suite => "suite",
            Self::Test => "test",
            Self::Benchmark => "benchmark",
            Self::File => "file",
            Self::Function => "function",
            Self::Lint => "lint",
            Self::Command => "command",
        }
    }

    fn words() -> String {
        Self::ALL.map(Self::word).join(", ")
    }
}
