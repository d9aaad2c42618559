//! What series of measurements say: where they changed, and whether that is more than chance.
//!
//! Pure functions: no files, no clock, no randomness that is not given by a seed. Numbers come in, and what is known about
//! them goes out, ready to be written down ([`serde`]).
//!
//! ```
//! use mad_analysis::{Direction, Kind, News, Series, Shape, judge_all};
//!
//! let instructions = [1_000.0, 1_000.0, 1_001.0, 1_090.0, 1_090.0, 1_090.0];
//! // The commits 3 and 4 were not measured.
//! let positions = [0, 1, 2, 5, 6, 7];
//! let series = Series::new(Kind::Exact, Direction::Lower, positions.into_iter().zip(instructions));
//!
//! let judgements = judge_all([&series]);
//! let [finding] = judgements[0].findings() else { panic!("{judgements:?}") };
//! assert_eq!((finding.shape, finding.news), (Shape::Step, News::Worse));
//! assert_eq!((finding.suspects.after, finding.suspects.through), (2, 5), "one of 3, 4 and 5 did it");
//! ```
//!
//! # Two questions
//!
//! The same program has the same number of lines and, nearly, of instructions each time, but never the same duration. So
//! there are two questions, and a series says by its [`Kind`] which of them it asks: of what is exact, whether a change
//! matters; of what is noisy, whether it has changed at all.
//!
//! | kind | a step is | from |
//! |---|---|---|
//! | exact | a change of 2 % or more that stands out of the series' own changes: third quartile and three times the distance of the quartiles | rustc-perf |
//! | ratio | the same, from one hundredth of the whole | |
//! | outcome | a test that begins to fail, or to pass, and stays so for two runs; a flaky one has none, unless it stays so for longer than chance has it | |
//! | noisy | another level, in the segmentation that is best by squares with a penalty of 3 ln n for each cut, in variances of the whole | Killick et al. 2012; found by functional pruning, Maidstone et al. 2017 |
//!
//! In a noisy series outliers are brought back to their neighbourhood first (Hampel's filter). Where a line, or two that meet, tell
//! the series better by Schwarz's criterion, it is a drift, and no steps are seen in it. Each step has to hold in Welch's test,
//! with variances moderated as by Smyth (2004), fewer degrees of freedom where noise has a memory, and Bonferroni's
//! correction for the search. At last, each is moved to the place where the values beside it are likeliest. [`judge_all`]
//! corrects for the number of series (Benjamini and Hochberg 1995).
//!
//! What is left when the levels are taken off is noise, and where it becomes wider or narrower is a finding of its own
//! ([`Shape::Spread`]): where the squared ranks of its distances from the level take a step (Mood 1954, Conover 1980), found and
//! tested as above, with a penalty of 2.5 ln n and at 2 %. The differences of neighbours have to agree, which know of no level; and the same as parts of the
//! level, so that a step is not told twice where noise grows with it. It takes more values to see where that was than for
//! a step: its suspects are the commits among which it is nineteen times of twenty, by the likelihood of the scores, less what they remember. Its size
//! is the ratio of the mean distances from the medians of both sides, without outliers, with an interval.
//!
//! # Could it have been seen coming?
//!
//! A [`History`] is commits, series and incidents. [`Walk::along`] goes along it forward in time and says what would have
//! been found at each commit by somebody who knew no later one; a [`Rule`] makes alarms of that; a [`Backtest`] says how
//! many of them came before an incident, how far ahead, and whether chance does as well.
//!
//! ```
//! use mad_analysis::{Backtest, Direction, History, Incident, Kind, Rule, Series, Step, Verdict, Walk};
//!
//! let hourly = |hour: i64| Step { committed_at: 3_600 * hour, ..Step::default() };
//! let instructions = (0..100).map(|commit: i32| if commit < 60 { 1_000.0 } else { 1_070.0 });
//! let history = History {
//!     steps: (0..100).map(hourly).collect(),
//!     series: vec![Series::consecutive(Kind::Exact, Direction::Lower, instructions)],
//!     incidents: vec![Incident { name: "outage".to_owned(), after: 50, live: 70, began: 3_600 * 80 }],
//! };
//! let backtest = Backtest::of(&[Rule::Step { least: 0.05 }], &history, &Walk::along(&history));
//! let tested = &backtest.rules[0];
//! assert_eq!(tested.alarms, [60]);
//! assert_eq!((tested.leads[0].commits, tested.leads[0].hours_before_incident), (10, 20.0));
//! // One alarm and one incident: chance meets it as often as one commit of five is among those concerned.
//! assert_eq!(tested.verdict, Verdict::NoEvidence);
//! ```
//!
//! | figure | by |
//! |---|---|
//! | interval of a share | Wilson 1927 |
//! | chance | permutation of the distances between alarms, which leaves clusters together; Phipson and Smyth 2010 |
//! | many rules | Benjamini and Hochberg 1995 |
//! | recall by lot | hypergeometric |
//!
//! What holds for this, series by series and noise by noise, is measured by `cargo xtask bench --changes`.

mod change;
mod correction;
mod distribution;
mod order;
mod retro;
mod series;

pub use change::{Estimate, Finding, Judgement, News, Reason, Shape, Suspects, judge, judge_all};
pub use correction::benjamini_hochberg;
pub use retro::{
    Backtest, History, Incident, Lead, Neighbour, Proportion, Raised, Rule, Step, Stretch, Tested,
    Verdict, Walk, is_few, stretch,
};
pub use series::{Direction, Kind, Point, Series};

/// Returns a count as a number to calculate with.
#[expect(
    clippy::cast_precision_loss,
    reason = "no series is longer than a float has digits for"
)]
pub(crate) fn float(count: usize) -> f64 {
    count as f64
}
