//! What annotated functions cost the compiler, beside the macros that make plain tests.

use std::time::Duration;

use super::instructions::Counter;
use crate::project::{Project, Template};
use crate::table::Table;
use crate::workspace::Workspace;

const TEMPLATE: Template = Template {
    name: "bench-annotations",
    manifest: include_str!("../../bench/annotations.toml"),
    file: "src/lib.rs",
};

/// The crates of the macros.
const MACRO_CRATES: [&str; 3] = ["mad-macros", "rstest_macros", "tokio-macros"];

/// How often a macro crate is built; the quickest counts.
const BUILDS: usize = 3;

const N_FUNCTIONS: usize = 1_000;

/// An annotation on an empty function.
#[derive(Debug)]
struct Annotated {
    attribute: &'static str,
    /// `fn` or `async fn`.
    function: &'static str,
    /// Whether it stands in a module of tests, which a production build does not have.
    is_for_tests: bool,
}

const fn test(attribute: &'static str, function: &'static str) -> Annotated {
    Annotated {
        attribute,
        function,
        is_for_tests: true,
    }
}

const fn check(attribute: &'static str, function: &'static str) -> Annotated {
    Annotated {
        attribute,
        function,
        is_for_tests: false,
    }
}

/// The first two are what the others are compared with.
const ANNOTATED: [Annotated; 7] = [
    test("#[test]", "fn"),
    test("#[rstest::rstest]", "fn"),
    test("#[tokio::test]", "async fn"),
    check("#[mad_core::self_test(unit_test = false)]", "fn"),
    check("#[mad_core::self_test]", "fn"),
    check("#[mad_core::self_test]", "async fn"),
    check("#[mad_core::health_check]", "fn"),
];

/// The two lives of a crate, as arguments for Cargo.
const PRODUCTION: &[&str] = &["check", "--locked", "--lib"];
const TESTS: &[&str] = &["check", "--locked", "--lib", "--profile", "test"];

/// Measures and prints both tables.
///
/// # Errors
///
/// If valgrind is absent or something does not build.
pub(crate) fn run() -> crate::Result {
    let workspace = Workspace::load()?;
    let project = Project::create(&workspace, TEMPLATE, "")?;
    let macro_crates = macro_crates(&project)?;
    let functions = functions(&workspace, &project)?;
    print!("\n{macro_crates}\n{functions}");
    Ok(())
}

fn macro_crates(project: &Project) -> crate::Result<Table> {
    let mut table = Table::new(&["macro crate, built from nothing", "CPU s", "wall s"]);
    for name in MACRO_CRATES {
        let (mut cpu, mut wall) = (Duration::MAX, Duration::MAX);
        for _ in 0..BUILDS {
            let build = project.build_from_nothing(&["build", "--locked", "--package", name])?;
            (cpu, wall) = (cpu.min(build.cpu), wall.min(build.wall));
        }
        let seconds = |time: Duration| format!("{:.1}", time.as_secs_f64());
        table.row(&[format!("`{name}`"), seconds(cpu), seconds(wall)]);
    }
    Ok(table)
}

fn functions(workspace: &Workspace, project: &Project) -> crate::Result<Table> {
    let counter = Counter::create(&workspace.scratch(TEMPLATE.name))?;
    let empty = Lives::count(&counter, project, "")?;
    let mut results = Vec::new();
    for annotated in &ANNOTATED {
        let written = format!("`{} {}`", annotated.attribute, annotated.function);
        println!("counting {written}");
        let lives = Lives::count(&counter, project, &annotated.source())?;
        results.push((written, lives.per_function(&empty)));
    }
    let [(_, [_, test]), (_, [_, rstest]), ..] = results[..] else {
        return Err("there is nothing to compare with".into());
    };
    let mut table = Table::new(&[
        "million instructions for a function",
        "`cargo check`",
        "`cargo check --tests`",
        "x `#[test]`",
        "x `#[rstest]`",
    ]);
    for (written, [production, tests]) in results {
        table.row(&[
            written,
            format!("{production:.2}"),
            format!("{tests:.2}"),
            format!("{:.2}", tests / test),
            format!("{:.2}", tests / rstest),
        ]);
    }
    Ok(table)
}

/// How many instructions each of the two lives of a crate takes.
#[derive(Debug)]
struct Lives {
    production: u64,
    tests: u64,
}

impl Lives {
    fn count(counter: &Counter, project: &Project, source: &str) -> crate::Result<Self> {
        let count = |life| {
            // Written anew, it is compiled anew.
            project.write(source)?;
            counter.count(project.cargo(life).env("CARGO_INCREMENTAL", "0"))
        };
        Ok(Self {
            production: count(PRODUCTION)?,
            tests: count(TESTS)?,
        })
    }

    /// Returns the millions for one function: in production, and in tests.
    fn per_function(&self, empty: &Self) -> [f64; 2] {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a ratio is shown with two decimals"
        )]
        let millions = |all: u64, empty: u64| {
            all.saturating_sub(empty) as f64 / N_FUNCTIONS as f64 / 1_000_000.0
        };
        [
            millions(self.production, empty.production),
            millions(self.tests, empty.tests),
        ]
    }
}

impl Annotated {
    fn source(&self) -> String {
        let functions = (0..N_FUNCTIONS)
            .map(|n| format!("{}\n{} f_{n}() {{}}\n", self.attribute, self.function));
        let functions: String = functions.collect();
        if self.is_for_tests {
            format!("#[cfg(test)]\nmod tests {{\n{functions}}}\n")
        } else {
            format!("#![allow(dead_code)]\n{functions}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{N_FUNCTIONS, check, test};

    #[test]
    fn what_is_for_tests_is_no_part_of_production() {
        let tests = test("#[test]", "fn").source();
        assert!(tests.starts_with("#[cfg(test)]\nmod tests {\n#[test]\nfn f_0() {}\n"));
        let checks = check("#[self_test]", "async fn").source();
        assert!(!checks.contains("cfg(test)"));
        assert_eq!(
            checks.matches("#[self_test]\nasync fn ").count(),
            N_FUNCTIONS
        );
    }
}
