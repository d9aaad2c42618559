//! TAP, of the versions 12 to 14.

use super::TestReport;
use super::error::{IngestError, seconds};
use crate::case::{Outcome, TestCase};

/// Deeper no producer nests its subtests.
const DEEPEST: usize = 16;

/// Reads a report.
pub(super) fn read(text: &str) -> Result<TestReport, IngestError> {
    let mut reader = Reader {
        lines: text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
            .collect(),
        at: 0,
        cases: Vec::new(),
    };
    let found = reader.level(0)?;
    if !found {
        return Err(IngestError::whole(
            "there is neither a plan such as `1..2` nor a line that begins with `ok` or `not ok`",
        ));
    }
    Ok(TestReport {
        runner: "tap",
        cases: reader.cases,
        ..TestReport::default()
    })
}

struct Reader<'text> {
    lines: Vec<(usize, &'text str)>,
    at: usize,
    cases: Vec<TestCase>,
}

impl<'text> Reader<'text> {
    /// Reads tests that stand so deep; says whether there was any, or a plan.
    fn level(&mut self, depth: usize) -> Result<bool, IngestError> {
        let indent = " ".repeat(4 * depth);
        let (mut plan, mut points, mut found) = (None, 0_usize, false);
        let mut subtests = 0..0;
        while let Some(&(line, text)) = self.lines.get(self.at) {
            let Some(text) = text.strip_prefix(&indent) else {
                if text.trim().is_empty() {
                    self.at += 1;
                    continue;
                }
                break;
            };
            if is_tests_of_a_subtest(text) {
                if depth == DEEPEST {
                    return Err(IngestError::at(
                        line,
                        "subtests stand too deep in each other",
                    ));
                }
                let begin = self.cases.len();
                self.level(depth + 1)?;
                subtests = begin..self.cases.len();
                continue;
            }
            self.at += 1;
            if let Some(number) = planned(text) {
                if plan.is_some() {
                    return Err(IngestError::at(line, "there is a second plan"));
                }
                plan = Some((number, line));
                found = true;
            } else if let Some(point) = Point::of(text) {
                found = true;
                points += 1;
                let case = self.case(&point, points, depth, line)?;
                // A point after its subtests only sums them up.
                if subtests.is_empty() {
                    self.cases.push(case);
                } else {
                    for case in &mut self.cases[subtests.clone()] {
                        case.name = format!("{} > {}", point.name(points), case.name);
                    }
                }
                subtests = 0..0;
            } else if let Some(why) = text.strip_prefix("Bail out!") {
                let mut case = TestCase::new("", "Bail out!", Outcome::Failed);
                case.reason = Some(why.trim().to_owned()).filter(|why| !why.is_empty());
                self.cases.push(case);
                return Ok(true);
            }
        }
        match plan {
            Some((planned, line)) if planned != points => {
                let reason = format!(
                    "{planned} tests were planned, and there are {points}: the report is cut off, or two are in one"
                );
                Err(IngestError::at(line, reason))
            }
            None if points > 0 => Err(IngestError::whole(
                "there is no plan such as `1..2`: the report is cut off",
            )),
            _ => Ok(found),
        }
    }

    fn case(
        &mut self,
        point: &Point<'text>,
        nth: usize,
        depth: usize,
        line: usize,
    ) -> Result<TestCase, IngestError> {
        let mut case = TestCase::new("", point.name(nth), point.outcome());
        case.reason = point
            .directive
            .map(|(_, reason)| reason.to_owned())
            .filter(|reason| !reason.is_empty());
        let details = self.details(depth, line)?;
        for detail in &details {
            let Some((name, value)) = detail.split_once(':') else {
                continue;
            };
            let value = value.trim().trim_matches(['"', '\'']);
            match name.trim() {
                "duration_ms" => case.seconds.push(seconds(value, line)? / 1_000.0),
                "message" | "error" if case.outcome == Outcome::Failed && case.reason.is_none() => {
                    case.reason = Some(value.to_owned());
                }
                _ => {}
            }
        }
        if case.outcome == Outcome::Failed && !details.is_empty() {
            case.reason = Some(details.join("\n"));
        }
        Ok(case)
    }

    /// The YAML below a point.
    fn details(&mut self, depth: usize, of: usize) -> Result<Vec<&'text str>, IngestError> {
        let indent = " ".repeat(4 * depth + 2);
        let is = |line: Option<&(usize, &str)>, mark: &str| {
            line.is_some_and(|(_, text)| {
                text.strip_prefix(&indent)
                    .is_some_and(|rest| rest.trim_end() == mark)
            })
        };
        let mut details = Vec::new();
        if !is(self.lines.get(self.at), "---") {
            return Ok(details);
        }
        self.at += 1;
        while !is(self.lines.get(self.at), "...") {
            let Some((_, text)) = self.lines.get(self.at) else {
                return Err(IngestError::at(
                    of,
                    "the details of this test have no end (`...`): the report is cut off",
                ));
            };
            details.push(text.strip_prefix(&indent).unwrap_or(text.trim_start()));
            self.at += 1;
        }
        self.at += 1;
        Ok(details)
    }
}

/// What stands deeper by one level and is a test, a plan, or the comment that announces them.
fn is_tests_of_a_subtest(text: &str) -> bool {
    text.strip_prefix("    ").is_some_and(|rest| {
        let rest = rest.trim_start();
        Point::of(rest).is_some() || planned(rest).is_some() || rest.starts_with("# Subtest")
    })
}

/// `1..3`, or `1..0 # SKIP` for nothing at all.
fn planned(text: &str) -> Option<usize> {
    let number = text.strip_prefix("1..")?;
    number.split(' ').next()?.trim().parse().ok()
}

/// `not ok 2 - orders are placed # SKIP no stock`
struct Point<'text> {
    is_ok: bool,
    description: &'text str,
    /// `skip` or `todo`, and why.
    directive: Option<(Directive, &'text str)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Directive {
    Skip,
    Todo,
}

impl<'text> Point<'text> {
    fn of(text: &'text str) -> Option<Self> {
        let (is_ok, rest) = match text.strip_prefix("not ok") {
            Some(rest) => (false, rest),
            None => (true, text.strip_prefix("ok")?),
        };
        if !rest.is_empty() && !rest.starts_with(' ') {
            return None;
        }
        let rest = rest.trim_start();
        let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let (description, directive) = directive(rest);
        let description = description.trim().trim_start_matches("- ").trim();
        Some(Self {
            is_ok,
            description: description.trim_end_matches(" {"),
            directive,
        })
    }

    fn name(&self, nth: usize) -> String {
        if self.description.is_empty() {
            format!("test {nth}")
        } else {
            self.description.to_owned()
        }
    }

    fn outcome(&self) -> Outcome {
        match (self.directive, self.is_ok) {
            (Some((Directive::Skip, _)), _) | (Some((Directive::Todo, _)), false) => {
                Outcome::Skipped
            }
            (_, true) => Outcome::Passed,
            (None, false) => Outcome::Failed,
        }
    }
}

fn directive(text: &str) -> (&str, Option<(Directive, &str)>) {
    for (at, _) in text.match_indices('#') {
        let before = &text[..at];
        let after = text[at + 1..].trim_start();
        for (word, directive) in [("skip", Directive::Skip), ("todo", Directive::Todo)] {
            let begins = after
                .get(..4)
                .is_some_and(|begin| begin.eq_ignore_ascii_case(word));
            if begins && !before.ends_with('\\') {
                let reason = after[4..].trim_start_matches(|letter: char| letter.is_alphanumeric());
                return (
                    before,
                    Some((directive, reason.trim_start_matches(':').trim())),
                );
            }
        }
    }
    (text, None)
}
