//! The page for Prometheus: what is in it, and how it is written.

mod checks;
mod families;
mod instance;
mod merge;
mod writer;

use mad_core::Snapshot;

use crate::program::Program;

/// Returns one valid page in the text format 0.0.4: the application's families, then MAD's.
pub(crate) fn page(application: &str, snapshot: &Snapshot, program: &Program) -> String {
    let mut page = String::with_capacity(application.len() + 8192);
    merge::append_application_page(&mut page, application);
    checks::write_health_checks(&mut page, &snapshot.health_checks);
    checks::write_self_tests(&mut page, &snapshot.self_tests);
    instance::write(&mut page, snapshot, program);
    page
}
