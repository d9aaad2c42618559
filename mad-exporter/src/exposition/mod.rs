//! The page for scrapers: what is in it, and how it is written.

mod checks;
mod families;
mod foreign;
mod format;
mod instance;
mod known;
mod names;
mod process;
mod samples;
mod slis;

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use mad_core::Snapshot;
use mad_metrics::view::{Family, Numbers, Sample, Visitor};
use mad_metrics::{Handle, Page};

pub(crate) use families::taken_names;
pub(crate) use format::{FORMATS, Format, TEXT};
pub(crate) use names::Names;
pub(crate) use slis::slis;

use crate::process::Process;
use crate::program::Program;
use families::is_taken;
use known::Known;

/// The application's metrics.
#[derive(Clone, Copy)]
pub(crate) enum ApplicationMetrics<'a> {
    /// What a recorder of ours has recorded, in any format.
    Recorded(&'a Handle),
    /// A page of text, which can be sent as text only.
    Page(&'a str),
    /// There are none, and why.
    Missing(&'static str),
}

/// Returns one valid page: the application's families, then MAD's.
///
/// Once nobody waits for it any more, nothing is added, and it is to be thrown away.
pub(crate) fn page(
    format: &Format,
    names: &Names,
    application: ApplicationMetrics<'_>,
    snapshot: &Snapshot,
    program: &Program,
    process: Option<&Process>,
    is_abandoned: &AtomicBool,
) -> Page {
    let mut page = Page::new();
    let is_taken = |name: &str| {
        is_taken(name) || process.is_some_and(|process| process::is_shown(name, process))
    };
    match application {
        ApplicationMetrics::Page(text) => foreign::append(&mut page, text, names, is_taken),
        ApplicationMetrics::Missing(why) if format.has_comments() => {
            page.push_str(&format!(
                "# The application's metrics are missing: {why}.\n"
            ));
        }
        ApplicationMetrics::Missing(_) | ApplicationMetrics::Recorded(_) => {}
    }
    let is_missing = matches!(application, ApplicationMetrics::Missing(_));
    format.write(&mut page, |visitor| {
        if let ApplicationMetrics::Recorded(handle) = application {
            let is_wanted = |family: &Family<'_>| names.want(family) && !is_taken(family.name());
            handle.visit(&mut Filter {
                visitor,
                is_wanted,
                is_abandoned,
            });
        }
        let is_wanted = |family: &Family<'_>| names.want(family);
        let known = Known::new(snapshot, program, is_missing);
        let mut visitor = Filter {
            visitor,
            is_wanted,
            is_abandoned,
        };
        families::show(&mut visitor, &known);
        if let Some(process) = process {
            process::show(&mut visitor, process);
        }
    });
    page
}

/// Passes on the families that are wanted, as long as somebody waits for them.
struct Filter<'v, W> {
    visitor: &'v mut dyn Visitor,
    is_wanted: W,
    is_abandoned: &'v AtomicBool,
}

impl<W: Fn(&Family<'_>) -> bool> Visitor for Filter<'_, W> {
    fn family(&mut self, family: &Family<'_>) -> bool {
        !self.is_abandoned.load(Relaxed) && (self.is_wanted)(family) && self.visitor.family(family)
    }

    fn sample(&mut self, family: &Family<'_>, sample: &Sample<'_>) {
        if !self.is_abandoned.load(Relaxed) {
            self.visitor.sample(family, sample);
        }
    }

    fn numbers(&mut self, family: &Family<'_>, numbers: &Numbers<'_>) {
        if !self.is_abandoned.load(Relaxed) {
            self.visitor.numbers(family, numbers);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Is gone after three samples, which come together with some others.
    struct Reader<'a> {
        n_samples: usize,
        is_gone: &'a AtomicBool,
    }

    impl Visitor for Reader<'_> {
        fn family(&mut self, _: &Family<'_>) -> bool {
            true
        }

        fn sample(&mut self, _: &Family<'_>, _: &Sample<'_>) {
            self.n_samples += 1;
            self.is_gone.store(self.n_samples >= 3, Relaxed);
        }
    }

    #[test]
    fn nothing_is_written_for_who_is_gone() {
        let recorder = mad_metrics::Builder::new().build().unwrap();
        metrics::with_local_recorder(&recorder, || {
            for number in 0..1_000 {
                metrics::counter!("orders_total", "number" => number.to_string()).increment(1);
                metrics::gauge!(format!("gauge_{number}")).set(1.0);
            }
        });
        let is_gone = AtomicBool::new(false);
        let mut reader = Reader {
            n_samples: 0,
            is_gone: &is_gone,
        };
        recorder.handle().visit(&mut Filter {
            visitor: &mut reader,
            is_wanted: |_: &Family<'_>| true,
            is_abandoned: &is_gone,
        });
        assert!((3..100).contains(&reader.n_samples), "{}", reader.n_samples);
    }
}
