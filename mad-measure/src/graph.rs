//! Who calls whom, as numbers, and how deep that goes.

/// The longest way down from each: how many are on it, itself among them. Those that call each other in a circle count
/// as one, as nothing says how often they go round.
pub(crate) fn depths(calls: &[Vec<usize>]) -> Vec<u64> {
    let mut search = Search {
        calls,
        found: vec![None; calls.len()],
        lowest: vec![0; calls.len()],
        depths: vec![0; calls.len()],
        open: Vec::new(),
        n_found: 0,
    };
    for start in 0..calls.len() {
        if search.found[start].is_none() {
            search.from(start);
        }
    }
    search.depths
}

/// R. Tarjan, "Depth-first search and linear graph algorithms", 1972: circles are complete in such an order that all
/// that they call has been seen. With a stack of its own, as programs call deeper than a thread can.
struct Search<'calls> {
    calls: &'calls [Vec<usize>],
    /// When each was found.
    found: Vec<Option<usize>>,
    /// The earliest found that can be reached from each, of those that are open.
    lowest: Vec<usize>,
    /// 0, as long as its circle is not complete.
    depths: Vec<u64>,
    open: Vec<usize>,
    n_found: usize,
}

impl Search<'_> {
    fn from(&mut self, start: usize) {
        self.find(start);
        let mut stack = vec![(start, 0)];
        while let Some((one, next)) = stack.last_mut() {
            let one = *one;
            if let Some(other) = self.calls[one].get(*next).copied() {
                *next += 1;
                match self.found[other] {
                    None => {
                        self.find(other);
                        stack.push((other, 0));
                    }
                    Some(found) if self.depths[other] == 0 => {
                        self.lowest[one] = self.lowest[one].min(found);
                    }
                    Some(_) => {}
                }
            } else {
                stack.pop();
                if self.found[one] == Some(self.lowest[one]) {
                    self.complete(one);
                } else if let Some((above, _)) = stack.last() {
                    self.lowest[*above] = self.lowest[*above].min(self.lowest[one]);
                }
            }
        }
    }

    fn find(&mut self, one: usize) {
        self.found[one] = Some(self.n_found);
        self.lowest[one] = self.n_found;
        self.n_found += 1;
        self.open.push(one);
    }

    /// All that was found since this one, and is open, calls it and is called by it.
    fn complete(&mut self, first: usize) {
        let place = self.open.iter().rposition(|one| *one == first);
        let circle = self.open.split_off(place.unwrap_or_default());
        let below = circle.iter().flat_map(|one| &self.calls[*one]);
        let below = below.map(|called| self.depths[*called]).max();
        for one in circle {
            self.depths[one] = 1 + below.unwrap_or(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::depths;

    #[test]
    fn a_circle_counts_once_wherever_one_comes_in() {
        // 0 -> 1 <-> 2 -> 3, and 4 by itself.
        let calls = [vec![1], vec![2], vec![1, 3], vec![], vec![4]];
        assert_eq!(depths(&calls), [3, 2, 2, 1, 1]);
    }

    #[test]
    fn a_chain_of_any_length_is_followed() {
        let calls: Vec<_> = (1..=100_000).map(|next| vec![next % 100_000]).collect();
        assert!(depths(&calls).iter().all(|depth| *depth == 1));
        let mut chain = calls;
        chain[99_999].clear();
        assert_eq!(depths(&chain)[0], 100_000);
    }

    /// Which of them are reached from each.
    fn reached(calls: &[Vec<usize>]) -> Vec<Vec<bool>> {
        let mut reached: Vec<Vec<bool>> = (0..calls.len())
            .map(|one| {
                (0..calls.len())
                    .map(|other| calls[one].contains(&other))
                    .collect()
            })
            .collect();
        for through in 0..calls.len() {
            for from in 0..calls.len() {
                for to in 0..calls.len() {
                    reached[from][to] |= reached[from][through] && reached[through][to];
                }
            }
        }
        reached
    }

    proptest! {
        /// What is said of depth, held against its definition: one more than the deepest of what is called outside of
        /// one's own circle.
        #[test]
        fn depth_is_one_more_than_that_of_what_is_called(
            calls in prop::collection::vec(prop::collection::vec(0_usize..12, 0..4), 12)
        ) {
            let depths = depths(&calls);
            let reached = reached(&calls);
            for one in 0..calls.len() {
                let circle: Vec<_> = (0..calls.len())
                    .filter(|other| *other == one || (reached[one][*other] && reached[*other][one]))
                    .collect();
                let below = circle.iter().flat_map(|member| &calls[*member]);
                let below = below.filter(|called| !circle.contains(called));
                let deepest = below.map(|called| depths[*called]).max().unwrap_or(0);
                prop_assert_eq!(depths[one], 1 + deepest, "{}", one);
            }
        }
    }
}
