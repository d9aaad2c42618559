//! The shop: what its API, its checks and its self-tests work with.

use std::path::Path;

use crate::faults::{Fault, Faults};
use crate::store::{OpenError, Store};

/// The customer of orders that self-tests place. Nobody else can order under this name.
pub(crate) const SELF_TEST_CUSTOMER: &str = "self-test";

/// The shop. A clone is another handle to the same shop.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    pub(crate) store: Store,
    pub(crate) faults: Faults,
}

impl Shop {
    /// Opens the shop on the database in this file, or on a temporary one, with these faults.
    pub(crate) fn open(database: Option<&Path>, faults: &[Fault]) -> Result<Self, OpenError> {
        let faults = Faults::with(faults);
        let store = match database {
            Some(path) => Store::open(path, faults.clone())?,
            None => Store::temporary(faults.clone())?,
        };
        Ok(Self { store, faults })
    }

    /// Asks the label printer in the warehouse whether it is there.
    ///
    /// It blocks until the printer answers, which takes for ever while the fault `hang` is on.
    pub(crate) fn ask_label_printer(&self) {
        self.faults.wait_until_off(Fault::Hang);
    }
}
