//! `mad store show`: the history of one thing.

use std::collections::HashMap;

use clap::Args;
use mad_store::{MetricKind, Point, SeriesFilter, Store, StoreError, Subject};

use super::Done;
use crate::exit::Exit;
use crate::output::{line, print};
use crate::store_place::StoreArguments;

/// Shows the history of one thing, newest last: of outcomes and counts only where they change
///
/// What was measured of one commit stands together, in the order of commits and not of measurements. What belongs to
/// no commit comes first.
///
/// Exit codes: 0 it is shown; 1 there is no such thing in the store; 2 the store could not be read.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct ShowArguments {
    /// What: `test shop orders::are_placed`, in quotes, by its present name or a former one
    subject: Subject,
    /// Only this metric
    #[arg(long)]
    metric: Option<String>,
    /// Every point
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    place: StoreArguments,
}

pub(super) fn run(arguments: &ShowArguments) -> Done {
    let store = arguments.place.open()?;
    let histories = store.series(&SeriesFilter {
        subject: Some(arguments.subject.clone()),
        metric: arguments.metric.clone(),
        ..SeriesFilter::default()
    })?;
    if histories.is_empty() {
        print(format_args!(
            "nothing was measured of `{}`; `mad store series` lists what was\n",
            arguments.subject
        ));
        return Ok(Exit::Failure);
    }
    let order = Order::of(&store)?;
    for series in histories {
        print(format_args!(
            "{} ({})\n",
            series.metric.name, series.environment
        ));
        let mut points = store.points(&series)?;
        order.sort(&mut points);
        let every = arguments.all || series.metric.kind == MetricKind::Noisy;
        for (index, point) in points.iter().enumerate() {
            let same_as_before =
                index > 0 && points[index - 1].value.to_bits() == point.value.to_bits();
            if every || !same_as_before {
                print(format_args!("  {}\n", words(point)));
            }
        }
        let subject = &series.subject;
        if let Some(last) = points.last() {
            for note in store
                .notes(last.run)?
                .iter()
                .filter(|note| note.subject == *subject)
            {
                print(format_args!("  newest: {}\n", line(&note.text, 200)));
            }
        }
    }
    Ok(Exit::Success)
}

/// The places of commits in the history.
struct Order(HashMap<String, usize>);

impl Order {
    fn of(store: &Store) -> Result<Self, StoreError> {
        let commits = store.commits()?.into_iter().enumerate();
        Ok(Self(
            commits.map(|(place, commit)| (commit.id, place)).collect(),
        ))
    }

    /// Those of one commit stay in their order, which is that of time.
    fn sort(&self, points: &mut [Point]) {
        points.sort_by_key(|point| self.0.get(point.commit.as_deref()?).copied());
    }
}

fn words(point: &Point) -> String {
    let commit = point
        .commit
        .as_deref()
        .map_or("no commit", |commit| commit.get(..12).unwrap_or(commit));
    let dirty = if point.dirty { "+" } else { "" };
    let spread = point.spread.map_or_else(String::new, |spread| {
        format!(" ± {spread} of {}", point.count)
    });
    format!("{commit}{dirty}  {}{spread}", point.value)
}
