//! Walks through commits that need no compiler: what is measured is a command.

use std::fs;
use std::path::Path;

use mad_store::{RunFilter, SeriesFilter, Status, Store, SubjectKind};

use crate::project::{BEGINNING, Project, argument, text};

/// A file with a number, another one at each commit.
fn project_with_numbers(numbers: &[u32]) -> (Project, Vec<String>) {
    let mut project = Project::new();
    let commits = numbers
        .iter()
        .map(|number| {
            project.write("number", &format!("{number}\n"));
            project.commit(&format!("number {number}"))
        })
        .collect();
    (project, commits)
}

/// The value that a command printed at each commit of the line, where it did.
pub(crate) fn values(store: &Path, name: &str, newest: &str) -> Vec<Option<f64>> {
    let store = Store::open(store).unwrap();
    let filter = SeriesFilter {
        kind: Some(SubjectKind::Command),
        metric: Some("command_value".to_owned()),
        ..SeriesFilter::default()
    };
    let series = store.series(&filter).unwrap();
    let series = series.iter().find(|series| series.subject.name == name);
    let points = series.map_or_else(Vec::new, |series| store.points(series).unwrap());
    let value_at = |commit: &str| {
        points
            .iter()
            .find(|point| point.commit.as_deref() == Some(commit))
            .map(|point| point.value)
    };
    store
        .line(newest)
        .unwrap()
        .iter()
        .map(|commit| value_at(&commit.id))
        .collect()
}

/// All files of a folder with their contents, and the times of those that git keeps of a checkout.
fn picture(project: &Project) -> Vec<(String, Vec<u8>)> {
    fn add(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                add(&entry.path(), found);
            } else {
                let modified = format!("{:?}", entry.metadata().unwrap().modified().unwrap());
                let mut content = fs::read(entry.path()).unwrap();
                content.extend(modified.as_bytes());
                found.push((entry.path().display().to_string(), content));
            }
        }
    }
    let mut found = Vec::new();
    add(&project.root(), &mut found);
    found.sort();
    found
}

#[test]
fn each_commit_is_measured_and_the_checkout_is_left_alone() {
    let (project, commits) = project_with_numbers(&[3, 1, 4, 1, 5]);
    // A hook that would be called for a checkout, and work in progress.
    project.write(
        ".git/hooks/post-checkout",
        "#!/bin/sh\ntouch \"$(dirname \"$0\")/../../hook-was-here\"\n",
    );
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(project.root().join(".git/hooks/post-checkout"), executable).unwrap();
    project.write("number", "unsaved\n");
    project.write("untracked", "kept\n");
    project.git(&["add", "untracked"]);
    let before = picture(&project);
    project.mad_prints(&["history", "--no-tests", "--cmd", "number=cat number"]);
    let after = picture(&project);
    assert_eq!(before, after);
    assert_eq!(project.git(&["worktree", "list"]).lines().count(), 1);
    let expected = [3.0, 1.0, 4.0, 1.0, 5.0].map(Some);
    assert_eq!(values(&project.store(), "number", &commits[4]), expected);
}

#[test]
fn the_newest_and_the_oldest_come_first_and_what_is_alike_once() {
    let (project, _) = project_with_numbers(&[0, 1, 2, 3, 2, 5, 6]);
    let log = project.beside("log");
    let command = format!("number=cat number | tee -a {}", argument(&log));
    let printed = project.mad_prints(&["history", "--no-tests", "--cmd", &command]);
    assert_eq!(
        fs::read_to_string(log).unwrap().replace('\n', " "),
        "6 0 3 2 1 5 "
    );
    assert!(
        printed.contains("7 commits: 6 measured, 1 alike, 0 known before"),
        "{printed}"
    );
}

#[test]
fn where_only_sources_are_asked_for_nothing_is_said_to_be_broken() {
    let (project, _) = project_with_numbers(&[0, 1, 2]);
    let printed = project.mad_prints(&["history", "--no-tests"]);
    let first = printed.lines().next();
    assert_eq!(first, Some("3 commits: only their sources were asked for"));
    let tree = project.git(&["worktree", "list"]);
    assert_eq!(tree.lines().count(), 1, "{tree}");
}

#[test]
fn a_second_walk_measures_only_what_is_new() {
    let (mut project, _) = project_with_numbers(&[0, 1, 2]);
    let log = project.beside("log");
    let command = format!("number=cat number | tee -a {}", argument(&log));
    let walk = ["history", "--no-tests", "--cmd", &command];
    project.mad_prints(&walk);
    project.write("number", "7\n");
    let newest = project.commit("number 7");
    let printed = project.mad_prints(&walk);
    assert!(
        printed.contains("4 commits: 1 measured, 0 alike, 3 known before"),
        "{printed}"
    );
    assert_eq!(fs::read_to_string(&log).unwrap().lines().count(), 4);
    // Another thing to measure is another thing.
    let printed = project.mad_prints(&[
        "history",
        "--no-tests",
        "--cmd",
        &command,
        "--cmd",
        "constant=echo 1",
    ]);
    assert!(printed.contains("4 commits: 4 measured"), "{printed}");
    assert_eq!(fs::read_to_string(&log).unwrap().lines().count(), 4);
    assert_eq!(
        values(&project.store(), "constant", &newest),
        [Some(1.0); 4]
    );
}

#[test]
fn commits_can_be_chosen() {
    let (mut project, commits) = project_with_numbers(&[0, 1, 2, 3, 4, 5, 6, 7, 8]);
    project.git(&["tag", "v1", &commits[1]]);
    project.git(&["tag", "--annotate", "--message=x", "v6", &commits[6]]);
    project.write(
        "incidents.toml",
        "[[incident]]\ntitle = 'slow'\nbegan = 2024-01-01T00:00:00Z\ntag = 'v1'\n",
    );
    project.write(
        "../list",
        &format!("# two\n{}\n\n{}\n", commits[2], &commits[3][..10]),
    );
    let list = project.beside("list");
    let since = format!("--since={}", "2023-11-15T03:00:00Z");
    for (number, (words, expected)) in [
        (vec!["HEAD~3..HEAD"], vec![6, 7, 8]),
        (vec!["v1"], vec![0, 1]),
        (vec!["v1.."], vec![2, 3, 4, 5, 6, 7, 8]),
        (vec!["--tags"], vec![1, 6]),
        (vec!["--every", "4"], vec![0, 4, 8]),
        (vec!["--steps", "2"], vec![0, 8]),
        (vec!["--commits", argument(&list)], vec![2, 3]),
        (vec![&since], vec![5, 6, 7, 8]),
        (vec!["--around", "slow", "HEAD~4"], vec![0, 1, 2, 3, 4]),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("c{number}");
        let command = format!("{name}=cat number");
        let mut walk = vec!["history", "--no-tests", "--cmd", &command];
        walk.extend(&words);
        project.mad_prints(&walk);
        let found: Vec<_> = values(&project.store(), &name, &commits[8])
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(
            found,
            expected.into_iter().map(f64::from).collect::<Vec<_>>(),
            "{words:?}"
        );
    }
    for (words, reason) in [
        (vec!["nowhere"], "there is no commit `nowhere`"),
        (vec!["HEAD...v1"], "has two sides"),
        (vec!["HEAD..HEAD"], "no commit is meant"),
        (vec!["--around", "x"], "there is no incident `x`"),
        (
            vec!["v1", "--commits", argument(&list)],
            "is not among the first parents of `v1`",
        ),
        (
            vec!["--overlay", "nothing@HEAD"],
            "there is no `nothing@HEAD`",
        ),
        (
            vec!["--overlay", "../elsewhere"],
            "there is no `../elsewhere`",
        ),
        (vec!["--probe", "."], "cannot be read"),
        (vec!["--work-dir", "cache"], "is inside of the repository"),
    ] {
        let mut walk = vec!["history", "--no-tests", "--cmd", "x=true"];
        walk.extend(&words);
        let output = project.mad(&walk);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(
            text(&output.stderr).contains(reason),
            "{reason}: {}",
            text(&output.stderr)
        );
    }
    _ = project.commit("end");
}

#[test]
fn what_came_by_a_merge_counts_as_the_merge_and_dates_do_not_matter() {
    let mut project = Project::new();
    project.write("number", "1\n");
    let first = project.commit_at("first", BEGINNING + 9_000_000);
    project.git(&["switch", "--quiet", "--create", "side"]);
    project.write("side", "2\n");
    project.commit_at("on the side", BEGINNING + 100);
    project.git(&["switch", "--quiet", "main"]);
    project.write("number", "3\n");
    let second = project.commit_at("second", BEGINNING - 5_000_000);
    project.git(&["merge", "--quiet", "--no-edit", "side"]);
    let merge = project.git(&["rev-parse", "HEAD"]);
    project.mad_prints(&[
        "history",
        "--no-tests",
        "--cmd",
        "number=cat number side 2>/dev/null || cat number",
    ]);
    let store = Store::open(project.store()).unwrap();
    let line: Vec<_> = store
        .line(&merge)
        .unwrap()
        .into_iter()
        .map(|commit| commit.id)
        .collect();
    assert_eq!(line, [first, second, merge.clone()]);
    assert_eq!(
        values(&project.store(), "number", &merge),
        [Some(1.0), Some(3.0), Some(2.0)]
    );
}

#[test]
fn a_branch_that_was_written_anew_has_a_history_of_its_own() {
    let (mut project, old) = project_with_numbers(&[0, 1, 2]);
    let walk = ["history", "--no-tests", "--cmd", "number=cat number"];
    project.mad_prints(&walk);
    project.git(&["reset", "--quiet", "--hard", &old[0]]);
    project.write("number", "9\n");
    let new = project.commit("another second");
    let printed = project.mad_prints(&walk);
    assert!(
        printed.contains("2 commits: 1 measured, 0 alike, 1 known before"),
        "{printed}"
    );
    assert_eq!(
        values(&project.store(), "number", &new),
        [Some(0.0), Some(9.0)]
    );
    assert_eq!(
        values(&project.store(), "number", &old[2]),
        [Some(0.0), Some(1.0), Some(2.0)]
    );
}

#[test]
fn a_range_that_cannot_be_measured_is_jumped_and_said() {
    // From 20 to 60 the command says that there is nothing to measure.
    let numbers: Vec<u32> = (0..80).collect();
    let (project, commits) = project_with_numbers(&numbers);
    let command = "number=read n < number; [ $n -lt 20 ] || [ $n -gt 60 ] || exit 125; echo $n";
    let walk = ["history", "--no-tests", "--cmd", command];
    let printed = project.mad_prints(&walk);
    let said = format!(
        "nothing to measure at 41 from {} to {}",
        &commits[20][..12],
        &commits[60][..12]
    );
    assert!(printed.contains(&said), "{printed}");
    assert!(
        printed.contains("jumped") && printed.contains("exit code 125"),
        "{printed}"
    );
    let found = values(&project.store(), "number", &commits[79]);
    let expected: Vec<_> = (0..80)
        .map(|number| (!(20..=60).contains(&number)).then_some(f64::from(number)))
        .collect();
    assert_eq!(found, expected);
    let n_runs = |status| {
        let filter = RunFilter {
            status: Some(status),
            ..RunFilter::default()
        };
        Store::open(project.store())
            .unwrap()
            .runs(&filter)
            .unwrap()
            .len()
    };
    assert!(
        (2..25).contains(&n_runs(Status::BuildFailed)),
        "{}",
        n_runs(Status::BuildFailed)
    );
    let mut all = walk.to_vec();
    all.push("--try-all");
    project.mad_prints(&all);
    assert_eq!(n_runs(Status::BuildFailed), 41);
}

#[test]
fn a_command_that_hangs_or_is_killed_has_a_status_of_its_own() {
    let (project, commits) = project_with_numbers(&[0, 1, 2, 3]);
    let command = "number=case $(cat number) in 0) sleep 600 & sleep 600;; 1) kill -SEGV $$;; 2) exit 3;; *) yes;; esac";
    let walk = [
        "history",
        "--no-tests",
        "--try-all",
        "--time-limit",
        "2s",
        "--cmd",
        command,
    ];
    project.mad_prints(&walk);
    let store = Store::open(project.store()).unwrap();
    let status = |commit: &str| {
        let runs = store
            .runs(&RunFilter {
                commit: Some(commit.to_owned()),
                ..RunFilter::default()
            })
            .unwrap();
        let of_command = runs.iter().find(|run| run.environment.runner == "command");
        of_command
            .unwrap_or_else(|| panic!("{commit}: {runs:?}"))
            .status
    };
    let found: Vec<_> = commits.iter().map(|commit| status(commit)).collect();
    assert_eq!(
        found,
        [
            Status::TimedOut,
            Status::Crashed,
            Status::Complete,
            Status::TimedOut
        ]
    );
}

#[test]
fn repeats_are_taken_in_turns() {
    let (project, commits) = project_with_numbers(&[0, 1, 2]);
    let log = project.beside("log");
    let command = format!("number=cat number | tee -a {}", argument(&log));
    project.mad_prints(&["history", "--no-tests", "--repeat", "3", "--cmd", &command]);
    assert_eq!(
        fs::read_to_string(log).unwrap().replace('\n', ""),
        "201201201"
    );
    let store = Store::open(project.store()).unwrap();
    let filter = SeriesFilter {
        metric: Some("command_value".to_owned()),
        ..SeriesFilter::default()
    };
    let series = store.series(&filter).unwrap();
    assert_eq!(store.points(&series[0]).unwrap().len(), 9);
    assert_eq!(
        values(&project.store(), "number", &commits[2]),
        [Some(0.0), Some(1.0), Some(2.0)]
    );
}

#[test]
fn machines_share_the_work_and_their_stores_are_put_together() {
    let (project, commits) = project_with_numbers(&[0, 1, 2, 3, 4, 5, 6]);
    let stores = ["1/2", "2/2"].map(|shard| {
        let store = project.beside(&format!("{}.db", &shard[..1]));
        let walk = [
            "history",
            "--no-tests",
            "--cmd",
            "number=cat number",
            "--shard",
            shard,
            "--store",
            argument(&store),
        ];
        project.mad_prints(&walk);
        store
    });
    let found = stores.each_ref().map(|store| {
        values(store, "number", &commits[6])
            .into_iter()
            .flatten()
            .count()
    });
    assert_eq!(found, [4, 3]);
    project.mad_prints(&[
        "store",
        "merge",
        argument(&stores[1]),
        "--store",
        argument(&stores[0]),
    ]);
    let expected: Vec<_> = (0..7).map(|number| Some(f64::from(number))).collect();
    assert_eq!(values(&stores[0], "number", &commits[6]), expected);
}

#[test]
fn what_took_too_long_is_tried_again_when_it_is_given_another_time() {
    let (project, commits) = project_with_numbers(&[1, 2]);
    let command = "number=[ $(cat number) = 1 ] || sleep 4; cat number";
    let walk = |limit| {
        [
            "history",
            "--no-tests",
            "--try-all",
            "--cmd",
            command,
            "--time-limit",
            limit,
        ]
    };
    project.mad_prints(&walk("1s"));
    assert_eq!(
        values(&project.store(), "number", &commits[1]),
        [Some(1.0), None]
    );
    let again = project.mad_prints(&walk("1s"));
    assert!(
        again.contains("2 commits: 0 measured, 0 alike, 2 known before"),
        "{again}"
    );
    let longer = project.mad_prints(&walk("5m"));
    assert!(
        longer.contains("2 commits: 1 measured, 0 alike, 1 known before"),
        "{longer}"
    );
    assert_eq!(
        values(&project.store(), "number", &commits[1]),
        [Some(1.0), Some(2.0)]
    );
}

#[test]
fn a_commit_of_documents_is_not_measured_again_unless_code_reads_them() {
    let mut project = Project::new();
    project.write(
        "Cargo.toml",
        "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nreadme = \"README.md\"\n",
    );
    project.write("src/lib.rs", "pub fn f() {}\n");
    project.commit("code");
    project.write("README.md", "# A shop\n");
    project.commit("document");
    let printed = project.mad_prints(&["history", "--no-tests", "--cmd", "number=echo 1"]);
    assert!(
        printed.contains("2 commits: 1 measured, 1 alike"),
        "{printed}"
    );
    for name in ["README.md", "GUIDE.MD"] {
        let reading = format!("#![doc = include_str!(\"../{name}\")]\n");
        project.write("src/lib.rs", &reading);
        project.write(name, "# Its shop\n");
        project.commit("code that reads");
        project.write(name, "# Another shop\n");
        project.commit("document");
        let walk = ["history", "HEAD~2..", "--no-tests", "--cmd"];
        let printed = project.mad_prints(&[&walk[..], &["number=echo 1"]].concat());
        assert!(
            printed.contains("2 commits: 2 measured, 0 alike"),
            "{name}: {printed}"
        );
    }
}

#[test]
fn what_differs_from_repeat_to_repeat_is_called_unsteady() {
    let (project, _) = project_with_numbers(&[1, 2]);
    let counter = project.beside("counter");
    let command = format!(
        "number=n=$(cat {0} 2>/dev/null || echo 0); echo $((n + 1)) > {0}; echo steady 100; echo wild $((n * 100))",
        argument(&counter)
    );
    let printed =
        project.mad_prints(&["history", "--no-tests", "--repeat", "2", "--cmd", &command]);
    assert!(
        printed.contains("unsteady: command_value of command - number wild differs by"),
        "{printed}"
    );
    assert!(!printed.contains("number steady"), "{printed}");
}
