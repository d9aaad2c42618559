//! Does a name resolve?

use std::net::IpAddr;
use std::time::{Duration, Instant};

use mad_core::{Check, IntoCheck, Outcome, Unit, note, observe};

use crate::informational;
use crate::network::{Address, Deadline, NetworkError, Resolver};

/// Checks that a name has an address, and has those that are expected.
///
/// It asks as the program itself would, through the system's resolver. It is named `dns_lookup`, and runs every
/// minute. It observes `lookup` (seconds) and `addresses` (a count); a note lists the addresses.
///
/// ```
/// use mad_checks::DnsLookup;
/// use mad_core::IntoCheck;
///
/// let check = DnsLookup::of("localhost").expect_address([127, 0, 0, 1]).into_check();
/// assert_eq!(check.summary(), "localhost has an address.");
/// ```
///
/// # What it cannot see
///
/// - Whether a name server answered: `/etc/hosts`, a cache on the machine or another source of names may have,
///   and may go on after the name server is gone. It sees no time to live.
/// - Records other than addresses.
/// - A resolver that does not answer cannot be interrupted. Its thread is left to it, one at most for each
///   check, and until it is back the check fails without asking again.
#[derive(Clone, Debug)]
pub struct DnsLookup {
    name: String,
    expected: Vec<IpAddr>,
}

impl DnsLookup {
    /// Looks this name up.
    pub fn of(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            expected: Vec::new(),
        }
    }

    /// Fails unless this is among the addresses; may be said several times.
    #[must_use]
    pub fn expect_address(mut self, address: impl Into<IpAddr>) -> Self {
        self.expected.push(address.into());
        self
    }

    fn look(&self, resolver: &Resolver) -> Result<Outcome, NetworkError> {
        let name = Address {
            host: self.name.clone(),
            port: 0,
        };
        let started = Instant::now();
        let found = resolver.addresses(&name, Deadline::of_run())?;
        observe("lookup", started.elapsed().as_secs_f64(), Unit::Seconds);
        observe("addresses", found.len(), Unit::Count);
        let found: Vec<_> = found.iter().map(std::net::SocketAddr::ip).collect();
        let listed = listed(&found);
        note(format!("{} is {listed}", self.name));
        let is_missing = |address: &IpAddr| !found.contains(address);
        let missing: Vec<_> = self.expected.iter().copied().filter(is_missing).collect();
        if missing.is_empty() {
            return Ok(Outcome::Pass);
        }
        let missing = self::listed(&missing);
        Ok(Outcome::fail(format!(
            "{missing} is not among its addresses: {listed}"
        )))
    }
}

fn listed(addresses: &[IpAddr]) -> String {
    let texts: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

impl IntoCheck for DnsLookup {
    #[track_caller]
    fn into_check(self) -> Check {
        let doc = format!("{} has an address.", self.name);
        let resolver = Resolver::of_system();
        let options = informational(Duration::from_mins(1));
        Check::health_check("dns_lookup", options, move |_| self.look(&resolver)).with_doc(doc)
    }
}
