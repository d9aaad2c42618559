//! Searches for the commit that changed a number.

use std::fs;

use crate::project::{Project, argument, text};

/// A file with a number that changes at one commit, and a file that makes each commit another one.
fn project_with_change(
    n_commits: usize,
    change: usize,
    before: &str,
    after: &str,
) -> (Project, Vec<String>) {
    let mut project = Project::new();
    let commits = (0..n_commits)
        .map(|number| {
            project.write("cost", if number < change { before } else { after });
            project.write("number", &number.to_string());
            project.commit(&format!("number {number}"))
        })
        .collect();
    (project, commits)
}

#[test]
fn the_commit_that_changed_a_number_is_found_by_halving() {
    let (project, commits) = project_with_change(33, 21, "100\n", "103\n");
    let log = project.beside("log");
    let command = format!("cost=cat cost; echo >> {}", argument(&log));
    let found = project.mad_prints(&["bisect", "--good", &commits[0], "--cmd", &command]);
    assert!(
        found.starts_with(&format!(
            "the first bad commit is {} of 2023-11-15T19:13:20Z: number 21\n",
            commits[21]
        )),
        "{found}"
    );
    assert!(
        found.contains("command_value of command - cost: 100 (of 5) at"),
        "{found}"
    );
    let n_measured = fs::read_to_string(&log).unwrap().lines().count();
    assert!(n_measured <= 5 + 5 + 5 + 2 * 4, "{n_measured}");
    // A second search, and one between commits that are known, has nothing to measure.
    let again = project.mad_prints(&["bisect", "--good", &commits[0], "--cmd", &command]);
    assert!(again.contains("; 0 measurements for 33 commits"), "{again}");
    assert_eq!(
        fs::read_to_string(&log).unwrap().lines().count(),
        n_measured
    );
    assert_eq!(project.git(&["worktree", "list"]).lines().count(), 1);
}

#[test]
fn a_number_with_noise_is_measured_until_it_is_plain() {
    let (project, commits) = project_with_change(33, 13, "1000\n", "1050\n");
    // Noise that is the same each time: from -20 to 20, by the commit and by how often it was measured.
    let counter = project.beside("counter");
    let command = format!(
        "cost=n=$(cat {0} 2>/dev/null || echo 7); n=$(( (n * 1103515245 + 12345) % 2147483648 )); echo $n > {0}; echo $(( $(cat cost) + n / 65536 % 41 - 20 ))",
        argument(&counter)
    );
    let found = project.mad_prints(&[
        "bisect",
        "--good",
        &commits[0],
        "--bad",
        &commits[32],
        "--cmd",
        &command,
    ]);
    assert!(
        found.contains(&format!("the first bad commit is {}", commits[13])),
        "{found}"
    );
}

#[test]
fn commits_that_cannot_be_measured_widen_what_is_found() {
    let (project, commits) = project_with_change(40, 20, "1\n", "2\n");
    let command = "cost=read n < number; [ $n -lt 15 ] || [ $n -gt 22 ] || exit 125; cat cost";
    let found = project.mad_prints(&["bisect", "--good", &commits[0], "--cmd", command]);
    assert!(
        found.starts_with("the first bad commit is one of 9:\n"),
        "{found}"
    );
    assert!(
        found.contains(&commits[15]) && found.contains(&commits[23]),
        "{found}"
    );
    assert!(
        !found.contains(&commits[14]) && !found.contains(&commits[24]),
        "{found}"
    );
    assert!(found.contains("exit code 125"), "{found}");
}

#[test]
fn a_test_of_today_dates_a_mistake_of_yesterday() {
    let mut project = Project::new();
    project.write(
        "Cargo.toml",
        "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
    );
    project.write(".gitignore", "target\n");
    let mut commits = Vec::new();
    for number in 0..12 {
        let answer = if number < 7 { 42 } else { 41 };
        let code = if number == 5 {
            "syntax error".to_owned()
        } else {
            format!("pub fn answer() -> u8 {{ {answer} }} // {number}")
        };
        project.write("src/lib.rs", &code);
        commits.push(project.commit(&format!("number {number}")));
    }
    project.write(
        "tests/today.rs",
        "#[test]\nfn is_right() { assert_eq!(shop::answer(), 42); }\n",
    );
    let search = [
        "bisect",
        "test shop today::is_right",
        "--good",
        &commits[0],
        "--overlay",
        "tests/today.rs",
    ];
    let found = project.mad_prints(&search);
    assert!(
        found.starts_with(&format!("the first bad commit is {}", commits[7])),
        "{found}"
    );
    assert!(
        found.contains("test_passed of test shop today::is_right: 1 (of"),
        "{found}"
    );
}

#[test]
fn who_mended_it_is_not_called_bad() {
    // One of the ends is taken for what it is not: 0 says that the command fails there.
    let (project, commits) = project_with_change(20, 8, "1\n", "0\n");
    let search = [
        "bisect",
        "--good",
        &commits[0],
        "--cmd",
        "works=grep -q 0 cost",
    ];
    let found = project.mad_prints(&search);
    assert!(
        found.starts_with(&format!("the first good commit is {}", commits[8])),
        "{found}"
    );
}

#[test]
fn what_was_wrong_from_its_beginning_is_the_fault_of_who_brought_it() {
    let (project, commits) = project_with_change(20, 8, "1\n", "2\n");
    // Before the eighth commit there is nothing to ask.
    let command = "cost=read n < number; [ $n -ge 8 ] || exit 125; cat cost";
    let found = project.mad_prints(&["bisect", "--good", &commits[0], "--cmd", command]);
    assert!(
        found.starts_with(&format!("the first bad commit is {}", commits[8])),
        "{found}"
    );
    assert!(
        found.contains("before it, nothing can be measured: exit code 125"),
        "{found}"
    );
}

#[test]
fn a_commit_at_which_a_test_passes_is_not_called_bad() {
    let (project, commits) = project_with_change(20, 8, "1\n", "2\n");
    let command = "cost=read n < number; [ $n -ge 8 ] || exit 125";
    let search = ["bisect", "--good", &commits[0], "--cmd", command];
    let output = project.mad(&[&search[..], &["--metric", "command_success"]].concat());
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(!said.contains("the first bad commit"), "{said}");
    assert!(
        said.contains(&format!("first at {}", commits[8]))
            && said.contains("nothing is wrong there"),
        "{said}"
    );
}

#[test]
fn what_sources_measure_is_found_without_a_build() {
    let mut project = Project::new();
    let mut commits = Vec::new();
    for number in 0..20 {
        let body = if number < 11 {
            ""
        } else {
            "if true { loop {} }"
        };
        project.write("src/lib.rs", &format!("fn f() {{ {body} }} // {number}"));
        commits.push(project.commit("code"));
    }
    let search = [
        "bisect",
        "run",
        "--metric",
        "source_nesting",
        "--no-tests",
        "--good",
        &commits[0],
    ];
    let found = project.mad_prints(&search);
    assert!(
        found.contains(&format!("the first bad commit is {}", commits[11])),
        "{found}"
    );
    assert!(found.contains("0 measurements"), "{found}");
}

/// A release of another line is where many begin.
#[test]
fn who_begins_at_a_release_beside_the_line_is_told_where_to_begin() {
    let (mut project, commits) = project_with_change(6, 4, "1\n", "2\n");
    project.git(&["checkout", "--quiet", "-b", "release", &commits[2]]);
    project.commit("version 1");
    project.git(&["tag", "v1"]);
    project.git(&["checkout", "--quiet", "main"]);
    let output = project.mad(&["bisect", "--good", "v1", "--cmd", "cost=cat cost"]);
    let said = text(&output.stderr);
    assert!(
        said.contains(&format!("begin at `{}`", &commits[2][..12])),
        "{said}"
    );
}

#[test]
fn what_cannot_be_searched_is_said() {
    let (project, commits) = project_with_change(4, 9, "1\n", "2\n");
    for (words, code, reason) in [
        (
            vec!["--good", &commits[0], "--cmd", "cost=cat cost"],
            1,
            "does not differ between the two commits: 1 and 1",
        ),
        (
            vec![
                "--good",
                &commits[3],
                "--bad",
                &commits[0],
                "--cmd",
                "cost=cat cost",
            ],
            2,
            "is not among the first parents of the bad one; begin at the older of the two",
        ),
        (vec!["--good", &commits[0]], 2, "name what changed"),
        (
            vec![
                "command - other",
                "--good",
                &commits[0],
                "--cmd",
                "cost=cat cost",
            ],
            2,
            "nothing is known of `command - other`",
        ),
        (
            vec!["--good", &commits[0], "--cmd", "cost=exit 125"],
            2,
            "at either end",
        ),
    ] {
        let mut search = vec!["bisect"];
        search.extend(&words);
        let output = project.mad(&search);
        let said = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(reason), "{reason}: {said}");
    }
}
