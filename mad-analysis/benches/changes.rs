//! How fast changes are found, and how well: tables of Markdown.

#![expect(clippy::print_stdout, reason = "it is what is asked for")]

#[path = "../tests/generated/mod.rs"]
mod generated;

use std::time::{Duration, Instant};

use generated::trial::{self, Tally};
use generated::{Noise, Numbers};
use mad_analysis::{Direction, History, Kind, Series, Step, Walk, judge, judge_all};

const REPETITIONS: u64 = 1_000;

fn main() {
    // `cargo test --benches` only wants to know that it runs.
    let repetitions = if std::env::args().any(|word| word == "--bench") {
        REPETITIONS
    } else {
        2
    };
    println!(
        "Steps in 120 points with noise of 2 %: found within two commits / other findings a series\n"
    );
    println!("| noise | none: series with a finding | +3 % | +5 % | +10 % |");
    println!("|---|---|---|---|---|");
    let mut means: [Tally; 4] = Default::default();
    for noise in Noise::ALL {
        let tallies = [0.0, 0.03, 0.05, 0.10].map(|step| trial::of_steps(noise, step, repetitions));
        print_steps(&format!("{noise:?}"), &tallies);
        for (mean, tally) in means.iter_mut().zip(&tallies) {
            mean.hits += tally.hits / 6.0;
            mean.extra += tally.extra / 6.0;
            mean.with_findings += tally.with_findings / 6.0;
        }
    }
    print_steps("mean", &means);

    println!("\nDrifts: series told as drift / as steps\n");
    println!("| noise | +10 % | +20 % | +10 %, second half | +20 %, second half |");
    println!("|---|---|---|---|---|");
    for noise in Noise::ALL {
        let cells = [(0.1, false), (0.2, false), (0.1, true), (0.2, true)].map(|(rise, late)| {
            let tally = trial::of_drifts(noise, rise, late, repetitions / 2);
            format!(
                "{:.3} / {:.3}",
                tally.drifts,
                tally.with_findings - tally.drifts
            )
        });
        println!("| {noise:?} | {} |", cells.join(" | "));
    }

    print_spreads(repetitions / 2);
    print_reports(repetitions / 5);

    println!("\nMilliseconds a series, the least of several runs\n");
    println!(
        "| points | flat | five steps | line | wandering | constant | a test that always changes |"
    );
    println!("|---|---|---|---|---|---|---|");
    for count in [100, 1_000, 10_000] {
        let noisy = |values: &Vec<f64>| {
            time(&Series::consecutive(
                Kind::Noisy,
                Direction::Lower,
                values.clone(),
            ))
        };
        let mut times = shapes(count).iter().map(noisy).collect::<Vec<_>>();
        let outcomes = (0..count).map(|run| f64::from(run % 2));
        times.push(time(&Series::consecutive(
            Kind::Outcome,
            Direction::Higher,
            outcomes,
        )));
        let cells = times
            .iter()
            .map(|time| format!("{:.3}", time.as_secs_f64() * 1e3));
        println!("| {count} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    print_walk(
        if repetitions == REPETITIONS {
            1_000
        } else {
            100
        },
        200,
    );
}

/// Along 1,000 commits, with 200 series: half of them exact and growing, half noisy with a step.
fn print_walk(count: u32, series: u32) {
    let hourly = |hour| Step {
        committed_at: 3_600 * i64::from(hour),
        ..Step::default()
    };
    let one = |number: u32| {
        let noise = Noise::ALL[number as usize % 6];
        let noise = noise.values(count as usize, &mut Numbers::from_seed(number.into()));
        let level = |commit: u32| if commit > count / 2 { 105.0 } else { 100.0 };
        if number.is_multiple_of(2) {
            let values = (0..count)
                .zip(noise)
                .map(|(commit, noise)| level(commit) + 2.0 * noise);
            Series::consecutive(Kind::Noisy, Direction::Lower, values)
        } else {
            let values = (0..count).map(|commit| 1_000.0 + 3.0 * f64::from(commit));
            Series::consecutive(Kind::Exact, Direction::Lower, values)
        }
    };
    let history = History {
        steps: (0..count).map(hourly).collect(),
        series: (0..series).map(one).collect(),
        incidents: Vec::new(),
    };
    let start = Instant::now();
    let found: usize = judge_all(&history.series)
        .iter()
        .map(|one| one.findings().len())
        .sum();
    let judged = start.elapsed();
    let start = Instant::now();
    let walk = Walk::along(&history);
    let walked = start.elapsed();
    println!(
        "\n{series} series along {count} commits: judged in {judged:.2?} ({found} findings), walked in {walked:.2?} ({} alarms)",
        walk.raised.len()
    );
}

/// Where the noise becomes wider, or narrower.
fn print_spreads(repetitions: u64) {
    println!(
        "\nSpreads: the true commit is among the suspects / found at all / so many suspects / other findings\n"
    );
    let cells = [
        (120, 1.5),
        (120, 2.0),
        (120, 3.0),
        (120, 1.0 / 3.0),
        (60, 3.0),
        (160, 3.0),
    ];
    let heads = cells.map(|(count, factor)| format!("times {factor:.2} in {count}"));
    println!(
        "| noise | {} |\n|---|---|---|---|---|---|---|",
        heads.join(" | ")
    );
    for noise in Noise::ALL {
        let of = |(count, factor)| {
            let tally = trial::of_spreads(noise, count, factor, repetitions);
            let [hits, found, extra] = [tally.hits, tally.spreads, tally.extra];
            format!("{hits:.3} / {found:.3} / {:.0} / {extra:.3}", tally.named())
        };
        println!("| {noise:?} | {} |", cells.map(of).join(" | "));
    }
}

/// Reports over many series in which nothing changes.
fn print_reports(repetitions: u64) {
    let with_findings = |count: u64, noise: &dyn Fn(usize) -> Noise| {
        let has_findings = |seed: &u64| {
            let mut numbers = Numbers::from_seed(seed * 109 + 11);
            let series = |index| {
                let values = noise(index).values(120, &mut numbers);
                let values = values.into_iter().map(|noise| 100.0 + 2.0 * noise);
                Series::consecutive(Kind::Noisy, Direction::Lower, values)
            };
            let series: Vec<_> = (0..500).map(series).collect();
            judge_all(&series)
                .iter()
                .any(|one| !one.findings().is_empty())
        };
        (0..count).filter(has_findings).count()
    };
    let of_all = with_findings(repetitions, &|index| Noise::ALL[index % 6]);
    let half = repetitions / 2;
    let remembering = with_findings(half, &|_| Noise::Remembering);
    println!(
        "\nReports over 500 series in which nothing changes: {of_all} of {repetitions} have a finding, {remembering} of {half} where noise remembers"
    );
}

fn print_steps(name: &str, [none, steps @ ..]: &[Tally; 4]) {
    let cells = steps
        .iter()
        .map(|tally| format!("{:.3} / {:.3}", tally.hits, tally.extra));
    let cells: Vec<_> = cells.collect();
    println!(
        "| {name} | {:.3} | {} |",
        none.with_findings,
        cells.join(" | ")
    );
}

fn shapes(count: u32) -> [Vec<f64>; 5] {
    let noise = Noise::Gaussian.values(count as usize, &mut Numbers::from_seed(1));
    let on = |level: fn(f64) -> f64| -> Vec<f64> {
        let places = (0..count).map(|index| f64::from(index) / f64::from(count));
        places
            .zip(&noise)
            .map(|(place, noise)| level(place) + noise)
            .collect()
    };
    let mut level = 0.0;
    let mut wander = |step: &f64| {
        level += step;
        level
    };
    [
        noise.clone(),
        on(|place| 5.0 * (6.0 * place).floor()),
        on(|place| 100.0 * place),
        noise.iter().map(&mut wander).collect(),
        vec![7.0; count as usize],
    ]
}

fn time(series: &Series) -> Duration {
    let once = || {
        let start = Instant::now();
        std::hint::black_box(judge(series));
        start.elapsed()
    };
    (0..9).map(|_| once()).min().unwrap_or_default()
}
