//! The Test Anything Protocol: a line for each test, with its steps as tests below it.

use std::fmt::Write as _;

use mad_core::{OutcomeKind, Report, SelfTestResult, SelfTestRun, Step};
use serde_json::{Map, Value, json};

use super::verdict::{Verdict, why_cut};
use crate::render::line::line;

/// A kind of TAP.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    version: &'static str,
    /// Whether what is below something begins with the version again.
    repeats_version: bool,
    /// By so much everything below a test is moved in.
    indent: &'static str,
    /// Whether the comment that names what is below stands there, and not above it.
    names_inside: bool,
    is_kernels: bool,
}

/// TAP as testanything.org has it.
pub(super) const TAP_14: Dialect = Dialect {
    version: "TAP version 14",
    repeats_version: false,
    indent: "    ",
    names_inside: false,
    is_kernels: false,
};

/// TAP as the Linux kernel has it.
pub(super) const KTAP_1: Dialect = Dialect {
    version: "KTAP version 1",
    repeats_version: true,
    indent: "  ",
    names_inside: true,
    is_kernels: true,
};

/// Writes a run.
pub(super) fn document(run: &SelfTestRun, dialect: Dialect) -> String {
    let mut tap = Tap {
        text: String::new(),
        depth: 0,
        dialect,
    };
    tap.put(dialect.version);
    tap.put(&format!("1..{}", run.results.len()));
    tap.put(&format!(
        "# run {}, asked for by {}",
        run.id,
        line(&run.requested_by)
    ));
    for (number, result) in (1..).zip(&run.results) {
        tap.test(number, result);
    }
    if let Some(why) = why_cut(run) {
        tap.put(&format!("Bail out! {}", line(&why)));
    }
    tap.text
}

/// A document in the making.
#[derive(Debug)]
struct Tap {
    text: String,
    depth: usize,
    dialect: Dialect,
}

impl Tap {
    fn test(&mut self, number: usize, result: &SelfTestResult) {
        let (name, verdict) = (result.check.name(), Verdict::of(result));
        if let Some(report) = result.report() {
            self.steps(name, &report.steps, &verdict);
        }
        if self.dialect.is_kernels {
            // Its reader gives comments to the line that they stand above.
            self.remarks(&verdict, result.report());
        }
        let directive = self.directive(&verdict);
        self.result(number, verdict.is_good(), name, &directive);
        if !self.dialect.is_kernels {
            self.diagnosis(&verdict, result.report());
        }
    }

    /// Writes the steps of a test as tests below it.
    fn steps(&mut self, name: &str, steps: &[Step], verdict: &Verdict) {
        // The kernel's reader counts what has nothing below it: a test that failed after its steps would be no failure.
        let is_step_itself =
            self.dialect.is_kernels && !verdict.is_good() && !has_failed_leaf(steps);
        let itself = is_step_itself.then_some("the test itself");
        self.below(name, steps, verdict.is_good(), itself);
    }

    fn below(&mut self, name: &str, steps: &[Step], is_good: bool, failed: Option<&str>) {
        if steps.is_empty() {
            return;
        }
        let title = format!("# Subtest: {}", self.description(name));
        if !self.dialect.names_inside {
            self.put(&title);
        }
        self.depth += 1;
        if self.dialect.repeats_version {
            self.put(self.dialect.version);
        }
        if self.dialect.names_inside {
            self.put(&title);
        }
        self.put(&format!("1..{}", steps.len() + failed.iter().len()));
        for (number, step) in (1..).zip(steps) {
            self.below(&step.name, &step.steps, is_good, None);
            // A step may be given up on purpose, as the slower of two; only a test says what is good.
            let directive = match (step.is_finished, is_good) {
                (true, _) | (false, false) => "",
                (false, true) => " # SKIP did not run to its end",
            };
            self.result(number, step.is_finished || is_good, &step.name, directive);
        }
        if let Some(name) = failed {
            self.result(steps.len() + 1, false, name, "");
        }
        self.depth -= 1;
    }

    fn result(&mut self, number: usize, is_good: bool, name: &str, directive: &str) {
        let word = if is_good { "ok" } else { "not ok" };
        let name = self.description(name);
        self.put(&format!("{word} {number} - {name}{directive}"));
    }

    fn directive(&self, verdict: &Verdict) -> String {
        match verdict {
            Verdict::Skipped(reason) => format!(" # SKIP {}", self.escape(&line(reason))),
            Verdict::Error { kind, .. } if self.dialect.is_kernels => {
                let word = if *kind == "timed_out" {
                    "TIMEOUT"
                } else {
                    "ERROR"
                };
                format!(" # {word} {kind}")
            }
            _ => String::new(),
        }
    }

    /// Makes a description of a name. It must not end early: what comes after it is a directive.
    fn description(&self, name: &str) -> String {
        let name = line(name);
        let name = name.trim();
        let name = if name.is_empty() { "unnamed" } else { name };
        let escaped = self.escape(name);
        match escaped.strip_suffix('{') {
            // Some parsers take a brace at the end for the beginning of what is below.
            Some(rest) => format!("{rest}("),
            None => escaped,
        }
    }

    /// Takes the meaning from the character that a directive begins with. KTAP has no way to write it.
    fn escape(&self, text: &str) -> String {
        if self.dialect.is_kernels {
            text.replace('#', "_")
        } else {
            text.replace('\\', "\\\\").replace('#', "\\#")
        }
    }

    /// Writes what is known of a test beside its name, as YAML. JSON is YAML.
    fn diagnosis(&mut self, verdict: &Verdict, report: Option<&Report>) {
        let mut lines = Vec::new();
        match verdict {
            Verdict::Passed | Verdict::Skipped(_) => {}
            Verdict::Warned(reason) => lines.push(("message", json!(line(reason)))),
            Verdict::Failed(message) => {
                lines.push(("message", json!(line(message))));
                lines.push(("severity", json!("fail")));
            }
            Verdict::Error { kind, message } => {
                lines.push(("message", json!(line(message))));
                lines.push(("severity", json!("error")));
                lines.push(("cause", json!(kind)));
            }
        }
        if let Some(report) = report {
            lines.extend(facts(report));
        }
        if lines.is_empty() {
            return;
        }
        self.put("  ---");
        for (name, value) in lines {
            self.put(&format!("  {name}: {}", yaml(&value)));
        }
        self.put("  ...");
    }

    /// Writes what is known of a test beside its name, as comments above its line.
    fn remarks(&mut self, verdict: &Verdict, report: Option<&Report>) {
        if let Verdict::Failed(message) | Verdict::Error { message, .. } = verdict {
            self.put(&format!("# {}", line(message)));
        }
        let Some(report) = report else { return };
        for observation in &report.observations {
            let unit = observation.unit.as_str();
            self.put(&format!(
                "# observed {} = {} {unit}",
                observation.name, observation.value
            ));
        }
        for note in &report.notes {
            let word = if note.is_warning { "warning" } else { "note" };
            self.put(&format!("# {word}: {}", line(&note.text)));
        }
    }

    fn put(&mut self, text: &str) {
        for _ in 0..self.depth {
            self.text.push_str(self.dialect.indent);
        }
        // Writing to a string does not fail.
        _ = writeln!(self.text, "{}", text.trim_end());
    }
}

/// Whether a step with nothing below it did not run to its end.
fn has_failed_leaf(steps: &[Step]) -> bool {
    steps.iter().any(|step| match &step.steps[..] {
        [] => !step.is_finished,
        below => has_failed_leaf(below),
    })
}

fn facts(report: &Report) -> Vec<(&'static str, Value)> {
    let mut facts = vec![(
        "duration_ms",
        json!((report.duration.as_secs_f64() * 1e6).round() / 1e3),
    )];
    if report.outcome.kind() == OutcomeKind::Warn {
        facts.push(("outcome", json!("warn")));
    }
    if report.attempts > 1 {
        facts.push(("attempts", json!(report.attempts)));
    }
    if let Some(at) = report
        .outcome
        .failure()
        .and_then(mad_core::Failure::location)
    {
        facts.push(("at", json!(line(at))));
    }
    if !report.observations.is_empty() {
        let value = |of: &mad_core::Observation| {
            (
                of.name.clone(),
                json!({ "value": of.value, "unit": of.unit.as_str() }),
            )
        };
        let observations: Map<_, _> = report.observations.iter().map(value).collect();
        facts.push(("observations", Value::Object(observations)));
    }
    if !report.notes.is_empty() {
        let notes: Vec<_> = report.notes.iter().map(|note| line(&note.text)).collect();
        facts.push(("notes", json!(notes)));
    }
    facts
}

/// Writes a value as JSON that YAML reads the same: it takes fewer characters as they are.
fn yaml(value: &Value) -> String {
    let is_plain = |letter: char| matches!(letter, ' '..='~' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FEFE}' | '\u{FF00}'..='\u{FFFD}' | '\u{10000}'..);
    let mut text = String::new();
    for letter in value.to_string().chars() {
        if is_plain(letter) {
            text.push(letter);
        } else {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}
