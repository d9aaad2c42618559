//! Changes in what is the same each time, unless somebody changes it.

use std::collections::HashMap;
use std::ops::Range;

use crate::Kind;
use crate::float;
use crate::order::quantile;

/// From this change on, as a part of the value, a step is worth a look.
const SMALLEST: f64 = 0.02;

/// The same for a share, as a part of the whole.
const SMALLEST_OF_SHARE: f64 = 0.01;

/// How many of the smallest steps make a drift.
const STEPS_OF_DRIFT: f64 = 5.0;

/// The share of its way that a drift goes forwards.
const FORWARDS: f64 = 0.8;

/// With fewer changes than that, none is usual.
const FEWEST: usize = 8;

/// What happened in a series.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The indices of values that differ from the one before by more than is usual.
    pub(crate) steps: Vec<usize>,
    /// The first and the last index of many small changes that come to something, beside the steps, and what they come to.
    pub(crate) drift: Option<(usize, usize, f64)>,
}

/// Returns the changes that stand out: each is real, and most are what work on a program looks like. Unusual is what is above
/// the third quartile of the series' own changes by three times the distance of the quartiles, as rustc-perf has it.
#[expect(
    clippy::float_cmp,
    reason = "what is exact is the same to the last digit"
)]
pub(crate) fn changes(values: &[f64], kind: Kind) -> Changes {
    let smallest = match kind {
        Kind::Ratio => SMALLEST_OF_SHARE,
        Kind::Exact | Kind::Noisy | Kind::Outcome => SMALLEST,
    };
    let size = |from: f64, to: f64| match kind {
        Kind::Ratio => (to - from).abs(),
        _ if from == to => 0.0,
        _ => (to - from).abs() / from.abs(),
    };
    let sizes: Vec<f64> = values
        .windows(2)
        .map(|pair| size(pair[0], pair[1]))
        .collect();
    let limit = unusual(&sizes).max(smallest);
    // What has grown out of nothing has no size as a part of it.
    let is_step = |size: f64| size >= limit || size.is_infinite();
    let (steps, rest): (Vec<_>, Vec<_>) =
        (1..values.len()).partition(|&index| is_step(sizes[index - 1]));
    let moved: Vec<_> = rest
        .into_iter()
        .filter(|&index| sizes[index - 1] > 0.0)
        .collect();
    let by = |index: &usize| values[*index] - values[*index - 1];
    let net: f64 = moved.iter().map(by).sum();
    let way: f64 = moved.iter().map(|index| by(index).abs()).sum();
    let begin = values.first().copied().unwrap_or_default();
    let goes_somewhere = size(begin, begin + net) >= STEPS_OF_DRIFT * smallest;
    let drift = match moved[..] {
        [first, .., last] if goes_somewhere && net.abs() >= FORWARDS * way => {
            Some((first - 1, last, net))
        }
        _ => None,
    };
    Changes { steps, drift }
}

fn unusual(sizes: &[f64]) -> f64 {
    let mut finite: Vec<f64> = sizes
        .iter()
        .copied()
        .filter(|size| size.is_finite())
        .collect();
    if finite.len() < FEWEST {
        return 0.0;
    }
    let first = quantile(&mut finite, 0.25);
    let third = quantile(&mut finite, 0.75);
    3.0_f64.mul_add(third - first, third)
}

/// Returns the indices at which a test began to fail, or to pass, and went on with it.
///
/// One run that went the other way is flaky, and so is a test that changes its mind all the time: neither is a step. Nor is
/// where a flaky test went the other way several times in a row, as chance has it now and then.
#[expect(clippy::float_cmp, reason = "an outcome is 0 or 1")]
pub(crate) fn turns(values: &[f64]) -> Vec<usize> {
    const LASTING: usize = 2;
    const NEAR: usize = 6;
    const CALM: f64 = 0.25;
    let turn = |index: &usize| values[*index] != values[*index - 1];
    let flips = |range: Range<usize>| range.filter(turn).count();
    let stays = |index: usize| {
        let before = index.saturating_sub(LASTING)..index;
        let all_are =
            |range: Range<usize>, value: f64| values[range].iter().all(|other| *other == value);
        // The newest run alone may be any flaky test's.
        index + LASTING <= values.len()
            && all_are(before, values[index - 1])
            && all_are(index..index + LASTING, values[index])
    };
    let is_calm = |index: usize| {
        let near = index.saturating_sub(NEAR).max(1)..values.len().min(index + NEAR + 1);
        let others = near.len().max(2 * LASTING);
        float(flips(near) - 1) <= CALM * float(others)
    };
    let stretches: Vec<&[f64]> = values.chunk_by(|a, b| a == b).collect();
    let mut begin = 0;
    let mut turns = Vec::new();
    // Looked at once for each length of either outcome: of a test that changes its mind all the time there are few.
    let mut known: HashMap<(u64, usize), bool> = HashMap::new();
    let mut is_by_chance = |stretch: &[f64]| {
        let kind = (stretch[0].to_bits(), stretch.len());
        *known
            .entry(kind)
            .or_insert_with(|| is_by_chance(&stretches, stretch[0], stretch.len()))
    };
    for pair in stretches.windows(2) {
        begin += pair[0].len();
        if stays(begin) && is_calm(begin) && !pair.iter().any(|stretch| is_by_chance(stretch)) {
            turns.push(begin);
        }
    }
    turns
}

/// Whether a stretch of one outcome is no longer than what is to be expected of a test that has this outcome now and then, by
/// itself each time. Longer stretches of it are another matter, such as that it broke in the end.
#[expect(clippy::float_cmp, reason = "an outcome is 0 or 1")]
fn is_by_chance(stretches: &[&[f64]], outcome: f64, length: usize) -> bool {
    const EXPECTED: f64 = 0.05;
    const FEWEST_OTHERS: usize = 2;
    let (same, different): (Vec<&[f64]>, Vec<&[f64]>) =
        stretches.iter().partition(|stretch| stretch[0] == outcome);
    let mut others: Vec<usize> = same.iter().map(|stretch| stretch.len()).collect();
    // The stretch itself is one of them.
    if let Some(itself) = others.iter().position(|other| *other == length) {
        others.swap_remove(itself);
    }
    others.retain(|other| *other <= length);
    let n_single = others.iter().filter(|length| **length == 1).count();
    let n_others: usize = others.iter().sum();
    let n = n_others + different.iter().map(|stretch| stretch.len()).sum::<usize>();
    let share = float(n_others) / float(n.max(1));
    let is_now_and_then =
        others.len() >= FEWEST_OTHERS && 2 * n_single > others.len() && share < 0.5;
    is_now_and_then && float(n) * (1.0 - share) * share.powf(float(length)) > EXPECTED
}
