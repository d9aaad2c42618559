//! What `mad test` adds to a run of the tests, beside `cargo nextest run` alone.
//!
//! Both run in turn, in the order A B B A, so that a machine that gets slower is so for both; what is compared are the
//! sums of a round. Nothing is built meanwhile.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::command::{self, cargo};
use crate::proc;
use crate::project::{Project, Template};
use crate::table::Table;
use crate::workspace::Workspace;

const MANIFEST: &str = include_str!("../../bench/overhead.toml");

const MANY: Template = Template {
    name: "bench-many-tests",
    manifest: MANIFEST,
    file: "src/lib.rs",
};

const LONG: Template = Template {
    name: "bench-long-tests",
    manifest: MANIFEST,
    file: "src/lib.rs",
};

const N_MANY: usize = 1_000;
const N_LONG: usize = 8;

/// Work of a few seconds, the same each time.
const LONG_TEST: &str = "(0..3_000_000_000_u64).fold(0, |sum, n| std::hint::black_box(sum ^ n));";

/// How many times the four runs are done.
const ROUNDS: usize = 4;

/// Folders of projects of others that are measured too, as the search path has its folders.
const OTHERS: &str = "MAD_BENCH_PROJECTS";

/// Measures and prints the table.
///
/// # Errors
///
/// If there is no nextest, or something does not build.
pub(crate) fn run() -> crate::Result {
    if !command::is_installed("cargo-nextest") {
        return Err("`mad test` is measured beside cargo-nextest, which is not installed".into());
    }
    let workspace = Workspace::load()?;
    let build = ["build", "--release", "--locked", "--package", "mad-cli"];
    command::run(&mut cargo(&build))?;
    let mad = workspace.release("mad");
    let mut table = Table::new(&[
        "project",
        "`cargo nextest run`, s",
        "`mad test`, s",
        "more wall time, %",
        "nextest, CPU s",
        "mad, CPU s",
        "more CPU time, %",
    ]);
    for folder in projects(&workspace)? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        println!("measuring in {}", folder.display());
        let rounds = Pair::of(&folder, &mad, &workspace.scratch("bench-overhead"))?.rounds()?;
        table.row(&row(&name, &rounds));
    }
    print!("\n{table}");
    println!("\nEach figure is the median of {ROUNDS} rounds, with the lowest and the highest.");
    println!("Other projects are measured if `{OTHERS}` names their folders.");
    Ok(())
}

fn projects(workspace: &Workspace) -> crate::Result<Vec<PathBuf>> {
    let many = (0..N_MANY).map(|n| format!("#[test]\nfn test_{n}() {{}}\n"));
    let long = (0..N_LONG).map(|n| format!("#[test]\nfn test_{n}() {{\n    {LONG_TEST}\n}}\n"));
    let many = Project::create(workspace, MANY, &many.collect::<String>())?;
    let long = Project::create(workspace, LONG, &long.collect::<String>())?;
    #[expect(
        clippy::disallowed_methods,
        reason = "a verb has one flag at most, and these are places on somebody's machine"
    )]
    let others = std::env::var_os(OTHERS).unwrap_or_default();
    let others = std::env::split_paths(&others).filter(|folder| !folder.as_os_str().is_empty());
    let ours = [many.folder().to_owned(), long.folder().to_owned()];
    Ok(ours.into_iter().chain(others).collect())
}

/// What a run took.
#[derive(Clone, Copy, Debug, Default)]
struct Took {
    wall: Duration,
    /// Of the runner and all that it started.
    cpu: Duration,
}

/// One round: both runners, twice.
#[derive(Debug, Default)]
struct Round {
    plain: Took,
    mad: Took,
}

/// The two commands that are compared.
struct Pair {
    plain: Command,
    mad: Command,
}

impl Pair {
    /// Both, in a project that is built.
    fn of(project: &Path, mad: &Path, scratch: &Path) -> crate::Result<Self> {
        fs::create_dir_all(scratch)?;
        let store = scratch.join("mad.db");
        _ = fs::remove_file(&store);
        let mut plain = cargo(&["nextest", "run", "--workspace", "--no-fail-fast"]);
        let mut ours = Command::new(mad);
        ours.args(["test", "--workspace", "--store"]).arg(store);
        ours.args(["--", "--no-fail-fast"]);
        for command in [&mut plain, &mut ours] {
            command.current_dir(project).stdin(Stdio::null());
            command.stdout(Stdio::null()).stderr(Stdio::null());
        }
        let mut pair = Self { plain, mad: ours };
        let (plain, mad) = (pair.plain.status()?, pair.mad.status()?);
        if plain.code() != mad.code() {
            return Err(format!(
                "`cargo nextest run` ended with {plain}, and `mad test` with {mad}"
            )
            .into());
        }
        Ok(pair)
    }

    fn rounds(&mut self) -> crate::Result<Vec<Round>> {
        (0..ROUNDS).map(|_| self.round()).collect()
    }

    fn round(&mut self) -> crate::Result<Round> {
        let mut round = Round::default();
        round.plain.add(time(&mut self.plain)?);
        round.mad.add(time(&mut self.mad)?);
        round.mad.add(time(&mut self.mad)?);
        round.plain.add(time(&mut self.plain)?);
        Ok(round)
    }
}

impl Took {
    fn add(&mut self, other: Self) {
        self.wall += other.wall;
        self.cpu += other.cpu;
    }
}

fn time(command: &mut Command) -> crate::Result<Took> {
    let cpu_before = proc::cpu_of_children()?;
    let start = Instant::now();
    command.status()?;
    Ok(Took {
        wall: start.elapsed(),
        cpu: proc::cpu_of_children()?.saturating_sub(cpu_before),
    })
}

fn row(name: &str, rounds: &[Round]) -> [String; 7] {
    // Each round has two runs of both.
    let half = |which: fn(&Round) -> Duration| {
        spread(rounds.iter().map(|round| which(round).as_secs_f64() / 2.0))
    };
    let more = |mad: fn(&Round) -> Duration, plain: fn(&Round) -> Duration| {
        let ratios = rounds
            .iter()
            .map(|round| mad(round).as_secs_f64() / plain(round).as_secs_f64());
        spread(ratios.map(|ratio| 100.0 * (ratio - 1.0)))
    };
    [
        name.to_owned(),
        half(|round| round.plain.wall),
        half(|round| round.mad.wall),
        more(|round| round.mad.wall, |round| round.plain.wall),
        half(|round| round.plain.cpu),
        half(|round| round.mad.cpu),
        more(|round| round.mad.cpu, |round| round.plain.cpu),
    ]
}

/// The median, and in brackets the lowest and the highest.
fn spread(numbers: impl Iterator<Item = f64>) -> String {
    let mut sorted: Vec<_> = numbers.collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let median = if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    };
    format!(
        "{median:.2} ({:.2} to {:.2})",
        sorted[0],
        sorted[sorted.len() - 1]
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Round, Took, row};

    #[test]
    fn a_round_is_compared_with_itself() {
        let took = |seconds| Took {
            wall: Duration::from_secs(seconds),
            cpu: Duration::from_secs(2 * seconds),
        };
        let rounds = [(10, 11), (100, 105), (20, 20)].map(|(plain, mad)| Round {
            plain: took(plain),
            mad: took(mad),
        });
        let row = row("a", &rounds);
        assert_eq!(row[1], "10.00 (5.00 to 50.00)");
        assert_eq!(row[3], "5.00 (0.00 to 10.00)");
        assert_eq!(row[6], row[3]);
    }
}
