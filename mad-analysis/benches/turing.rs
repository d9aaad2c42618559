//! How well changes are found in the Turing Change Point Dataset, whose series people have looked through.
//!
//! The dataset stays where its authors have it: <https://github.com/alan-turing-institute/TCPD>. With its series and its
//! `annotations.json` in a folder: `cargo bench --package mad-analysis --bench turing -- FOLDER`. Scored is as the paper
//! says ([van den Burg and Williams](https://arxiv.org/abs/2003.06222), section 4.3), with a margin of 5.

#![expect(clippy::print_stdout, reason = "it is what is asked for")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use mad_analysis::{Direction, Finding, Kind, Series, Shape, judge};
use serde_json::Value;

/// By so many points a change may be found too soon or too late.
const MARGIN: u64 = 5;

/// Where something changes.
type Changes = BTreeSet<u64>;

/// What each of those who looked through a series found.
type Annotations = BTreeMap<String, Changes>;

fn main() {
    // `cargo test --benches` only wants to know that it runs, and `cargo bench` has a word of its own.
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let Some(folder) = words.next() else { return };
    let folder = Path::new(&folder);
    let annotations = read(&folder.join("annotations.json"));
    let annotations: BTreeMap<String, Annotations> = serde_json::from_value(annotations).unwrap();

    println!("| series | points | found | F1 | cover | F1, nothing said | cover, nothing said |");
    println!("|---|---:|---|---:|---:|---:|---:|");
    let mut all = Vec::new();
    for (name, annotations) in &annotations {
        // Those who have half of the dataset score half of it.
        let Some(points) = points(&folder.join(format!("{name}.json"))) else {
            continue;
        };
        let end = points.last().map_or(0, |(at, _)| at + 1);
        let findings = findings(&points);
        let found = found(&findings, end);
        let with_spreads = &found | &spreads(&findings, end);
        let scores = [&found, &Changes::new(), &with_spreads]
            .map(|said| [f1(annotations, said), cover(annotations, said, end)]);
        let places: Vec<_> = found.iter().map(ToString::to_string).collect();
        let [ours, nothing, _] = scores;
        row(
            name,
            &points.len().to_string(),
            &places.join(" "),
            [ours, nothing],
        );
        all.push(scores);
    }
    let [ours, nothing, with_spreads] =
        [0, 1, 2].map(|who| [0, 1].map(|score| mean(all.iter().map(|of| of[who][score]))));
    let count = format!("{} series", all.len());
    row("mean", "", &count, [ours, nothing]);
    row("mean, with spreads", "", &count, [with_spreads, nothing]);
}

fn row(name: &str, points: &str, found: &str, [ours, nothing]: [[f64; 2]; 2]) {
    let [f1, cover] = ours;
    let [least_f1, least_cover] = nothing;
    println!(
        "| {name} | {points} | {found} | {f1:.3} | {cover:.3} | {least_f1:.3} | {least_cover:.3} |"
    );
}

fn read(file: &Path) -> Value {
    let text = fs::read_to_string(file);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Returns the points of a series of one dimension, without those that are missing; none if there is no such file.
fn points(file: &Path) -> Option<Vec<(u64, f64)>> {
    file.exists().then_some(())?;
    let series = &read(file)["series"];
    let [only] = &series.as_array()?[..] else {
        return None;
    };
    let raw = (0..).zip(only["raw"].as_array()?);
    let points = raw.filter_map(|(at, value)| Some((at, value.as_f64()?)));
    Some(points.collect())
}

fn findings(points: &[(u64, f64)]) -> Vec<Finding> {
    let series = Series::new(Kind::Noisy, Direction::Lower, points.iter().copied());
    judge(&series).findings().to_vec()
}

/// A step is a change; a drift is one where it begins, and one where it ends, within the series.
fn found(findings: &[Finding], end: u64) -> Changes {
    let changes = findings.iter().flat_map(|finding| {
        let suspects = finding.suspects;
        match finding.shape {
            Shape::Step => vec![suspects.through],
            Shape::Drift => vec![suspects.after, suspects.through],
            Shape::Spread => Vec::new(),
        }
    });
    changes.filter(|at| (1..end - 1).contains(at)).collect()
}

/// Where the spread changes: in the middle of the suspects. That is scored apart, as those whom others compare look at levels.
fn spreads(findings: &[Finding], end: u64) -> Changes {
    let spreads = findings
        .iter()
        .filter(|finding| finding.shape == Shape::Spread);
    let middles = spreads.map(|one| (one.suspects.after + one.suspects.through).div_ceil(2));
    middles.filter(|at| (1..end - 1).contains(at)).collect()
}

/// How many of the true changes were found; each that is found counts for one of them.
fn hits(truth: &Changes, said: &Changes) -> f64 {
    let mut left = said.clone();
    let mut hits = 0.0;
    for at in truth {
        let near = left.range(at.saturating_sub(MARGIN)..=at + MARGIN);
        let nearest = near
            .min_by_key(|said| (at.abs_diff(**said), **said))
            .copied();
        if let Some(nearest) = nearest {
            left.remove(&nearest);
            hits += 1.0;
        }
    }
    hits
}

/// The harmonic mean of precision, beside what anybody found, and recall, as each of them has it. The first point counts
/// as a change for everybody, so that there is always one.
fn f1(annotations: &Annotations, said: &Changes) -> f64 {
    let with_first = |changes: &Changes| changes.iter().copied().chain([0]).collect::<Changes>();
    let said = with_first(said);
    let each: Vec<_> = annotations.values().map(with_first).collect();
    let anybody = each.iter().flatten().copied().collect();
    let precision = hits(&anybody, &said) / count_of(&said);
    let recall = mean(
        each.iter()
            .map(|truth| hits(truth, &said) / count_of(truth)),
    );
    2.0 * precision * recall / (precision + recall)
}

/// How much of what people see as one part is one part here: the best overlap of each, by its length.
fn cover(annotations: &Annotations, said: &Changes, end: u64) -> f64 {
    let ours = parts(said, end);
    mean(annotations.values().map(|truth| {
        let covered = parts(truth, end).into_iter().map(|theirs| {
            let overlaps = ours.iter().map(|ours| overlap(theirs, *ours));
            count(theirs.1 - theirs.0) * overlaps.fold(0.0, f64::max)
        });
        covered.sum::<f64>() / count(end)
    }))
}

/// The parts between changes, each with its start and what is after its end.
fn parts(changes: &Changes, end: u64) -> Vec<(u64, u64)> {
    let inner = changes.range(1..end).copied();
    let bounds: Vec<_> = [0].into_iter().chain(inner).chain([end]).collect();
    bounds.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// What two parts have in common, of what they have together.
fn overlap(one: (u64, u64), other: (u64, u64)) -> f64 {
    let common = one.1.min(other.1).saturating_sub(one.0.max(other.0));
    let together = (one.1 - one.0) + (other.1 - other.0) - common;
    count(common) / count(together)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n_values) = values.fold((0.0, 0), |(sum, n), value| (sum + value, n + 1));
    sum / count(n_values)
}

fn count_of(changes: &Changes) -> f64 {
    count(changes.iter().map(|_| 1).sum())
}

#[expect(clippy::cast_precision_loss, reason = "there are some thousands")]
fn count(number: u64) -> f64 {
    number as f64
}
