//! What the output of a monitoring plugin is made of, whatever it is about.

use mad_core::{Observation, Report, Unit};

use super::line::line;

/// Readers take 8 KiB at most, and cut what is longer wherever it is.
pub(super) const MAX_LENGTH: usize = 8_000;

/// How many bytes of it may be numbers.
const MAX_NUMBERS: usize = 5_000;

/// How many characters of a text stand on a line.
const MAX_TEXT: usize = 200;

/// Adds how long each check took, and what it observed, as far as there is room.
pub(super) fn add_numbers<'a>(
    numbers: &mut String,
    reports: impl IntoIterator<Item = (&'a str, &'a Report)>,
) {
    for (name, report) in reports {
        let mut of_check = format!("'{name}'={:.3}s;;;0 ", report.duration.as_secs_f64());
        for observation in &report.observations {
            of_check.push_str(&number(name, observation));
        }
        if numbers.len() + of_check.len() > MAX_NUMBERS {
            break;
        }
        numbers.push_str(&of_check);
    }
    numbers.truncate(numbers.trim_end().len());
}

/// Names hold neither quotes nor equals signs. A number is written without an exponent.
fn number(check: &str, observation: &Observation) -> String {
    let (unit, range) = match observation.unit {
        Unit::Seconds => ("s", ""),
        Unit::Bytes => ("B", ""),
        Unit::Ratio => ("", ";;;0;1"),
        _ => ("", ""),
    };
    let Observation { name, value, .. } = observation;
    format!("'{check}:{name}'={value}{unit}{range} ")
}

/// Makes a text of one line, without the bar that numbers come after.
pub(super) fn readable(text: &str) -> String {
    let text = line(text).replace('|', "/");
    text.chars().take(MAX_TEXT).collect()
}
