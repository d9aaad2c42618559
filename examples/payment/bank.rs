//! What the program needs of a bank.

use std::io;

use thiserror::Error;

/// A bank, as far as the till needs one. Under test there is a `MockBank`, too.
#[cfg_attr(test, mockall::automock)]
pub(crate) trait Bank: Send + Sync {
    /// Takes money from a card.
    fn charge(&self, card: &str, cents: u32) -> Result<Receipt, BankError>;

    /// Gives back what was taken.
    fn refund(&self, receipt: Receipt) -> Result<(), BankError>;
}

/// The number of a payment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Receipt(pub(crate) u32);

/// Why the bank did not do it.
#[derive(Debug, Error)]
pub(crate) enum BankError {
    #[error("the bank refuses: {reason}")]
    Refused { reason: String },
    #[error("the bank cannot be reached")]
    Unreachable(#[from] io::Error),
}
