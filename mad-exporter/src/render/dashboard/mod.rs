//! The dashboard: one page for people, rendered here and whole, so that it can be read without a script.
//!
//! The script that comes with it fetches the page again when something has changed, and puts the difference in
//! place; it writes no text of its own about checks. So there is one place that decides what is shown to
//! whom, and one that escapes: the templates, where every `{{ .. }}` is escaped.

mod about;
mod causes;
mod chart;
#[cfg(test)]
mod examples;
mod health_check;
mod moment;
mod page;
mod report;
mod run;
mod self_test;
mod span;
mod verdict;

pub(crate) use page::{Page, SelfTests, page};

/// The media type of the page.
pub(crate) const MEDIA_TYPE: &str = "text/html; charset=utf-8";

/// What makes the page readable, and its media type.
pub(crate) const STYLE: (&str, &str) = (
    include_str!("../../../assets/dashboard.css"),
    "text/css; charset=utf-8",
);

/// What keeps the page fresh and lets people act, and its media type.
pub(crate) const SCRIPT: (&str, &str) = (
    include_str!("../../../assets/dashboard.js"),
    "text/javascript; charset=utf-8",
);
