//! A recorder for the [`metrics`] facade, and the pages that are made of what it recorded.
//!
//! Nothing here knows HTTP. What was recorded is shown to a [`Visitor`](view::Visitor), family by family
//! in the order of their names and series by series in the order of their labels. A format is a visitor:
//! [`text`] is the one that every scraper reads.

pub mod text;
pub mod view;
