//! What GitHub shows of a run: a summary of the job, and annotations at the lines where tests failed.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::PathBuf;

use mad_store::{Note, Recording, Subject, SubjectKind};

use crate::output::complain;

/// GitHub shows no more than ten of a step.
const MOST_ANNOTATIONS: usize = 10;

/// Tells GitHub, if that is where it runs.
pub(super) fn tell(recordings: &[Recording], said: &str) {
    let place = Place::of_environment();
    let tests = recordings
        .iter()
        .filter(|recording| !recording.environment.runner.is_empty());
    for recording in tests {
        place.add_to_summary(&markdown(recording, said));
        if place.is_action {
            for annotation in failures(recording).take(MOST_ANNOTATIONS).map(annotation) {
                _ = writeln!(io::stderr(), "{annotation}");
            }
        }
    }
}

/// Adds Markdown to the summary of the job, if this is one.
pub(crate) fn add_to_summary(markdown: &str) {
    Place::of_environment().add_to_summary(markdown);
}

struct Place {
    summary: Option<PathBuf>,
    is_action: bool,
}

impl Place {
    #[expect(
        clippy::disallowed_methods,
        reason = "that is how GitHub tells where it runs"
    )]
    fn of_environment() -> Self {
        let summary = std::env::var_os("GITHUB_STEP_SUMMARY");
        Self {
            summary: summary.filter(|path| !path.is_empty()).map(PathBuf::from),
            is_action: std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
        }
    }

    fn add_to_summary(&self, markdown: &str) {
        let Some(summary) = &self.summary else {
            return;
        };
        let opened = OpenOptions::new().append(true).create(true).open(summary);
        if let Err(error) = opened.and_then(|mut file| file.write_all(markdown.as_bytes())) {
            complain(format!(
                "the summary for GitHub could not be written: {error}"
            ));
        }
    }
}

/// The reasons of tests that failed, and not of those that were skipped.
fn failures(recording: &Recording) -> impl Iterator<Item = &Note> {
    let has_failed = |test: &Subject| {
        let mut samples = recording.samples.iter();
        samples.any(|sample| {
            sample.subject == *test && sample.metric.name == "test_passed" && sample.value < 0.5
        })
    };
    let notes = recording.notes.iter();
    notes.filter(move |note| note.subject.kind == SubjectKind::Test && has_failed(&note.subject))
}

fn markdown(recording: &Recording, said: &str) -> String {
    let mut text = format!(
        "### Tests ({})\n\n",
        escaped(&recording.environment.to_string())
    );
    for line in said.lines() {
        let line = line.strip_prefix("mad: ").unwrap_or(line);
        let bullet = if line.starts_with(' ') { "  -" } else { "-" };
        _ = writeln!(text, "{bullet} {}", escaped(line.trim()));
    }
    let mut failures = failures(recording).peekable();
    if failures.peek().is_some() {
        text.push_str("\n| failed | why |\n|---|---|\n");
        for note in failures {
            let name = format!("{} {}", note.subject.package, note.subject.name);
            let why: Vec<_> = note.text.lines().take(8).map(escaped).collect();
            _ = writeln!(text, "| {} | {} |", escaped(&name), why.join("<br>"));
        }
    }
    text.push('\n');
    text
}

/// What no browser takes for markup, and no table for its own.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars().filter(|letter| !letter.is_control()) {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '#' | '!' | '@' | '~' => {
                _ = write!(escaped, "&#{};", u32::from(letter));
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

fn annotation(note: &Note) -> String {
    let title = format!("{} {}", note.subject.package, note.subject.name);
    let mut properties = String::new();
    if let Some((file, line)) = place(&note.text) {
        _ = write!(properties, "file={},line={line},", property(file));
    }
    format!(
        "::error {properties}title={}::{}",
        property(&title),
        data(&note.text)
    )
}

/// `panicked at src/lib.rs:9:26:`
fn place(reason: &str) -> Option<(&str, u32)> {
    let after = reason.split_once("panicked at ")?.1;
    let mut parts = after.lines().next()?.splitn(3, ':');
    Some((parts.next()?, parts.next()?.parse().ok()?))
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
