//! What is not as somebody might believe, though it works.

use std::fmt;
use std::net::SocketAddr;

use mad_core::{DurationHistogram, Probe, Snapshot};

/// What is not as somebody might believe, though it works.
///
/// [`Exporter::warnings`](crate::Exporter::warnings) lists them: write them to the log at the start.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// Others than those on this host reach this address, and there is no token: only probes, `/health` and
    /// `/metrics` are served there.
    NoToken {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// A file has changed and cannot be used as it is now: what was in it before holds.
    NotReloaded {
        /// Which file it is, and what is wrong with it. It has nothing in it of what is in the file.
        trouble: String,
    },
    /// A liveness check takes longer than 50 ms most of the time: it asks somebody, as likely as not, and will restart
    /// this service for their fault.
    SlowLiveness {
        /// The name of the check.
        check: String,
    },
}

/// What looks at the memory of its own process takes no longer, in seconds.
const QUICK: f64 = 0.05;

impl Warning {
    /// Returns those about what is known of the checks by now.
    pub(crate) fn of(snapshot: &Snapshot) -> impl Iterator<Item = Self> {
        let alive = snapshot.gating(Probe::Liveness);
        let slow = alive.filter(|check| is_mostly_slow(&check.record.durations));
        slow.map(|check| Self::SlowLiveness {
            check: check.check.name().to_owned(),
        })
    }

    /// Writes it to the log, if there is one: with the feature `tracing`, as a warning of the target
    /// `mad_exporter`.
    #[cfg_attr(
        not(feature = "tracing"),
        expect(
            clippy::unused_self,
            reason = "without a log there is nothing to write"
        )
    )]
    pub(crate) fn log(&self) {
        #[cfg(feature = "tracing")]
        tracing::warn!(target: "mad_exporter", "{self}");
    }
}

fn is_mostly_slow(durations: &DurationHistogram) -> bool {
    let slow_from = DurationHistogram::BOUNDS.partition_point(|bound| *bound <= QUICK);
    let (quick, slow) = durations.counts.split_at(slow_from);
    slow.iter().sum::<u64>() > quick.iter().sum()
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoToken { address } => write!(
                f,
                "{address} is reached from beyond this host and there is no token, so that only probes, \
                 /health and /metrics are served there: set a token with `.token_from_env(\"MAD_TOKEN\")`, \
                 or say that this is all with `.listen_probes(..)`"
            ),
            Self::SlowLiveness { check } => write!(
                f,
                "the liveness check {check:?} takes longer than 50 ms most of the time: if it asks somebody, this \
                 service is restarted when they are away; let it gate readiness instead"
            ),
            Self::NotReloaded { trouble } => {
                write!(
                    f,
                    "{trouble}; until that is mended, what was there before holds"
                )
            }
        }
    }
}
