//! Commands in a document, and what it says they print.

use std::env;

use crate::shop::{Shop, TOKEN};
use crate::wait::eventually;
use crate::workspace::typed;

/// A command of a document, from a block marked `console`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Shown {
    /// The line that it stands on, from 1.
    pub line: usize,
    /// What is typed behind `$ `, with the lines that `\` continues.
    pub script: String,
    /// What is printed, line by line; `...` stands for anything.
    pub output: String,
}

/// Returns the commands of a Markdown document, in order.
pub fn commands(document: &str) -> Vec<Shown> {
    let mut commands: Vec<Shown> = Vec::new();
    let mut is_console = false;
    let mut is_continued = false;
    for (index, line) in document.lines().enumerate() {
        if line.starts_with("```") {
            is_console = line == "```console";
        } else if !is_console {
        } else if let Some(script) = line.strip_prefix("$ ") {
            is_continued = script.ends_with('\\');
            commands.push(Shown {
                line: index + 1,
                script: script.to_owned(),
                output: String::new(),
            });
        } else if let Some(command) = commands.last_mut() {
            let part = if is_continued {
                &mut command.script
            } else {
                &mut command.output
            };
            part.push('\n');
            part.push_str(line);
            is_continued = is_continued && line.ends_with('\\');
        }
    }
    commands
}

/// What is not run from a document: whoever got here has run it, or would run it without end.
const LEFT_OUT: [&str; 3] = ["cargo run", "cargo install", "cargo xtask"];

/// Runs the commands of a document beside a shop, in order, and returns how many there were. Those that build or serve
/// are left out.
///
/// # Panics
///
/// If one of them prints anything but what the document shows.
#[track_caller]
pub fn follow(name: &str, document: &str, shop: &Shop) -> usize {
    let address = |url: &str| url.trim_start_matches("http://").to_owned();
    let (shop_address, mad_address) = (address(&shop.shop), address(&shop.mad));
    let replaced = [
        ("127.0.0.1:8080", &*shop_address),
        ("127.0.0.1:9464", &*mad_address),
    ];
    eventually("the shop is ready", || {
        shop.mad("GET", "/readyz").status == 200
    });
    let commands = commands(document).into_iter();
    let is_left_out = |command: &Shown| {
        let mut beginnings = LEFT_OUT.iter();
        beginnings.any(|beginning| command.script.starts_with(beginning))
    };
    let commands = commands.filter(|command| !is_left_out(command));
    let mut n_commands = 0;
    for command in commands {
        n_commands += 1;
        let printed = command.run(&replaced, TOKEN);
        assert!(
            command.is_shown(&printed),
            "{name}:{} `{}` printed\n{printed}",
            command.line,
            command.script
        );
    }
    n_commands
}

/// Returns where programs are looked for: first those that were built here.
///
/// # Panics
///
/// If it is not known where this test is.
#[expect(
    clippy::disallowed_methods,
    reason = "a shell finds programs as the caller's does"
)]
pub fn search_path() -> String {
    let test = env::current_exe().unwrap();
    // This is `target/debug/deps/<test>`, or `target/debug/<test>` in other runners.
    let folders = test.ancestors().skip(1).take(2);
    let folders = folders.map(|folder| folder.display().to_string());
    let inherited = env::var("PATH").unwrap_or_default();
    let all: Vec<_> = folders.chain([inherited]).collect();
    all.join(":")
}

impl Shown {
    /// Runs the command in a shell, with these words replaced, and returns what it prints.
    ///
    /// # Panics
    ///
    /// If there is no bash.
    pub fn run(&self, replaced: &[(&str, &str)], token: &str) -> String {
        let replace = |script: String, (from, to): &(&str, &str)| script.replace(from, to);
        let script = replaced.iter().fold(self.script.clone(), replace);
        let output = typed("bash")
            .args(["-c", &script])
            // What it shows is for people who read, not for those who look for a mistake.
            .env("RUST_BACKTRACE", "0")
            .env("MAD_TOKEN", token)
            .env("PATH", search_path())
            .output()
            .expect("bash is there");
        let mut printed = String::from_utf8_lossy(&output.stdout).into_owned();
        printed.push_str(&String::from_utf8_lossy(&output.stderr));
        printed
    }

    /// Says whether this is what the document shows: numbers may differ, `...` is anything.
    pub fn is_shown(&self, printed: &str) -> bool {
        let printed = without_numbers(printed);
        let output = without_numbers(&self.output);
        let parts: Vec<_> = output.split("...").map(str::trim).collect();
        if let [all] = parts[..] {
            return all == printed.trim();
        }
        let mut rest = printed.trim();
        for part in parts {
            let Some(at) = rest.find(part) else {
                return false;
            };
            rest = &rest[at + part.len()..];
        }
        true
    }
}

/// Replaces every number, with its fraction, by a single `0`.
fn without_numbers(text: &str) -> String {
    let mut result = String::new();
    let mut is_number = false;
    for letter in text.chars() {
        let was_number = is_number;
        is_number = letter.is_ascii_digit() || (was_number && letter == '.');
        match (was_number, is_number) {
            (_, false) => result.push(letter),
            (false, true) => result.push('0'),
            (true, true) => {}
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "\
Text.
```console
$ echo one \\
  two
one two
$ date
...
```
```text
$ not a command
```
";

    #[test]
    fn commands_are_found_with_their_output() {
        let found = commands(DOCUMENT);
        let scripts: Vec<_> = found
            .iter()
            .map(|command| command.script.as_str())
            .collect();
        assert_eq!(scripts, ["echo one \\\n  two", "date"]);
        assert_eq!(found[0].line, 3);
        assert!(found[0].is_shown(&found[0].run(&[], "")));
        assert!(!found[0].is_shown("one three"));
        assert!(found[1].is_shown("anything at all"));
    }

    #[test]
    fn numbers_may_differ_and_words_may_not() {
        let shown = |output: &str| Shown {
            line: 1,
            script: String::new(),
            output: output.to_owned(),
        };
        assert!(shown("took 1.25 s").is_shown("took 17 s\n"));
        assert!(!shown("took 1.25 s").is_shown("took 17 ms"));
        assert!(shown("a\n...\nc 1").is_shown("a\nb\nc 2"));
        assert!(!shown("a\n...\nc").is_shown("a\nb"));
    }
}
