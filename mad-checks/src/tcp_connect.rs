//! Does a peer take connections?

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mad_core::{Check, IntoCheck, Outcome, Unit, note, observe};

use crate::informational;
use crate::network::{
    Address, Deadline, NetworkError, Resolver, connect, connect_to_any, with_cause,
};

/// Checks that a peer takes TCP connections.
///
/// A name may stand for several addresses. They are tried in the system's order, each with its share of the
/// time, until one lets it connect; a note says which, and which did not. [`every_address`](Self::every_address)
/// asks all of them. It is named `tcp_connect`, and runs every 15 seconds. It observes `connect` (seconds) and
/// `addresses` (a count).
///
/// ```
/// use mad_checks::TcpConnect;
/// use mad_core::IntoCheck;
///
/// let check = TcpConnect::to("queue.internal:5672").into_check().with_name("queue");
/// assert_eq!(check.summary(), "queue.internal:5672 takes connections.");
/// ```
///
/// # What it cannot see
///
/// - Whether anybody answers: the kernel of the peer takes connections for a program that hangs, until its
///   queue is full.
/// - Who it is: a proxy, a load balancer or a side-car takes connections while what is behind it is down.
/// - Addresses that the system's resolver, or a cache before it, does not tell, or tells no longer.
#[derive(Clone, Debug)]
pub struct TcpConnect {
    address: String,
    is_every: bool,
}

impl TcpConnect {
    /// Connects to `host:port`, with an IPv6 address in brackets.
    ///
    /// What is no such address fails at the first run.
    pub fn to(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            is_every: false,
        }
    }

    /// Asks every address of the name, and fails unless all of them let it connect.
    #[must_use]
    pub fn every_address(mut self) -> Self {
        self.is_every = true;
        self
    }

    fn look(&self, resolver: &Resolver) -> Result<Outcome, NetworkError> {
        let deadline = Deadline::of_run();
        let address = Address::parse(&self.address)?;
        let addresses = resolver.addresses(&address, deadline)?;
        observe("addresses", addresses.len(), Unit::Count);
        let started = Instant::now();
        let outcome = if self.is_every {
            to_every(&addresses, deadline)
        } else {
            to_first(&addresses, deadline)?
        };
        observe("connect", started.elapsed().as_secs_f64(), Unit::Seconds);
        Ok(outcome)
    }
}

fn to_first(addresses: &[SocketAddr], deadline: Deadline) -> Result<Outcome, NetworkError> {
    let (connection, failures) = connect_to_any(addresses, deadline)?;
    for failure in &failures {
        note(with_cause(failure));
    }
    if let Ok(peer) = connection.peer() {
        note(format!("{peer} let it connect"));
    }
    Ok(Outcome::Pass)
}

fn to_every(addresses: &[SocketAddr], deadline: Deadline) -> Outcome {
    let mut failures = Vec::new();
    for (index, &address) in addresses.iter().enumerate() {
        match connect(address, deadline.share_of(addresses.len() - index)) {
            Ok(_) => note(format!("{address} let it connect")),
            Err(error) => failures.push(with_cause(&error)),
        }
    }
    if failures.is_empty() {
        return Outcome::Pass;
    }
    let (failed, all) = (failures.len(), addresses.len());
    let failures = failures.join("; ");
    Outcome::fail(format!("{failed} of {all} addresses failed: {failures}"))
}

impl IntoCheck for TcpConnect {
    #[track_caller]
    fn into_check(self) -> Check {
        let doc = format!("{} takes connections.", self.address);
        let resolver = Resolver::of_system();
        let options = informational(Duration::from_secs(15));
        Check::health_check("tcp_connect", options, move |_| self.look(&resolver)).with_doc(doc)
    }
}
