//! What the program takes out of the texts of its checks.

use std::fmt;
use std::sync::Arc;

use crate::event::Event;
use crate::outcome::Outcome;
use crate::panics;
use crate::report::Note;

/// What is left of a text when the program's own code fails on it.
const WITHHELD: &str = "withheld: what takes secrets out of it panicked";

/// Takes out of texts what nobody is to see, as the program says it. It is the program's code, and runs on the
/// threads of runs alone.
#[derive(Clone)]
pub(crate) struct Scrubber(Arc<dyn Fn(&str) -> String + Send + Sync>);

impl Scrubber {
    pub(crate) fn new(scrub: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(scrub))
    }

    pub(crate) fn text(&self, text: &str) -> String {
        panics::catch(|| (self.0)(text)).unwrap_or_else(|_| WITHHELD.to_owned())
    }

    pub(crate) fn outcome(&self, outcome: Outcome) -> Outcome {
        outcome.map_texts(|text| self.text(&text))
    }

    pub(crate) fn event(&self, event: Event) -> Event {
        match event {
            Event::Noted(note) => Event::Noted(Note {
                text: self.text(&note.text),
                ..note
            }),
            Event::StepBegan {
                name,
                parent,
                offset,
            } => Event::StepBegan {
                name: self.text(&name),
                parent,
                offset,
            },
            event @ (Event::Observed(_) | Event::StepFinished { .. } | Event::LeftOut) => event,
        }
    }
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scrubber(..)")
    }
}
