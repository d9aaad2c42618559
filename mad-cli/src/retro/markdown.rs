//! A retro as Markdown.

use std::fmt::Write as _;

use mad_analysis::{Backtest, Proportion};

use super::conclusion::{UNTRIED, counted};
use super::question::rule_words;
use super::side::{Alarm, Indicator};
use super::{Failing, OfIncident, Retro};
use crate::changes::short;
use crate::moment::Moment;

/// Returns the whole page.
pub(crate) fn of(retro: &Retro) -> String {
    let mut text = String::from("# Could it have been seen coming?\n\n");
    for sentence in &retro.conclusion {
        _ = writeln!(text, "- {sentence}");
    }
    question(&mut text, retro);
    coverage(&mut text, retro);
    for one in &retro.incidents {
        incident(&mut text, one);
    }
    for nowhere in &retro.without_place {
        _ = writeln!(text, "\nNot placed: {nowhere}.");
    }
    text.push_str("\n## Rules, walked forward in time: what could have been measured then\n\n");
    backtest(&mut text, &retro.at_the_time);
    alarms(&mut text, &retro.alarms);
    if let Some(hindsight) = &retro.in_hindsight {
        text.push_str(
            "\n## Rules, in hindsight: with the tests of another day\n\nNone of this existed at the time. It is not to be added to the \
             above, and who chose these tests may have known the incident: that they meet it proves no rule.\n\n",
        );
        backtest(&mut text, hindsight);
    }
    text.push_str(CAVEATS);
    text
}

const CAVEATS: &str = "
## What may mislead

- Old code was built with today's toolchain and today's resolution of dependencies, unless it was measured at the time.
- Numbers depend on the machine and its load; series are never joined across environments, and commits that were measured
  again tell how much the machine moved.
- What a probe measures could have been measured then, and was not; who wrote the probe may have known what to look for.
- Tests come and go; a change in their number is no change of the program. Squashed merges look like one large commit.
- Dates are those of commits on the line of first parents, never those of authors.
- An alarm that is not before an incident is called false here. It may have been about something that nobody wrote down.

The numbers behind this page: `mad retro --json`, `mad store export`.
";

fn question(text: &mut String, retro: &Retro) {
    _ = writeln!(
        text,
        "\n## The question (number {})\n",
        retro.question.number
    );
    for line in &retro.question.lines {
        _ = writeln!(text, "- {line}");
    }
    text.push_str("\nWhoever changes any of this has another number, and has looked before.\n");
}

fn coverage(text: &mut String, retro: &Retro) {
    let coverage = &retro.coverage;
    _ = writeln!(
        text,
        "\n## Coverage\n\n{} of {} commits have numbers. {} series in {} environments; {} judged, {} too short. {} commits were \
         measured again.\n",
        coverage.measured,
        coverage.commits,
        coverage.series,
        coverage.environments,
        coverage.judged,
        coverage.series - coverage.judged,
        coverage.measured_again,
    );
    text.push_str("| runs that ended | |\n|---|---|\n");
    for (status, count) in &coverage.runs {
        _ = writeln!(text, "| {status} | {count} |");
    }
    for cause in &coverage.reasons {
        _ = writeln!(
            text,
            "| … {} | {}: {} |",
            cause.status,
            cause.runs,
            cell(&cause.reason)
        );
    }
    if coverage.later > 0 {
        _ = writeln!(
            text,
            "\n{} of these runs were made more than a week after their commit: what they say could have been known then, and was not.",
            coverage.later
        );
    }
    if coverage.again.is_empty() {
        text.push_str(
            "\nNo commit on the line was measured twice, so nothing here tells a change of the machine from one of the code \
             (`--controls` measures the ends again).\n",
        );
    }
    for (kind, repeated) in &coverage.again {
        _ = writeln!(
            text,
            "\nOf {} {kind} series that were measured again at a commit, {} differ, by {:.2} % at most.",
            repeated.series,
            repeated.differ,
            repeated.most * 100.0
        );
    }
    text.push_str(
        "\n| measured where | series | commits | rules are tried with it |\n|---|---|---|---|\n",
    );
    for place in &retro.places {
        let counts = if place.counts {
            "yes"
        } else {
            "no, at too few commits"
        };
        _ = writeln!(
            text,
            "| {} | {} | {} | {counts} |",
            cell(&place.environment),
            place.series,
            place.commits
        );
    }
}

fn incident(text: &mut String, one: &OfIncident) {
    _ = writeln!(text, "\n## {}: {}\n", cell(&one.name), cell(&one.title));
    let after = one.after.as_deref().map_or("the beginning", short);
    _ = writeln!(
        text,
        "It began at {}, with {} live. Asked about are the {} commits after {after}.",
        one.began,
        short(&one.live),
        one.stretch.commits
    );
    _ = writeln!(
        text,
        "{} of them were measured in the same way; something new was found at {}.{}",
        one.stretch.measured,
        one.stretch.changes,
        one.stretch.usual.map_or_else(String::new, |usual| format!(
            " Where no incident is near, it is {usual:.1} in as many."
        ))
    );
    for doubt in &one.doubts {
        _ = writeln!(text, "Doubtful: {}.", cell(doubt));
    }
    if one.stretch.measured == 0 {
        _ = writeln!(text, "\nNothing can be said: {} measures them.", one.walk());
    } else {
        text.push_str("\nWhat could have been measured then:\n\n");
        indicators(text, &one.at_the_time);
    }
    if !one.in_hindsight.is_empty() || !one.failing.is_empty() {
        text.push_str(
            "\nIn hindsight, with the tests of another day (not to be added to the above):\n\n",
        );
        failing(text, &one.failing);
        if !one.in_hindsight.is_empty() {
            indicators(text, &one.in_hindsight);
        }
    }
}

fn failing(text: &mut String, failing: &[Failing]) {
    for one in failing {
        _ = writeln!(text, "- {}", one.words(cell));
    }
    if !failing.is_empty() {
        text.push('\n');
    }
}

/// All that would have been said, commit by commit, as nobody can judge hits who does not see what is none.
fn alarms(text: &mut String, alarms: &[Alarm]) {
    const COMMITS: usize = 100;
    const SERIES: usize = 4;
    if alarms.is_empty() {
        return;
    }
    text.push_str(
        "\n### Each alarm, as it would have been given\n\n| given at | what | changed at | p | before |\n|---|---|---|---|---|\n",
    );
    let commits: Vec<&[Alarm]> = alarms.chunk_by(|a, b| a.commit == b.commit).collect();
    for at_commit in commits.iter().take(COMMITS) {
        let what = at_commit.iter().take(SERIES).map(|one| {
            let probe = if one.by_probe { " (a probe)" } else { "" };
            let counts = if one.counts {
                ""
            } else {
                " (no rule is tried with it)"
            };
            format!("{}{probe} {}{counts}", cell(&one.series), one.amount)
        });
        let mut what = what.collect::<Vec<_>>().join("; ");
        let more = at_commit.len().saturating_sub(SERIES);
        if more > 0 {
            _ = write!(what, "; {more} more");
        }
        let first = &at_commit[0];
        let before = if first.before.is_empty() {
            "no incident".to_owned()
        } else {
            first.before.join(", ")
        };
        _ = writeln!(
            text,
            "| {} | {what} | {} | {} | {} |",
            first.given_at,
            cell(&first.place),
            number(first.p),
            cell(&before),
        );
    }
    let more = commits.len().saturating_sub(COMMITS);
    if more > 0 {
        _ = writeln!(text, "\n{more} more commits are in `mad retro --json`.");
    }
}

fn indicators(text: &mut String, indicators: &[Indicator]) {
    if indicators.is_empty() {
        text.push_str("Nothing had changed for the worse: no signal.\n");
        return;
    }
    text.push_str(
        "| series | change | commits | ahead of the live commit | ahead of the incident | first found | p | q |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for one in indicators {
        _ = writeln!(
            text,
            "| {} | {} | {} | {}, {} h | {} h | {} | {} | {} |",
            cell(&one.series) + if one.by_probe { " (a probe)" } else { "" },
            one.amount,
            cell(&one.place),
            counted(one.commits_ahead, "commit", "commits"),
            one.hours_before_live,
            one.hours_before_incident,
            one.first_found.as_deref().unwrap_or("not in time"),
            number(one.p),
            number(one.q),
        );
    }
}

fn backtest(text: &mut String, backtest: &Backtest) {
    if backtest.incidents == 0 {
        _ = writeln!(text, "{UNTRIED}");
        return;
    }
    _ = writeln!(
        text,
        "{}{}, {} measured commits, {:.1} months. An alarm at any of them is before an incident in {:.1} % of cases. Who says \
         nothing at all gives no false alarm and meets no incident.\n",
        counted(backtest.incidents, "incident", "incidents"),
        if backtest.few_incidents { " (few)" } else { "" },
        backtest.commits,
        backtest.months,
        backtest.base_rate * 100.0
    );
    text.push_str(
        "| rule | alarms | before an incident | incidents met | by lot | per 100 commits | false a month | p | q | verdict |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for tested in &backtest.rules {
        _ = writeln!(
            text,
            "| {} | {} | {} | {} | {:.0} % | {:.1} | {} | {:.4} | {:.4} | {} |",
            rule_words(tested.rule),
            tested.alarms.len(),
            proportion(tested.precision),
            proportion(tested.recall),
            tested.recall_by_lot * 100.0,
            tested.alarms_per_hundred_commits,
            tested
                .false_alarms_per_month
                .map_or("-".to_owned(), |alarms| format!("{alarms:.2}")),
            tested.p,
            tested.q,
            tested.verdict,
        );
        for neighbour in &tested.neighbours {
            _ = writeln!(
                text,
                "| … {} | {} | {} | {} | | | | | | |",
                rule_words(neighbour.rule),
                neighbour.precision.total,
                proportion(neighbour.precision),
                proportion(neighbour.recall),
            );
        }
    }
    for tested in backtest
        .rules
        .iter()
        .filter(|tested| tested.rule.is_measured())
    {
        for lead in &tested.leads {
            _ = writeln!(
                text,
                "\n\"{}\" gave its first alarm before {} on {}: {} and {:.0} h before the live commit, {:.0} h before it \
                 began.",
                rule_words(tested.rule),
                cell(&lead.incident),
                Moment::of_seconds(lead.given_at),
                counted(lead.commits, "commit", "commits"),
                lead.hours_before_live,
                lead.hours_before_incident
            );
        }
        if !tested.misses.is_empty() {
            let misses: Vec<_> = tested.misses.iter().map(|name| cell(name)).collect();
            _ = writeln!(
                text,
                "\n\"{}\" missed: {}.",
                rule_words(tested.rule),
                misses.join(", ")
            );
        }
    }
}

fn proportion(proportion: Proportion) -> String {
    let Proportion {
        count,
        total,
        low,
        high,
        ..
    } = proportion;
    format!(
        "{count} of {total} ({:.0} to {:.0} %)",
        low * 100.0,
        high * 100.0
    )
}

fn number(probability: Option<f64>) -> String {
    probability.map_or_else(|| "exact".to_owned(), |number| format!("{number:.2e}"))
}

/// Makes a text safe for a cell of a table.
pub(crate) fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '|' | '<' | '>' | '`' | '*' | '_' | '[' | ']' | '\\' => {
                safe.push('\\');
                safe.push(letter);
            }
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}
