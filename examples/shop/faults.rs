//! Faults that can be switched on, to watch what MAD makes of them.
//!
//! A real service has no such thing. Here it takes the place of the cable that somebody pulls, and as
//! anybody who reaches the shop may pull it, the shop listens on a loopback address unless told
//! otherwise.

use std::fmt;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

/// A way in which the shop can be broken on purpose.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// Every call of the database fails.
    Db,
    /// Every call of the database takes longer than its health check waits.
    Slow,
    /// The driver of the label printer never returns.
    Hang,
    /// The check of the discounts has a bug and panics.
    Panic,
    /// The shop has a bug: an order costs a cent more than the customer was told.
    Overcharge,
}

impl Fault {
    /// Every fault, in the order in which they are shown.
    pub(crate) const ALL: [Self; 5] = [
        Self::Db,
        Self::Slow,
        Self::Hang,
        Self::Panic,
        Self::Overcharge,
    ];

    /// Returns the word that stands in addresses and labels.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Db => "db",
            Self::Slow => "slow",
            Self::Hang => "hang",
            Self::Panic => "panic",
            Self::Overcharge => "overcharge",
        }
    }

    /// Returns the fault with this word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.as_str() == word)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The switches. A clone is another hand on the same switches.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    panel: Arc<Panel>,
}

#[derive(Debug, Default)]
struct Panel {
    is_on: Mutex<[bool; Fault::ALL.len()]>,
    changed: Condvar,
}

impl Faults {
    /// Makes the switches with these on and all others off.
    pub(crate) fn with(faults: &[Fault]) -> Self {
        let switches = Self::default();
        for fault in faults {
            switches.set(*fault, true);
        }
        switches
    }

    /// Switches a fault on or off.
    pub(crate) fn set(&self, fault: Fault, is_on: bool) {
        self.panel.is_on.lock()[fault as usize] = is_on;
        self.panel.changed.notify_all();
    }

    /// Says whether a fault is switched on.
    pub(crate) fn is_on(&self, fault: Fault) -> bool {
        self.panel.is_on.lock()[fault as usize]
    }

    /// Blocks the calling thread for as long as a fault is switched on.
    pub(crate) fn wait_until_off(&self, fault: Fault) {
        let mut is_on = self.panel.is_on.lock();
        self.panel
            .changed
            .wait_while(&mut is_on, |is_on| is_on[fault as usize]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_changes_its_own_fault_only() {
        let faults = Faults::default();
        faults.set(Fault::Slow, true);
        let is_on = Fault::ALL.map(|fault| faults.is_on(fault));
        assert_eq!(is_on, [false, true, false, false, false]);
    }

    #[test]
    fn who_hangs_goes_on_when_the_fault_is_switched_off() {
        let faults = Faults::default();
        faults.set(Fault::Hang, true);
        std::thread::scope(|scope| {
            let hanging = scope.spawn(|| faults.wait_until_off(Fault::Hang));
            faults.set(Fault::Hang, false);
            hanging.join().unwrap();
        });
    }
}
