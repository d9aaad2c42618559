//! The page of `/metrics/slis`: the answers of the probes, as the components of Kubernetes show theirs.

use mad_core::{Probe, Snapshot};
use mad_metrics::Page;
use mad_metrics::view::{Family, Kind};

use super::format::Format;
use super::samples::Samples;
use crate::program::Program;
use crate::render::kubernetes::endpoint;
use crate::render::view::{Row, View};

const HEALTHCHECK: Family<'static> = Family::new("kubernetes_healthcheck", Kind::Gauge)
    .with_help("Whether a health check lets the probe pass that it gates.");

const PROBES: [Probe; 3] = [Probe::Liveness, Probe::Readiness, Probe::Startup];

/// Returns the page.
pub(crate) fn slis(format: &Format, snapshot: &Snapshot) -> Page {
    let mut page = Page::new();
    format.write(&mut page, |visitor| {
        if !visitor.family(&HEALTHCHECK) {
            return;
        }
        let mut samples = Samples::new(visitor, &HEALTHCHECK);
        for probe in PROBES {
            show(&mut samples, snapshot, probe);
        }
    });
    page
}

fn show(samples: &mut Samples<'_>, snapshot: &Snapshot, probe: Probe) {
    let program = Program::default();
    for row in View::new(snapshot, &program, probe, false).rows {
        let name = Row::name(&row).unwrap_or("lifecycle");
        let labels = [("name", name), ("type", endpoint(probe))];
        samples.count(&labels, row.state.is_serving());
    }
}
