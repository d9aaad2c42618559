//! Runs of self-tests as other people's programs read them, and as people do.
//!
//! Whatever a run came to, what has not passed reads as not passed: a run that goes on, that was cut
//! short, or in which a test could not be tried is green in no format.

mod junit;
pub(crate) mod lists;
mod nagios;
mod tap;
mod text;
mod verdict;
mod xml;

#[cfg(test)]
mod golden;

use mad_core::SelfTestRun;

/// A format of a run beside JSON.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    /// What CI servers collect.
    Junit,
    /// The Test Anything Protocol, version 14.
    Tap,
    /// The Linux kernel's kind of it.
    Ktap,
    /// What a monitoring plugin prints.
    Nagios,
    /// For people.
    Text,
}

/// Writes a run. `host` is the name of the machine, where the format has a place for it.
pub(crate) fn report(run: &SelfTestRun, format: Format, host: &str) -> String {
    match format {
        Format::Junit => junit::document(run, host),
        Format::Tap => tap::document(run, tap::TAP_14),
        Format::Ktap => tap::document(run, tap::KTAP_1),
        Format::Nagios => nagios::output(run),
        Format::Text => text::page(run),
    }
}
