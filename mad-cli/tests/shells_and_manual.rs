//! What shells and `man` make of the program.

use std::process::{Command, Output};

use tempfile::TempDir;

fn mad(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mad"))
        .args(arguments)
        .output()
        .unwrap()
}

/// Has bash complete a line, and returns the words that it offers.
fn completed_by_bash(line: &[&str]) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let script = folder.path().join("mad");
    std::fs::write(&script, mad(&["completions", "bash"]).stdout).unwrap();
    let last = line.len() - 1;
    let words: Vec<_> = line.iter().map(|word| format!("'{word}'")).collect();
    let program = format!(
        "set -eu; . '{}'; COMP_WORDS=({}); COMP_CWORD={last}; \
         entry=$(complete -p mad); entry=${{entry#*-F }}; \
         \"${{entry%% *}}\" mad '{}' '{}' || true; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        script.display(),
        words.join(" "),
        line[last],
        line[last - 1],
    );
    let output = Command::new("bash")
        .args(["--norc", "-c", &program])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let offered = String::from_utf8(output.stdout).unwrap();
    offered.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_and_options() {
    assert_eq!(completed_by_bash(&["mad", "self"]), ["selftest"]);
    assert_eq!(
        completed_by_bash(&["mad", "selftest", "--max"]),
        ["--max-unavailable"]
    );
    assert_eq!(
        completed_by_bash(&["mad", "selftest", "--effects", ""]),
        ["pure", "read", "scratch", "destructive"]
    );
}

#[test]
fn other_shells_get_scripts_of_their_own() {
    for (shell, first) in [("zsh", "#compdef mad"), ("fish", "# Print an optspec")] {
        let output = mad(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0));
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(script.starts_with(first), "{script}");
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("mad");
        std::fs::write(&file, script).unwrap();
        let read = Command::new(shell).arg("-n").arg(file).status();
        let read = read.expect("`cargo xtask test` installs what the tests need");
        assert!(read.success(), "{shell} cannot read it");
    }
    assert_eq!(mad(&["completions", "cmd.exe"]).status.code(), Some(2));
}

#[test]
fn the_manual_is_one_that_groff_reads_without_a_warning() {
    for (page, claim) in [
        (vec!["man"], "Asks services that use MAD"),
        (vec!["man", "selftest"], "Exit codes: 0 all have passed"),
        (vec!["man", "check"], "Exit codes: 0 OK"),
        (vec!["man", "generate", "docker"], "needs no curl"),
    ] {
        let output = mad(&page);
        assert_eq!(output.status.code(), Some(0));
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("mad.1");
        std::fs::write(&file, &output.stdout).unwrap();
        let read = Command::new("groff")
            .args(["-man", "-Tutf8", "-Kutf8", "-ww", "-P-c"])
            .arg(&file)
            .output()
            .expect("`cargo xtask test` installs what the tests need");
        assert_eq!(String::from_utf8_lossy(&read.stderr), "", "{page:?}");
        // The letters that are underlined or bold have backspaces among them with `-c`.
        let text = String::from_utf8(read.stdout).unwrap();
        let words: Vec<_> = text.split_whitespace().collect();
        assert!(words.join(" ").contains(claim), "{text}");
    }
    assert_eq!(mad(&["man", "nothing"]).status.code(), Some(2));
}
