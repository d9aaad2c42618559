//! What is found in series whose truth is known.

#![expect(clippy::float_cmp, reason = "sums of small whole numbers are exact")]

mod generated;

use generated::trial::{self, findings, stepping, widening};
use generated::{Noise, Numbers};
use mad_analysis::{
    Direction, Finding, Judgement, Kind, News, Reason, Series, Shape, judge, judge_all,
};
use proptest::prelude::*;

/// Few enough to take seconds without optimisation; `cargo xtask bench --changes` has the same table with more.
const REPETITIONS: u64 = 150;

fn exact(values: impl IntoIterator<Item = f64>) -> Vec<Finding> {
    let series = Series::consecutive(Kind::Exact, Direction::Lower, values);
    judge(&series).findings().to_vec()
}

#[track_caller]
fn only(findings: &[Finding]) -> &Finding {
    match findings {
        [finding] => finding,
        _ => panic!("{findings:#?}"),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "filters take it so")]
fn is_spread(finding: &&Finding) -> bool {
    finding.shape == Shape::Spread
}

fn suspects(finding: &Finding) -> (u64, u64) {
    (finding.suspects.after, finding.suspects.through)
}

#[test]
fn steps_of_five_percent_are_found_in_noise_of_two() {
    let mut hits = 0.0;
    let mut extra = 0.0;
    for noise in Noise::ALL {
        let tally = trial::of_steps(noise, 0.05, REPETITIONS);
        let least = if noise == Noise::Remembering {
            0.75
        } else {
            0.9
        };
        assert!(tally.hits >= least, "{noise:?}: {tally:?}");
        hits += tally.hits / 6.0;
        extra += tally.extra / 6.0;
    }
    assert!(hits >= 0.93, "{hits}");
    assert!(extra <= 0.1, "{extra}");
}

#[test]
fn little_is_found_where_nothing_changed() {
    let mut mean = 0.0;
    for noise in Noise::ALL {
        let share = trial::of_steps(noise, 0.0, REPETITIONS).with_findings;
        let most = if noise == Noise::Remembering {
            0.25
        } else {
            0.1
        };
        assert!(share <= most, "{noise:?}: {share}");
        mean += share / 6.0;
    }
    assert!(mean <= 0.05, "{mean}");
}

#[test]
fn a_drift_is_no_step_and_a_step_no_drift() {
    for noise in [Noise::Gaussian, Noise::HeavyTails, Noise::Skewed] {
        for late in [false, true] {
            let tally = trial::of_drifts(noise, 0.2, late, 60);
            assert!(tally.drifts >= 0.95, "{noise:?}: {tally:?}");
        }
        assert_eq!(trial::of_steps(noise, 0.1, 60).drifts, 0.0);
    }
    let mut numbers = Numbers::from_seed(3);
    let values = trial::drifting(Noise::Gaussian, 200, 0.3, true, &mut numbers);
    let found = findings(&values);
    let drift = only(&found);
    assert_eq!(drift.shape, Shape::Drift);
    assert!(drift.suspects.after.abs_diff(100) < 25, "{drift:?}");
    assert_eq!(drift.suspects.through, 199);
    assert!(
        drift.change.low < 30.0 && 30.0 < drift.change.high,
        "{drift:?}"
    );
}

#[test]
fn noise_that_triples_is_found() {
    for noise in Noise::ALL {
        let wider = trial::of_spreads(noise, 160, 3.0, REPETITIONS / 2);
        assert!(wider.spreads >= 0.9, "{noise:?}: {wider:?}");
        // Nineteen times of twenty the commit is among the suspects, less luck.
        assert!(wider.hits >= 0.87 * wider.spreads, "{noise:?}: {wider:?}");
    }
    let narrower = trial::of_spreads(Noise::Gaussian, 120, 1.0 / 3.0, REPETITIONS);
    assert!(narrower.spreads >= 0.9, "{narrower:?}");
    let (values, at) = widening(Noise::Gaussian, 160, 3.0, &mut Numbers::from_seed(1));
    let found = findings(&values);
    let spread = only(&found);
    assert_eq!((spread.shape, spread.news), (Shape::Spread, News::Worse));
    assert!(spread.suspects.after < at && at <= spread.suspects.through);
    let factor = spread.relative.expect("there was noise before");
    assert!(factor.low < 2.0 && 2.0 < factor.high, "{spread:?}");
    assert!((1.5..2.5).contains(&spread.before), "{spread:?}");
}

#[test]
fn the_commit_that_changed_a_spread_is_named_nineteen_times_of_twenty() {
    for noise in [Noise::Gaussian, Noise::Remembering] {
        let cells = [(120, 3.0), (120, 1.0 / 3.0), (160, 3.0)];
        let tallies = cells.map(|(count, factor)| trial::of_spreads(noise, count, factor, 400));
        let hits: f64 = tallies.iter().map(|tally| tally.hits).sum();
        let found: f64 = tallies.iter().map(|tally| tally.spreads).sum();
        // 95 % of some 1,100, less three standard deviations of luck.
        assert!(hits / found >= 0.93, "{noise:?}: {}", hits / found);
    }
}

#[test]
fn factors_of_spreads_have_intervals_that_hold_the_truth() {
    let (mut held, mut all) = (0, 0);
    for seed in 0..300 {
        let mut numbers = Numbers::from_seed(seed);
        let (values, _) = widening(Noise::HeavyTails, 120, 3.0, &mut numbers);
        for spread in findings(&values).iter().filter(is_spread) {
            let factor = spread.relative.expect("there was noise before");
            all += 1;
            held += i32::from(factor.low <= 2.0 && 2.0 <= factor.high);
        }
    }
    assert!(all >= 240, "{all}");
    assert!(f64::from(held) >= 0.9 * f64::from(all), "{held} of {all}");
}

fn wave(index: usize) -> f64 {
    (f64::from(u32::try_from(index).expect("there are few")) / 8.0).sin()
}

#[test]
fn what_a_step_explains_is_no_spread() {
    let shares = |of: fn(usize) -> (f64, f64)| {
        let of_one = |seed: u64, noise: Noise| {
            let noise = noise.values(120, &mut Numbers::from_seed(seed)).into_iter();
            let values = noise.enumerate().map(|(index, noise)| {
                let (level, deviation) = of(index);
                deviation.mul_add(noise, level)
            });
            findings(&values.collect::<Vec<_>>())
                .iter()
                .any(|finding| is_spread(&finding))
        };
        let told = (0..50).flat_map(|seed| Noise::ALL.map(|noise| of_one(seed, noise)));
        told.map(|told| f64::from(u8::from(told))).sum::<f64>() / 300.0
    };
    // As much noise as before, or noise that grows with the level, or something between the two.
    assert!(shares(|index| ([100.0, 200.0][index / 60], 2.0)) <= 0.02);
    assert!(shares(|index| ([100.0, 200.0][index / 60], [2.0, 4.0][index / 60])) <= 0.02);
    assert!(shares(|index| ([100.0, 200.0][index / 60], [2.0, 3.0][index / 60])) <= 0.02);
    // Levels that no step and no line tells.
    assert!(shares(|index| (100.0 + 6.0 * wave(index), 2.0)) <= 0.02);
}

#[test]
fn a_level_that_wanders_with_noise_in_proportion_has_one_spread() {
    let mut told = 0;
    for seed in 0..100 {
        let mut level: f64 = 0.0;
        let noise = Noise::Gaussian
            .values(300, &mut Numbers::from_seed(seed))
            .into_iter();
        let values = noise.map(|noise| {
            level += 0.05 * noise + 0.01;
            level.exp()
        });
        told += i32::from(
            findings(&values.collect::<Vec<_>>())
                .iter()
                .any(|one| is_spread(&one)),
        );
    }
    assert!(told <= 3, "{told} of 100");
}

#[test]
fn a_step_and_a_spread_elsewhere_are_two_findings() {
    let noise = Noise::Gaussian
        .values(180, &mut Numbers::from_seed(5))
        .into_iter();
    let values = noise.enumerate().map(|(index, noise)| {
        let deviation = if index < 120 { 2.0 } else { 6.0 };
        deviation * noise + if index < 60 { 100.0 } else { 120.0 }
    });
    let found = findings(&values.collect::<Vec<_>>());
    let shapes: Vec<_> = found.iter().map(|finding| finding.shape).collect();
    assert_eq!(shapes, [Shape::Step, Shape::Spread], "{found:#?}");
    assert_eq!(suspects(&found[0]), (59, 60));
}

#[test]
fn noise_that_begins_and_ends_has_no_factor() {
    let restless = |index: i32| f64::from(index * 7_919 % 13 - 6);
    let begins = (0..120).map(|index| {
        if index < 60 {
            50.0
        } else {
            50.0 + restless(index)
        }
    });
    let found = findings(&begins.collect::<Vec<_>>());
    let begins = only(&found);
    assert_eq!(
        (begins.shape, begins.before, begins.relative),
        (Shape::Spread, 0.0, None)
    );
    assert!(begins.change.low > 0.0, "{begins:?}");
    let ends = (0..120).map(|index| {
        if index >= 60 {
            50.0
        } else {
            50.0 + restless(index)
        }
    });
    let found = findings(&ends.collect::<Vec<_>>());
    let ends = only(&found);
    assert_eq!(
        (ends.shape, ends.after, ends.news),
        (Shape::Spread, 0.0, News::Better)
    );
    assert_eq!(ends.relative.map(|part| part.value), Some(-1.0));
}

#[test]
fn a_side_that_is_mostly_one_value_has_noise_all_the_same() {
    let values = (0..120_i32).map(|index| match index {
        ..60 => 5.0 + f64::from(index * 7_919 % 5 - 2),
        _ if index % 20 == 0 => 6.0,
        _ => 5.0,
    });
    let found = findings(&values.collect::<Vec<_>>());
    let calmer = only(&found);
    assert_eq!((calmer.shape, calmer.news), (Shape::Spread, News::Better));
    assert!(calmer.after > 0.0, "{calmer:?}");
}

#[test]
fn a_narrower_spread_is_good_news_whichever_way_is_good() {
    for (factor, news) in [(1.0 / 3.0, News::Better), (3.0, News::Neither)] {
        let (values, _) = widening(Noise::Gaussian, 160, factor, &mut Numbers::from_seed(1));
        let series = Series::consecutive(Kind::Noisy, Direction::Neither, values);
        let judgement = judge(&series);
        assert_eq!(only(judgement.findings()).news, news);
    }
}

#[test]
fn rounding_that_hides_noise_at_one_level_is_no_spread() {
    let noise = Noise::Gaussian
        .values(120, &mut Numbers::from_seed(9))
        .into_iter();
    let values = noise.enumerate().map(|(index, noise)| {
        let level = if index < 60 { 10.0 } else { 14.5 };
        (level + 0.1 * noise).round()
    });
    let found = findings(&values.collect::<Vec<_>>());
    assert_eq!(only(&found).shape, Shape::Step);
}

#[test]
fn a_large_step_hides_no_small_one() {
    let mut numbers = Numbers::from_seed(11);
    let noise = Noise::Gaussian.values(240, &mut numbers).into_iter();
    let level = |index| [300.0, 100.0, 106.0][index / 80];
    let values = noise
        .enumerate()
        .map(|(index, noise)| level(index) * 0.02_f64.mul_add(noise, 1.0));
    let found = findings(&values.collect::<Vec<_>>());
    let ends: Vec<_> = found
        .iter()
        .map(|finding| finding.suspects.through)
        .collect();
    assert!(matches!(ends[..], [80, 158..=162]), "{found:#?}");
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let mut held = 0;
    for seed in 0..300 {
        let mut numbers = Numbers::from_seed(seed);
        let (values, _) = stepping(Noise::Gaussian, 120, 0.1, &mut numbers);
        let mut found = findings(&values);
        found.retain(|finding| finding.shape == Shape::Step);
        let change = only(&found).change;
        held += i32::from(change.low <= 10.0 && 10.0 <= change.high);
    }
    // 95 % of 300, less three standard deviations of luck. They are a little wide, as noise may have a memory.
    assert!(held >= 273, "{held}");
}

#[test]
fn one_real_step_is_found_among_five_hundred_series() {
    let mut numbers = Numbers::from_seed(23);
    let quiet = |numbers: &mut Numbers, index: usize| {
        let values = Noise::ALL[index % 6].values(120, numbers);
        Series::consecutive(
            Kind::Noisy,
            Direction::Lower,
            values.into_iter().map(|noise| 100.0 + noise),
        )
    };
    let mut series: Vec<_> = (0..500).map(|index| quiet(&mut numbers, index)).collect();
    let (values, at) = stepping(Noise::Gaussian, 120, 0.05, &mut numbers);
    series.push(Series::consecutive(Kind::Noisy, Direction::Lower, values));
    let judgements = judge_all(&series);
    let found = only(judgements[500].findings());
    assert!(found.suspects.through.abs_diff(at) <= 2);
    assert!(found.q.is_some_and(|q| q < 0.001), "{found:?}");
    let false_ones = judgements[..500]
        .iter()
        .filter(|one| !one.findings().is_empty());
    assert!(false_ones.count() <= 2);
}

#[test]
fn each_noisy_series_counts_as_two_questions() {
    let mut numbers = Numbers::from_seed(29);
    let mut of = |step| {
        let (values, _) = stepping(Noise::Gaussian, 120, step, &mut numbers);
        Series::consecutive(Kind::Noisy, Direction::Lower, values)
    };
    let series = [of(0.05), of(0.0), of(0.0)];
    let judgements = judge_all(&series);
    let found = only(judgements[0].findings());
    let (p, q) = (found.p.unwrap(), found.q.unwrap());
    assert!((q / p - 6.0).abs() < 1e-9, "{found:?}");
}

#[test]
fn reports_of_five_hundred_quiet_series_are_mostly_empty() {
    let is_quiet = |seed: &u64| {
        let mut numbers = Numbers::from_seed(*seed);
        let series: Vec<_> = (0..500)
            .map(|_| Noise::Gaussian.values(120, &mut numbers))
            .map(|values| Series::consecutive(Kind::Noisy, Direction::Lower, values))
            .collect();
        judge_all(&series)
            .iter()
            .all(|one| one.findings().is_empty())
    };
    let quiet = (0..10).filter(is_quiet).count();
    assert!(quiet >= 9, "{quiet} of 10");
}

#[test]
fn commits_that_were_not_measured_are_suspects() {
    let before = (0..30).step_by(3).map(|position| (position, 10.0));
    let after = (40..60).map(|position| (position, 12.0));
    let series = Series::new(Kind::Exact, Direction::Lower, before.chain(after));
    let judgement = judge(&series);
    assert_eq!(suspects(only(judgement.findings())), (27, 40));
}

#[test]
fn an_exact_series_is_told_by_what_is_usual_in_it() {
    let growing = (0..60).map(|index| 1_000.0 + f64::from(index) * 4.0);
    let jump = growing.map(|lines| {
        if lines >= 1_120.0 {
            lines + 200.0
        } else {
            lines
        }
    });
    let found = exact(jump);
    let steps: Vec<_> = found
        .iter()
        .filter(|finding| finding.shape == Shape::Step)
        .collect();
    assert_eq!(steps.len(), 1, "{found:#?}");
    assert_eq!(suspects(steps[0]), (29, 30));
    assert_eq!(steps[0].change.value, 204.0);
    assert_eq!(steps[0].p, None);
    let drift = found.iter().find(|finding| finding.shape == Shape::Drift);
    assert!(
        drift.is_some_and(|drift| drift.change.value == 4.0 * 58.0),
        "{found:#?}"
    );
}

#[test]
fn a_step_and_its_revert_are_two_findings() {
    let found = exact([
        100.0, 100.0, 107.0, 107.0, 107.0, 100.0, 100.0, 100.0, 100.0,
    ]);
    let news: Vec<_> = found
        .iter()
        .map(|finding| (finding.suspects.through, finding.news))
        .collect();
    assert_eq!(news, [(2, News::Worse), (5, News::Better)]);
}

#[test]
fn what_grows_out_of_nothing_has_changed() {
    let found = exact([0.0, 0.0, 0.0, 3.0, 3.0]);
    assert_eq!(only(&found).relative, None);
    assert_eq!(only(&found).change.value, 3.0);
}

#[test]
fn a_share_changes_in_parts_of_the_whole() {
    let of = |values: [f64; 4]| judge(&Series::consecutive(Kind::Ratio, Direction::Higher, values));
    assert!(of([0.05, 0.05, 0.055, 0.055]).findings().is_empty());
    let judgement = of([0.9, 0.9, 0.85, 0.85]);
    assert_eq!(only(judgement.findings()).news, News::Worse);
}

#[test]
fn a_test_that_breaks_is_a_step_and_a_flaky_one_is_none() {
    let of = |outcomes: &str| {
        let values = outcomes
            .chars()
            .map(|letter| f64::from(u8::from(letter == '.')));
        let series = Series::consecutive(Kind::Outcome, Direction::Higher, values);
        judge(&series)
            .findings()
            .iter()
            .map(suspects)
            .collect::<Vec<_>>()
    };
    assert_eq!(of("........FFFFF...."), [(7, 8), (12, 13)]);
    assert_eq!(of("....F......F....."), []);
    assert_eq!(of("...F..FF.F..FF...F.F.."), []);
    assert_eq!(of("......."), []);
    assert_eq!(of(".......F"), [], "it may be flaky");
    assert_eq!(of(".......FF"), [(6, 7)]);
    let flaky = "......F.......F....F........FF.......F......";
    assert_eq!(of(flaky), [], "two in a row are to be expected");
    let broken = format!("{flaky}FFFFFFFF");
    assert_eq!(of(&broken), [(43, 44)], "but not eight");
    let mended = format!("{flaky}FFFFFFFF.........");
    assert_eq!(of(&mended), [(43, 44), (51, 52)]);
    let again = "..........FFFF.........FFF...........FFFF.........";
    assert_eq!(of(again).len(), 6, "they come alone, where it is chance");
}

#[test]
fn who_has_few_points_says_nothing() {
    let values = [1.0, 2.0, 1.5];
    let judgement = judge(&Series::consecutive(Kind::Noisy, Direction::Lower, values));
    let reason = Reason::TooFewPoints {
        points: 3,
        needed: 10,
    };
    assert_eq!(judgement, Judgement::NotJudged(reason));
}

#[test]
fn integers_ties_and_constants_do_no_harm() {
    assert_eq!(findings(&[7.0; 50]), []);
    assert_eq!(findings(&[1e15 + 1.0; 50]), []);
    let ties =
        (0..100).map(|index| f64::from(10 + (index * 7 % 3)) + if index < 60 { 0.0 } else { 4.0 });
    let found = findings(&ties.collect::<Vec<_>>());
    assert_eq!(suspects(only(&found)), (59, 60));
    let mut spike = vec![5.0; 40];
    spike[20] = 500.0;
    assert_eq!(findings(&spike), [], "one value is no level");
}

proptest! {
    #[test]
    fn units_do_not_matter(seed in 0_u64..1_000, scale in 0.001_f64..1_000.0, shift in 0.0_f64..100.0) {
        let (values, _) = stepping(Noise::Gaussian, 60, 0.1, &mut Numbers::from_seed(seed));
        let moved: Vec<f64> = values.iter().map(|value| (value + shift) * scale).collect();
        let places = |values: &[f64]| findings(values).iter().map(suspects).collect::<Vec<_>>();
        prop_assert_eq!(places(&values), places(&moved));
    }

    #[test]
    fn no_series_is_too_odd(
        values in prop::collection::vec(
            prop_oneof![Just(0.0), Just(1.0), -1e3..1e3_f64, prop::num::f64::ANY],
            0..80,
        ),
        kind in prop_oneof![Just(Kind::Exact), Just(Kind::Noisy), Just(Kind::Ratio), Just(Kind::Outcome)],
    ) {
        let series = Series::consecutive(kind, Direction::Neither, values);
        for finding in judge(&series).findings() {
            prop_assert!(finding.suspects.after < finding.suspects.through);
            prop_assert!(finding.p.is_none_or(|p| (0.0..=1.0).contains(&p)), "{finding:?}");
        }
    }
}
