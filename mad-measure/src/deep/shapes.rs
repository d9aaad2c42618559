//! How deep and how wide the steps and spans of tests are, as the tests themselves tell it.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::path::PathBuf;
use std::{fs, io};

use mad_store::{Sample, Subject};

use crate::metric::{self, Definition};
use crate::project::{self, Executable};
use crate::test_run::Plan;

/// The variable that tells tests where to tell it.
const FOLDER: &str = "MAD_TEST_SHAPES";

/// What is told, with the metrics for how deep, how many and how wide.
const KINDS: [(&str, [Definition; 3]); 2] = [
    (
        "steps",
        [
            metric::TEST_STEP_DEPTH,
            metric::TEST_STEPS,
            metric::TEST_STEP_FAN_OUT,
        ],
    ),
    (
        "spans",
        [
            metric::TEST_SPAN_DEPTH,
            metric::TEST_SPANS,
            metric::TEST_SPAN_FAN_OUT,
        ],
    ),
];

/// Tests that tell of MAD's steps and of `tracing`'s spans.
///
/// [`Shapes::plan`] is run like any other; [`Shapes::collect`] then says what was told. Steps are told by whatever
/// `#[self_test]` made a test of, and spans where `mad_core::TestSpanLayer` is a layer of the subscriber. Other tests have
/// nothing to tell.
#[derive(Debug)]
pub struct Shapes {
    plan: Plan,
    folder: tempfile::TempDir,
}

impl Shapes {
    /// The same tests, which are told where to tell.
    ///
    /// # Errors
    ///
    /// If there can be no temporary folder.
    pub fn of(plan: &Plan) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut plan = plan.clone();
        let path = OsString::from(folder.path());
        plan.variables.push((OsString::from(FOLDER), path));
        Ok(Self { plan, folder })
    }

    /// What is to be run.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What the tests have told.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn collect(&self) -> io::Result<Vec<Sample>> {
        let told = self.told()?;
        if told.is_empty() {
            return Ok(Vec::new());
        }
        let executables = project::executables(&self.plan);
        // A program knows itself by the path without links, and Cargo tells the one with them.
        let of_path: HashMap<_, _> = executables
            .iter()
            .filter_map(|executable| Some((fs::canonicalize(&executable.path).ok()?, executable)))
            .collect();
        let mut samples = Vec::new();
        for ((program, kind, test), shape) in &told {
            let executable = of_path.get(program);
            let definitions = KINDS.iter().find(|(word, _)| word == kind);
            if let (Some(executable), Some((_, definitions))) = (executable, definitions) {
                samples.extend(shape.tell(executable, test, definitions));
            }
        }
        Ok(samples)
    }

    /// By program, kind and test. Of a test that ran more than once, as it was retried, that time counts in which
    /// there was most.
    fn told(&self) -> io::Result<BTreeMap<(PathBuf, String, String), Shape>> {
        let mut of_all = BTreeMap::new();
        // Each process has a file of its own.
        for file in fs::read_dir(self.folder.path())? {
            let text = fs::read(file?.path())?;
            let text = String::from_utf8_lossy(&text);
            let mut of_process = BTreeMap::<_, Shape>::new();
            for (key, shape) in text.lines().filter_map(read) {
                of_process.entry(key).or_default().add(shape);
            }
            for (key, shape) in of_process {
                let most = of_all.entry(key).or_insert(shape);
                *most = (*most).max(shape);
            }
        }
        Ok(of_all)
    }
}

/// How many things there are, how deep they stand in each other, and how many side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    count: u64,
    depth: u64,
    fan_out: u64,
    /// How many times something was told: so many stand in nothing else.
    n_outermost: u64,
}

impl Shape {
    /// Something else of the same test.
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.depth = self.depth.max(other.depth);
        self.n_outermost += other.n_outermost;
        self.fan_out = self.fan_out.max(other.fan_out).max(self.n_outermost);
    }

    fn tell(
        &self,
        executable: &Executable,
        test: &str,
        [depth, count, fan_out]: &[Definition; 3],
    ) -> [Sample; 3] {
        let subject: Subject = executable.test(test);
        [
            depth.count(&subject, self.depth),
            count.count(&subject, self.count),
            fan_out.count(&subject, self.fan_out),
        ]
    }
}

/// `spans`, the program, the test, how deep, how many, how wide. What is cut off, as the process ended, is left out.
fn read(line: &str) -> Option<((PathBuf, String, String), Shape)> {
    let fields: Vec<_> = line.split('\t').collect();
    let &[kind, program, test, depth, count, fan_out] = fields.as_slice() else {
        return None;
    };
    let shape = Shape {
        count: count.parse().ok()?,
        depth: depth.parse().ok()?,
        fan_out: fan_out.parse().ok()?,
        // All steps of a test are told at once, and each outermost span by itself.
        n_outermost: u64::from(kind == "spans"),
    };
    Some(((program.into(), kind.to_owned(), test.to_owned()), shape))
}
