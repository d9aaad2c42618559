//! In which order commits are measured: a picture of the whole stands early, and gets finer.

use std::collections::VecDeque;

/// The newest, the oldest, then the middle of each gap, of so many.
pub(super) fn newest_and_ends_first(n: usize) -> Vec<usize> {
    let Some(newest) = n.checked_sub(1) else {
        return Vec::new();
    };
    let mut order = vec![newest];
    if newest > 0 {
        order.push(0);
    }
    let mut gaps = VecDeque::from([(0, newest)]);
    while let Some((begin, end)) = gaps.pop_front() {
        if end - begin < 2 {
            continue;
        }
        let middle = begin.midpoint(end);
        order.push(middle);
        // What is newer is more often what somebody waits for.
        gaps.extend([(middle, end), (begin, middle)]);
    }
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_ends_come_first() {
        assert_eq!(newest_and_ends_first(0), [0_usize; 0]);
        assert_eq!(newest_and_ends_first(1), [0]);
        assert_eq!(newest_and_ends_first(5), [4, 0, 2, 3, 1]);
    }

    proptest! {
        #[test]
        fn each_comes_once(n in 0_usize..300) {
            let mut order = newest_and_ends_first(n);
            order.sort_unstable();
            prop_assert_eq!(order, (0..n).collect::<Vec<_>>());
        }

        #[test]
        fn no_gap_stays_much_wider_than_others(n in 3_usize..300, share in 0.1_f64..1.0) {
            let order = newest_and_ends_first(n);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "small")]
            let done = (n as f64 * share) as usize;
            prop_assume!(done >= 2);
            let mut done: Vec<_> = order[..done].to_vec();
            done.sort_unstable();
            let gaps: Vec<_> = done.windows(2).map(|pair| pair[1] - pair[0]).collect();
            let (widest, narrowest) = (gaps.iter().max().unwrap(), gaps.iter().min().unwrap());
            prop_assert!(*widest <= 2 * narrowest + 2, "{gaps:?}");
        }
    }
}
