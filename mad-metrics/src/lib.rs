//! A recorder for the [`metrics`] facade, and the pages that are made of what it recorded.
//!
//! Nothing here knows HTTP. What was recorded is shown to a [`Visitor`](view::Visitor), family by family
//! in the order of their names and series by series in the order of their labels. A format is a visitor that
//! writes a [`Page`]: [`text`] is the one that every scraper reads, [`open_metrics`] has units and exemplars,
//! [`protobuf`] native histograms.

mod build_error;
mod builder;
mod escaping;
mod exemplars;
mod handle;
mod instrument;
mod kept;
mod key_note;
mod label_family;
mod macros;
mod matcher;
mod memory;
mod naming;
pub mod open_metrics;
mod page;
mod poll;
pub mod protobuf;
mod recorder;
mod registry;
mod rejection;
mod same;
mod settings;
mod site;
mod sync;
pub mod text;
pub mod view;
mod weight;

pub use build_error::BuildError;
pub use builder::Builder;
pub use escaping::Escaping;
#[cfg(feature = "tracing")]
pub use exemplars::ExemplarLayer;
pub use handle::Handle;
pub use label_family::{LabelFamily, Labelled};
pub use matcher::Matcher;
/// The facade's own, beside [`counter!`] and [`gauge!`]: describing is not what has to be quick.
pub use metrics::{describe_counter, describe_gauge};
pub use page::Page;
pub use recorder::Recorder;
pub use registry::declare_buckets;
pub use rejection::{Reason, Rejection};
pub use settings::Overflow;
pub use weight::MetricWeight;

#[doc(hidden)]
pub mod __private {
    //! What macros of this crate expand to. Nothing here is for anybody else.

    pub use crate::site::CallSite;
    pub use metrics;
}
