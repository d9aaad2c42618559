//! What a walk came to, in words.

use std::fmt;
use std::path::Path;

use mad_store::Commit;

use super::attempts::UnknownRange;
use super::walk::{Counts, Walked};
use crate::output::line;

/// So many letters of the first error are told.
const REASON_LETTERS: usize = 160;

/// What a walk came to.
pub(super) struct Summary<'run> {
    commits: &'run [Commit],
    walked: &'run Walked,
    store: &'run Path,
}

impl<'run> Summary<'run> {
    pub(super) fn new(commits: &'run [Commit], walked: &'run Walked, store: &'run Path) -> Self {
        Self {
            commits,
            walked,
            store,
        }
    }

    fn tell(
        &self,
        formatter: &mut fmt::Formatter<'_>,
        what: &str,
        range: &UnknownRange,
        aside: &str,
    ) -> fmt::Result {
        let name = |place: usize| &self.commits[place].id[..12];
        let (first, last) = (*range.places.start(), *range.places.end());
        let (from, to) = (name(first), name(last));
        let reason = line(&range.reason, REASON_LETTERS);
        writeln!(
            formatter,
            "{what} at {} from {from} to {to}{aside}: {reason}",
            range.n
        )
    }
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts {
            measured,
            known,
            alike,
            jumped,
            crashed,
            timed_out,
            not_there,
            of_sources,
        } = self.walked.counts;
        if of_sources > 0 {
            writeln!(
                formatter,
                "{of_sources} commits: only their sources were asked for"
            )?;
            return writeln!(formatter, "kept in {}", self.store.display());
        }
        write!(
            formatter,
            "{} commits: {measured} measured, {alike} alike, {known} known before",
            self.commits.len()
        )?;
        for (n, what) in [
            (jumped, "jumped"),
            (crashed, "crashed"),
            (timed_out, "took too long"),
            (not_there, "could not be tried"),
        ] {
            if n > 0 {
                write!(formatter, ", {n} {what}")?;
            }
        }
        writeln!(formatter)?;
        let attempts = &self.walked.attempts;
        for range in attempts.broken() {
            let aside = match range.n_jumped {
                0 => String::new(),
                n => format!(" ({n} not tried: see --try-all)"),
            };
            self.tell(formatter, "nothing to measure", &range, &aside)?;
        }
        for range in attempts.hindered() {
            let aside = " (the same command tries again)";
            self.tell(formatter, "hindered", &range, aside)?;
        }
        if let Some(reason) = &self.walked.gave_up {
            let reason = line(reason, REASON_LETTERS);
            writeln!(
                formatter,
                "ended, as too many in a row were hindered (mend it, and the same command goes on; or see --try-all): {reason}"
            )?;
        }
        writeln!(formatter, "kept in {}", self.store.display())
    }
}
