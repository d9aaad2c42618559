//! Tests that `cargo test` runs.

use std::io::{self, IsTerminal as _};
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::process::{self, Ended, Stream};
use super::targets::{Asked, Metadata};
use super::{Output, Plan, Ran, RunError, Runner, Verdict};
use crate::case::{Outcome, TestCase};
use crate::ingest::libtest::{Block, Reader, without_colours};

/// Runs the tests. Cargo writes what it always writes; it is read in passing.
pub(super) fn run(plan: &Plan, packages: &Asked<'_>) -> Result<Ran, RunError> {
    let mut command = plan.cargo(&["test"]);
    if plan.output == Output::Shown {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        if io::stderr().is_terminal() && !asks_for_colour(plan) {
            command.arg("--color=always");
            command.env("CARGO_TERM_PROGRESS_WHEN", "always");
            command.env("CARGO_TERM_PROGRESS_WIDTH", "80");
        }
    }
    command.args(plan.selection());
    command.args(plan.profile_words(Runner::Libtest));
    command.args(&plan.arguments);
    let begun = Instant::now();
    let mut heard = Heard::default();
    let ended = process::run_listening(plan, command, |stream, bytes| heard.listen(stream, bytes))?;
    Ok(heard.told(packages, ended, begun))
}

fn asks_for_colour(plan: &Plan) -> bool {
    let mut words = plan.arguments.iter();
    words.any(|word| word.to_string_lossy().starts_with("--color"))
}

/// What came through so far.
#[derive(Default)]
struct Heard {
    tests: Reader,
    programs: Vec<Program>,
    line: Vec<u8>,
    first_program: Option<Instant>,
}

/// Something with tests that Cargo started.
enum Program {
    Target { source: String, executable: String },
    Documentation { crate_name: String },
}

impl Heard {
    fn listen(&mut self, stream: Stream, bytes: &[u8]) {
        match stream {
            Stream::Output => self.tests.bytes(bytes),
            Stream::Errors => self.cargo_says(bytes),
        }
    }

    fn cargo_says(&mut self, bytes: &[u8]) {
        // A line of progress ends with a return.
        for byte in bytes {
            if matches!(byte, b'\n' | b'\r') {
                let line = std::mem::take(&mut self.line);
                let line = without_colours(&String::from_utf8_lossy(&line));
                if let Some(program) = Program::started(line.trim()) {
                    self.first_program.get_or_insert_with(Instant::now);
                    self.programs.push(program);
                }
            } else if self.line.len() < 4 << 10 {
                self.line.push(*byte);
            }
        }
    }

    fn told(self, packages: &Asked<'_>, ended: Ended, begun: Instant) -> Ran {
        let has_run = !self.programs.is_empty();
        let is_whole = self.tests.blocks.iter().all(Block::is_complete);
        let build = self.first_program.map(|first| first - begun);
        let cases = cases(packages, self.programs, self.tests.blocks);
        let has_tests = cases.iter().any(|case| case.outcome != Outcome::Skipped);
        let verdict = match ended.exit_code {
            Some(0) if has_tests => Verdict::Ran,
            Some(0) => Verdict::NoTests,
            Some(_) if has_run && has_tests && is_whole => Verdict::Ran,
            Some(_) if !has_run => Verdict::NotBuilt,
            _ => Verdict::Broken,
        };
        Ran {
            tests: build.map(|build| ended.wall.saturating_sub(build)),
            build: build.map(|build: Duration| build.min(ended.wall)),
            ended,
            cases,
            verdict,
        }
    }
}

impl Program {
    fn started(line: &str) -> Option<Self> {
        if let Some(crate_name) = line.strip_prefix("Doc-tests ") {
            return Some(Self::Documentation {
                crate_name: crate_name.to_owned(),
            });
        }
        let (source, executable) = line
            .strip_prefix("Running ")?
            .strip_suffix(')')?
            .rsplit_once(" (")?;
        Some(Self::Target {
            source: source.to_owned(),
            executable: executable.to_owned(),
        })
    }

    /// The package, and what stands before the names of its tests.
    fn place(&self, metadata: Option<&Metadata>) -> (String, Option<String>) {
        match self {
            Self::Documentation { crate_name } => {
                let package = metadata.and_then(|metadata| metadata.library(crate_name));
                let package = package.map_or(crate_name, |package| &package.name);
                (package.clone(), Some("doc".to_owned()))
            }
            Self::Target { source, executable } => {
                let found =
                    metadata.and_then(|metadata| metadata.find(source, executable.as_ref()));
                match found {
                    Some((package, target)) => (package.name.clone(), target.nextest_name()),
                    None => (executable.clone(), None),
                }
            }
        }
    }
}

/// The tests of each program under the names that nextest gives them.
///
/// Programs and what they told come in the same order. A test that brings a harness of its own may tell nothing: if
/// there are more programs than reports, those are left out.
fn cases(packages: &Asked<'_>, mut programs: Vec<Program>, blocks: Vec<Block>) -> Vec<TestCase> {
    if blocks.is_empty() {
        return Vec::new();
    }
    let metadata = packages.told();
    if programs.len() > blocks.len()
        && let Some(metadata) = metadata
    {
        programs.retain(|program| match program {
            Program::Target { source, executable } => {
                let found = metadata.find(source, executable.as_ref());
                found.is_none_or(|(package, target)| package.has_harness(target))
            }
            Program::Documentation { .. } => true,
        });
    }
    let mut cases = Vec::new();
    let mut programs = programs.into_iter();
    for block in blocks {
        let program = programs.next();
        let (package, prefix) =
            program.map_or_else(Default::default, |program| program.place(metadata));
        cases.extend(block.into_cases().map(|mut case| {
            case.package.clone_from(&package);
            if let Some(prefix) = &prefix {
                case.name = format!("{prefix}::{}", case.name);
            }
            case
        }));
    }
    cases
}
