//! The same operations, recorded here and by metrics-exporter-prometheus, give the same page.
//!
//! What metrics-exporter-prometheus gets wrong is left out: backslashes in labels, what is not finite,
//! names that are shown alike.

use std::collections::BTreeMap;

use mad_metrics::{Builder, Matcher};
use metrics::{Label, Unit, counter, describe_counter, describe_gauge, gauge, histogram};
use metrics_exporter_prometheus::{Matcher as TheirMatcher, PrometheusBuilder};
use proptest::prelude::*;

/// One call of the facade.
#[derive(Clone, Debug)]
enum Operation {
    Increment(u64),
    Absolute(u64),
    Set(f64),
    Add(f64),
    Subtract(f64),
    Record(f64),
    RecordMany(f64, usize),
    Describe,
}

const NAMES: [&str; 4] = ["a", "b.c", "2d", "e_seconds"];

type Labels = Vec<(&'static str, String)>;

fn operation() -> impl Strategy<Value = Operation> {
    let number = || prop_oneof![(-1e6..1e6_f64), (0..100_u32).prop_map(f64::from)];
    prop_oneof![
        (0..1_000_u64).prop_map(Operation::Increment),
        (0..1_000_u64).prop_map(Operation::Absolute),
        number().prop_map(Operation::Set),
        number().prop_map(Operation::Add),
        number().prop_map(Operation::Subtract),
        (0.0..20_f64).prop_map(Operation::Record),
        (0.0..20_f64, 1..5_usize).prop_map(|(value, count)| Operation::RecordMany(value, count)),
        Just(Operation::Describe),
    ]
}

fn labels() -> impl Strategy<Value = Labels> {
    let value = "[a-c\"\n=,{} é]{1,3}";
    let names = prop::sample::subsequence(vec!["x", "y", "z.w", "zone"], 0..3);
    names.prop_shuffle().prop_flat_map(move |names| {
        let values = prop::collection::vec(value, names.len());
        values.prop_map(move |values| names.iter().copied().zip(values).collect())
    })
}

fn run(operations: &[(usize, Labels, Operation)]) {
    for (name, labels, operation) in operations {
        let labels: Vec<_> = labels
            .iter()
            .map(|(name, value)| Label::new(*name, value.clone()))
            .collect();
        // A name for each kind, as a metric is of one kind.
        let named = |kind: &str| format!("{}_{kind}", NAMES[name % NAMES.len()]);
        let (counts, level, wait) = (named("total"), named("level"), named("wait"));
        match *operation {
            Operation::Increment(value) => counter!(counts, labels).increment(value),
            Operation::Absolute(value) => counter!(counts, labels).absolute(value),
            Operation::Set(value) => gauge!(level, labels).set(value),
            Operation::Add(value) => gauge!(level, labels).increment(value),
            Operation::Subtract(value) => gauge!(level, labels).decrement(value),
            Operation::Record(value) => histogram!(wait, labels).record(value),
            Operation::RecordMany(value, count) => {
                histogram!(wait, labels).record_many(value, count);
            }
            Operation::Describe => {
                describe_counter!(counts, Unit::Count, "Counts,\nof things.");
                describe_gauge!(level, "A level.");
            }
        }
    }
}

/// What a page says: the value of each sample, with its labels in order; HELP and TYPE likewise.
fn parsed(page: &str) -> BTreeMap<String, String> {
    let lines = page.lines().filter(|line| !line.is_empty());
    let lines = lines.filter(|line| !line.contains("mad_metrics_"));
    lines.map(parsed_line).collect()
}

fn parsed_line(line: &str) -> (String, String) {
    if let Some(metadata) = line.strip_prefix("# ") {
        let mut words = metadata.splitn(3, ' ');
        let mut word = || words.next().unwrap().to_owned();
        return (format!("{} {}", word(), word()), word());
    }
    let (series, value) = line.rsplit_once(' ').unwrap();
    let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
    let mut labels = split_labels(labels.strip_suffix('}').unwrap());
    labels.sort();
    // Sums are made in another order there.
    let value: f64 = value.parse().unwrap();
    (format!("{name}{labels:?}"), format!("{value:.6}"))
}

fn split_labels(labels: &str) -> Vec<String> {
    let mut split = vec![String::new()];
    let (mut is_quoted, mut is_escaped) = (false, false);
    for letter in labels.chars() {
        match letter {
            '"' if !is_escaped => is_quoted = !is_quoted,
            ',' if !is_quoted => split.push(String::new()),
            _ => {}
        }
        is_escaped = letter == '\\' && !is_escaped;
        if letter != ',' || is_quoted {
            split.last_mut().unwrap().push(letter);
        }
    }
    for label in &mut split {
        // A bound is a number, however it is written.
        if let Some(bound) = label
            .strip_prefix("le=\"")
            .and_then(|text| text.strip_suffix('"'))
        {
            *label = format!("le={:?}", bound.parse::<f64>().unwrap());
        }
    }
    split
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn both_show_the_same(
        operations in prop::collection::vec((0..NAMES.len(), labels(), operation()), 0..60),
    ) {
        let bounds = [0.1, 1.0, 10.0];
        let other_bounds = [5.0];
        let ours = Builder::new()
            .global_label("zone", "global")
            .buckets(&bounds)
            .buckets_for(Matcher::Suffix("c_wait".to_owned()), &other_bounds)
            .buckets_for(Matcher::Suffix("_wait".to_owned()), &[1.5])
            .buckets_for(Matcher::Prefix("e_".to_owned()), &[2.5])
            .buckets_for(Matcher::Prefix("2d".to_owned()), &[3.5])
            .buckets_for(Matcher::Full("a_wait".to_owned()), &[4.5])
            .build()
            .unwrap();
        let theirs = PrometheusBuilder::new()
            .add_global_label("zone", "global")
            .set_buckets(&bounds)
            .unwrap()
            .set_buckets_for_metric(TheirMatcher::Suffix("c_wait".to_owned()), &other_bounds)
            .unwrap()
            .set_buckets_for_metric(TheirMatcher::Suffix("_wait".to_owned()), &[1.5])
            .unwrap()
            .set_buckets_for_metric(TheirMatcher::Prefix("e_".to_owned()), &[2.5])
            .unwrap()
            .set_buckets_for_metric(TheirMatcher::Prefix("2d".to_owned()), &[3.5])
            .unwrap()
            .set_buckets_for_metric(TheirMatcher::Full("a_wait".to_owned()), &[4.5])
            .unwrap()
            .build_recorder();
        metrics::with_local_recorder(&ours, || run(&operations));
        metrics::with_local_recorder(&theirs, || run(&operations));
        prop_assert_eq!(parsed(&ours.handle().render()), parsed(&theirs.handle().render()));
    }
}
