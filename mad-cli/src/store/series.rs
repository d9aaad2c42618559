//! `mad store series`: what there is a history of.

use clap::Args;
use mad_store::{Series, SeriesFilter, Store, StoreError, Subject};

use super::Done;
use crate::exit::Exit;
use crate::output::print;
use crate::store_place::StoreArguments;

/// Lists what there is a history of: subject, metric, environment, the number of points and the newest one
///
/// Exit codes: 0 it is listed; 2 the store could not be read.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct SeriesArguments {
    #[command(flatten)]
    pub(super) which: Which,
    #[command(flatten)]
    place: StoreArguments,
}

/// Which series are meant.
#[derive(Args, Debug)]
pub(crate) struct Which {
    /// Only of this metric: `test_duration_seconds`
    #[arg(long)]
    metric: Option<String>,
    /// Only of this subject: `test shop orders::are_placed`
    #[arg(long)]
    subject: Option<Subject>,
}

impl Which {
    pub(super) fn of(&self, store: &Store) -> Result<Vec<Series>, StoreError> {
        store.series(&SeriesFilter {
            metric: self.metric.clone(),
            subject: self.subject.clone(),
            ..SeriesFilter::default()
        })
    }
}

pub(super) fn run(arguments: &SeriesArguments) -> Done {
    let store = arguments.place.open()?;
    for series in arguments.which.of(&store)? {
        let points = store.points(&series)?;
        let newest = points
            .last()
            .map_or_else(String::new, |point| format!(", now {}", point.value));
        print(format_args!(
            "{}  {}  ({}): {} points{newest}{}{}\n",
            series.subject,
            series.metric.name,
            series.environment,
            points.len(),
            if series.metric.unit.is_empty() {
                ""
            } else {
                " "
            },
            series.metric.unit,
        ));
    }
    Ok(Exit::Success)
}
