//! How all that gates a probe is, kept for as long as a snapshot would say the same.

use mad_core::{Probe, Standing};
use parking_lot::Mutex;

use crate::instance::Instance;
use crate::render::kubernetes;
use crate::render::state::State;

/// How all that gates each of the probes is.
#[derive(Debug, Default)]
pub(crate) struct Verdicts {
    liveness: Mutex<Option<Verdict>>,
    readiness: Mutex<Option<Verdict>>,
    startup: Mutex<Option<Verdict>>,
    any: Mutex<Option<Verdict>>,
}

#[derive(Debug)]
struct Verdict {
    state: State,
    standing: Standing,
}

impl Verdicts {
    fn about(&self, probe: Probe) -> &Mutex<Option<Verdict>> {
        match probe {
            Probe::Liveness => &self.liveness,
            Probe::Readiness => &self.readiness,
            Probe::Startup => &self.startup,
            Probe::Any => &self.any,
        }
    }
}

impl Instance {
    /// Returns how all that gates a probe is, as a snapshot of now has it.
    pub(crate) fn verdict(&self, probe: Probe) -> State {
        let mut kept = self.verdicts.about(probe).lock();
        match &*kept {
            Some(verdict) if verdict.standing.holds() => verdict.state,
            _ => {
                // First this, then the snapshot: so that nothing is missed in between.
                let standing = self.engine.standing();
                let state = kubernetes::state(&self.engine.snapshot(), probe);
                *kept = Some(Verdict { state, standing });
                state
            }
        }
    }
}
