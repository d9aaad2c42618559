//! What registered checks cost a program that starts, beside linkme.

use std::iter;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::command;
use crate::project::{Project, Template};
use crate::table::Table;
use crate::workspace::Workspace;

const TEMPLATE: Template = Template {
    name: "bench-start-up",
    manifest: include_str!("../../bench/start_up.toml"),
    file: "src/main.rs",
};

const MAD: &str = include_str!("../../bench/start_up_mad.rs");
const LINKME: &str = include_str!("../../bench/start_up_linkme.rs");

/// How many functions the programs register. Ten times as many in one crate need more memory to be
/// compiled than most machines have.
const SIZES: [usize; 2] = [1_000, 10_000];

/// How often each program is started; the quickest start counts.
const STARTS: usize = 50;

/// How far a program goes, as its argument, and what that is called.
type Step = (&'static str, &'static str);

const MAD_STEPS: &[Step] = &[
    ("none", "MAD: life before `main`"),
    ("registry", "MAD: and `Registry::linked()`"),
    ("engine", "MAD: and `Engine::builder().start()`"),
];

const LINKME_STEPS: &[Step] = &[
    ("none", "linkme: life before `main`"),
    ("sorted", "linkme: and references to all, sorted"),
];

/// Measures and prints the table.
///
/// # Errors
///
/// If a program does not build or does not run.
pub(crate) fn run() -> crate::Result {
    let workspace = Workspace::load()?;
    let project = Project::create(&workspace, TEMPLATE, LINKME)?;
    let empty = times(&project, LINKME, &LINKME_STEPS[..1])?[0];
    let mut columns = Vec::new();
    for size in SIZES {
        let mad = times(&project, &mad(size), MAD_STEPS)?;
        let linkme = times(&project, &linkme(size), LINKME_STEPS)?;
        columns.push([mad, linkme].concat());
    }
    let [first, second] = SIZES.map(|size| format!("{size} registered, ms"));
    let what = "start, without that of an empty program";
    let mut table = Table::new(&[what, &first, &second]);
    for (index, (_, what)) in MAD_STEPS.iter().chain(LINKME_STEPS).enumerate() {
        let times = columns.iter().map(|column| column[index]);
        let milliseconds = times.map(|time| {
            let seconds = time.saturating_sub(empty).as_secs_f64();
            format!("{:.2}", seconds * 1000.0)
        });
        let row: Vec<_> = iter::once((*what).to_owned()).chain(milliseconds).collect();
        table.row(&row);
    }
    print!("\n{table}");
    Ok(())
}

fn mad(size: usize) -> String {
    let function = |n| {
        // One of each kind in turn. None is due while it is measured.
        let annotation = match n % 2 {
            0 => "#[self_test]",
            _ => "#[health_check(initial_delay = \"1h\")]",
        };
        format!("{annotation}\nfn f_{n}() {{}}\n")
    };
    let functions: String = (0..size).map(function).collect();
    format!("{MAD}\n{functions}")
}

fn linkme(size: usize) -> String {
    let function = |n| {
        format!(
            "#[distributed_slice(ENTRIES)]\nstatic E_{n}: Entry = \
             Entry {{ name: \"f_{n}\", function: f_{n}, rest: [{n}; 14] }};\nfn f_{n}() {{}}\n"
        )
    };
    let functions: String = (0..size).map(function).collect();
    format!("{LINKME}\n{functions}")
}

/// Builds a program and returns, for each step, how long the quickest start took.
fn times(project: &Project, source: &str, steps: &[Step]) -> crate::Result<Vec<Duration>> {
    project.write(source)?;
    command::run(&mut project.cargo(&["build", "--release", "--locked"]))?;
    let mut quickest = vec![Duration::MAX; steps.len()];
    // In turn, so that what else the machine does falls on all of them.
    for _ in 0..STARTS {
        for ((argument, _), quickest) in steps.iter().zip(&mut quickest) {
            let mut program = Command::new(project.binary());
            let start = Instant::now();
            command::output(program.arg(argument))?;
            *quickest = start.elapsed().min(*quickest);
        }
    }
    Ok(quickest)
}
