//! Commands in a document, and what it says they print.

use std::process::Command;

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

impl Shown {
    /// Runs the command in a shell, with these words replaced, and returns what it prints.
    ///
    /// # Panics
    ///
    /// If there is no bash.
    pub fn run(&self, replaced: &[(&str, &str)], token: &str) -> String {
        let replace = |script: String, (from, to): &(&str, &str)| script.replace(from, to);
        let script = replaced.iter().fold(self.script.clone(), replace);
        let output = Command::new("bash")
            .args(["-c", &script])
            .env("MAD_TOKEN", token)
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
