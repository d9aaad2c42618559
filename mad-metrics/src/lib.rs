//! A recorder for the [`metrics`] facade, and the pages that are made of what it recorded.
//!
//! Nothing here knows HTTP. What was recorded is shown to a [`Visitor`](view::Visitor), family by family
//! in the order of their names and series by series in the order of their labels. A format is a visitor that
//! writes a [`Page`]: [`text`] is the one that every scraper reads, [`open_metrics`] has units and exemplars,
//! [`protobuf`] native histograms.

mod escaping;
pub mod open_metrics;
mod page;
pub mod protobuf;
pub mod text;
pub mod view;

pub use escaping::Escaping;
pub use page::Page;
