//! Who is connected, and who has to go when somebody new comes.
//!
//! A seat is taken for as long as a connection lasts. When none is free, whoever keeps the server
//! waiting the longest gives theirs up: so there is always room for one who asks and takes the answer,
//! such as a probe, however many do neither, and wherever they call from.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Stands for "it is the server that is at work, and not the client that is awaited".
const AT_WORK: u64 = u64::MAX;

/// The seats.
#[derive(Debug)]
pub(super) struct Seats {
    all: u32,
    free: Arc<Semaphore>,
    taken: Arc<Mutex<Taken>>,
    /// From here moments are counted.
    opened_at: Instant,
    /// How many bytes of answers wait for those that they are for, whoever is kept waiting.
    unsent: Arc<AtomicUsize>,
    /// How many may.
    most_unsent: usize,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    seats: HashMap<u64, Arc<Seat>>,
    origins: HashMap<Origin, Arc<AtomicUsize>>,
}

/// Where somebody calls from: an IPv4 address, or the 64 bits of an IPv6 address that are handed out to
/// one subscriber. Nothing for those who have no address, who are all on this host.
type Origin = Option<IpAddr>;

impl Seats {
    pub(super) fn new(all: u32, most_unsent: usize) -> Self {
        Self {
            all,
            free: Arc::new(Semaphore::new(all as usize)),
            taken: Arc::default(),
            opened_at: Instant::now(),
            unsent: Arc::default(),
            most_unsent,
        }
    }

    /// Finds a seat. Nothing if all are taken and the server is at work for every one of them.
    pub(super) async fn find(&self, address: Option<IpAddr>) -> Option<Seated> {
        let free = Arc::clone(&self.free);
        let place = if let Ok(place) = Arc::clone(&free).try_acquire_owned() {
            place
        } else {
            self.shed_one()?;
            // Whoever was told to leave does so the next time that it comes to it.
            free.acquire_owned().await.ok()?
        };
        Some(self.seat(address.map(origin), place))
    }

    fn seat(&self, origin: Origin, place: OwnedSemaphorePermit) -> Seated {
        let mut taken = self.taken.lock();
        let neighbours = Arc::clone(taken.origins.entry(origin).or_default());
        neighbours.fetch_add(1, Ordering::Relaxed);
        let seat = Arc::new(Seat {
            neighbours,
            opened_at: self.opened_at,
            waiting_since: AtomicU64::new(moment(self.opened_at)),
            answers: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            unsent: AtomicUsize::new(0),
            all_unsent: Arc::clone(&self.unsent),
            has_spoken: AtomicBool::new(false),
            must_leave: AtomicBool::new(false),
            bell: Notify::new(),
        });
        let number = taken.next;
        taken.next += 1;
        taken.seats.insert(number, Arc::clone(&seat));
        Seated {
            seat,
            number,
            origin,
            taken: Arc::clone(&self.taken),
            _place: place,
        }
    }

    /// Sends away who keeps the server waiting the longest, of those that call from where most do.
    fn shed_one(&self) -> Option<()> {
        let taken = self.taken.lock();
        let seats = taken.seats.values();
        let waiting = seats.filter_map(|seat| Some((seat, seat.waiting_since()?)));
        let rank = |(seat, since): &(&Arc<Seat>, u64)| {
            let neighbours = seat.neighbours.load(Ordering::Relaxed);
            (neighbours, u64::MAX - since)
        };
        let (seat, _) = waiting.max_by_key(rank)?;
        seat.leave();
        Some(())
    }

    /// Sends away who takes too little of large answers, the longest first, until this one may be sent.
    pub(super) fn make_room_for(&self, answer: usize) {
        // Nearly always there is room, whoever is slow: then nobody has to be looked at.
        if self.unsent.load(Ordering::Relaxed) + answer <= self.most_unsent {
            return;
        }
        let taken = self.taken.lock();
        let slow = taken.seats.values().filter_map(|seat| {
            let unsent = seat.unsent.load(Ordering::Relaxed);
            (unsent > 0).then_some((seat.waiting_since()?, unsent, seat))
        });
        let mut slow: Vec<_> = slow.collect();
        let mut unsent = slow.iter().fold(answer, |sum, (_, unsent, _)| sum + unsent);
        slow.sort_unstable_by_key(|(since, ..)| *since);
        for (_, of_this, seat) in slow {
            if unsent <= self.most_unsent {
                break;
            }
            unsent -= of_this;
            seat.leave();
        }
    }

    /// Waits until every seat is free.
    pub(super) async fn are_free(&self) {
        _ = self.free.acquire_many(self.all).await;
    }
}

/// Cuts an address down to what one caller has to itself.
fn origin(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let subscriber = address.to_bits() >> 64 << 64;
            IpAddr::V6(subscriber.into())
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// A moment as microseconds since the seats were made.
fn moment(opened_at: Instant) -> u64 {
    u64::try_from(opened_at.elapsed().as_micros()).unwrap_or(AT_WORK - 1)
}

/// A connection's hold on its seat; the seat is free when this is dropped.
#[derive(Debug)]
pub(super) struct Seated {
    seat: Arc<Seat>,
    number: u64,
    origin: Origin,
    taken: Arc<Mutex<Taken>>,
    _place: OwnedSemaphorePermit,
}

impl Seated {
    pub(super) fn seat(&self) -> &Arc<Seat> {
        &self.seat
    }
}

impl Drop for Seated {
    fn drop(&mut self) {
        let mut taken = self.taken.lock();
        taken.seats.remove(&self.number);
        if self.seat.neighbours.fetch_sub(1, Ordering::Relaxed) == 1 {
            taken.origins.remove(&self.origin);
        }
    }
}

/// What is known of a connection.
#[derive(Debug)]
pub(super) struct Seat {
    /// How many come from where this one does.
    neighbours: Arc<AtomicUsize>,
    opened_at: Instant,
    /// Since when its client is awaited: to ask, to finish asking, or to take its answer.
    waiting_since: AtomicU64,
    answers: AtomicU64,
    /// How many requests the server is at work on.
    open: AtomicUsize,
    /// How much of its answers the client has not taken.
    unsent: AtomicUsize,
    /// The same of all clients.
    all_unsent: Arc<AtomicUsize>,
    has_spoken: AtomicBool,
    must_leave: AtomicBool,
    bell: Notify,
}

impl Seat {
    fn waiting_since(&self) -> Option<u64> {
        let since = self.waiting_since.load(Ordering::Relaxed);
        // Who was told to leave is as good as gone.
        let is_awaited = since != AT_WORK && !self.must_leave.load(Ordering::Relaxed);
        is_awaited.then_some(since)
    }

    fn waits(&self) {
        let now = moment(self.opened_at);
        self.waiting_since.store(now, Ordering::Relaxed);
    }

    /// The client has asked, and it is for the server to answer. Returns how often it has asked.
    pub(super) fn is_asked(&self) -> u64 {
        self.waiting_since.store(AT_WORK, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        self.answers.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// There is an answer of about so many bytes, and it is for the client to take it.
    pub(super) fn is_answered(&self, bytes: usize) {
        self.unsent.fetch_add(bytes, Ordering::Relaxed);
        self.all_unsent.fetch_add(bytes, Ordering::Relaxed);
        if self.open.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.waits();
        }
    }

    /// How much of its answers the client has not taken.
    pub(super) fn unsent(&self) -> usize {
        self.unsent.load(Ordering::Relaxed)
    }

    /// The client has taken so much.
    pub(super) fn has_taken(&self, bytes: usize) {
        // It takes heads too, which are in no sum.
        let taken = bytes.min(self.unsent());
        self.unsent.fetch_sub(taken, Ordering::Relaxed);
        self.all_unsent.fetch_sub(taken, Ordering::Relaxed);
        if !self.is_at_work() {
            self.waits();
        }
    }

    /// How often the client has asked.
    pub(super) fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// The client has sent something.
    pub(super) fn has_spoken(&self) {
        self.has_spoken.store(true, Ordering::Relaxed);
    }

    /// Says whether something came and was worked on: a request, or what is none yet.
    pub(super) fn was_served(&self) -> bool {
        self.has_spoken.load(Ordering::Relaxed) && !self.is_at_work()
    }

    fn is_at_work(&self) -> bool {
        self.waiting_since.load(Ordering::Relaxed) == AT_WORK
    }

    fn leave(&self) {
        self.must_leave.store(true, Ordering::Relaxed);
        self.bell.notify_one();
    }

    /// Waits until this connection is to give up its seat.
    pub(super) async fn must_leave(&self) {
        // `notify_one` is remembered when nobody waits yet.
        self.bell.notified().await;
    }
}

impl Drop for Seat {
    /// What was not taken will not be, and nobody answers any more.
    fn drop(&mut self) {
        self.all_unsent.fetch_sub(self.unsent(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};
    use std::time::Duration;

    use super::*;

    const NEAR: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    const FAR: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));

    async fn find(seats: &Seats, address: Option<IpAddr>) -> Seated {
        let seated = seats.find(address).await.expect("there is a seat");
        // The clock has to move between two of them.
        std::thread::sleep(Duration::from_micros(10));
        seated
    }

    fn must_leave(seated: &Seated) -> bool {
        seated.seat.must_leave.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn who_keeps_the_server_waiting_the_longest_goes_first() {
        let seats = Seats::new(3, 0);
        let first = find(&seats, NEAR).await;
        let second = find(&seats, NEAR).await;
        let third = find(&seats, NEAR).await;
        first.seat.is_asked();
        first.seat.is_answered(2);
        seats.shed_one().expect("somebody goes");
        assert!(must_leave(&second) && !must_leave(&first) && !must_leave(&third));
        drop(second);
        let fourth = find(&seats, NEAR).await;
        seats.shed_one().expect("somebody goes");
        assert!(must_leave(&third) && !must_leave(&first) && !must_leave(&fourth));
    }

    #[tokio::test]
    async fn where_most_come_from_somebody_goes_first() {
        let seats = Seats::new(3, 0);
        let far = find(&seats, FAR).await;
        let near = [find(&seats, NEAR).await, find(&seats, NEAR).await];
        seats.shed_one().expect("somebody goes");
        assert!(must_leave(&near[0]) && !must_leave(&near[1]) && !must_leave(&far));
    }

    #[tokio::test]
    async fn nobody_goes_whom_the_server_keeps_waiting() {
        let seats = Seats::new(1, 0);
        let only = find(&seats, NEAR).await;
        only.seat.is_asked();
        assert!(seats.find(NEAR).await.is_none());
        only.seat.is_answered(2);
        let (next, ()) = tokio::join!(seats.find(NEAR), async {
            only.seat.must_leave().await;
            drop(only);
        });
        assert!(next.is_some());
        drop(next);
        seats.are_free().await;
        assert!(seats.taken.lock().origins.is_empty());
    }

    #[tokio::test]
    async fn answers_that_nobody_takes_are_bounded_together() {
        let seats = Seats::new(3, 100);
        let slow = [find(&seats, NEAR).await, find(&seats, NEAR).await];
        let other = find(&seats, NEAR).await;
        for seated in &slow {
            seated.seat.is_asked();
            seated.seat.is_answered(60);
            std::thread::sleep(Duration::from_micros(10));
        }
        slow[0].seat.has_taken(20);
        seats.make_room_for(0);
        assert!(!must_leave(&slow[0]) && !must_leave(&slow[1]));
        std::thread::sleep(Duration::from_micros(10));
        slow[1].seat.has_taken(1);
        seats.make_room_for(10);
        assert!(must_leave(&slow[0]) && !must_leave(&slow[1]) && !must_leave(&other));
    }

    #[tokio::test]
    async fn what_was_taken_or_never_will_be_waits_for_nobody() {
        let seats = Seats::new(2, 0);
        let (one, other) = (find(&seats, NEAR).await, find(&seats, NEAR).await);
        for seated in [&one, &other] {
            seated.seat.is_asked();
            seated.seat.is_answered(60);
        }
        let unsent = || seats.unsent.load(Ordering::Relaxed);
        assert_eq!(unsent(), 120);
        one.seat.has_taken(50);
        assert_eq!(unsent(), 70);
        // With its head, which was not counted.
        one.seat.has_taken(20);
        assert_eq!(unsent(), 60);
        drop(other);
        assert_eq!(unsent(), 0);
    }

    #[test]
    fn neighbours_are_those_of_one_subscriber() {
        let of = |text: &str| origin(text.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:2:ffff::4"));
        assert_ne!(of("2001:db8:1:2::3"), of("2001:db8:1:3::3"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        let mapped = Ipv4Addr::LOCALHOST.to_ipv6_mapped();
        assert_eq!(origin(IpAddr::V6(mapped)), of("127.0.0.1"));
        assert_eq!(origin(Ipv6Addr::LOCALHOST.into()), of("::"));
    }
}
