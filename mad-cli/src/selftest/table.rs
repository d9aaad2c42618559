//! What came of all instances, for people.

use std::fmt::Write as _;
use std::time::Duration;

use super::instance::Examination;
use super::outcome::Outcome;
use crate::catalogue::seconds;
use crate::output::line;

const HEAD: [&str; 8] = [
    "INSTANCE",
    "OUTCOME",
    "PASS",
    "WARN",
    "FAIL",
    "SKIP",
    "TIME",
    "WHAT FAILED FIRST",
];
/// How many letters of a reason are shown; the reports have all of it.
const REASON: usize = 160;

/// Makes the table. Who has not passed stands at its end, where one looks first.
pub(super) fn table(examinations: &[Examination], duration: Duration) -> String {
    let mut sorted: Vec<_> = examinations.iter().collect();
    sorted.sort_by_key(|examination| !examination.outcome.has_passed());
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(sorted.into_iter().map(row));
    let mut table = String::new();
    let widths = widths(&rows);
    for row in &rows {
        let mut text = String::new();
        for (cell, width) in row.iter().zip(widths) {
            _ = write!(text, "{cell:width$}  ");
        }
        table.push_str(text.trim_end());
        table.push('\n');
    }
    table.push_str(&summary(examinations, duration));
    table
}

fn row(examination: &Examination) -> [String; HEAD.len()] {
    let counts = examination.counts;
    let count = |count: u64| {
        if examination.run.is_some() {
            count.to_string()
        } else {
            "-".to_owned()
        }
    };
    [
        examination.instance.to_string(),
        examination.outcome.word().to_owned(),
        count(counts.pass),
        count(counts.warn),
        count(counts.fail),
        count(counts.skip),
        seconds(examination.duration.as_secs_f64()),
        line(examination.why.as_deref().unwrap_or_default(), REASON),
    ]
}

fn widths(rows: &[[String; HEAD.len()]]) -> [usize; HEAD.len()] {
    std::array::from_fn(|column| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or_default()
    })
}

/// Says how many came to what.
fn summary(examinations: &[Examination], duration: Duration) -> String {
    const ORDER: [Outcome; 9] = [
        Outcome::Pass,
        Outcome::Warn,
        Outcome::Skip,
        Outcome::Fail,
        Outcome::Refused,
        Outcome::Unreachable,
        Outcome::Lost,
        Outcome::Cancelled,
        Outcome::NotStarted,
    ];
    let parts: Vec<_> = ORDER
        .iter()
        .filter_map(|outcome| {
            let same = examinations.iter().filter(|one| one.outcome == *outcome);
            let count = same.count();
            (count > 0).then(|| format!("{count} {}", outcome.word()))
        })
        .collect();
    format!(
        "{} in {}: {}\n",
        examinations.len(),
        seconds(duration.as_secs_f64()),
        parts.join(", ")
    )
}
