//! Which checks are in the air, and which wait for a turn.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::cancellation::Cancellation;
use crate::check::Check;
use crate::clock::Moment;
use crate::journal::Journal;

/// How many stuck runs may hold a thread beyond the cap on runs at once.
const MAX_STUCK: usize = 32;

/// Which checks are in the air, and which wait for a turn, in the order in which they came to the place
/// where they wait: for one of their caps, or for a thread.
#[derive(Debug)]
pub(super) struct Flights {
    of: HashMap<usize, Flight>,
    /// Those that have their place under every cap of their own and wait for a thread, in order.
    ready: VecDeque<usize>,
    caps: HashMap<String, Cap>,
    max_at_once: usize,
    running: usize,
    stuck: usize,
}

/// How far a run has come.
#[derive(Debug)]
pub(super) enum Flight {
    /// It waits for its turn.
    Waiting,
    /// It was given a thread, at that moment.
    Running {
        journal: Arc<Journal>,
        cancellation: Arc<Cancellation>,
        at: Moment,
    },
    /// It was judged at its deadline, or when it was cancelled, and has not ended since.
    Stuck,
}

/// How many of a group may be in the air at once.
#[derive(Debug)]
struct Cap {
    max: usize,
    holders: Vec<usize>,
    waiting: VecDeque<usize>,
}

impl Flights {
    pub(super) fn new(max_at_once: usize, tag_caps: &HashMap<String, usize>) -> Self {
        let caps = tag_caps
            .iter()
            .map(|(tag, max)| (tag_cap(tag), Cap::new(*max)));
        Self {
            of: HashMap::new(),
            ready: VecDeque::new(),
            caps: caps.collect(),
            max_at_once,
            running: 0,
            stuck: 0,
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<&Flight> {
        self.of.get(&index)
    }

    pub(super) fn any_running(&self) -> bool {
        self.running > 0
    }

    /// Lets a check wait for its turn.
    pub(super) fn enqueue(&mut self, index: usize, check: &Check) {
        self.of.insert(index, Flight::Waiting);
        self.queue(index, check);
    }

    /// Puts it where it waits: for the first of its caps that has no room, or for a thread.
    fn queue(&mut self, index: usize, check: &Check) {
        let names = self.caps_of(check);
        let full = names.iter().find(|name| !self.caps[*name].has_room());
        if let Some(full) = full {
            let cap = self.caps.get_mut(full);
            return cap.expect("it was found").waiting.push_back(index);
        }
        for name in names {
            let cap = self.caps.get_mut(&name);
            cap.expect("it was found").holders.push(index);
        }
        self.ready.push_back(index);
    }

    /// Returns the caps of a check. Those of serial groups are made when they are first met.
    fn caps_of(&mut self, check: &Check) -> Vec<String> {
        let mut names = Vec::new();
        if let Some(group) = check.serial() {
            let name = serial_cap(group);
            self.caps.entry(name.clone()).or_insert(Cap::new(1));
            names.push(name);
        }
        if self.caps.len() > names.len() {
            let tags = check.tags().map(tag_cap);
            names.extend(tags.filter(|name| self.caps.contains_key(name)));
        }
        names
    }

    /// Takes the next one whose turn has come, if a thread may be had.
    ///
    /// So many stuck runs are not counted, or they would keep everything else from running; beyond
    /// that they are, or they would take every thread the system has.
    pub(super) fn next(&mut self) -> Option<usize> {
        let in_the_way = self.running + self.stuck.saturating_sub(MAX_STUCK);
        if in_the_way >= self.max_at_once {
            return None;
        }
        self.ready.pop_front()
    }

    /// Marks one as running that was given a thread at this moment; returns what ends it before its time.
    pub(super) fn started(
        &mut self,
        index: usize,
        journal: &Arc<Journal>,
        at: Moment,
    ) -> Arc<Cancellation> {
        let cancellation = Arc::default();
        let flight = Flight::Running {
            journal: Arc::clone(journal),
            cancellation: Arc::clone(&cancellation),
            at,
        };
        self.of.insert(index, flight);
        self.running += 1;
        cancellation
    }

    pub(super) fn stuck(&mut self, index: usize) {
        self.of.insert(index, Flight::Stuck);
        self.running -= 1;
        self.stuck += 1;
    }

    /// Takes one out that has ended, or that is not to run after all; what waited for its place
    /// moves up. The checks are asked for by their index.
    pub(super) fn remove(
        &mut self,
        index: usize,
        check: &Check,
        check_of: impl Fn(usize) -> Option<Arc<Check>>,
    ) -> Option<Flight> {
        let flight = self.of.remove(&index)?;
        let was_waiting = match flight {
            Flight::Waiting => true,
            Flight::Running { .. } => {
                self.running -= 1;
                false
            }
            Flight::Stuck => {
                self.stuck -= 1;
                false
            }
        };
        if was_waiting {
            self.ready.retain(|ready| *ready != index);
        }
        for name in self.caps_of(check) {
            if let Some(cap) = self.caps.get_mut(&name) {
                cap.holders.retain(|holder| *holder != index);
                if was_waiting {
                    cap.waiting.retain(|waiting| *waiting != index);
                }
            }
            while let Some(next) = self.caps.get_mut(&name).and_then(Cap::pop_waiting) {
                // It may have to wait for another one of its caps; then the place is the next one's.
                if let Some(check) = check_of(next) {
                    self.queue(next, &check);
                }
            }
        }
        if let Some(group) = check.serial() {
            self.forget_group(&serial_cap(group));
        }
        Some(flight)
    }

    /// Forgets a serial group of which nothing is here: they come and go with their checks.
    fn forget_group(&mut self, name: &str) {
        let is_idle = |cap: &Cap| cap.holders.is_empty() && cap.waiting.is_empty();
        if self.caps.get(name).is_some_and(is_idle) {
            self.caps.remove(name);
        }
    }

    /// Forgets everything that waits, as nothing more is to start.
    pub(super) fn ground(&mut self) {
        self.ready.clear();
        self.caps.values_mut().for_each(|cap| cap.waiting.clear());
        let is_waiting = |flight: &Flight| matches!(flight, Flight::Waiting);
        self.of.retain(|_, flight| !is_waiting(flight));
    }

    /// Returns who holds the serial group of a check that waits for it.
    pub(super) fn holder(&self, group: &str, index: usize) -> Option<usize> {
        let holders = &self.caps.get(&serial_cap(group))?.holders;
        holders.iter().copied().find(|holder| *holder != index)
    }
}

impl Cap {
    fn new(max: usize) -> Self {
        Self {
            max,
            holders: Vec::new(),
            waiting: VecDeque::new(),
        }
    }

    fn has_room(&self) -> bool {
        self.holders.len() < self.max
    }

    fn pop_waiting(&mut self) -> Option<usize> {
        if self.has_room() {
            self.waiting.pop_front()
        } else {
            None
        }
    }
}

// A group and a tag may have the same name; a name has no blank.

fn serial_cap(group: &str) -> String {
    format!("serial {group}")
}

fn tag_cap(tag: &str) -> String {
    format!("tag {tag}")
}
