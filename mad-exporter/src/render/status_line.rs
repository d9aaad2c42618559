//! One snapshot as one line, as a service manager shows it beside the name of a service.

use mad_core::{Health, Probe, Snapshot};

/// The line is cut after so many characters.
const LONGEST: usize = 400;

/// Says where the instance stands and what is not Up of that which gates a probe, the worst first.
pub(crate) fn status_line(snapshot: &Snapshot) -> String {
    let mut line = snapshot.lifecycle.to_string();
    for health in [Health::Down, Health::Unknown, Health::Degraded] {
        let gating = snapshot.gating(Probe::Any);
        let names: Vec<_> = gating
            .filter(|check| check.health == health)
            .map(|check| check.check.name())
            .collect();
        if !names.is_empty() {
            line.extend(["; ", health.as_str(), ": ", &names.join(", ")]);
        }
    }
    if line.len() > LONGEST {
        // Names are ASCII.
        line.truncate(LONGEST);
        line.push_str("...");
    }
    line
}
