//! The shape of a test, how deep and how wide what it does is, told to whoever measures tests.
//!
//! Whoever that is names a folder in the environment, and each process of tests appends lines to a file of its own there:
//! what is counted, the program, the test, and three numbers, with tabs between them. So what was told stays, however
//! the process ends. That nothing can be written harms no test.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, thread};

use crate::report::Step;

/// The variable with the folder.
const FOLDER: &str = "MAD_TEST_SHAPES";

/// The variable in which nextest, which gives each test a process of its own, has its name.
const NEXTEST_NAME: &str = "NEXTEST_TEST_NAME";

/// How deep and how wide something is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Shape {
    /// How many stand in each other.
    pub(crate) depth: u64,
    /// How many there are.
    pub(crate) count: u64,
    /// How many stand side by side, where there are most.
    pub(crate) fan_out: u64,
}

impl Shape {
    /// That of steps with the steps inside them.
    pub(crate) fn of_steps(steps: &[Step]) -> Self {
        let side_by_side = Self {
            fan_out: steps.len() as u64,
            ..Self::default()
        };
        steps.iter().fold(side_by_side, |shape, step| {
            let inside = Self::of_steps(&step.steps);
            Self {
                depth: shape.depth.max(1 + inside.depth),
                count: shape.count + 1 + inside.count,
                fan_out: shape.fan_out.max(inside.fan_out),
            }
        })
    }

    /// Tells it, if somebody wants to know.
    pub(crate) fn tell(self, place: Option<&Place>, what: &str, test: &str) {
        let Some(place) = place else { return };
        // Names of Rust functions have none of these; those of other harnesses may.
        let test = test.replace(char::is_control, " ");
        let Self {
            depth,
            count,
            fan_out,
        } = self;
        let program = place.program.display();
        let line = format!("{what}\t{program}\t{test}\t{depth}\t{count}\t{fan_out}\n");
        // In one piece, as other threads tell too.
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&place.file);
        _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
    }
}

/// Where shapes are told.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    file: PathBuf,
    program: PathBuf,
}

impl Place {
    /// That of this process, if somebody wants to know.
    #[expect(
        clippy::disallowed_methods,
        reason = "a test has nobody else to hand it over"
    )]
    pub(crate) fn of_environment() -> Option<Self> {
        Self::within(&PathBuf::from(env::var_os(FOLDER)?))
    }

    fn within(folder: &Path) -> Option<Self> {
        Some(Self {
            file: folder.join(format!("{}.tsv", std::process::id())),
            program: env::current_exe().ok()?,
        })
    }
}

/// The name of the test that this thread works for; nothing on a thread that may work for any of them.
pub(crate) fn current_test() -> Option<String> {
    test_of_process().or_else(|| {
        let thread = thread::current();
        let name = thread.name().filter(|name| *name != "main");
        name.map(str::to_owned)
    })
}

/// The test that nextest has started this process for. What a test starts in turn has the variable too, but is not
/// told that name.
#[expect(clippy::disallowed_methods, reason = "that is where nextest tells it")]
fn test_of_process() -> Option<String> {
    let name = env::var(NEXTEST_NAME).ok()?;
    let is_told = env::args_os().any(|argument| argument == *name);
    is_told.then_some(name)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Place, Shape};
    use crate::report::Step;

    fn step(steps: Vec<Step>) -> Step {
        Step {
            name: "a step".to_owned(),
            offset: Duration::ZERO,
            duration: Duration::ZERO,
            is_finished: true,
            steps,
        }
    }

    #[test]
    fn steps_in_each_other_are_deep_and_side_by_side_wide() {
        assert_eq!(Shape::of_steps(&[]), Shape::default());
        let inner = step(vec![step(vec![]), step(vec![]), step(vec![])]);
        let shape = Shape::of_steps(&[step(vec![inner]), step(vec![])]);
        let expected = Shape {
            depth: 3,
            count: 6,
            fan_out: 3,
        };
        assert_eq!(shape, expected);
    }

    #[test]
    fn each_telling_is_a_line() {
        let folder = std::env::temp_dir().join(format!("mad-shapes-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let place = Place::within(&folder).unwrap();
        for test in ["orders::placed", "with\ttab"] {
            Shape::default().tell(Some(&place), "steps", test);
        }
        Shape::default().tell(None, "steps", "nobody asks");
        let told = std::fs::read_to_string(&place.file).unwrap();
        std::fs::remove_dir_all(folder).unwrap();
        let lines: Vec<Vec<_>> = told
            .lines()
            .map(|line| line.split('\t').collect())
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0][0], lines[0][2]), ("steps", "orders::placed"));
        assert_eq!(lines[1][2..], ["with tab", "0", "0", "0"]);
    }
}
