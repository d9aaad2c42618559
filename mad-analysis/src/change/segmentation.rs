//! Where a series of levels is best cut.

/// Returns the indices at which new segments begin, so that the squared distances from the segments' means, and `penalty` for
/// each cut, are least in sum. That is the optimum and no approximation.
///
/// By functional pruning: Maidstone, Hocking, Rigaill and Fearnhead, On optimal multiple changepoint algorithms for large
/// data (2017). Unlike PELT's, its time stays near-linear when nothing changes.
pub(crate) fn optimal_cuts(values: &[f64], penalty: f64) -> Vec<usize> {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut begins = Vec::with_capacity(values.len());
    let mut costs = Costs::new(low, high);
    let mut best: Option<Best> = None;
    for (index, &value) in values.iter().enumerate() {
        if let Some(best) = &best {
            costs.offer(index, best.cost + penalty);
        }
        let best = best.insert(costs.add(value));
        begins.push(best.begin);
    }
    let mut cuts = Vec::new();
    let mut end = values.len();
    while end > 0 {
        let begin = begins[end - 1];
        if begin > 0 {
            cuts.push(begin);
        }
        end = begin;
    }
    cuts.reverse();
    cuts
}

/// The least cost of all values so far, as a function of the level of the segment that is open.
struct Costs {
    pieces: Vec<Piece>,
    spare: Vec<Piece>,
}

/// Where the best segmentation has its last segment begin at `begin`: its cost by level, as `a x² + b x + c`.
#[derive(Clone, Copy)]
struct Piece {
    low: f64,
    high: f64,
    begin: usize,
    a: f64,
    b: f64,
    c: f64,
}

struct Best {
    cost: f64,
    begin: usize,
}

impl Costs {
    fn new(low: f64, high: f64) -> Self {
        let whole = Piece {
            low,
            high,
            begin: 0,
            a: 0.0,
            b: 0.0,
            c: 0.0,
        };
        Self {
            pieces: vec![whole],
            spare: Vec::new(),
        }
    }

    /// Adds a value, and returns the least that all of them cost.
    fn add(&mut self, value: f64) -> Best {
        let mut best = Best {
            cost: f64::INFINITY,
            begin: 0,
        };
        for piece in &mut self.pieces {
            piece.a += 1.0;
            piece.b -= 2.0 * value;
            piece.c += value * value;
            let cost = piece.least();
            if cost < best.cost {
                best = Best {
                    cost,
                    begin: piece.begin,
                };
            }
        }
        best
    }

    /// Lets a segment begin at `begin`, for `cost` at any level: it takes the levels at which all others cost more.
    fn offer(&mut self, begin: usize, cost: f64) {
        self.spare.clear();
        for piece in &self.pieces {
            let Some((low, high)) = piece.below(cost) else {
                give(&mut self.spare, piece.low, piece.high, begin, cost);
                continue;
            };
            give(&mut self.spare, piece.low, low, begin, cost);
            self.spare.push(Piece {
                low,
                high,
                ..*piece
            });
            give(&mut self.spare, high, piece.high, begin, cost);
        }
        std::mem::swap(&mut self.pieces, &mut self.spare);
    }
}

fn give(pieces: &mut Vec<Piece>, low: f64, high: f64, begin: usize, cost: f64) {
    match pieces.last_mut() {
        _ if low >= high => {}
        Some(last) if last.begin == begin => last.high = high,
        _ => pieces.push(Piece {
            low,
            high,
            begin,
            a: 0.0,
            b: 0.0,
            c: cost,
        }),
    }
}

impl Piece {
    fn at(&self, level: f64) -> f64 {
        (self.a * level + self.b) * level + self.c
    }

    /// Returns the least that it costs. Most pieces cost least at an end, which the slopes there tell without a division.
    fn least(&self) -> f64 {
        let slope = |level: f64| 2.0 * self.a * level + self.b;
        if slope(self.low) >= 0.0 {
            self.at(self.low)
        } else if slope(self.high) <= 0.0 {
            self.at(self.high)
        } else {
            self.at(-self.b / (2.0 * self.a))
        }
    }

    /// Returns between which of its levels it costs no more than that.
    fn below(&self, cost: f64) -> Option<(f64, f64)> {
        // Nearly always it does so from end to end: a parabola is nowhere above both of its ends.
        if self.at(self.low) <= cost && self.at(self.high) <= cost {
            return Some((self.low, self.high));
        }
        let middle = -self.b / (2.0 * self.a);
        let room = (cost - self.at(middle)) / self.a;
        if room < 0.0 {
            return None;
        }
        let reach = room.sqrt();
        let (low, high) = (self.low.max(middle - reach), self.high.min(middle + reach));
        (low < high || self.low >= self.high).then_some((low, high.max(low)))
    }
}
