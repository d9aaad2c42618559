//! Repositories as strangers have them, and what their tests do to a work tree.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::project::{Project, argument, text};
use crate::walks::values;

const MANIFEST: &str = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
const LIBRARY: &str = "#[test]\nfn is_right() {}\n";

/// Walks with a command that prints the number of a commit, and tells what it printed.
fn walk(project: &Project, command: &str) -> Vec<Option<f64>> {
    let command = format!("number=cat number; {command}");
    project.mad_prints(&["history", "--no-tests", "--cmd", &command]);
    assert_eq!(project.git(&["worktree", "list"]).lines().count(), 1);
    let newest = project.git(&["rev-parse", "HEAD"]);
    values(&project.store(), "number", &newest)
}

fn project_with_three() -> Project {
    let mut project = Project::new();
    for number in 0..3 {
        project.write("number", &format!("{number}\n"));
        project.commit("number");
    }
    project
}

const ALL_THREE: [Option<f64>; 3] = [Some(0.0), Some(1.0), Some(2.0)];

#[test]
fn links_are_not_followed_wherever_they_lead() {
    let mut project = Project::new();
    let outside = project.beside("outside");
    fs::write(&outside, "").unwrap();
    let before = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let file = fs::File::options().write(true).open(&outside).unwrap();
    file.set_modified(before).unwrap();
    let pipe = project.beside("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    symlink("circle", project.root().join("circle")).unwrap();
    symlink(&outside, project.root().join("outside")).unwrap();
    // Whoever opens it waits for somebody who writes.
    symlink(&pipe, project.root().join("pipe")).unwrap();
    for number in 0..3 {
        project.write("number", &format!("{number}\n"));
        project.commit("number");
    }
    assert_eq!(walk(&project, "true"), ALL_THREE);
    assert_eq!(fs::metadata(&outside).unwrap().modified().unwrap(), before);
}

#[test]
fn an_overlay_is_put_through_no_link() {
    let mut project = Project::new();
    let outside = project.beside("outside");
    fs::create_dir(&outside).unwrap();
    symlink(&outside, project.root().join("tests")).unwrap();
    project.commit("a link");
    fs::remove_file(project.root().join("tests")).unwrap();
    project.write("tests/old", "1\n");
    symlink(&outside, project.root().join("tests/deep")).unwrap();
    project.commit("a link within");
    fs::remove_file(project.root().join("tests/deep")).unwrap();
    project.write("tests/deep/new", "2\n");
    project.commit("a folder");
    for (overlay, link) in [
        ("tests", "`tests`"),
        ("tests@HEAD", "`tests`"),
        ("tests/deep/new", "`tests"),
        ("tests/deep@HEAD", "`tests"),
    ] {
        let command = format!("{overlay}=cat tests/deep/new");
        let walk = ["history", "--no-tests", "--overlay", overlay, "--cmd"];
        let said = project.mad_prints(&[&walk[..], &[&command]].concat());
        assert!(
            said.contains("1 measured, 0 alike, 0 known before, 2 could not"),
            "{overlay}: {said}"
        );
        let reason = format!("cannot be put into this commit, where {link}");
        assert!(said.contains(&reason), "{overlay}: {said}");
        let advice = "leave such commits out, or overlay what is not below it";
        assert!(said.contains(advice), "{overlay}: {said}");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0, "{overlay}");
    }
}

#[test]
fn what_is_no_file_in_an_overlay_is_refused_by_its_name() {
    let mut project = Project::new();
    project.write("tests/file", "1\n");
    project.commit("a file");
    let walk = [
        "history",
        "--no-tests",
        "--overlay",
        "tests",
        "--cmd",
        "number=echo 1",
    ];
    let refused = |reason: &str| {
        let output = project.mad(&walk);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = text(&output.stderr);
        assert!(said.contains(reason), "{said}");
        assert!(!said.contains("there is no"), "{said}");
    };
    let link = project.root().join("tests/link");
    symlink("..", &link).unwrap();
    refused("tests/link is a link to a folder");
    fs::remove_file(&link).unwrap();
    symlink("nowhere", &link).unwrap();
    refused("tests/link: ");
    fs::remove_file(&link).unwrap();
    let pipe = project.root().join("tests/pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    // Whoever reads it all the same has something to read, and does not wait for good.
    let mut writer = Command::new("tee");
    let mut writer = writer.arg(&pipe).stdin(Stdio::null()).spawn().unwrap();
    refused("tests/pipe is neither a file nor a folder");
    writer.kill().unwrap();
    writer.wait().unwrap();
}

#[test]
fn what_stands_in_the_way_of_an_overlay_makes_way() {
    let mut project = Project::new();
    project.write("tests", "a file\n");
    project.commit("a file in place of a folder");
    fs::remove_file(project.root().join("tests")).unwrap();
    project.write("tests/deep/new/old", "1\n");
    project.commit("a folder in place of a file");
    fs::remove_dir_all(project.root().join("tests")).unwrap();
    project.write("tests/deep/new", "2\n");
    let newest = project.commit("what is put there");
    for (number, overlay) in [
        "tests",
        "tests@HEAD",
        "tests/deep/new",
        "tests/deep/new@HEAD",
    ]
    .into_iter()
    .enumerate()
    {
        let command = format!("number{number}=cat tests/deep/new");
        let walk = ["history", "--no-tests", "--overlay", overlay, "--cmd"];
        let said = project.mad_prints(&[&walk[..], &[&command]].concat());
        assert!(said.contains("3 commits: 3 measured"), "{overlay}: {said}");
        let numbers = values(&project.store(), &format!("number{number}"), &newest);
        assert_eq!(numbers, [Some(2.0); 3], "{overlay}");
    }
}

#[test]
fn a_commit_that_nobody_can_check_out_is_its_own_fault() {
    let mut project = Project::new();
    project.write("number", "0\n");
    project.commit("all is well");
    let blob = project.git(&["rev-parse", "HEAD:number"]);
    // Longer than any file system has it.
    let entry = format!("100644,{blob},{}", "x".repeat(300));
    let commits: Vec<String> = (1..6)
        .map(|number| {
            project.write("number", &format!("{number}\n"));
            project.git(&["update-index", "--add", "--cacheinfo", &entry, "number"]);
            project.git(&["commit", "--quiet", "--message", "a long name"]);
            project.git(&["rev-parse", "HEAD"])
        })
        .collect();
    project.git(&["read-tree", "HEAD~5"]);
    project.commit("all is well again");
    let walk = ["history", "--no-tests", "--cmd", "number=cat number"];
    let said = project.mad_prints(&walk);
    assert!(said.contains("7 commits: 2 measured"), "{said}");
    assert!(said.contains(" jumped"), "{said}");
    let told = format!(
        "nothing to measure at 5 from {} to {} (",
        &commits[0][..12],
        &commits[4][..12]
    );
    assert!(said.contains(&told), "{said}");
    assert!(!said.contains("hindered"), "{said}");
}

#[test]
fn whatever_was_done_to_the_work_tree_the_next_commit_is_measured() {
    for done in [
        "touch $(git rev-parse --git-dir)/index.lock",
        "rm .git",
        "rm .git; git init --quiet",
        "mkdir -p a/b; chmod 500 a",
        "echo 7 > number; rm -rf src",
        "git checkout --quiet -b theirs-$(cat number)",
    ] {
        assert_eq!(walk(&project_with_three(), done), ALL_THREE, "{done}");
    }
}

#[test]
fn a_server_that_a_test_left_is_gone_before_the_next_commit() {
    let project = project_with_three();
    let left = project.beside("left");
    let left = argument(&left);
    // One that is dead has no command line any more.
    let command = format!(
        "alive=grep -q sleep /proc/$(cat {left})/cmdline && echo 1 || echo 0; setsid sleep 600 > {left}.log 2>&1 & echo $! > {left}"
    );
    project.mad_prints(&["history", "--no-tests", "--cmd", &command]);
    let newest = project.git(&["rev-parse", "HEAD"]);
    let alive = values(&project.store(), "alive", &newest);
    assert_eq!(alive, [Some(0.0); 3]);
    let process = format!("/proc/{}/cmdline", fs::read_to_string(left).unwrap().trim());
    assert_eq!(fs::read_to_string(process).unwrap_or_default(), "");
}

#[test]
fn what_no_commit_can_help_is_tried_again() {
    let mut project = Project::new();
    project.write("Cargo.toml", MANIFEST);
    project.write(".gitignore", "Cargo.lock\ntarget\n");
    project.write("src/lib.rs", LIBRARY);
    let full = project.beside("full");
    fs::write(&full, "").unwrap();
    let build = format!(
        "fn main() {{ assert!(!std::path::Path::new({full:?}).exists(), \"No space left on device (os error 28)\"); }}\n"
    );
    project.write("build.rs", &build);
    project.commit("one");
    let walk = ["history", "--runner", "libtest"];
    let said = project.mad_prints(&walk);
    assert!(said.contains("1 could not be tried"), "{said}");
    assert!(said.contains("no fault of the commit"), "{said}");
    assert!(said.contains("No space left on device"), "{said}");
    fs::remove_file(&full).unwrap();
    let said = project.mad_prints(&walk);
    assert!(
        said.contains("1 commits: 1 measured, 0 alike, 0 known"),
        "{said}"
    );
}

#[test]
fn what_is_between_two_commits_that_were_hindered_is_measured() {
    let mut project = Project::new();
    project.write("Cargo.toml", MANIFEST);
    project.write(".gitignore", "Cargo.lock\ntarget\n");
    let full = project.beside("full");
    fs::write(&full, "").unwrap();
    let build = format!(
        "fn main() {{
             let is_end = [\"0\", \"4\"].contains(&include_str!(\"number\"));
             let is_full = std::path::Path::new({full:?}).exists();
             assert!(!(is_end && is_full), \"No space left on device (os error 28)\");
         }}\n"
    );
    project.write("build.rs", &build);
    let commits: Vec<String> = (0..5)
        .map(|number| {
            project.write("number", &number.to_string());
            project.write("src/lib.rs", &format!("{LIBRARY}// {number}\n"));
            project.commit("number")
        })
        .collect();
    let walk = ["history", "--runner", "libtest"];
    let said = project.mad_prints(&walk);
    assert!(
        said.contains("5 commits: 3 measured, 0 alike, 0 known before, 2 could not be tried"),
        "{said}"
    );
    for end in [&commits[0], &commits[4]] {
        let told = format!(
            "hindered at 1 from {0} to {0} (the same command tries again): ",
            &end[..12]
        );
        assert!(said.contains(&told), "{said}");
    }
    assert!(!said.contains("nothing to measure"), "{said}");
    fs::remove_file(&full).unwrap();
    let said = project.mad_prints(&walk);
    let again = "5 commits: 2 measured, 0 alike, 3 known before\nkept in";
    assert!(said.contains(again), "{said}");
}

#[test]
fn where_one_after_the_other_is_hindered_the_walk_ends_and_says_why() {
    let mut project = Project::new();
    for number in 0..9 {
        project.write("number", &format!("{number}\n"));
        project.commit("number");
    }
    let [full, tries] = ["full", "tries"].map(|name| project.beside(name));
    fs::write(&full, "").unwrap();
    let n_tries = || fs::read_to_string(&tries).unwrap().lines().count();
    // As with a full disk, each commit has another file that cannot be written.
    let command = format!(
        "number=echo >> {}; if [ -e {} ]; then echo \"x-$MAD_COMMIT: No space left on device\"; exit 125; fi; cat number",
        argument(&tries),
        argument(&full),
    );
    let walk = ["history", "--no-tests", "--cmd", &command];
    let output = project.mad(&walk);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(n_tries(), 5);
    let said = text(&output.stdout);
    assert!(said.contains("5 could not be tried"), "{said}");
    let end = said
        .lines()
        .find(|line| line.starts_with("ended, as too many"));
    let end = end.unwrap_or_else(|| panic!("{said}"));
    assert!(end.contains("the same command goes on"), "{end}");
    assert!(end.contains("No space left on device"), "{end}");
    let said = project.mad_prints(&[&walk[..], &["--try-all"]].concat());
    assert!(said.contains("9 could not be tried"), "{said}");
    assert_eq!(n_tries(), 14);
    fs::remove_file(&full).unwrap();
    let said = project.mad_prints(&walk);
    assert!(said.contains("9 commits: 9 measured"), "{said}");
}

#[test]
fn what_is_told_as_hindered_is_what_was_tried() {
    let mut project = Project::new();
    let commits: Vec<String> = (0..6)
        .map(|number| {
            project.write("number", &format!("{number}\n"));
            project.commit("number")
        })
        .collect();
    let hindered = "number=echo No space left on device; exit 125";
    let walk = ["history", "--no-tests", "--shard", "1/2", "--cmd", hindered];
    let said = project.mad_prints(&walk);
    assert!(said.contains("3 could not be tried"), "{said}");
    assert!(said.contains("hindered at 3 from "), "{said}");
    let full = project.beside("full");
    fs::write(&full, "").unwrap();
    let once = format!(
        "number=if rm {}; then echo No space left on device; exit 125; fi; cat number",
        argument(&full)
    );
    let walk = ["history", "--no-tests", "--repeat", "2", "--cmd", &once];
    let said = project.mad_prints(&walk);
    assert!(
        said.contains(" 11 measured, 0 alike, 0 known before, 1 could not be tried"),
        "{said}"
    );
    let newest = &commits[5][..12];
    assert!(
        said.contains(&format!("hindered at 1 from {newest} to {newest} (")),
        "{said}"
    );
}

#[test]
fn a_package_in_a_folder_is_measured_there_with_one_lock_file() {
    let mut project = Project::new();
    project.write("die kiste/Cargo.toml", MANIFEST);
    project.write("die kiste/src/lib.rs", LIBRARY);
    let built = project.beside("built");
    let settings = format!("[build]\nbuild-dir = {:?}\n", argument(&built));
    project.write("die kiste/.cargo/config.toml", &settings);
    project.write(".gitignore", "Cargo.lock\ntarget\n");
    project.commit("one");
    let above = project.mad_prints(&["history", "--runner", "libtest"]);
    assert!(above.contains("no Cargo.toml"), "{above}");
    assert!(above.contains("go to the folder of the package"), "{above}");
    let mut command = project.mad_command(&["history", "--runner", "libtest"]);
    let output = command
        .current_dir(project.root().join("die kiste"))
        .output()
        .unwrap();
    let said = text(&output.stdout);
    assert!(said.contains("1 commits: 1 measured"), "{output:?}");
    assert!(!said.contains("nothing to measure"), "{said}");
    assert!(!built.exists(), "what is built is where it is taken away");
    let of_repository = fs::read_dir(project.cache().join("mad/history"))
        .unwrap()
        .next();
    let kept = fs::read_dir(of_repository.unwrap().unwrap().path()).unwrap();
    let is_lock = |name: &str| name.ends_with("-Cargo.lock");
    assert_eq!(
        kept.filter(|entry| is_lock(entry.as_ref().unwrap().file_name().to_str().unwrap()))
            .count(),
        1
    );
}

#[test]
fn where_there_is_nothing_to_walk_it_is_said_what_to_do() {
    let mut project = Project::new();
    project.write(
        "rust-toolchain.toml",
        "[toolchain]\nchannel = \"none-of-this-name\"\n",
    );
    project.commit("one");
    let bare = project.beside("bare");
    project.git(&["clone", "--quiet", "--bare", ".", argument(&bare)]);
    let mut command = project.mad_command(&["history"]);
    let output = command.current_dir(&bare).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.contains("bare") && said.contains("clone"), "{said}");
    if Command::new("rustup").arg("--version").output().is_err() {
        return;
    }
    let mut command = project.mad_command(&["history"]);
    let output = command.env_remove("RUSTUP_TOOLCHAIN").output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = text(&output.stderr);
    assert!(
        said.contains("none-of-this-name") && said.contains("RUSTUP_TOOLCHAIN"),
        "{said}"
    );
    project.mad_prints(&["history", "--no-tests", "--cmd", "number=echo 1"]);
}

#[test]
fn what_a_partial_clone_lacks_is_said() {
    let mut project = Project::new();
    project.write("src/lib.rs", LIBRARY);
    project.commit("one");
    let blob = project.git(&["rev-parse", "HEAD:src/lib.rs"]);
    let (folder, name) = blob.split_at(2);
    let object = project.root().join(".git/objects").join(folder).join(name);
    fs::remove_file(object).unwrap();
    let output = project.mad(&["history", "--no-tests"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains(&blob) && said.contains("partial clone"),
        "{said}"
    );
}

#[test]
fn where_submodules_may_be_what_is_missing_it_is_said() {
    let mut project = Project::new();
    project.write("Cargo.toml", MANIFEST);
    project.write("src/lib.rs", LIBRARY);
    let other = project.commit("one");
    let library = "#[path = \"../vendor/other.rs\"]\nmod other;\n";
    project.write("src/lib.rs", library);
    fs::create_dir(project.root().join("vendor")).unwrap();
    let submodule = format!("160000,{other},vendor");
    project.git(&["update-index", "--add", "--cacheinfo", &submodule]);
    project.commit("two");
    let said = project.mad_prints(&["history", "--runner", "libtest"]);
    assert!(said.contains("other.rs`: No such file"), "{said}");
    assert!(said.contains("submodules are not fetched"), "{said}");
}
