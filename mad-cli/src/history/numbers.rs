//! Numbers out of what programs print.

use mad_store::{Direction, Metric, MetricKind, Sample, Subject, SubjectKind};

/// Of a command that prints without end, so many lines are read.
const MOST_LINES: usize = 1_000;

fn value_metric() -> Metric {
    Metric::new("command_value", "", MetricKind::Noisy, Direction::Neither)
}

fn success_metric() -> Metric {
    Metric::new(
        "command_success",
        "",
        MetricKind::Outcome,
        Direction::Higher,
    )
}

fn instructions_metric() -> Metric {
    Metric::new(
        "command_instructions",
        "instructions",
        MetricKind::Exact,
        Direction::Lower,
    )
}

/// Whether a command succeeded, and if so each number that it printed.
pub(super) fn of_command(name: &str, has_succeeded: bool, printed: &str) -> Vec<Sample> {
    let subject = Subject::new(SubjectKind::Command, "", name);
    let mut samples = vec![Sample::new(
        subject,
        success_metric(),
        f64::from(has_succeeded),
    )];
    if has_succeeded {
        let lines = printed.lines().take(MOST_LINES).filter_map(number);
        samples.extend(lines.map(|(what, value)| {
            let name = if what.is_empty() {
                name.to_owned()
            } else {
                format!("{name} {what}")
            };
            Sample::new(
                Subject::new(SubjectKind::Command, "", name),
                value_metric(),
                value,
            )
        }));
    }
    samples
}

/// A number that is alone on its line, or behind a name.
fn number(line: &str) -> Option<(&str, f64)> {
    let line = line.trim();
    let (name, number) = match line.rfind([' ', '\t', '=', ':']) {
        Some(at) => (&line[..at], &line[at + 1..]),
        None => ("", line),
    };
    let value: f64 = number
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())?;
    Some((name.trim_end_matches([' ', '\t', '=', ':']), value))
}

/// The instructions that callgrind counted, in all programs that were run.
pub(super) fn of_callgrind(name: &str, output: &str) -> Option<Sample> {
    let counts: Vec<f64> = output.lines().filter_map(collected).collect();
    let subject = Subject::new(SubjectKind::Command, "", name);
    (!counts.is_empty()).then(|| Sample::new(subject, instructions_metric(), counts.iter().sum()))
}

/// `==4711== Collected : 8265525`
fn collected(line: &str) -> Option<f64> {
    let (head, count) = line.split_once("== Collected : ")?;
    let is_valgrind = head
        .strip_prefix("==")
        .is_some_and(|pid| pid.bytes().all(|byte| byte.is_ascii_digit()));
    count.trim().parse().ok().filter(|_| is_valgrind)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_alone_or_behind_a_name() {
        for (line, expected) in [
            ("1.5", Some(("", 1.5))),
            ("  -2e3 ", Some(("", -2000.0))),
            ("parse 3", Some(("parse", 3.0))),
            ("parse: 3", Some(("parse", 3.0))),
            ("a b = 3", Some(("a b", 3.0))),
            ("3 apples", None),
            ("nothing", None),
            ("", None),
            ("NaN", None),
            ("rate inf", None),
        ] {
            assert_eq!(number(line), expected, "{line}");
        }
    }

    #[test]
    fn a_command_that_fails_has_no_numbers() {
        assert_eq!(of_command("x", false, "1\n").len(), 1);
        let names: Vec<_> = of_command("x", true, "1\na 2\n")
            .iter()
            .map(|sample| sample.subject.name.clone())
            .collect();
        assert_eq!(names, ["x", "x", "x a"]);
    }

    #[test]
    fn instructions_of_all_programs_are_one_number() {
        let output =
            "==12== Collected : 100\nrunning 1 test\n==13== Collected : 23\nx == Collected : 9\n";
        assert_eq!(
            of_callgrind("x", output).map(|sample| sample.value),
            Some(123.0)
        );
        assert_eq!(of_callgrind("x", ""), None);
    }

    proptest! {
        #[test]
        fn any_line_is_survived(line in ".*") {
            if let Some((_, value)) = number(&line) {
                prop_assert!(value.is_finite());
            }
        }
    }
}
