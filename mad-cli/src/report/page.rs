//! The page.

use std::fmt::Write as _;

use mad_analysis::News;

use crate::changes::{Change, amount};
use crate::moment::Moment;

use super::chart::{Chart, STYLE};
use super::escape::{Escaped, Short};
use super::{Report, each_test, looking_back, matrix, tests_table, themes};

/// So many changes are listed, so many pictures drawn, so many tests told: what is more would be read by nobody.
const CHANGES: usize = 200;
const PICTURES: usize = 120;
const OF_A_THEME: usize = 10;
const TESTS: usize = 50;
const EACH_TEST: usize = 100;
const NOT_DRAWN: usize = 1_000;

const PAGE_STYLE: &str = ":root{color-scheme:light dark;--line:#8886}html{background:#fff;color:#1b1b1b}a{color:#04a}\
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:0 auto;padding:1rem}\
h1{font-size:1.5rem}h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}\
table{border-collapse:collapse;width:100%;font-size:.9rem}td,th{text-align:left;padding:.2rem .6rem .2rem 0;\
border-bottom:1px solid var(--line);vertical-align:top}code{font-size:.9em}.wide{overflow-x:auto}\
figure{margin:1rem 0}figcaption{font-weight:600;overflow-wrap:anywhere}svg{width:100%;max-width:60rem;display:block}\
.worse{color:#c22}.better{color:#282}small{opacity:.75}\
@media(prefers-color-scheme:dark){html{background:#161616;color:#e4e4e4}a{color:#9cf}.worse{color:#f77}.better{color:#7c7}}\
@media print{body{max-width:none;font-size:11px}figure,tr{break-inside:avoid}a{color:inherit}}";

/// Returns the whole page.
pub(super) fn of(report: &Report<'_>) -> String {
    let title = Escaped(&report.title);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}: what was measured</title>\n\
         <style>{PAGE_STYLE}{STYLE}</style></head>\n<body><main><h1>{title}: what was measured</h1>\n"
    );
    summary(&mut page, report);
    if let Some(retro) = &report.retro {
        looking_back::add(&mut page, report, retro);
    }
    changes(&mut page, report);
    let drawn = overview(&mut page, report);
    tests(&mut page, report);
    each_test(&mut page, report);
    cells(&mut page, report);
    pictures(&mut page, report, &drawn);
    method(&mut page);
    page.push_str("</main></body></html>\n");
    page
}

fn summary(page: &mut String, report: &Report<'_>) {
    let timeline = report.timeline;
    let n_measured = timeline.measured.len();
    let worse =
        |change: &&Change<'_>| change.finding.news == News::Worse && change.accepted.is_none();
    let n_worse = report.changes.iter().filter(worse).count();
    _ = writeln!(
        page,
        "<p>{n_measured} series along {} commits; {} could be judged. {} changes were found, {n_worse} of them for the worse and \
         not accepted.</p>",
        timeline.commits.len(),
        timeline.n_judged(),
        report.changes.len()
    );
    if let (Some(first), Some(last)) = (timeline.commits.first(), timeline.commits.last()) {
        _ = writeln!(
            page,
            "<p>From {} ({}) to {} ({}).</p>",
            report.links.commit(&first.id),
            Moment::of_seconds(first.committed_at),
            report.links.commit(&last.id),
            Moment::of_seconds(last.committed_at)
        );
    }
}

fn changes(page: &mut String, report: &Report<'_>) {
    page.push_str("<h2 id=\"changes\">What changed</h2>\n");
    if report.changes.is_empty() {
        page.push_str("<p>Nothing did, as far as could be judged.</p>\n");
        return;
    }
    page.push_str("<div class=\"wide\" tabindex=\"0\"><table><tr><th>change<th>series<th>commits<th>of such, false<th>accepted</tr>");
    for change in report.changes.iter().take(CHANGES) {
        let finding = change.finding;
        let class = match finding.news {
            News::Worse => "worse",
            News::Better => "better",
            News::Neither => "",
        };
        let q = finding
            .q
            .map_or_else(|| "exact".to_owned(), |q| format!("{:.2} %", q * 100.0));
        _ = writeln!(
            page,
            "<tr><td class=\"{class}\">{}<td>{}<br><small>{}</small><td>{}<td>{q}<td>{}</tr>",
            Escaped(&amount(change)),
            Escaped(&change.series),
            Escaped(&change.environment.to_string()),
            commits(report, change),
            Escaped(change.accepted.as_deref().unwrap_or(""))
        );
    }
    page.push_str("</table></div>\n");
    let more = report.changes.len().saturating_sub(CHANGES);
    if more > 0 {
        _ = writeln!(
            page,
            "<p>{more} more are in <code>mad changes --all</code>.</p>"
        );
    }
}

fn commits(report: &Report<'_>, change: &Change<'_>) -> String {
    let named = |commit: &mad_store::Commit| {
        format!(
            "{} {}",
            report.links.commit(&commit.id),
            Escaped(&commit.summary)
        )
    };
    match change.commits {
        [] => String::new(),
        [one] => named(one),
        [first, .., last] => format!(
            "{} commits, from {} to {}",
            change.commits.len(),
            report.links.commit(&first.id),
            named(last)
        ),
    }
}

fn tests(page: &mut String, report: &Report<'_>) {
    let flips = tests_table::of(report.timeline);
    if flips.is_empty() {
        return;
    }
    page.push_str(
        "<h2 id=\"tests\">Tests that change their minds</h2>\n<div class=\"wide\" tabindex=\"0\"><table><tr><th>test<th>runs<th>failed<th>flips\
         <th>both at one commit</tr>",
    );
    for one in flips.iter().take(TESTS) {
        _ = writeln!(
            page,
            "<tr><td>{}<td>{}<td>{}<td>{}<td>{}</tr>",
            Escaped(&one.name),
            one.runs,
            one.failed,
            one.turns,
            one.both
        );
    }
    page.push_str("</table></div>\n");
}

/// Draws what everybody asks first, whether it changed or not. Returns what was drawn.
fn overview(page: &mut String, report: &Report<'_>) -> Vec<usize> {
    let mut drawn = Vec::new();
    for theme in themes::of(report.timeline) {
        _ = writeln!(page, "<h2 id=\"{}\">{}</h2>", theme.id, theme.heading);
        for &index in theme.series.iter().take(OF_A_THEME) {
            figure(page, report, index);
            drawn.push(index);
        }
    }
    drawn
}

fn figure(page: &mut String, report: &Report<'_>, index: usize) {
    let one = &report.timeline.measured[index];
    _ = writeln!(
        page,
        "<figure><figcaption>{} <small>{} {}</small></figcaption>{}</figure>",
        Escaped(&one.name()),
        Escaped(&one.metric.unit),
        Escaped(&one.environment.to_string()),
        Chart::of(one, report).inline()
    );
}

fn each_test(page: &mut String, report: &Report<'_>) {
    let rows = each_test::of(report.timeline);
    if rows.is_empty() {
        return;
    }
    page.push_str(
        "<h2 id=\"each-test\">Test by test</h2>\n<p>The newest value, and in small letters the one in the middle of all. How deep the \
         functions of a test call each other, and how often, is known where <code>mad test --deep</code> ran.</p>\n\
         <div class=\"wide\" tabindex=\"0\"><table><tr><th>test",
    );
    for (_, heading) in each_test::METRICS {
        _ = write!(page, "<th>{heading}");
    }
    page.push_str("</tr>");
    for row in rows.iter().take(EACH_TEST) {
        _ = write!(
            page,
            "<tr><td>{}<br><small>{}</small>",
            Escaped(&row.name),
            Escaped(&row.environment)
        );
        for value in row.values {
            _ = match value {
                Some((newest, middle)) => {
                    write!(
                        page,
                        "<td>{} <small>{}</small>",
                        Short(newest),
                        Short(middle)
                    )
                }
                None => write!(page, "<td>-"),
            };
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</table></div>\n");
    let more = rows.len().saturating_sub(EACH_TEST);
    if more > 0 {
        _ = writeln!(
            page,
            "<p>{more} more are in <code>mad store export</code>.</p>"
        );
    }
}

fn cells(page: &mut String, report: &Report<'_>) {
    let rows = matrix::of(report.timeline);
    if rows.is_empty() {
        return;
    }
    page.push_str("<h2 id=\"matrix\">Where it was measured, newest first</h2>\n<div class=\"wide\" tabindex=\"0\"><table><tr><th>environment");
    for metric in matrix::METRICS {
        _ = write!(page, "<th>{}", Escaped(metric));
    }
    page.push_str("<th>at</tr>");
    for row in rows {
        _ = write!(page, "<tr><td>{}", Escaped(&row.environment.to_string()));
        for value in row.values {
            _ = match value {
                Some(value) => write!(page, "<td>{}", Short(value)),
                None => write!(page, "<td>-"),
            };
        }
        let at = usize::try_from(row.newest)
            .ok()
            .and_then(|index| report.timeline.commits.get(index));
        let at = at.map(|commit| report.links.commit(&commit.id));
        _ = writeln!(page, "<td>{}</tr>", at.unwrap_or_default());
    }
    page.push_str("</table></div>\n");
}

fn pictures(page: &mut String, report: &Report<'_>, drawn: &[usize]) {
    page.push_str("<h2 id=\"series\">Other series</h2>\n<p>Those that changed come first, the newest change before older ones. Red: for the \
                   worse; green: for the better; dashed: an incident; ticks: releases.</p>\n");
    let measured = &report.timeline.measured;
    let newest = |index: &usize| {
        let findings = measured[*index].judgement.findings().iter();
        findings.map(|finding| finding.suspects.through).max()
    };
    let mut order: Vec<usize> = (0..measured.len()).collect();
    order.retain(|index| !drawn.contains(index));
    order.sort_by_key(|index| std::cmp::Reverse(newest(index)));
    let room = PICTURES.saturating_sub(drawn.len());
    for &index in order.iter().take(room) {
        figure(page, report, index);
    }
    if order.len() <= room {
        return;
    }
    page.push_str("<div class=\"wide\" tabindex=\"0\"><table><tr><th>not drawn<th>points<th>first<th>last</tr>");
    for index in order.iter().skip(room).take(NOT_DRAWN) {
        let one = &measured[*index];
        let points = one.series.points();
        let value =
            |point: Option<&mad_analysis::Point>| Short(point.map_or(0.0, |point| point.value));
        _ = writeln!(
            page,
            "<tr><td>{}<td>{}<td>{}<td>{}</tr>",
            Escaped(&one.name()),
            points.len(),
            value(points.first()),
            value(points.last())
        );
    }
    page.push_str("</table></div>\n");
}

fn method(page: &mut String) {
    page.push_str(
        "<h2 id=\"method\">How this was found</h2>\n<p>Exact numbers are told where they changed by more than is usual for them; noisy \
         ones where chance does not explain it, after correction for the search within a series and for the number of series. \
         Series are never joined across environments. Changes are associated with commits, and with incidents, by time alone: \
         the diff must explain them.</p>\n",
    );
}
