//! What goes wrong in the middle, and around.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::terminal::Terminal;
use super::{Project, TWO_TESTS, said};

/// It says when it has begun, and waits for longer than anybody.
const WAITS: &str = "#[test] fn waits() {
    std::fs::write(\"begun\", \"\").unwrap();
    std::thread::sleep(std::time::Duration::from_mins(5));
}";

const RUNNERS: [(&str, &str); 2] = [("libtest", "test"), ("nextest", "nextest run")];

/// A project whose tests are built, so that none of the runs has to wait for that.
fn built(library: &str) -> Project {
    let project = Project::new(library);
    let mut build = project.command("cargo", &["test", "--no-run"]);
    build.output().expect("it is built");
    project
}

fn is_there(runner: &str) -> bool {
    let version = Command::new("cargo").args([runner, "--version"]).output();
    version.is_ok_and(|version| version.status.success())
}

fn begins(project: &Project) {
    let since = Instant::now();
    while !project.path().join("begun").exists() {
        assert!(
            since.elapsed() < Duration::from_mins(2),
            "the test did not begin"
        );
        thread::sleep(Duration::from_millis(20));
    }
    fs::remove_file(project.path().join("begun")).expect("it is there");
}

fn is_kept(project: &Project) -> bool {
    project.path().join(".mad/mad.db").exists() && !project.runs().is_empty()
}

#[test]
fn a_run_that_is_ended_in_the_middle_leaves_nothing() {
    let project = built(WAITS);
    for signal in ["-TERM", "-KILL"] {
        let mut command =
            project.command(env!("CARGO_BIN_EXE_mad"), &["test", "--runner", "libtest"]);
        let child = command.stdin(Stdio::null()).spawn();
        let mut child = child.expect("it can be started");
        begins(&project);
        let kill = Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status();
        assert!(kill.expect("it runs").success());
        let status = child.wait().expect("it ends");
        assert!(!status.success(), "{signal}");
        assert!(!is_kept(&project), "{signal}");
    }
}

/// Presses Ctrl-C in the middle of a command, and returns what the shell says of its end.
fn interrupted(terminal: &Terminal, project: &Project, command: &str) -> String {
    // The prompt that is there goes, so that the next one is the end.
    terminal.press(&[&format!("clear; {command}"), "Enter"]);
    begins(project);
    terminal.press(&["C-c"]);
    terminal.shows("[ended with");
    let shown = terminal.shown();
    let (_, end) = shown.rsplit_once("[ended with ").expect("it is shown");
    let (code, _) = end.split_once(']').expect("it is shown whole");
    code.to_owned()
}

/// A shell in the folder of a project, which tells before each prompt how the last command has ended.
fn shell(project: &Project) -> Terminal {
    let terminal = Terminal::open();
    let folder = project.path().display();
    let prompt = format!("cd '{folder}'; unset MAD_STORE; PS1='[ended ''with $?] '");
    terminal.press(&[&prompt, "Enter"]);
    terminal.shows("[ended with 0]");
    terminal
}

#[test]
fn ctrl_c_at_a_terminal_is_the_runners_and_what_is_lost_is_said() {
    let project = built(WAITS);
    for (name, words) in RUNNERS {
        if !is_there(words.split(' ').next().expect("a word")) {
            continue;
        }
        let plain = shell(&project);
        let code = interrupted(&plain, &project, &format!("cargo {words}"));
        assert_ne!(code, "0", "{name}");
        // With more to do afterwards, none of which is begun.
        let mad = env!("CARGO_BIN_EXE_mad");
        let ours = shell(&project);
        let command = format!("'{mad}' test --runner {name} --repeat 2 --lints");
        assert_eq!(
            interrupted(&ours, &project, &command),
            code,
            "{name}: {}",
            ours.shown()
        );
        ours.shows("mad: the tests were interrupted: nothing is kept of this run");
        assert!(!is_kept(&project), "{name}");
    }
}

/// Runs a command where a folder cannot be written to, for nobody.
fn where_nothing_can_be_written(command: &Command) -> Command {
    let script = "mount --bind \"$PWD\" \"$PWD\" && mount -o remount,bind,ro \"$PWD\" && cd \"$PWD\" && exec \"$@\"";
    let mut alone = Command::new("unshare");
    alone.args([
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        script,
        "sh",
    ]);
    alone.arg(command.get_program()).args(command.get_args());
    alone.current_dir(command.get_current_dir().expect("it has one"));
    alone
}

#[test]
fn a_project_that_cannot_be_written_to_is_tested_all_the_same() {
    let project = built(TWO_TESTS);
    project.mad(&["--runner", "libtest"]);
    let target = tempfile::tempdir().expect("a folder");
    for is_there_a_store in [true, false] {
        if !is_there_a_store {
            fs::remove_dir_all(project.path().join(".mad")).expect("it is there");
        }
        let words = ["test", "--runner", "libtest"];
        let command = project.command(env!("CARGO_BIN_EXE_mad"), &words);
        let mut command = where_nothing_can_be_written(&command);
        command
            .env_remove("MAD_STORE")
            .env("CARGO_TARGET_DIR", target.path());
        let output = command.output().expect("unshare is there");
        let said = said(&output);
        assert_eq!(output.status.code(), Some(0), "{said}");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(told.contains("2 passed"), "{told}{said}");
        assert!(
            said.contains("warning: the run could not be kept"),
            "{said}"
        );
        let reason = ["unable to open database file", "Read-only file system"];
        let reasons = reason.map(|reason| said.matches(reason).count());
        assert_eq!(
            reasons.iter().sum::<usize>(),
            1,
            "the reason is said once: {said}"
        );
    }
}
