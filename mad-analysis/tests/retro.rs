//! What is said of incidents whose causes are known.

#![expect(
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "counts of small numbers are exact"
)]

mod generated;

use generated::{Noise, Numbers};
use mad_analysis::{
    Backtest, Direction, History, Incident, Kind, Proportion, Rule, Series, Step, Verdict, Walk,
    benjamini_hochberg, stretch,
};
use proptest::prelude::*;

const HOUR: i64 = 3_600;

fn steps(count: i64) -> Vec<Step> {
    let step = |hour| Step {
        committed_at: hour * HOUR,
        added: Some(10),
        ..Step::default()
    };
    (0..count).map(step).collect()
}

fn incident(name: &str, after: u64, live: u64) -> Incident {
    Incident {
        name: name.to_owned(),
        after,
        live,
        began: (i64::try_from(live).unwrap() + 5) * HOUR,
    }
}

fn exact(values: impl IntoIterator<Item = f64>) -> Series {
    Series::consecutive(Kind::Exact, Direction::Lower, values)
}

fn backtest(rules: &[Rule], history: &History) -> Backtest {
    Backtest::of(rules, history, &Walk::along(history))
}

/// Each of so many incidents has a step of a series shortly before it, or has it not.
fn twelve_incidents(is_told: bool) -> History {
    let places: Vec<u64> = (1..=12)
        .map(|number| number * 80 - number * number % 29)
        .collect();
    let level = |commit: u64| {
        let ahead = if is_told { 5 } else { 40 };
        let steps = places
            .iter()
            .filter(|place| **place <= commit + ahead)
            .count();
        1_000.0 * 1.06_f64.powi(i32::try_from(steps).unwrap())
    };
    History {
        steps: steps(1_000),
        series: vec![exact((0..1_000).map(level))],
        incidents: places
            .iter()
            .map(|place| incident(&format!("at {place}"), place - 10, *place))
            .collect(),
    }
}

#[test]
fn alarms_before_incidents_are_evidence() {
    let backtest = backtest(&Rule::USUAL, &twelve_incidents(true));
    let step = &backtest.rules[0];
    assert_eq!(step.verdict, Verdict::Evidence, "{step:#?}");
    assert_eq!((step.recall.count, step.precision.count), (12, 12));
    assert!(step.leads.iter().all(|lead| lead.commits == 5));
    assert!(step.leads.iter().all(|lead| lead.hours_before_live == 5.0));
    assert!(
        step.leads
            .iter()
            .all(|lead| lead.hours_before_incident == 10.0)
    );
    assert_eq!(step.misses, [""; 0]);
    assert!(!backtest.few_incidents);
    assert_eq!(backtest.base_rate, 0.12);
    assert_eq!(step.false_alarms_per_month, Some(0.0));
    assert_eq!(
        backtest.rules[4].verdict,
        Verdict::Silent,
        "there were no releases"
    );
}

#[test]
fn alarms_elsewhere_are_none() {
    let backtest = backtest(&[Rule::Step { least: 0.05 }], &twelve_incidents(false));
    let step = &backtest.rules[0];
    assert_eq!(step.verdict, Verdict::NoSignal);
    assert_eq!(step.misses.len(), 12);
    assert_eq!((step.precision.count, step.precision.total), (0, 12));
    assert!(
        step.false_alarms_per_month
            .is_some_and(|alarms| alarms > 8.0)
    );
}

#[test]
fn one_incident_is_said_to_be_few() {
    let mut history = twelve_incidents(true);
    history.incidents.truncate(1);
    let backtest = backtest(&[Rule::Step { least: 0.05 }], &history);
    assert!(backtest.few_incidents);
    let only = [Verdict::Anecdote, Verdict::NoEvidence];
    assert!(only.contains(&backtest.rules[0].verdict));
    history.incidents.clear();
    let backtest = self::backtest(&[Rule::Step { least: 0.05 }], &history);
    assert_eq!(backtest.rules[0].verdict, Verdict::NothingToTell);
    assert!(
        backtest.rules[0].recall_by_lot.is_sign_positive(),
        "it is printed"
    );
}

/// Small steps that come to something are a drift, also where one of the first was called a step as long as there were few.
#[test]
fn an_exact_series_that_drifts_gives_an_alarm_as_it_is_walked_along() {
    let value = |commit: u32| {
        let first = if commit > 3 { 40.0 } else { 0.0 };
        1_000.0 + first + 10.0 * f64::from(commit / 3)
    };
    let history = History {
        steps: steps(90),
        series: vec![exact((0..90).map(value))],
        incidents: vec![incident("outage", 20, 85)],
    };
    let rules = [Rule::Step { least: 0.02 }, Rule::Drift { least: 0.05 }];
    let backtest = backtest(&rules, &history);
    assert_eq!(
        backtest.rules[0].alarms[0], 4,
        "what is seen of it at first"
    );
    assert_eq!(
        backtest.rules[1].recall.count, 1,
        "{:#?}",
        backtest.rules[1]
    );
    assert_eq!(
        backtest.rules[1].alarms.len(),
        1,
        "it is the same drift all along"
    );
}

/// That an older step turns out to be unusual is no news of the commit at which it does.
#[test]
fn a_step_of_an_exact_series_is_no_alarm_of_a_later_commit() {
    // Large steps make 6 % usual, and quiet commits make it unusual again.
    let sizes = [20.0, 30.0, 20.0, 30.0, 25.0, 20.0, 30.0, 20.0, 6.0];
    let mut values = vec![100.0];
    for size in sizes {
        values.push(values[values.len() - 1] * (1.0 + size / 100.0));
    }
    let step = values.len() as u64 - 1;
    for _ in 0..40 {
        values.push(values[values.len() - 1] + 0.01);
    }
    let history = History {
        steps: steps(values.len().try_into().unwrap()),
        series: vec![exact(values.clone())],
        incidents: vec![incident("outage", step, step + 40)],
    };
    let judged = mad_analysis::judge(&exact(values));
    let mut found = judged.findings().iter();
    assert!(
        found.any(|one| one.suspects.through == step),
        "in the end it is one"
    );
    let backtest = backtest(&[Rule::Step { least: 0.05 }], &history);
    let late = backtest.rules[0].alarms.iter().filter(|at| **at > step);
    assert_eq!(late.count(), 0, "{:?}", backtest.rules[0].alarms);
    assert_eq!(backtest.rules[0].recall.count, 0);
}

#[test]
fn thresholds_beside_are_told() {
    let backtest = backtest(&[Rule::Step { least: 0.05 }], &twelve_incidents(true));
    let neighbours = &backtest.rules[0].neighbours;
    let recalls: Vec<_> = neighbours
        .iter()
        .map(|one| (one.rule, one.recall.count))
        .collect();
    assert_eq!(
        recalls,
        [
            (Rule::Step { least: 0.025 }, 12),
            (Rule::Step { least: 0.1 }, 0)
        ]
    );
}

#[test]
fn large_commits_are_known_by_those_before_them() {
    let mut steps = steps(60);
    steps[10].added = Some(1_000);
    steps[40].added = Some(1_000);
    steps[41].added = Some(9);
    let history = History {
        steps,
        ..History::default()
    };
    let rule = Rule::AddedLines { beyond: 0.9 };
    let alarms = rule.alarms(&history, &Walk::along(&history));
    assert_eq!(alarms, [40], "ten commits do not tell what is usual");
}

#[test]
fn a_lot_draws_the_share_that_was_asked_for() {
    let history = History {
        steps: steps(10_000),
        ..History::default()
    };
    let walk = Walk::along(&history);
    let drawn = |seed| Rule::Lot { share: 0.1, seed }.alarms(&history, &walk);
    assert!((900..1_100).contains(&drawn(1).len()));
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(drawn(1), drawn(2));
}

/// Whoever stands at a commit says the same whatever comes later.
#[test]
fn nobody_peeks() {
    let mut numbers = Numbers::from_seed(5);
    let noise = Noise::Gaussian
        .values(200, &mut numbers)
        .into_iter()
        .enumerate();
    let level = |index| if index < 90 { 100.0 } else { 108.0 };
    let values: Vec<f64> = noise
        .map(|(index, noise)| level(index) + 2.0 * noise)
        .collect();
    let history = |values: &[f64]| History {
        steps: steps(200),
        series: vec![Series::consecutive(
            Kind::Noisy,
            Direction::Lower,
            values.iter().copied(),
        )],
        incidents: Vec::new(),
    };
    let whole = Walk::along(&history(&values));
    let first = whole.raised.first().expect("the step is found");
    assert!((90..100).contains(&first.at), "{first:?}");
    assert!(
        first.finding.suspects.through.abs_diff(90) <= 3,
        "{first:?}"
    );
    for end in 2..200 {
        let part = Walk::along(&history(&values[..end]));
        let known = whole.raised.iter().filter(|raised| raised.at < end as u64);
        assert!(part.raised.iter().eq(known), "at {end}");
    }
}

#[test]
fn wilsons_intervals_are_those_of_another_program() {
    // SciPy 1.17, binomtest(..).proportion_ci(method="wilson").
    for (count, total, low, high) in [
        (0, 10, 0.0, 0.277_532_799_86),
        (1, 8, 0.022_417_491_45, 0.470_888_182_21),
        (5, 10, 0.236_593_090_51, 0.763_406_909_49),
        (81, 263, 0.255_288_519_88, 0.366_209_576_98),
    ] {
        let proportion = Proportion::of(count, total);
        assert!((proportion.low - low).abs() < 1e-8, "{proportion:?}");
        assert!((proportion.high - high).abs() < 1e-8, "{proportion:?}");
    }
}

/// A rule that draws lots looks good by chance as often as its p says.
#[test]
fn chance_looks_good_as_often_as_it_says() {
    let incidents = [100, 230, 300, 480, 610, 760, 900].map(|live| incident("", live - 30, live));
    let history = History {
        steps: steps(1_000),
        incidents: incidents.to_vec(),
        ..History::default()
    };
    let walk = Walk::along(&history);
    let p = (0..150).map(|seed| {
        let rule = Rule::Lot { share: 0.01, seed };
        Backtest::of(&[rule], &history, &walk).rules[0].p
    });
    let p: Vec<f64> = p.collect();
    for level in [0.05, 0.2, 0.5] {
        let below = p.iter().filter(|p| **p <= level).count();
        let share = Proportion::of(below, p.len());
        assert!(share.low <= level, "{share:?} at {level}");
        assert!(share.high >= level / 3.0, "{share:?} at {level}");
    }
}

#[test]
fn a_usual_stretch_is_known() {
    let found = [5, 50, 51, 52, 95];
    let measured: Vec<u64> = (0..100).collect();
    let which = incident("it", 45, 55);
    let other = incident("another", 90, 99);
    let before = stretch(&found, &measured, &[which.clone(), other], &which);
    assert_eq!((before.measured, before.changes), (10, 3));
    assert_eq!(before.others, 7, "46 commits before, 35 between the two");
    // One was found in 81 commits: the one before the other incident is not usual.
    assert_eq!(before.usual, Some(1.0 / 81.0 * 10.0));
    assert_eq!(before.as_many, 0);
}

/// Five advisories about one release are no five releases that a rule was right about.
#[test]
fn incidents_of_one_commit_are_one() {
    let mut history = twelve_incidents(true);
    history.incidents.truncate(1);
    let first = history.incidents[0].clone();
    for name in ["b", "c", "d"] {
        history.incidents.push(Incident {
            name: name.to_owned(),
            ..first.clone()
        });
    }
    let backtest = backtest(&[Rule::Step { least: 0.05 }], &history);
    assert_eq!(backtest.incidents, 1);
    let step = &backtest.rules[0];
    assert_eq!((step.recall.count, step.recall.total), (1, 1));
    assert!(!step.verdict.is_earned());
    assert_eq!(step.leads[0].incident, format!("{}, b, c, d", first.name));
}

/// What was measured near incidents only is held against nothing, and no chance is given where nobody looked.
#[test]
fn commits_that_nobody_measured_are_no_quiet_ones() {
    let near = incident("near", 480, 500);
    let series = Series::new(
        Kind::Exact,
        Direction::Lower,
        (470..510).map(|at| (at, if at < 490 { 1_000.0 } else { 1_070.0 })),
    );
    let mut history = History {
        steps: steps(1_000),
        series: vec![series],
        incidents: vec![near.clone(), incident("far", 80, 90)],
    };
    history.steps[300].is_release = true;
    history.steps[485].is_release = true;
    let backtest = backtest(&[Rule::Step { least: 0.05 }, Rule::Release], &history);
    assert_eq!(backtest.commits, 40);
    assert_eq!(backtest.base_rate, 0.5);
    assert_eq!(
        (backtest.incidents, &*backtest.unmeasured),
        (1, &["far".to_owned()][..])
    );
    let step = &backtest.rules[0];
    assert!(step.p > 0.3, "half of all alarms are before it: {step:?}");
    assert_eq!(step.misses, [""; 0], "nobody could have met the other");
    assert_eq!(
        backtest.rules[1].alarms,
        [485],
        "nor has anybody looked there"
    );

    let before = stretch(&[490], &history.measured(), &history.incidents, &near);
    assert_eq!((before.measured, before.changes, before.others), (20, 1, 0));
    assert_eq!((before.usual, before.as_many), (Some(0.0), 0));
}

proptest! {
    #[test]
    fn q_is_that_of_a_naive_model(p in prop::collection::vec(0.0_f64..=1.0, 1..40)) {
        let q = benjamini_hochberg(&p);
        for (index, own) in p.iter().enumerate() {
            // The smallest rate at which the procedure, as it is written down, takes it.
            let naive = p.iter().filter(|other| *other >= own).map(|other| {
                let rank = p.iter().filter(|less| *less <= other).count();
                other * p.len() as f64 / rank as f64
            });
            let naive = naive.fold(1.0, f64::min);
            prop_assert!((q[index] - naive).abs() < 1e-12);
        }
    }

    #[test]
    fn an_interval_holds_its_share(count in 0_usize..200, more in 0_usize..200) {
        let proportion = Proportion::of(count, count + more);
        prop_assert!(0.0 <= proportion.low && proportion.high <= 1.0);
        if let Some(share) = proportion.share {
            prop_assert!(proportion.low <= share + 1e-12 && share <= proportion.high + 1e-12);
        }
    }
}
