//! The guide lists what is measured, and nothing else.

use std::fmt::Write as _;

use mad_measure::metric;
use mad_store::MetricKind;

fn table() -> String {
    let mut table = String::from("| metric | unit | varies | what it is |\n|---|---|---|---|\n");
    for metric in metric::ALL {
        let unit = if metric.unit.is_empty() {
            "-"
        } else {
            metric.unit
        };
        let kind = match metric.kind {
            MetricKind::Exact => "exact",
            MetricKind::Noisy => "noisy",
            MetricKind::Ratio => "ratio",
            MetricKind::Outcome => "outcome",
        };
        let _ = writeln!(
            table,
            "| `{}` | {unit} | {kind} | {} |",
            metric.name, metric.meaning
        );
    }
    table
}

#[test]
fn the_guide_has_the_table_of_all_metrics() {
    let guide = include_str!("../../docs/testing.md");
    let table = table();
    assert!(
        guide.contains(&table),
        "docs/testing.md should contain\n{table}"
    );
}

#[test]
fn names_say_their_unit_as_prometheus_would_have_it() {
    for metric in metric::ALL {
        let is_name = metric
            .name
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter == '_');
        assert!(is_name, "{}", metric.name);
        for (unit, end) in [("seconds", "_seconds"), ("bytes", "_bytes")] {
            assert_eq!(
                metric.unit == unit,
                metric.name.ends_with(end),
                "{}",
                metric.name
            );
        }
        let ratio = metric.name.ends_with("_ratio");
        assert_eq!(metric.kind == MetricKind::Ratio, ratio, "{}", metric.name);
        let others = metric::ALL.iter().filter(|other| other.name == metric.name);
        assert_eq!(others.count(), 1, "{}", metric.name);
    }
}
