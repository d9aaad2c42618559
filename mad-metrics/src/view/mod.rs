//! What was recorded, as a format reads it.
//!
//! Metrics of one name are a *family*; each set of labels in it is a *series*. Whoever has families shows
//! them to a [`Visitor`], one after the other: a recorder shows what the program counted, and a program
//! can show its own, as below. A format is a visitor that writes.
//!
//! What is shown is sound: names are legal and unique, labels are legal, escaped and unique in their
//! series, and nothing in a family contradicts its kind. A format has nothing to check.
//!
//! ```
//! use mad_metrics::Page;
//! use mad_metrics::text::TextWriter;
//! use mad_metrics::view::{Family, Kind, LabelText, Sample, Visitor};
//!
//! let mut page = Page::new();
//! let mut writer = TextWriter::new(&mut page);
//! let up = Family::new("door_open", Kind::Gauge).with_help("Whether a door is open.");
//! if writer.family(&up) {
//!     let front = LabelText::from_iter([("door", "front")]);
//!     writer.sample(&up, &Sample::gauge(front.labels(), 1.0));
//! }
//! assert_eq!(
//!     String::from_utf8(page.into_bytes())?,
//!     "# HELP door_open Whether a door is open.\n\
//!      ## TYPE door_open gauge\n\
//!      door_open{door=\"front\"} 1\n",
//! );
//! # Ok::<(), std::string::FromUtf8Error>(())
//! ```

mod family;
mod labels;
mod numbers;
mod rows;
mod sample;

pub use family::{Family, Kind, RenamedLabel};
pub use labels::{LabelIter, LabelText, Labels};
pub use numbers::Numbers;
pub use sample::{Exemplar, Histogram, NativeHistogram, Number, Quantile, Sample, Summary, Value};

pub(crate) use numbers::Identity;
pub(crate) use rows::{Rows, SLACK, STRIDE};

/// Takes families as they are shown, and their samples.
///
/// For each family there is one call of [`family`](Visitor::family) and then, unless that said no, one of
/// [`sample`](Visitor::sample) for each of its series, or one of [`numbers`](Visitor::numbers) for some of them.
pub trait Visitor {
    /// Begins a family, and says whether its samples are to be shown.
    ///
    /// It may be one that turns out to have no series.
    fn family(&mut self, family: &Family<'_>) -> bool;

    /// Takes one series of the family, with its value at this moment.
    fn sample(&mut self, family: &Family<'_>, sample: &Sample<'_>);

    /// Takes some series of the family that follow one another, if each is one number.
    ///
    /// Unless a visitor can do better, it takes them one by one.
    fn numbers(&mut self, family: &Family<'_>, numbers: &Numbers<'_>) {
        for sample in numbers.iter() {
            self.sample(family, &sample);
        }
    }
}

impl<V: Visitor + ?Sized> Visitor for &mut V {
    fn family(&mut self, family: &Family<'_>) -> bool {
        (**self).family(family)
    }

    fn sample(&mut self, family: &Family<'_>, sample: &Sample<'_>) {
        (**self).sample(family, sample);
    }

    fn numbers(&mut self, family: &Family<'_>, numbers: &Numbers<'_>) {
        (**self).numbers(family, numbers);
    }
}
