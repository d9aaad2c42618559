//! Whether what was measured could have warned of what went wrong.

mod backtest;
mod chance;
mod ground;
mod history;
mod lots;
mod proportion;
mod rule;
mod verdict;
mod walk;
mod window;

pub use backtest::{Backtest, Lead, Neighbour, Tested};
pub use history::{History, Incident, Step};
pub use proportion::Proportion;
pub use rule::Rule;
pub use verdict::{Verdict, is_few};
pub use walk::{Raised, Walk};
pub use window::{Stretch, stretch};
