//! The series of one family in the order of their labels, at one moment.

use once_cell::sync::OnceCell;

use super::series::Series;
use crate::instrument::{Place, Places};
use crate::sync::Arc;
use crate::view::Rows;

/// The series of one family in the order of their labels, always the same: when some come or go, there is another
/// listing.
#[derive(Debug)]
pub(crate) struct Listing<V> {
    series: Vec<Arc<Series<V>>>,
    /// The start of their lines, once somebody has shown them.
    rows: OnceCell<Rows>,
    /// Where their values are, if they lie side by side.
    places: OnceCell<Option<Places>>,
}

impl<V> Default for Listing<V> {
    fn default() -> Self {
        Self::in_order(Vec::new())
    }
}

impl<V> Listing<V> {
    /// Puts series in order.
    pub(super) fn of(mut series: Vec<Arc<Series<V>>>) -> Self {
        series.sort_by(|one, other| one.labels().as_str().cmp(other.labels().as_str()));
        Self::in_order(series)
    }

    /// Takes series as they stand, which is in order.
    pub(super) const fn in_order(series: Vec<Arc<Series<V>>>) -> Self {
        Self {
            series,
            rows: OnceCell::new(),
            places: OnceCell::new(),
        }
    }

    pub(super) fn series(&self) -> &[Arc<Series<V>>] {
        &self.series
    }

    /// Returns the starts of their lines, with the name that the family is shown with.
    pub(super) fn rows(&self, name: &str) -> &Rows {
        self.rows.get_or_init(|| {
            let labels = self.series.iter().map(|series| series.labels());
            Rows::new(name, &labels.collect::<Vec<_>>())
        })
    }

    /// Returns where their values are, if each of them has a place.
    pub(super) fn places(&self, place: impl Fn(&V) -> Option<&Place>) -> Option<&Places> {
        let places = || {
            let places = self.series.iter().map(|series| place(series.value()));
            Some(Places::of(&places.collect::<Option<Vec<_>>>()?))
        };
        self.places.get_or_init(places).as_ref()
    }
}
