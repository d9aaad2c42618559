//! A walk that is killed at any moment goes on where it was.

use std::collections::HashMap;
use std::fs;
use std::time::{Duration, Instant};

use mad_store::{RunFilter, Store};

use crate::project::{Project, argument};
use crate::walks::values;

const N_COMMITS: u32 = 40;
const N_KILLS: u32 = 20;
const JOBS: usize = 2;

/// Moments that are spread over the work, the same each time.
fn moments() -> impl Iterator<Item = Duration> {
    let mut state = 4_711_u64;
    std::iter::repeat_with(move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        Duration::from_millis((state >> 33) % 400)
    })
}

#[test]
fn a_walk_that_is_killed_twenty_times_loses_nothing_and_keeps_nothing_twice() {
    let mut project = Project::new();
    for number in 0..N_COMMITS {
        project.write("number", &format!("{number}\n"));
        project.commit("number");
    }
    let newest = project.git(&["rev-parse", "HEAD"]);
    let log = project.beside("log");
    let command = format!(
        "number=sleep 0.05; cat number; echo $MAD_COMMIT >> {}",
        argument(&log)
    );
    let walk = ["history", "--no-tests", "--jobs", "2", "--cmd", &command];
    let mut n_kills = 0;
    for moment in moments().take(N_KILLS as usize) {
        let mut process = project
            .mad_command(&walk)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while begun.elapsed() < moment && process.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        process.kill().unwrap();
        n_kills += usize::from(!process.wait().unwrap().success());
    }
    assert!(n_kills > 0, "no walk was killed");
    project.mad_prints(&walk);

    let expected: Vec<_> = (0..N_COMMITS)
        .map(|number| Some(f64::from(number)))
        .collect();
    assert_eq!(values(&project.store(), "number", &newest), expected);
    let runs = Store::open(project.store())
        .unwrap()
        .runs(&RunFilter::default())
        .unwrap();
    let mut of_commits = HashMap::new();
    for run in runs {
        *of_commits
            .entry((run.commit.unwrap(), run.command))
            .or_insert(0) += 1;
    }
    assert_eq!(
        of_commits.len(),
        2 * N_COMMITS as usize,
        "sources, and the command"
    );
    assert!(of_commits.values().all(|n| *n == 1), "{of_commits:?}");
    // Only what was in the air is begun again.
    let n_executions = fs::read_to_string(&log).unwrap().lines().count();
    assert!(
        n_executions <= N_COMMITS as usize + n_kills * JOBS,
        "{n_executions}"
    );
    // Nothing is left, neither work trees nor what was built.
    assert_eq!(project.git(&["worktree", "list"]).lines().count(), 1);
    let left = walkdir(&project.cache());
    assert!(left.iter().all(|path| path.contains(".lock")), "{left:?}");
    assert_eq!(project.git(&["status", "--porcelain"]), "");
}

/// What a build that goes on would write is ended with the walk that comes next, before it measures.
#[test]
fn what_a_killed_walk_had_started_is_ended_by_the_next_one() {
    let mut project = Project::new();
    project.write("number", "1\n");
    project.commit("number");
    let started = project.beside("started");
    let command = format!("number=echo $$ > {}; sleep 600", argument(&started));
    let mut process = project
        .mad_command(&["history", "--no-tests", "--cmd", &command])
        .spawn()
        .unwrap();
    let limit = Instant::now() + Duration::from_mins(1);
    let pid = loop {
        let pid = fs::read_to_string(&started)
            .unwrap_or_default()
            .trim()
            .to_owned();
        if !pid.is_empty() {
            break pid;
        }
        assert!(Instant::now() < limit);
        std::thread::sleep(Duration::from_millis(5));
    };
    process.kill().unwrap();
    process.wait().unwrap();
    let is_running = || {
        fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| !environment.is_empty())
    };
    assert!(is_running());
    project.mad_prints(&["history", "--no-tests", "--cmd", "number=cat number"]);
    assert!(!is_running());
}

fn walkdir(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            let within = walkdir(&entry.path());
            if within.is_empty() {
                found.push(entry.path().display().to_string());
            }
            found.extend(within);
        } else {
            found.push(entry.path().display().to_string());
        }
    }
    found
}
