//! Names into addresses, by the system's resolver.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::thread;

use parking_lot::Mutex;

use super::{Address, Deadline, NetworkError};

type Answered = Vec<SocketAddr>;
type Lookup = fn(&Address) -> io::Result<Answered>;

/// Asks the system's resolver, which nothing can interrupt, on a thread of its own.
///
/// One whose answer does not come in time is left to itself until the system gives it back. Until then
/// nothing more is asked, so that there is one such thread at most.
#[derive(Debug)]
pub(crate) struct Resolver {
    lookup: Lookup,
    unanswered: Mutex<Option<Receiver<io::Result<Answered>>>>,
}

impl Resolver {
    pub(crate) fn of_system() -> Self {
        Self::new(|address| {
            let host = (address.host.as_str(), address.port);
            host.to_socket_addrs().map(Iterator::collect)
        })
    }

    fn new(lookup: Lookup) -> Self {
        Self {
            lookup,
            unanswered: Mutex::default(),
        }
    }

    /// Returns every address, each once, in the order of the system's preference.
    pub(crate) fn addresses(
        &self,
        address: &Address,
        deadline: Deadline,
    ) -> Result<Vec<SocketAddr>, NetworkError> {
        if let Ok(number) = address.host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(number, address.port)]);
        }
        let found = self.ask(address, deadline)?;
        let mut addresses = Vec::new();
        for address in found {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        if addresses.is_empty() {
            return Err(NetworkError::NoAddress {
                host: address.host.clone(),
            });
        }
        Ok(addresses)
    }

    fn ask(&self, address: &Address, deadline: Deadline) -> Result<Answered, NetworkError> {
        let host = || address.host.clone();
        let refuse = |source| NetworkError::Lookup {
            host: host(),
            source,
        };
        let stuck = || NetworkError::LookupStuck { host: host() };
        if self.is_stuck() {
            return Err(stuck());
        }
        let left = deadline.left().map_err(|_| stuck())?;
        let (answer, answered) = channel();
        let (lookup, asked) = (self.lookup, address.clone());
        let thread = thread::Builder::new().name("mad-lookup".to_owned());
        // Nobody listens any more after the deadline.
        let spawned = thread.spawn(move || _ = answer.send(lookup(&asked)));
        spawned.map_err(refuse)?;
        match answered.recv_timeout(left) {
            Ok(answer) => answer.map_err(refuse),
            Err(RecvTimeoutError::Disconnected) => {
                Err(refuse(io::Error::other("its thread has ended")))
            }
            Err(RecvTimeoutError::Timeout) => {
                *self.unanswered.lock() = Some(answered);
                Err(stuck())
            }
        }
    }

    /// Says whether an earlier lookup is still under way. The answer to that one is of no use any more.
    fn is_stuck(&self) -> bool {
        let mut unanswered = self.unanswered.lock();
        let is_stuck = unanswered.as_ref().is_some_and(|answered| {
            let received = answered.try_recv();
            received.is_err_and(|error| error == TryRecvError::Empty)
        });
        if !is_stuck {
            *unanswered = None;
        }
        is_stuck
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::net::SocketAddr;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use super::Resolver;
    use crate::network::{Address, Deadline, NetworkError};

    static IS_HUNG: AtomicBool = AtomicBool::new(true);
    static STARTED: AtomicUsize = AtomicUsize::new(0);

    #[expect(
        clippy::unnecessary_wraps,
        reason = "a lookup may fail, this one hangs"
    )]
    fn hanging(_: &Address) -> io::Result<Vec<SocketAddr>> {
        STARTED.fetch_add(1, Ordering::SeqCst);
        while IS_HUNG.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(vec![([127, 0, 0, 1], 80).into(); 2])
    }

    #[test]
    fn a_resolver_that_hangs_is_given_up_and_not_asked_again_before_it_is_back() {
        let resolver = Resolver::new(hanging);
        let address = Address::parse("db:80").unwrap();
        let ask = |time| resolver.addresses(&address, Deadline::after(time));
        for _ in 0..3 {
            let error = ask(Duration::from_millis(20)).unwrap_err();
            assert!(matches!(error, NetworkError::LookupStuck { .. }));
        }
        assert_eq!(STARTED.load(Ordering::SeqCst), 1);
        IS_HUNG.store(false, Ordering::SeqCst);
        let until = Instant::now() + Duration::from_secs(10);
        let addresses = loop {
            match ask(Duration::from_secs(10)) {
                Ok(addresses) => break addresses,
                Err(_) => assert!(Instant::now() < until, "the resolver came back"),
            }
        };
        assert_eq!(addresses, [([127, 0, 0, 1], 80).into()]);
    }

    #[test]
    fn a_number_is_not_looked_up() {
        let resolver = Resolver::new(|_| panic!("asked"));
        let address = Address::parse("[::1]:80").unwrap();
        let addresses = resolver.addresses(&address, Deadline::after(Duration::ZERO));
        assert_eq!(addresses.unwrap(), ["[::1]:80".parse().unwrap()]);
    }
}
