//! A history whose truth is known, because it was made up: what is found of it, what is found beside it, and where.
//!
//! All noise is numbers in files, the same each time, so that no clock has a say in it. The table is in `docs/history.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::project::{BEGINNING, Project};

const N_COMMITS: u32 = 160;
/// Commits at which nothing can be measured.
const BROKEN: [u32; 8] = [21, 60, 61, 62, 63, 64, 100, 139];
/// From here on, one test goes by another name.
const RENAMED: u32 = 80;
/// From here on, one command fails.
const BREAKS: u32 = 90;
/// Here the branch is written anew, without what came after.
const REWRITTEN: u32 = 105;
const N_REWRITTEN: u32 = 30;

/// What happens to a number in the course of its history.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Step(f64),
    Drift(f64),
    Nothing,
    Outliers,
    Remembering,
    Spread,
}

/// A number that is measured at each commit.
#[derive(Clone, Debug)]
struct Number {
    name: String,
    fate: Fate,
    at: u32,
    seed: u32,
}

/// Kinds of numbers, and how many there are of each.
const KINDS: [(&str, Fate, u32); 8] = [
    ("+3 %", Fate::Step(0.03), 40),
    ("+5 %", Fate::Step(0.05), 120),
    ("+10 %", Fate::Step(0.10), 40),
    ("drift of +15 %", Fate::Drift(0.15), 10),
    ("nothing", Fate::Nothing, 60),
    ("nothing, 4 % outliers", Fate::Outliers, 60),
    ("nothing, noise that remembers", Fate::Remembering, 60),
    ("spread of 2 to 6 %", Fate::Spread, 20),
];

fn numbers() -> Vec<Number> {
    let mut numbers = Vec::new();
    for (kind, (_, fate, n)) in (0..).zip(KINDS) {
        for index in 0..n {
            numbers.push(Number {
                name: format!("kind{kind}-{index}"),
                fate,
                at: 30 + (index * 37 + kind * 11) % 100,
                seed: kind * 1_000 + index,
            });
        }
    }
    numbers
}

/// Between 0 and 1, the same for the same.
fn uniform(seed: u32, place: u32) -> f64 {
    let mut state = u64::from(seed)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(u64::from(place).wrapping_mul(0xD1B5_4A32_D192_ED03));
    for _ in 0..3 {
        state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state ^= state >> 27;
    }
    f64::from(u32::try_from(state >> 32).expect("it is half")) / f64::from(u32::MAX)
}

/// With a mean of 0 and a standard deviation of 1: the sum of twelve.
fn gaussian(seed: u32, place: u32) -> f64 {
    let one = |part| uniform(seed, place * 12 + part);
    (0..12).map(one).sum::<f64>() - 6.0
}

impl Number {
    fn value(&self, place: u32) -> f64 {
        let is_after = place >= self.at;
        let noise = gaussian(self.seed, place);
        let level = match self.fate {
            Fate::Step(by) if is_after => 1.0 + by,
            Fate::Drift(by) => 1.0 + by * f64::from(place) / f64::from(N_COMMITS),
            _ => 1.0,
        };
        let part = match self.fate {
            Fate::Spread if is_after => 0.06 * noise,
            Fate::Outliers if uniform(self.seed + 77, place) < 0.04 => 0.5,
            Fate::Remembering => {
                let before = (0..20).map(|back| gaussian(self.seed, place + 40 - back));
                let wander = before.rev().fold(0.0, |wander, noise| wander / 2.0 + noise);
                0.02 * wander * 0.75_f64.sqrt()
            }
            _ => 0.02 * noise,
        };
        1_000.0 * level * (1.0 + part)
    }
}

/// A repository in the language of `git fast-import`.
struct Story {
    stream: String,
    numbers: Vec<Number>,
    n_marks: usize,
}

impl Story {
    fn file(&mut self, name: &str, text: &str) {
        _ = writeln!(
            self.stream,
            "M 100644 inline {name}\ndata {}\n{text}",
            text.len()
        );
    }

    /// A commit; of every seventh the clock was three days slow.
    fn commit(&mut self, branch: &str, place: u32, message: &str, parents: &[usize]) -> usize {
        self.n_marks += 1;
        let slow = if place % 7 == 3 { 3 * 86_400 } else { 0 };
        let at = BEGINNING + 3_600 * i64::from(place) - slow;
        _ = writeln!(
            self.stream,
            "commit refs/heads/{branch}\nmark :{}\ncommitter A <a@example.com> {at} +0000\ndata {}\n{message}",
            self.n_marks,
            message.len()
        );
        for (index, parent) in parents.iter().enumerate() {
            let word = if index == 0 { "from" } else { "merge" };
            _ = writeln!(self.stream, "{word} :{parent}");
        }
        self.n_marks
    }

    fn contents(&mut self, place: u32, factor: f64) {
        let mut text = String::new();
        for number in &self.numbers {
            _ = writeln!(text, "{} {:.3}", number.name, factor * number.value(place));
        }
        let renamed = if place < RENAMED { "old" } else { "new" };
        let level = 1_000.0 * (1.0 + 0.02 * gaussian(4_242, place));
        _ = writeln!(text, "{renamed} {level:.3}");
        self.file("numbers", &text);
        let flaky = uniform(31, place) > 0.15;
        self.file("flaky", if flaky { "1" } else { "0" });
        self.file("breaks", if place < BREAKS { "1" } else { "0" });
        if BROKEN.contains(&place) {
            self.file("broken", "");
        } else if place > 0 {
            self.stream.push_str("D broken\n");
        }
    }

    /// A line on which every tenth commit is a merge of one that measures three times as much.
    fn line(&mut self, places: std::ops::Range<u32>, mut last: Option<usize>, changes: bool) {
        for place in places {
            let parents: Vec<usize> = last.into_iter().collect();
            let shown = if changes { place } else { REWRITTEN - 1 };
            let mark = if place % 10 == 9 {
                let side = self.commit("side", place, "on the side", &parents);
                self.contents(shown, 3.0);
                self.commit(
                    "main",
                    place,
                    &format!("merge {place}"),
                    &[parents[0], side],
                )
            } else {
                self.commit("main", place, &format!("change {place}"), &parents)
            };
            if changes {
                self.contents(place, 1.0);
            } else {
                self.flat_contents(place);
            }
            last = Some(mark);
        }
    }

    /// As if nothing had changed since the branch was written anew.
    fn flat_contents(&mut self, place: u32) {
        let numbers = self.numbers.clone();
        for number in &mut self.numbers {
            if number.at >= REWRITTEN {
                number.at = u32::MAX;
            }
            number.seed += 500_000;
        }
        self.contents(place, 1.0);
        self.numbers = numbers;
    }
}

fn import(project: &Project, stream: &str) {
    let mut git = Command::new("git")
        .args(["fast-import", "--quiet", "--force"])
        .current_dir(project.root())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    git.stdin
        .take()
        .unwrap()
        .write_all(stream.as_bytes())
        .unwrap();
    assert!(git.wait().unwrap().success());
    project.git(&["reset", "--quiet", "--hard", "main"]);
}

/// What is found of one kind of numbers.
#[derive(Clone, Copy, Debug, Default)]
struct Score {
    series: u32,
    /// With the change within the commits that are named, or of a step within two of them.
    hits: u32,
    /// Steps that were found at other commits, and anything where nothing was planted.
    wrong: u32,
    /// Of the hits, those whose very commit is named.
    exact: u32,
}

/// What is told, by series: shape, and the places of the commits that are named.
type Found = BTreeMap<String, Vec<(String, Vec<u32>)>>;

fn findings(project: &Project) -> Found {
    let printed = project.mad_prints(&["changes", "--json", "--all"]);
    let document: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let line = project.git(&["rev-list", "--first-parent", "--reverse", "HEAD"]);
    let line: Vec<&str> = line.lines().collect();
    let mut found = Found::new();
    let lists = ["changes", "spreads"].map(|list| document[list].as_array().unwrap());
    for change in lists.into_iter().flatten() {
        let place = |commit: &serde_json::Value| {
            let id = commit["id"].as_str().unwrap();
            let place = line.iter().position(|other| *other == id);
            u32::try_from(place.expect("only commits of the line are named")).unwrap()
        };
        let places = change["commits"].as_array().unwrap().iter().map(place);
        let entry = (
            change["shape"].as_str().unwrap().to_owned(),
            places.collect(),
        );
        let series = change["series"].as_str().unwrap().to_owned();
        found.entry(series).or_default().push(entry);
    }
    found
}

fn score(found: &Found, numbers: &[Number], fate: Fate) -> Score {
    let mut score = Score::default();
    for number in numbers.iter().filter(|number| number.fate == fate) {
        score.series += 1;
        let series = format!("command - at {} command_value", number.name);
        let of_it = found.get(&series).map_or(&[][..], Vec::as_slice);
        let mut is_hit = false;
        for (shape, places) in of_it {
            let is_right = match fate {
                Fate::Step(_) => places
                    .iter()
                    .any(|place| shape == "step" && place.abs_diff(number.at) <= 2),
                Fate::Drift(_) => shape == "drift",
                Fate::Spread => shape == "spread" && places.contains(&number.at),
                _ => false,
            };
            if is_right && !is_hit {
                is_hit = true;
                score.exact += u32::from(places.contains(&number.at));
            } else {
                score.wrong += 1;
            }
        }
        score.hits += u32::from(is_hit);
    }
    score
}

/// Of each kind, the share that has to be found at least, and the share that may be wrong at most.
const FLOORS: [(&str, f64, f64); 8] = [
    ("+3 %", 0.6, 0.3),
    ("+5 %", 0.95, 0.1),
    ("+10 %", 1.0, 0.05),
    ("drift of +15 %", 0.9, 0.1),
    ("nothing", 0.0, 0.05),
    ("nothing, 4 % outliers", 0.0, 0.1),
    ("nothing, noise that remembers", 0.0, 0.1),
    ("spread of 2 to 6 %", 0.8, 0.2),
];

#[expect(clippy::print_stdout, reason = "the table of the documents")]
fn check_table(found: &Found, numbers: &[Number]) {
    let mut table = String::from(
        "| planted | series | found | the very commit | wrong |\n|---|---|---|---|---|\n",
    );
    let mut scores = BTreeMap::new();
    for (name, fate, _) in KINDS {
        let score = score(found, numbers, fate);
        let is_step = matches!(fate, Fate::Step(_));
        let is_change = is_step || matches!(fate, Fate::Drift(_) | Fate::Spread);
        let if_so = |so: bool, n: u32| if so { n.to_string() } else { "-".to_owned() };
        _ = writeln!(
            table,
            "| {name} | {} | {} | {} | {} |",
            score.series,
            if_so(is_change, score.hits),
            if_so(is_step, score.exact),
            score.wrong,
        );
        scores.insert(name, score);
    }
    println!("{table}");
    for (name, least, most) in FLOORS {
        let score = &scores[name];
        let share = |part: u32| f64::from(part) / f64::from(score.series);
        assert!(share(score.hits) >= least, "{name}: {score:?}\n{table}");
        assert!(share(score.wrong) <= most, "{name}: {score:?}\n{table}");
    }
}

/// All numbers at once, and two commands of which one fails now and then and the other from some commit on.
fn walk(project: &Project, n_commits: u32) {
    let unless_broken =
        |name: &str, command: &str| format!("{name}=test ! -e broken || exit 125; {command}");
    let mut arguments = vec!["history".to_owned(), "--no-tests".to_owned()];
    arguments.extend(["--jobs".to_owned(), "2".to_owned()]);
    for (name, command) in [
        ("at", "cat numbers"),
        ("flaky", "grep -q 1 flaky"),
        ("breaks", "grep -q 1 breaks"),
    ] {
        arguments.extend(["--cmd".to_owned(), unless_broken(name, command)]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let printed = project.mad_prints(&arguments);
    assert!(
        printed.contains(&format!("{n_commits} commits: ")),
        "{printed}"
    );
}

#[test]
fn what_was_planted_is_found_and_little_else() {
    let project = Project::new();
    let mut story = Story {
        stream: String::new(),
        numbers: numbers(),
        n_marks: 0,
    };
    story.line(0..N_COMMITS, None, true);
    import(&project, &story.stream);
    walk(&project, N_COMMITS);
    let found = findings(&project);
    check_table(&found, &story.numbers);
    for name in ["at old", "at new"] {
        let series = format!("command - {name} command_value");
        assert!(!found.contains_key(&series), "a new name is no change");
    }
    assert_eq!(
        found["command - breaks command_success"],
        [("step".to_owned(), vec![BREAKS])]
    );
    // It fails several times in a row as often as chance has it, which is no step.
    let flips = found.get("command - flaky command_success");
    assert_eq!(flips, None);

    // The branch is written anew: what came after is not there any more, and nobody speaks of it.
    let line = project.git(&["rev-list", "--first-parent", "--reverse", "HEAD"]);
    let kept = line
        .lines()
        .nth(usize::try_from(REWRITTEN).unwrap() - 1)
        .unwrap();
    let mut anew = Story {
        stream: format!("reset refs/heads/main\nfrom {kept}\n\n"),
        numbers: numbers(),
        n_marks: 0,
    };
    anew.commit("main", REWRITTEN, "anew", &[]);
    _ = writeln!(anew.stream, "from {kept}");
    anew.flat_contents(REWRITTEN);
    anew.line(REWRITTEN + 1..REWRITTEN + N_REWRITTEN, Some(1), false);
    import(&project, &anew.stream);
    walk(&project, REWRITTEN + N_REWRITTEN);
    let found = findings(&project);
    for number in numbers().iter().filter(|number| number.at >= REWRITTEN) {
        if let Fate::Step(_) = number.fate {
            let told = found.get(&format!("command - at {} command_value", number.name));
            assert!(told.is_none(), "{} {told:?}", number.name);
        }
    }
}
