//! What is asked of ours, beside whom.

use super::Results;

/// Beside whom a figure is to be small.
#[derive(Clone, Copy, Debug)]
enum Beside {
    Floor,
    Yardstick,
    /// The best of all others that do the work.
    BestPeer,
    /// It is to be small in itself.
    Nobody,
}

/// How much it may come to at most, beside the other one.
#[derive(Clone, Copy, Debug)]
enum Most {
    Times(f64),
    OneIn(u32),
}

use Beside::{BestPeer, Floor, Nobody, Yardstick};
use Most::{OneIn, Times};

const ASKED: &[(&str, Most, Beside)] = &[
    ("increment, ns", Times(1.25), Floor),
    ("increment, 2 threads, ns", Times(2.5), Nobody),
    ("static look-up, ns", Times(0.3), Yardstick),
    ("static look-up, 2 threads, ns", Times(0.1), Yardstick),
    ("dynamic look-up, ns", Times(0.5), Yardstick),
    ("histogram, ns", Times(0.4), Yardstick),
    ("histogram, 2 threads, ns", Times(0.08), Yardstick),
    ("page of 100k counters, ms", Times(2.0), Floor),
    ("page of 100k counters, ms", OneIn(120), Yardstick),
    ("page of 100k counters, ms", OneIn(4), BestPeer),
    ("page of 10k histograms, ms", OneIn(18), Yardstick),
    ("page of 10k histograms, ms", OneIn(3), BestPeer),
    ("heap per counter, bytes", Times(350.0), Nobody),
    (
        "heap per histogram of 10 buckets, bytes",
        Times(700.0),
        Nobody,
    ),
    (
        "peak heap of a page of 100k counters, of its size",
        Times(1.05),
        Nobody,
    ),
];

/// Returns what is asked of a work and whether it holds, as two cells; both are empty if nothing is.
pub(super) fn cells(results: &Results, work: &str) -> [String; 2] {
    let asked = ASKED.iter().filter(|(of, ..)| *of == work);
    let (asked, holds): (Vec<_>, Vec<_>) = asked
        .map(|(_, most, beside)| {
            let measured = measured(results, work, *beside);
            (words(*most, *beside), verdict(measured, *most))
        })
        .unzip();
    [asked, holds].map(|cells| cells.join("; "))
}

fn measured(results: &Results, work: &str, beside: Beside) -> Option<f64> {
    let ours = results.value(work, super::OURS)?;
    let other = match beside {
        Floor => results.value(work, super::FLOOR)?,
        Yardstick => results.value(work, super::YARDSTICK)?,
        BestPeer => super::OTHERS
            .iter()
            .filter_map(|peer| results.value(work, peer))
            .reduce(f64::min)?,
        Nobody => 1.0,
    };
    Some(ours / other)
}

fn words(most: Most, beside: Beside) -> String {
    let share = match most {
        Times(times) => times.to_string(),
        OneIn(parts) => format!("1/{parts}"),
    };
    match beside {
        Floor => format!("{share} x floor"),
        Yardstick => format!("{share} x {}", super::YARDSTICK),
        BestPeer => format!("{share} x the best peer"),
        Nobody => share,
    }
}

fn verdict(measured: Option<f64>, most: Most) -> String {
    // No two processors were free, or somebody cannot do it.
    let Some(measured) = measured else {
        return "not measured".to_owned();
    };
    let (holds, value) = match most {
        Times(times) => (measured <= times, format!("{measured:.2}")),
        OneIn(parts) => {
            let holds = measured * f64::from(parts) <= 1.0;
            (holds, format!("1/{:.1}", 1.0 / measured))
        }
    };
    format!("{}: {value}", if holds { "yes" } else { "no" })
}

#[cfg(test)]
mod tests {
    use super::super::{FLOOR, OURS, Results, YARDSTICK};
    use super::cells;

    #[test]
    fn what_is_asked_is_held_against_what_was_measured() {
        let mut results = Results::default();
        let work = "page of 100k counters, ms";
        for (peer, value) in [(OURS, "2"), (FLOOR, "1.5"), (YARDSTICK, "230")] {
            results.add(peer, work, value);
        }
        results.add("measured", work, "7.8");
        let [asked, holds] = cells(&results, work);
        let yardstick = format!("1/120 x {YARDSTICK}");
        assert_eq!(
            asked,
            format!("2 x floor; {yardstick}; 1/4 x the best peer")
        );
        assert_eq!(holds, "yes: 1.33; no: 1/115.0; no: 1/3.9");
        assert_eq!(cells(&results, "increment, ns")[1], "not measured");
        assert_eq!(cells(&results, "timer, ns"), ["", ""]);
    }
}
