//! What can be told from sources alone, be it that they do not compile.
//!
//! [`measure`] takes the files, from wherever they come: [`read_folder`] reads a source tree, and whoever has a git
//! repository reads those that [`is_wanted`] names out of any commit, without checking it out.
//!
//! # How it is counted
//!
//! *Lines*: one with any code on it is code, one with nothing but a comment is a comment, and one without either is
//! blank, be it inside of a comment or a string. That is how tokei counts, but for two things: a line of
//! documentation is a comment here, and Markdown there; and an empty line inside of a string is code there.
//!
//! *Cyclomatic complexity* is that of T. J. McCabe, "A Complexity Measure", IEEE Transactions on Software Engineering
//! SE-2(4), 1976, with a decision for each operator of a condition, as NIST SP 500-235 (1996) counts: one, and one more for each `if`,
//! `while`, `for`, `let … else`, `?`, `&&`, `||`, guard, and arm of a `match` but the last. What a closure decides is the function's.
//!
//! *Cognitive complexity* is that of G. A. Campbell, "Cognitive Complexity: a new way of measuring understandability",
//! SonarSource, 2017: one for each `if`, `match`, loop and `let … else`, and one more for each such thing or closure that it
//! stands in; one for each `else`, jump to a label, run of like operators in a condition, and call of the function
//! itself. `?` costs nothing.
//!
//! *Call depth*: the longest chain of functions of one package that call each other, from the function down. No type is
//! known here: a name leads to a function if only one can be meant by where it stands, and so do methods that have as
//! many parameters. Calls through trait objects, generics and macros of the package's own are not seen; a method of
//! another package's type is taken for the only one of that name here. It is a number to compare with itself.
//!
//! *Macros*: arguments that parse as expressions count as if they stood there, and so do the items inside of a macro like `cfg_if!`.
//! What parses as neither is not seen, nor are definitions of macros.
//!
//! # What things are called
//!
//! A file has the path in its package; a function that and the path in the file, such as
//! `src/store.rs::Store::open` or `src/subject.rs::<Subject as Display>::fmt`. If several have one name, as alternatives by
//! `cfg` do, the later ones have `#2`, `#3` ... behind it.

mod calls;
mod folder;
mod functions;
mod lexer;
mod lines;
mod packages;
mod parse;
mod totals;

use std::collections::{BTreeMap, HashMap};

use mad_store::{Sample, Subject, SubjectKind};

pub use folder::read_folder;

use calls::Placed;
use functions::{Contents, Function};
use lines::LineKinds;
use packages::Packages;
use totals::Totals;

use crate::metric;

/// A file of a source tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it is, from the root of the source tree, with `/` between folders.
    pub path: String,
    /// What is in it.
    pub content: Vec<u8>,
}

impl SourceFile {
    /// A file with this in it.
    pub fn new(path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.into(),
            content: content.into(),
        }
    }
}

/// Whether [`measure`] has a use for a file of this path: for Rust files, and for the manifests that say which package
/// they belong to.
///
/// ```
/// use mad_measure::source::is_wanted;
///
/// assert!(is_wanted("shop/src/lib.rs") && is_wanted("shop/Cargo.toml"));
/// assert!(!is_wanted("README.md"));
/// ```
pub fn is_wanted(path: &str) -> bool {
    is_rust(path) || path == "Cargo.toml" || path.ends_with("/Cargo.toml")
}

/// A Rust file without its comments, documentation included; the lines stay. A text that is no Rust has something
/// left out, too, wherever that may seem to begin a comment.
///
/// ```
/// use mad_measure::source::without_comments;
///
/// assert_eq!(without_comments("/* one */ f(\"//\"); // two\n"), " f(\"//\"); \n");
/// ```
pub fn without_comments(text: &str) -> String {
    let classes = lexer::classes(text);
    let kept = |at: usize, letter: char| letter == '\n' || classes[at] != lexer::Class::Comment;
    let letters = text.char_indices();
    letters
        .filter(|(at, letter)| kept(*at, *letter))
        .map(|(_, letter)| letter)
        .collect()
}

fn is_rust(path: &str) -> bool {
    path.strip_suffix(".rs")
        .is_some_and(|stem| !stem.is_empty() && !stem.ends_with('/'))
}

/// Measures a source tree: each function, each file, each package and the whole.
///
/// It does not depend on where or how anything is built: the samples belong into
/// [`Environment::default`](mad_store::Environment::default). Nothing that is in a file makes it fail: one that does not parse
/// is counted as such. Files that [`is_wanted`] does not name are passed over.
///
/// ```
/// use mad_measure::source::{SourceFile, measure};
///
/// let samples = measure([SourceFile::new("src/lib.rs", "fn f(a: u8) { if a > 1 { loop {} } }")]);
/// let nesting = samples.iter().find(|sample| sample.metric.name == "source_nesting").unwrap();
/// assert_eq!(nesting.subject.to_string(), "function - src/lib.rs::f");
/// assert_eq!(nesting.value, 2.0);
/// ```
pub fn measure(files: impl IntoIterator<Item = SourceFile>) -> Vec<Sample> {
    let (mut files, manifests): (Vec<_>, Vec<_>) = files
        .into_iter()
        .filter(|file| is_wanted(&file.path))
        .partition(|file| is_rust(&file.path));
    files.sort_by(|one, other| one.path.cmp(&other.path));
    let packages = Packages::of(&manifests);
    let measured = parse::with_deep_stacks(&files, MeasuredFile::of);
    samples(&files, &packages, &measured)
}

/// What one file came to.
struct MeasuredFile {
    lines: LineKinds,
    /// Nothing, if it does not parse.
    contents: Option<Contents>,
}

impl MeasuredFile {
    fn of(file: &SourceFile) -> Self {
        let text = String::from_utf8_lossy(&file.content);
        let classes = lexer::classes(&text);
        Self {
            lines: LineKinds::of(&text, &classes),
            contents: parse::file(&text, &classes).map(|file| Contents::of(&file)),
        }
    }

    fn functions(&self) -> &[Function] {
        self.contents
            .as_ref()
            .map_or(&[], |contents| &contents.functions)
    }

    /// `depths`: how deep each of its functions calls.
    fn totals(&self, depths: &[u64]) -> Totals {
        let mut totals = Totals::of_lines(&self.lines.counts());
        match &self.contents {
            None => totals.unparsed_files = 1,
            Some(contents) => {
                totals.n_unsafe = contents.n_unsafe;
                totals.tests = contents.tests;
                for (function, depth) in contents.functions.iter().zip(depths) {
                    totals.add_function(function, self.code_lines(function), *depth);
                }
            }
        }
        totals
    }

    fn code_lines(&self, function: &Function) -> u64 {
        self.lines.between(function.lines.clone()).code
    }
}

fn samples(files: &[SourceFile], packages: &Packages, measured: &[MeasuredFile]) -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut of_package = BTreeMap::<&str, Totals>::new();
    let mut of_all = Totals::default();
    let depths = call_depths(files, packages, measured);
    for ((file, measured), depths) in files.iter().zip(measured).zip(&depths) {
        let (package, path) = packages.place(&file.path);
        functions_of(package, path, measured, depths, &mut samples);
        let totals = measured.totals(depths);
        totals.tell(
            &Subject::new(SubjectKind::File, package, path),
            &mut samples,
        );
        of_package.entry(package).or_default().add(&totals);
        of_all.add(&totals);
    }
    for (package, totals) in of_package {
        if !package.is_empty() {
            let subject = Subject::new(SubjectKind::Package, package, "");
            totals.tell(&subject, &mut samples);
        }
    }
    of_all.tell(&Subject::run(), &mut samples);
    samples
}

/// How deep each function of each file calls others of its package.
fn call_depths(
    files: &[SourceFile],
    packages: &Packages,
    measured: &[MeasuredFile],
) -> Vec<Vec<u64>> {
    let mut of_packages = BTreeMap::<&str, Vec<(usize, Placed<'_>)>>::new();
    for (index, (file, measured)) in files.iter().zip(measured).enumerate() {
        let (package, file) = packages.place(&file.path);
        let functions = measured.functions().iter();
        let placed = functions.map(|function| (index, Placed { file, function }));
        of_packages.entry(package).or_default().extend(placed);
    }
    let mut depths = vec![Vec::new(); files.len()];
    for (package, functions) in of_packages {
        let (of_files, placed): (Vec<_>, Vec<_>) = functions.into_iter().unzip();
        for (file, depth) in of_files.into_iter().zip(calls::depths(package, &placed)) {
            depths[file].push(depth);
        }
    }
    depths
}

fn functions_of(
    package: &str,
    path: &str,
    measured: &MeasuredFile,
    depths: &[u64],
    samples: &mut Vec<Sample>,
) {
    let mut seen = HashMap::new();
    for (function, depth) in measured.functions().iter().zip(depths) {
        let nth = seen.entry(&function.name).or_insert(0_u32);
        *nth += 1;
        let name = match nth {
            1 => format!("{path}::{}", function.name),
            nth => format!("{path}::{}#{nth}", function.name),
        };
        let subject = Subject::new(SubjectKind::Function, package, name);
        samples.extend([
            metric::SOURCE_CODE_LINES.count(&subject, measured.code_lines(function)),
            metric::SOURCE_PARAMETERS.count(&subject, function.parameters),
            metric::SOURCE_CYCLOMATIC_COMPLEXITY.count(&subject, function.cyclomatic),
            metric::SOURCE_COGNITIVE_COMPLEXITY.count(&subject, function.cognitive),
            metric::SOURCE_NESTING.count(&subject, function.nesting),
            metric::SOURCE_CALL_DEPTH.count(&subject, *depth),
        ]);
    }
}
