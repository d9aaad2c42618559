//! `mad store prune`: what is old takes less room.

use std::time::{Duration, SystemTime};

use clap::Args;

use super::Done;
use crate::exit::Exit;
use crate::output::print;
use crate::store_place::StoreArguments;

/// Makes one run of the old ones of a commit, and removes the oldest
///
/// Exit codes: 0 it is done; 2 the store could not be read or written.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct PruneArguments {
    /// Of runs older than so many days, each commit keeps one for each environment, with the median of every value;
    /// those with uncommitted changes go
    #[arg(long, value_name = "DAYS", required_unless_present = "forget")]
    thin: Option<u32>,
    /// Removes everything that is older than so many days
    #[arg(long, value_name = "DAYS")]
    forget: Option<u32>,
    #[command(flatten)]
    place: StoreArguments,
}

pub(super) fn run(arguments: &PruneArguments) -> Done {
    let mut store = arguments.place.open()?;
    if let Some(days) = arguments.forget {
        let gone = store.forget(days_ago(days))?;
        print(format_args!(
            "{gone} runs removed that were older than {days} days\n"
        ));
    }
    if let Some(days) = arguments.thin {
        let thinned = store.thin(days_ago(days))?;
        print(format_args!(
            "{} runs that were older than {days} days are {} now\n",
            thinned.before, thinned.after
        ));
    }
    store.shrink()?;
    Ok(Exit::Success)
}

/// In milliseconds since 1970.
fn days_ago(days: u32) -> i64 {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    let then = now.saturating_sub(Duration::from_hours(24) * days);
    i64::try_from(then.as_millis()).unwrap_or(i64::MAX)
}
