//! Whether it could have been seen coming, for people who decide.

use std::fmt::Write as _;

use crate::retro::conclusion::{UNTRIED, counted};
use crate::retro::{Indicator, Retro, rule_words};

use super::Report;
use super::escape::Escaped;

/// Adds the sentences, and the figures behind each of them.
pub(super) fn add(page: &mut String, report: &Report<'_>, retro: &Retro) {
    page.push_str("<h2 id=\"incidents\">Could it have been seen coming?</h2>\n<ul>");
    for sentence in &retro.conclusion {
        _ = writeln!(page, "<li>{}</li>", Escaped(sentence));
    }
    page.push_str("</ul>\n");
    for one in &retro.incidents {
        _ = writeln!(
            page,
            "<h3>{}: {}</h3>\n<p>It began at {}, with {} live.</p>",
            Escaped(&one.name),
            Escaped(&one.title),
            Escaped(&one.began),
            report.links.commit(&one.live)
        );
        for doubt in &one.doubts {
            _ = writeln!(page, "<p>Doubtful: {}.</p>", Escaped(doubt));
        }
        if one.stretch.measured == 0 {
            let walk = one.walk();
            let how = format!("Nothing can be said: {walk} measures them.");
            _ = writeln!(page, "<p>{}</p>", Escaped(&how));
        } else {
            page.push_str("<p>What could have been measured then:</p>");
            indicators(page, &one.at_the_time);
        }
        if !one.in_hindsight.is_empty() || !one.failing.is_empty() {
            page.push_str(
                "<p>In hindsight, with the tests of another day; not to be added to the above:</p>",
            );
            for failing in &one.failing {
                let words = failing.words(str::to_owned);
                _ = writeln!(page, "<p>{}</p>", Escaped(&words));
            }
            if !one.in_hindsight.is_empty() {
                indicators(page, &one.in_hindsight);
            }
        }
    }
    for nowhere in &retro.without_place {
        _ = writeln!(page, "<p>Not placed: {}.</p>", Escaped(nowhere));
    }
    page.push_str("<h3>Rules of alarm, walked forward in time</h3>");
    if retro.at_the_time.incidents == 0 {
        _ = writeln!(page, "<p>{UNTRIED}</p>");
    } else {
        rules(page, retro);
    }
    _ = writeln!(
        page,
        "<p><small>Question number {}; <code>mad retro</code> has all of it.</small></p>",
        retro.question.number
    );
}

fn rules(page: &mut String, retro: &Retro) {
    page.push_str(
        "<div class=\"wide\" tabindex=\"0\"><table><tr><th>rule<th>alarms<th>before an incident\
         <th>incidents met<th>false a month<th>p<th>q<th>verdict</tr>",
    );
    for tested in &retro.at_the_time.rules {
        _ = writeln!(
            page,
            "<tr><td>{}<td>{}<td>{} of {}<td>{} of {}<td>{}<td>{:.4}<td>{:.4}<td>{}</tr>",
            Escaped(&rule_words(tested.rule)),
            tested.alarms.len(),
            tested.precision.count,
            tested.precision.total,
            tested.recall.count,
            tested.recall.total,
            tested
                .false_alarms_per_month
                .map_or("-".to_owned(), |alarms| format!("{alarms:.2}")),
            tested.p,
            tested.q,
            tested.verdict
        );
    }
    page.push_str("</table></div>\n");
}

fn indicators(page: &mut String, indicators: &[Indicator]) {
    if indicators.is_empty() {
        page.push_str("<p>Nothing had changed for the worse: no signal.</p>\n");
        return;
    }
    page.push_str(
        "<div class=\"wide\" tabindex=\"0\"><table><tr><th>series<th>change<th>commits<th>ahead of the live commit<th>ahead of the incident\
         <th>first found</tr>",
    );
    for one in indicators {
        _ = writeln!(
            page,
            "<tr><td>{}<td>{}<td>{}<td>{}, {} h<td>{} h<td>{}</tr>",
            Escaped(&one.series),
            Escaped(&one.amount),
            Escaped(&one.place),
            counted(one.commits_ahead, "commit", "commits"),
            one.hours_before_live,
            one.hours_before_incident,
            one.first_found.as_deref().unwrap_or("not in time")
        );
    }
    page.push_str("</table></div>\n");
}
