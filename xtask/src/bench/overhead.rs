//! What `mad test` adds to a run of the tests, beside `cargo nextest run` alone.
//!
//! Both run in turn, in the order A B B A, so that a machine that gets slower is so for both; each run is compared with
//! the one beside it. Everything is built before, and nothing meanwhile.

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

const N_MANY: usize = 500;
const N_LONG: usize = 4;

/// Work of about a second, the same each time.
const LONG_TEST: &str = "(0..700_000_000_u64).fold(0, |sum, n| std::hint::black_box(sum ^ n));";

/// So long each project is measured, within the two limits below.
const TIME: Duration = Duration::from_secs(30);
const FEWEST_PAIRS: usize = 3;
const MOST_PAIRS: usize = 20;

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
    let scratch = workspace.scratch("bench-overhead");
    let mut commands = Vec::new();
    for folder in projects(&workspace)? {
        println!("building in {}", folder.display());
        commands.push((folder.clone(), Commands::of(&folder, &mad, &scratch)?));
    }
    let mut table = Table::new(&[
        "project",
        "pairs of runs",
        "`cargo nextest run`, s",
        "`mad test`, s",
        "more wall time, ms",
        "more wall time, %",
        "more CPU time, %",
    ]);
    for (folder, commands) in &mut commands {
        println!("measuring in {}", folder.display());
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let row = row(&name, &commands.pairs()?);
        // Whoever ends it before its end has this much.
        println!("{}", row.join(" | "));
        table.row(&row);
    }
    print!("\n{table}");
    println!("\nEach figure is the median, with the lower and the upper quartile.");
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
#[derive(Clone, Copy, Debug)]
struct Took {
    wall: Duration,
    /// Of the runner and all that it started.
    cpu: Duration,
}

/// Both runners, one after the other.
#[derive(Debug)]
struct Pair {
    plain: Took,
    mad: Took,
}

/// The two commands that are compared.
struct Commands {
    plain: Command,
    mad: Command,
}

impl Commands {
    /// Both, in a project that is built and was measured once.
    fn of(project: &Path, mad: &Path, scratch: &Path) -> crate::Result<Self> {
        let name = project.file_name().unwrap_or_default();
        let store = scratch.join(name).join("mad.db");
        if let Some(folder) = store.parent() {
            fs::create_dir_all(folder)?;
        }
        _ = fs::remove_file(&store);
        let mut plain = cargo(&["nextest", "run", "--workspace", "--no-fail-fast"]);
        let mut ours = Command::new(mad);
        ours.args(["test", "--workspace", "--store"]).arg(store);
        ours.args(["--", "--no-fail-fast"]);
        for command in [&mut plain, &mut ours] {
            command.current_dir(project).stdin(Stdio::null());
            command.stdout(Stdio::null()).stderr(Stdio::null());
        }
        let mut commands = Self { plain, mad: ours };
        let (plain, mad) = (commands.plain.status()?, commands.mad.status()?);
        if plain.code() != mad.code() {
            return Err(format!(
                "`cargo nextest run` ended with {plain}, and `mad test` with {mad}"
            )
            .into());
        }
        Ok(commands)
    }

    fn pairs(&mut self) -> crate::Result<Vec<Pair>> {
        let start = Instant::now();
        let mut pairs = Vec::new();
        while pairs.len() < FEWEST_PAIRS || (pairs.len() < MOST_PAIRS && start.elapsed() < TIME) {
            pairs.push(self.pair(pairs.len() % 2 == 0)?);
        }
        Ok(pairs)
    }

    fn pair(&mut self, is_plain_first: bool) -> crate::Result<Pair> {
        if is_plain_first {
            let plain = time(&mut self.plain)?;
            let mad = time(&mut self.mad)?;
            return Ok(Pair { plain, mad });
        }
        let mad = time(&mut self.mad)?;
        let plain = time(&mut self.plain)?;
        Ok(Pair { plain, mad })
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

fn row(name: &str, pairs: &[Pair]) -> [String; 7] {
    let of_each = |figure: fn(&Pair) -> f64| spread(pairs.iter().map(figure));
    [
        name.to_owned(),
        pairs.len().to_string(),
        of_each(|pair| pair.plain.wall.as_secs_f64()),
        of_each(|pair| pair.mad.wall.as_secs_f64()),
        of_each(|pair| 1_000.0 * (pair.mad.wall.as_secs_f64() - pair.plain.wall.as_secs_f64())),
        of_each(|pair| more(pair.mad.wall, pair.plain.wall)),
        of_each(|pair| more(pair.mad.cpu, pair.plain.cpu)),
    ]
}

/// By so many hundredths one time is longer than another.
fn more(longer: Duration, than: Duration) -> f64 {
    100.0 * (longer.as_secs_f64() / than.as_secs_f64() - 1.0)
}

/// The median, and in brackets the quartiles.
fn spread(numbers: impl Iterator<Item = f64>) -> String {
    let mut sorted: Vec<_> = numbers.collect();
    sorted.sort_by(f64::total_cmp);
    let quarter = sorted.len() / 4;
    let median = f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
    let (low, high) = (sorted[quarter], sorted[sorted.len() - 1 - quarter]);
    format!("{median:.2} ({low:.2} to {high:.2})")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Pair, Took, row};

    #[test]
    fn each_run_is_compared_with_the_one_beside_it() {
        let took = |seconds| Took {
            wall: Duration::from_secs(seconds),
            cpu: Duration::from_secs(2 * seconds),
        };
        let pairs = [(10, 11), (100, 105), (20, 20)].map(|(plain, mad)| Pair {
            plain: took(plain),
            mad: took(mad),
        });
        let row = row("a", &pairs);
        assert_eq!(row[2], "20.00 (10.00 to 100.00)");
        assert_eq!(row[5], "5.00 (0.00 to 10.00)");
        assert_eq!(row[6], row[5]);
    }
}
