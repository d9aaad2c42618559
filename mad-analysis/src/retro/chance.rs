//! What chance would have made of it.

use super::history::{History, Incident};
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
/// A permutation test: the distances between alarms are shuffled, around the circle that the history is bent to, and begin
/// anywhere. So alarms that come in clusters still do, and a cluster counts about once. The true order is one of those that
/// are counted (Phipson and Smyth, Permutation p-values should never be zero, 2010).
pub(crate) fn by_shuffling(alarms: &[u64], history: &History) -> f64 {
    let count = history.count();
    let (Some(first), Some(last)) = (alarms.first(), alarms.last()) else {
        return 1.0;
    };
    let met = Met::by(alarms, &history.incidents);
    let mut distances: Vec<u64> = alarms.windows(2).map(|pair| pair[1] - pair[0]).collect();
    distances.push(first + count - last);
    let mut lots = Lots::from_seed(SEED);
    let mut shuffled = vec![0; alarms.len()];
    let as_good = (0..ORDERS).filter(|_| {
        lots.shuffle(&mut distances);
        let mut place = lots.below(count);
        for (alarm, distance) in shuffled.iter_mut().zip(&distances) {
            place = (place + distance) % count;
            *alarm = place;
        }
        Met::by(&shuffled, &history.incidents) >= met
    });
    float(as_good.count() + 1) / float(ORDERS + 1)
}

/// Returns the share of commits that some incident concerns: how often an alarm meets one that is given by lot.
pub(crate) fn base_rate(history: &History) -> f64 {
    let concerned = (0..history.count()).filter(|position| {
        let mut incidents = history.incidents.iter();
        incidents.any(|incident| incident.concerns(*position))
    });
    float(concerned.count()) / float(history.steps.len().max(1))
}

/// Returns the share of incidents that so many alarms meet, on average, that are given by lot: of each, one less the chance
/// that all of them miss it (hypergeometric).
pub(crate) fn expected_recall(alarms: usize, history: &History) -> f64 {
    let count = history.steps.len();
    let missed = |incident: &Incident| {
        let concerned = (0..history.count()).filter(|position| incident.concerns(*position));
        let others = count - concerned.count();
        let draws = (0..alarms.min(count))
            .map(|drawn| float(others.saturating_sub(drawn)) / float(count - drawn));
        draws.product::<f64>()
    };
    let met = history
        .incidents
        .iter()
        .map(|incident| 1.0 - missed(incident));
    met.sum::<f64>() / float(history.incidents.len().max(1))
}
