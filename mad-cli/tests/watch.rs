//! What `mad watch` shows on a real terminal, which is tmux, and what it leaves behind.

#![cfg(unix)]

mod terminal;

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use mad_core::{Check, HealthOptions, Outcome, Registry, SelfTestOptions};
use mad_exporter::Exporter;
use terminal::Terminal;

const TOKEN: &str = "correct-horse";

fn service(port: u16) -> Exporter {
    let options = HealthOptions {
        every: Duration::from_millis(20),
        ..HealthOptions::DEFAULT
    };
    let database =
        Check::health_check("database", options, |_| Outcome::fail("connection refused"));
    let place = Check::self_test("orders/place", SelfTestOptions::DEFAULT, |_| true);
    let mut registry = Registry::new();
    registry.add(database).unwrap();
    registry.add(place).unwrap();
    Exporter::builder()
        .registry(registry)
        .listen(([127, 0, 0, 1], port))
        .token(TOKEN)
        .start()
        .unwrap()
}

fn watch(terminal: &Terminal, address: &str, token: &str) {
    let mad = env!("CARGO_BIN_EXE_mad");
    let command = format!("MAD_TOKEN={token} '{mad}' watch {address}; echo ended with $?; stty -a");
    terminal.press(&[&command, "Enter"]);
}

/// Makes sure that the program has ended and the terminal is as it was.
#[track_caller]
fn is_as_it_was(terminal: &Terminal) {
    terminal.shows("ended with 0");
    // The last word of what `stty` says.
    terminal.shows("extproc");
    let shown = terminal.shown();
    for raw in ["-icanon", "-echo ", "-isig", "-opost"] {
        assert!(!shown.contains(raw), "{raw} is left: {shown}");
    }
    let cursor = terminal.tmux(&["display-message", "-p", "#{cursor_flag} #{alternate_on}"]);
    assert_eq!(String::from_utf8_lossy(&cursor.stdout), "1 0\n");
}

#[test]
fn it_is_live_runs_a_test_and_comes_back_to_an_instance_that_was_away() {
    let terminal = Terminal::open();
    let exporter = service(0);
    let address = exporter.local_addr().unwrap();
    watch(&terminal, &address.to_string(), TOKEN);
    terminal.shows("live");
    terminal.shows("connection refused");
    terminal.shows("orders/place");
    terminal.press(&["Enter"]);
    terminal.shows("has begun");
    terminal.shows("over: pass (1 pass");
    exporter.shutdown(Duration::ZERO);
    drop(exporter);
    terminal.shows("no answer");
    let exporter = service(address.port());
    terminal.shows("live");
    terminal.press(&["q"]);
    is_as_it_was(&terminal);
    exporter.shutdown(Duration::ZERO);
}

#[test]
fn who_may_not_listen_asks_and_whoever_ends_it_leaves_the_terminal_as_it_was() {
    let terminal = Terminal::open();
    let exporter = service(0);
    let address = exporter.local_addr().unwrap().to_string();
    watch(&terminal, &address, "wrong");
    terminal.shows("asked every 2s");
    terminal.shows("database");
    let pane = terminal.tmux(&["display-message", "-p", "#{pane_pid}"]);
    let shell = String::from_utf8(pane.stdout).unwrap();
    // The only child of the shell is the program.
    let ended = Command::new("pkill")
        .args(["-TERM", "-P", shell.trim()])
        .status();
    assert!(ended.unwrap().success());
    is_as_it_was(&terminal);
    exporter.shutdown(Duration::ZERO);
}

#[test]
fn without_a_terminal_it_says_what_needs_none() {
    let output = Command::new(env!("CARGO_BIN_EXE_mad"))
        .args(["watch", "localhost:1"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("mad check"));
}

#[test]
fn it_ends_when_its_terminal_is_gone() {
    let terminal = Terminal::open();
    let exporter = service(0);
    let address = exporter.local_addr().unwrap();
    let file = terminal.folder.path().join("process");
    let mad = env!("CARGO_BIN_EXE_mad");
    let command = format!(
        "sh -c 'echo $$ > {}; exec \"{mad}\" watch {address}'",
        file.display()
    );
    terminal.press(&[&command, "Enter"]);
    terminal.shows("database");
    let process = std::fs::read_to_string(&file).unwrap();
    terminal.tmux(&["kill-server"]);
    let process = std::path::Path::new("/proc").join(process.trim());
    let started = Instant::now();
    while process.exists() {
        assert!(started.elapsed() < Duration::from_mins(1), "it goes on");
        thread::sleep(Duration::from_millis(20));
    }
    exporter.shutdown(Duration::ZERO);
}
