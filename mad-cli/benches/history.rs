//! How long it takes to test old commits: `mad history`, a plain loop of `git checkout` and `cargo test`, and what asv does,
//! which is to build each commit from nothing.
//!
//! `cargo xtask bench --history` measures a small crate with a history that is made up. For a clone of your own, and so many
//! of its newest commits: `cargo bench --package mad-cli --bench history -- CLONE 200`. A third word says how often all is
//! compared, and `no-asv` behind it leaves out what takes longest.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::collections::BTreeMap;
use std::fs;
use std::iter::Sum;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use mad_store::{SeriesFilter, Store};

/// What is built from nothing is measured at each tenth commit only.
const EVERY: usize = 10;

/// How each test ended at each commit.
type Outcomes = BTreeMap<(String, String), bool>;

/// What a way of doing it costs.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    wall: Duration,
    /// Of all processes.
    processor: Duration,
}

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    let origin = match words.first() {
        Some(clone) => PathBuf::from(clone),
        None => made_up(&folder.path().join("origin")),
    };
    let number = |place: usize, otherwise: usize| {
        words.get(place).map_or(otherwise, |word| {
            word.parse().expect("how many commits, and how often")
        })
    };
    let (n_commits, n_rounds) = (number(1, 200), number(2, 1));
    let clone = folder.path().join("clone");
    git(
        folder.path(),
        &["clone", "--quiet", text(&origin), text(&clone)],
    );
    let newest = format!("--max-count={n_commits}");
    let line = git(
        &clone,
        &["rev-list", "--first-parent", "--reverse", &newest, "HEAD"],
    );
    let commits: Vec<&str> = line.lines().collect();

    // Each line is printed as soon as it is known: all of it takes long.
    println!("| {} commits | clock | processor |", commits.len());
    println!("|---|---|---|");
    let rounds: Vec<Round> = (0..n_rounds)
        .map(|_| Round::run(&clone, &commits, folder.path()))
        .collect();
    let plain_cost = rounds.iter().map(|round| round.plain_cost).sum();
    let mad_cost = rounds.iter().map(|round| round.mad_cost).sum();
    if n_rounds > 1 {
        row("all loops", plain_cost, plain_cost);
        row("all of `mad history`", mad_cost, plain_cost);
    }
    if words.get(3).is_none_or(|word| word != "no-asv") {
        let asv = from_nothing(&clone, &commits, folder.path());
        row(
            &format!("from nothing each time, as asv does (each {EVERY}th measured)"),
            asv,
            plain_cost.over(n_rounds),
        );
    }
    for round in rounds {
        println!("\n{}", round.told);
        compare(&round.plain, &round.kept);
    }
}

/// What is compared, once.
struct Round {
    plain: Outcomes,
    plain_cost: Cost,
    kept: Outcomes,
    mad_cost: Cost,
    /// What `mad` said in the end.
    told: String,
}

impl Round {
    /// Half of the loop, all of `mad history`, then the other half of the loop, in the target folder that it had: a machine that
    /// becomes slower or faster meanwhile does so for both. The loop does the same as in one go; a walk would not, as it
    /// chooses its order among all commits.
    fn run(clone: &Path, commits: &[&str], folder: &Path) -> Self {
        let folder = tempfile::tempdir_in(folder).expect("a folder");
        let folder = folder.path();
        let (older, newer) = commits.split_at(commits.len() / 2);
        let (mut plain, older_cost) = timed(|| plain_loop(clone, older, folder));
        let newest = commits.last().expect("there are some");
        git(clone, &["checkout", "--quiet", "--force", newest]);
        let store = folder.join("mad.db");
        let (told, mad_cost) = timed(|| walk(clone, commits, &store, folder));
        let (others, newer_cost) = timed(|| plain_loop(clone, newer, folder));
        plain.extend(others);
        let plain_cost = [older_cost, newer_cost].into_iter().sum();
        row(
            "plain loop: `git checkout`, `cargo test`, one target folder",
            plain_cost,
            plain_cost,
        );
        row(
            "`mad history --runner libtest`, a worker for each core",
            mad_cost,
            plain_cost,
        );
        Self {
            plain,
            plain_cost,
            kept: kept(&store),
            mad_cost,
            told,
        }
    }
}

/// What asv does costs so much for all commits, going by some of them.
fn from_nothing(clone: &Path, commits: &[&str], folder: &Path) -> Cost {
    let ((), cost) = timed(|| {
        for commit in commits.iter().step_by(EVERY) {
            let target = tempfile::tempdir_in(folder).expect("a folder");
            test(clone, commit, target.path());
        }
    });
    let n_all = u32::try_from(commits.len()).expect("it is small");
    let for_all = Cost {
        wall: cost.wall * n_all,
        processor: cost.processor * n_all,
    };
    for_all.over(commits.len().div_ceil(EVERY))
}

impl Cost {
    fn over(self, n: usize) -> Self {
        let n = u32::try_from(n).expect("it is small");
        Self {
            wall: self.wall / n,
            processor: self.processor / n,
        }
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::default(), |sum, cost| Self {
            wall: sum.wall + cost.wall,
            processor: sum.processor + cost.processor,
        })
    }
}

fn row(what: &str, cost: Cost, than: Cost) {
    let seconds = |time: Duration, than: Duration| {
        let ratio = time.as_secs_f64() / than.as_secs_f64();
        format!("{:.0} s ({ratio:.2})", time.as_secs_f64())
    };
    println!(
        "| {what} | {} | {} |",
        seconds(cost.wall, than.wall),
        seconds(cost.processor, than.processor)
    );
}

/// Says in how many outcomes the two agree. Of commits that only one of them could build the other has more to tell.
fn compare(plain: &Outcomes, ours: &Outcomes) {
    let same = plain
        .iter()
        .filter(|(test, passed)| ours.get(test) == Some(passed));
    let n_same = same.count();
    let differs = |test: &&(String, String)| plain.get(*test) != ours.get(*test);
    let all = plain
        .keys()
        .chain(ours.keys().filter(|test| !plain.contains_key(*test)));
    let different: Vec<_> = all.filter(differs).collect();
    println!(
        "{n_same} outcomes are the same, {} are not",
        different.len()
    );
    for test in different.iter().take(10) {
        println!(
            "{} {}: {:?} in the loop, {:?} by mad",
            test.0,
            test.1,
            plain.get(*test),
            ours.get(*test)
        );
    }
}

/// Walks, and gives what it said in the end.
fn walk(clone: &Path, commits: &[&str], store: &Path, folder: &Path) -> String {
    let list = folder.join("commits");
    fs::write(&list, commits.join("\n")).expect("it can be written");
    let jobs = thread::available_parallelism().map_or(1, usize::from);
    let mut mad = Command::new(env!("CARGO_BIN_EXE_mad"));
    mad.args(["history", "--runner", "libtest", "--commits", text(&list)]);
    mad.args(["--jobs", &jobs.to_string()]);
    mad.args([
        "--work-dir",
        text(&folder.join("work")),
        "--store",
        text(store),
    ]);
    let output = mad.current_dir(clone).output().expect("mad runs");
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout);
    said.lines().next().unwrap_or_default().to_owned()
}

fn kept(store: &Path) -> Outcomes {
    let store = Store::open(store).expect("it is a store");
    let filter = SeriesFilter {
        metric: Some("test_passed".to_owned()),
        ..SeriesFilter::default()
    };
    let mut outcomes = Outcomes::new();
    for series in store.series(&filter).expect("it can be read") {
        for point in store.points(&series).expect("it can be read") {
            let commit = point.commit.expect("a commit was measured");
            outcomes.insert((commit, series.subject.name.clone()), point.value > 0.5);
        }
    }
    outcomes
}

fn plain_loop(clone: &Path, commits: &[&str], folder: &Path) -> Outcomes {
    let target = folder.join("target");
    let mut outcomes = Outcomes::new();
    for commit in commits {
        let output = test(clone, commit, &target);
        outcomes
            .extend(told(&output).map(|(test, passed)| ((str::to_owned(commit), test), passed)));
    }
    outcomes
}

/// Cargo's words and those of the tests, in the order in which they were said.
fn test(clone: &Path, commit: &str, target: &Path) -> String {
    git(clone, &["checkout", "--quiet", "--force", commit]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "cargo test --no-fail-fast 2>&1"]);
    shell.env("CARGO_TARGET_DIR", target).current_dir(clone);
    let output = shell.output().expect("cargo runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The tests with their outcomes, under the names that mad gives them: without the line of a documentation test, and of several
/// with one name the later ones with a number.
fn told(output: &str) -> impl Iterator<Item = (String, bool)> {
    let mut prefix = String::new();
    let mut seen = BTreeMap::<String, u32>::new();
    output.lines().filter_map(move |line| {
        let line = line.trim();
        if line.starts_with("Doc-tests ") {
            "doc::".clone_into(&mut prefix);
        } else if let Some(file) = line.strip_prefix("Running tests/") {
            let name = file.split([' ', '/']).next().unwrap_or_default();
            prefix = format!("{}::", name.trim_end_matches(".rs"));
        } else if line.starts_with("Running ") {
            prefix.clear();
        }
        let (name, outcome) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
        let name = [" - should panic", " - compile fail", " - compile"]
            .iter()
            .fold(name, |name, ending| name.trim_end_matches(ending));
        let name = name
            .rsplit_once(" (line ")
            .map_or(name, |(item, _)| item.trim_end_matches(" -"));
        let passed = match outcome {
            "ok" => true,
            "FAILED" => false,
            _ => return None,
        };
        let name = format!("{prefix}{name}");
        let nth = seen.entry(name.clone()).or_default();
        *nth += 1;
        Some(match nth {
            1 => (name, passed),
            nth => (format!("{name}#{nth}"), passed),
        })
    })
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (begun, before) = (Instant::now(), processor());
    let done = work();
    let cost = Cost {
        wall: begun.elapsed(),
        processor: processor().saturating_sub(before),
    };
    (done, cost)
}

/// What all processes that were waited for have used, where the system tells it in hundredths of a second.
fn processor() -> Duration {
    let said = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = said.rsplit(") ").next().unwrap_or_default();
    let of_children = after_name.split(' ').skip(13).take(2);
    let ticks = of_children.filter_map(|ticks| ticks.parse::<u64>().ok());
    Duration::from_millis(10 * ticks.sum::<u64>())
}

/// A small crate with twelve commits: of code, of tests, of documents, and releases.
fn made_up(folder: &Path) -> PathBuf {
    fs::create_dir_all(folder.join("src")).expect("a folder");
    fs::create_dir_all(folder.join("tests")).expect("a folder");
    git(folder, &["init", "--quiet"]);
    for number in 0..12_u32 {
        let write = |name: &str, text: &str| {
            fs::write(folder.join(name), text).expect("it can be written");
        };
        if number % 4 == 0 {
            let version = number / 4;
            write(
                "Cargo.toml",
                &format!(
                    "[package]\nname = \"shop\"\nversion = \"0.{version}.0\"\nedition = \"2021\"\n"
                ),
            );
        }
        if number % 4 != 3 && number % 4 != 0 || number == 0 {
            write(
                "src/lib.rs",
                &format!(
                    "/// Adds.\n///\n/// ```\n/// assert_eq!(shop::add(1), {});\n/// ```\npub fn add(to: u32) -> u32 {{ to + {number} }}\n",
                    1 + number
                ),
            );
            write(
                "tests/adds.rs",
                &format!(
                    "#[test]\nfn adds() {{ assert_eq!(shop::add(2), {}); }}\n",
                    2 + number
                ),
            );
        }
        write("README.md", &format!("# Shop, {number}\n"));
        git(folder, &["add", "--all"]);
        git(
            folder,
            &[
                "-c",
                "user.name=A",
                "-c",
                "user.email=a@example.com",
                "commit",
                "--quiet",
                "--message",
                "change",
            ],
        );
    }
    folder.to_owned()
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    let output: Output = git
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path that is text")
}
