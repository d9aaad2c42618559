//! What libtest writes for people.

use std::collections::HashMap;

use super::TestReport;
use super::error::IngestError;
use crate::case::{Outcome, TestCase};

/// The tests of one program, as it told of them.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) cases: Vec<TestCase>,
    /// How many passed, failed and were ignored, by the last line; nothing, if it was cut off.
    summary: Option<[usize; 3]>,
    /// The line that it begins at.
    line: usize,
    reasons: HashMap<String, String>,
}

/// Reads a report, which may hold what Cargo writes between.
pub(super) fn read(text: &str) -> Result<TestReport, IngestError> {
    let mut reader = Reader::default();
    reader.lines(text);
    let suites = reader.suites;
    let blocks = reader.blocks;
    if blocks.is_empty() {
        return Err(IngestError::whole(
            "there is no line such as `running 2 tests`",
        ));
    }
    let mut cases = Vec::new();
    for block in blocks {
        block.check()?;
        // What Cargo wrote last before it, if that is in the report at all.
        let suite = suites.iter().rev().find(|(line, _)| *line < block.line);
        let suite = suite.map_or("", |(_, suite)| suite.as_str());
        cases.extend(block.into_cases().map(|mut case| {
            suite.clone_into(&mut case.package);
            case
        }));
    }
    Ok(TestReport {
        runner: "libtest",
        cases,
        ..TestReport::default()
    })
}

impl Block {
    pub(crate) fn is_complete(&self) -> bool {
        self.summary.is_some()
    }

    fn check(&self) -> Result<(), IngestError> {
        let Some(summary) = self.summary else {
            return Err(IngestError::at(
                self.line,
                "the tests that begin here have no `test result`: the report is cut off",
            ));
        };
        let count = |outcome| {
            self.cases
                .iter()
                .filter(|case| case.outcome == outcome)
                .count()
        };
        let listed = [Outcome::Passed, Outcome::Failed, Outcome::Skipped].map(count);
        if listed == summary {
            return Ok(());
        }
        let [passed, failed, ignored] = summary;
        let reason = format!(
            "of the tests that begin here {passed} should have passed, {failed} failed and {ignored} been ignored, \
             but the lines say {}, {} and {}",
            listed[0], listed[1], listed[2]
        );
        Err(IngestError::at(self.line, reason))
    }

    /// The tests, each with the reason that was told further down.
    pub(crate) fn into_cases(mut self) -> impl Iterator<Item = TestCase> {
        let mut reasons = std::mem::take(&mut self.reasons);
        self.cases.into_iter().map(move |mut case| {
            case.reason = case.reason.or_else(|| reasons.remove(&case.name));
            case.name = plain_name(&case.name);
            case
        })
    }
}

/// So much is kept of a line that has no end, as what a test writes may have none.
const MOST_OF_LINE: usize = 64 << 10;

/// Takes the output line by line.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) blocks: Vec<Block>,
    /// What Cargo says that it runs, with the line.
    suites: Vec<(usize, String)>,
    line: usize,
    rest: Vec<u8>,
    /// The test whose reason is being told.
    telling: Option<String>,
    /// The test whose outcome is still to come, as it writes something itself.
    pending: Option<String>,
}

impl Reader {
    /// Takes a piece of the output, which may end anywhere.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.rest.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.rest);
                self.line(&without_colours(&String::from_utf8_lossy(&line)));
            } else if self.rest.len() > 2 * MOST_OF_LINE {
                // The name of a test stands at the beginning, how it ended at the end.
                let end = self.rest.len() - MOST_OF_LINE / 2;
                self.rest.drain(MOST_OF_LINE / 2..end);
            }
        }
    }

    fn lines(&mut self, text: &str) {
        for line in text.lines() {
            self.line(&without_colours(line));
        }
    }

    fn line(&mut self, line: &str) {
        self.line += 1;
        let line = line.trim_end();
        if let Some(suite) = started(line) {
            self.suites.push((self.line, suite));
        } else if is_begin(line) {
            self.telling = None;
            self.blocks.push(Block {
                line: self.line,
                ..Block::default()
            });
        } else if let Some(block) = self
            .blocks
            .last_mut()
            .filter(|block| block.summary.is_none())
        {
            if let Some(summary) = summary(line) {
                block.summary = Some(summary);
                self.telling = None;
            } else if let Some(name) = told(line) {
                self.telling = Some(name.to_owned());
            } else if line == "failures:" {
                self.telling = None;
            } else if let Some(name) = &self.telling {
                let reason = block.reasons.entry(name.clone()).or_default();
                add_line(reason, line);
            } else {
                outcome_line(block, &mut self.pending, line);
            }
        }
    }
}

/// Reasons are told in full, but for the stack, and no further than the store keeps them.
fn add_line(reason: &mut String, line: &str) {
    const MOST: usize = 4 << 10;
    if reason.len() < MOST && !(reason.is_empty() && line.is_empty()) && !reason.ends_with('\0') {
        if line == "stack backtrace:" {
            reason.push('\0');
        } else {
            if !reason.is_empty() {
                reason.push('\n');
            }
            reason.push_str(line);
        }
    }
}

fn outcome_line(block: &mut Block, pending: &mut Option<String>, line: &str) {
    let case = match (line.strip_prefix("test "), pending.take()) {
        (Some(rest), _) => {
            let Some((name, outcome)) = rest.rsplit_once(" ... ") else {
                return;
            };
            case(name, outcome).or_else(|| {
                *pending = Some(name.to_owned());
                None
            })
        }
        (None, Some(name)) => case(&name, line).or_else(|| {
            *pending = Some(name);
            None
        }),
        (None, None) => None,
    };
    block.cases.extend(case);
}

/// A test by the end of its line; nothing, if that is no outcome.
fn case(name: &str, outcome: &str) -> Option<TestCase> {
    let (word, time) = match outcome.split_once(" <") {
        Some((word, time)) => (
            word,
            time.strip_suffix("s>")
                .and_then(|time| time.parse::<f64>().ok()),
        ),
        None => (outcome, None),
    };
    let (outcome, reason) = match word {
        "ok" => (Outcome::Passed, None),
        "FAILED" => (Outcome::Failed, None),
        "ignored" => (Outcome::Skipped, None),
        _ if word.starts_with("bench:") => (Outcome::Passed, None),
        _ => (
            Outcome::Skipped,
            Some(word.strip_prefix("ignored, ")?.to_owned()),
        ),
    };
    let mut case = TestCase::new("", name.trim_end_matches(" - should panic"), outcome);
    case.seconds.extend(time);
    case.reason = reason;
    Some(case)
}

/// A documentation test without its line, which changes when something above it does.
fn plain_name(name: &str) -> String {
    let name = name
        .trim_end_matches(" - compile fail")
        .trim_end_matches(" - compile");
    match name.rsplit_once(" (line ") {
        Some((before, line))
            if line
                .trim_end_matches(')')
                .bytes()
                .all(|byte| byte.is_ascii_digit()) =>
        {
            before.trim_end_matches(" -").to_owned()
        }
        _ => name.to_owned(),
    }
}

fn is_begin(line: &str) -> bool {
    let count = line.strip_prefix("running ");
    let count = count.and_then(|rest| rest.strip_suffix(" tests").or(rest.strip_suffix(" test")));
    count.is_some_and(|count| count.parse::<usize>().is_ok())
}

fn summary(line: &str) -> Option<[usize; 3]> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut counts = counts
        .split("; ")
        .map(|count| count.split(' ').next()?.parse().ok());
    Some([counts.next()??, counts.next()??, counts.next()??])
}

/// `---- orders::are_placed stdout ----`
fn told(line: &str) -> Option<&str> {
    let name = line.strip_prefix("---- ")?.strip_suffix(" ----")?;
    Some(name.strip_suffix(" stdout").unwrap_or(name))
}

/// What Cargo says before it starts a program with tests.
pub(crate) fn started(line: &str) -> Option<String> {
    let line = line.trim_start();
    if let Some(name) = line.strip_prefix("Doc-tests ") {
        return Some(name.to_owned());
    }
    let (source, executable) = line
        .strip_prefix("Running ")?
        .strip_suffix(')')?
        .rsplit_once(" (")?;
    _ = source;
    let file = executable.rsplit(['/', '\\']).next()?;
    Some(
        file.rsplit_once('-')
            .map_or(file, |(name, _)| name)
            .to_owned(),
    )
}

/// Without what makes a terminal colourful.
pub(crate) fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[") {
        plain.push_str(&rest[..at]);
        let sequence = &rest[at + 2..];
        let end = sequence.find(|letter: char| ('@'..='~').contains(&letter));
        rest = end.map_or("", |end| &sequence[end + 1..]);
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_line_without_end_both_ends_are_kept_and_no_more() {
        let mut reader = Reader::default();
        reader.bytes(b"running 1 test\ntest loud ... ");
        for _ in 0..200 {
            reader.bytes(&[b'x'; 8 << 10]);
            assert!(reader.rest.len() <= 3 * MOST_OF_LINE);
        }
        reader.bytes(
            b"\nok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n",
        );
        let block = reader.blocks.pop().unwrap();
        assert!(block.is_complete());
        assert_eq!(block.cases[0].outcome, Outcome::Passed);
        assert_eq!(block.cases[0].name, "loud");
    }
}
