//! What chance would have made of it.

use super::ground::Ground;
use super::history::Incident;
use super::lots::Lots;
use crate::float;

/// How many orders are tried.
const ORDERS: usize = 3_999;

/// Anything will do, as long as it is the same each time.
const SEED: u64 = 2_010;

/// How well alarms meet incidents: in how many an alarm came before, and how many alarms did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Met {
    pub(crate) incidents: usize,
    pub(crate) alarms: usize,
}

impl Met {
    pub(crate) fn by(alarms: &[u64], incidents: &[Incident]) -> Self {
        let met = |incident: &&Incident| alarms.iter().any(|alarm| incident.concerns(*alarm));
        let meets = |alarm: &&u64| incidents.iter().any(|incident| incident.concerns(**alarm));
        Self {
            incidents: incidents.iter().filter(met).count(),
            alarms: alarms.iter().filter(meets).count(),
        }
    }
}

/// Returns how often alarms meet incidents as well as these do, if they come in the same rhythm but in any order.
///
/// A permutation test: the distances between alarms, in measured commits, are shuffled around the circle that the history is
/// bent to, and begin anywhere. So alarms that come in clusters still do, and a cluster counts about once. The true order is
/// one of those that are counted (Phipson and Smyth, Permutation p-values should never be zero, 2010).
pub(crate) fn by_shuffling(alarms: &[u64], ground: &Ground<'_>) -> f64 {
    let count = ground.measured.len() as u64;
    let places: Vec<u64> = alarms
        .iter()
        .filter_map(|alarm| ground.place(*alarm))
        .collect();
    let (Some(first), Some(last)) = (places.first(), places.last()) else {
        return 1.0;
    };
    let met = Met::by(alarms, &ground.incidents);
    let mut distances: Vec<u64> = places.windows(2).map(|pair| pair[1] - pair[0]).collect();
    distances.push(first + count - last);
    let mut lots = Lots::from_seed(SEED);
    let mut shuffled = vec![0; places.len()];
    let as_good = (0..ORDERS).filter(|_| {
        lots.shuffle(&mut distances);
        let mut place = lots.below(count);
        for (alarm, distance) in shuffled.iter_mut().zip(&distances) {
            place = (place + distance) % count;
            *alarm = ground.position(place).unwrap_or(u64::MAX);
        }
        Met::by(&shuffled, &ground.incidents) >= met
    });
    float(as_good.count() + 1) / float(ORDERS + 1)
}

/// Returns the share of incidents that so many alarms meet, on average, that are given by lot: of each, one less the chance
/// that all of them miss it (hypergeometric).
pub(crate) fn expected_recall(alarms: usize, ground: &Ground<'_>) -> f64 {
    let count = ground.measured.len();
    let missed = |incident: &Incident| {
        let measured = ground.measured.iter();
        let concerned = measured.filter(|position| incident.concerns(**position));
        let others = count - concerned.count();
        let draws = (0..alarms.min(count))
            .map(|drawn| float(others.saturating_sub(drawn)) / float(count - drawn));
        draws.product::<f64>()
    };
    let met = ground
        .incidents
        .iter()
        .map(|incident| 1.0 - missed(incident));
    // The sum of nothing would be printed as -0.
    met.fold(0.0, |sum, met| sum + met) / float(ground.incidents.len().max(1))
}
