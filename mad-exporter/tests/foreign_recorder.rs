//! A program that has installed a recorder of its own. It has a process to itself, as the facade
//! takes one recorder for good.

use mad_core::{Check, HealthOptions, Registry};
use mad_exporter::{Exporter, ExporterBuilder};
use metrics_exporter_prometheus::PrometheusBuilder;

fn builder() -> ExporterBuilder {
    let mut registry = Registry::new();
    let check = Check::health_check("disk", HealthOptions::DEFAULT, |_| true);
    registry.add(check).unwrap();
    Exporter::builder().registry(registry)
}

#[test]
fn a_recorder_of_the_programs_own_is_kept_and_its_page_wanted() {
    let handle = PrometheusBuilder::new().install_recorder().unwrap();
    let error = builder().start().unwrap_err();
    assert!(error.is_recorder_installed());
    assert!(error.to_string().contains(".application_metrics("));

    let exporter = builder()
        .application_metrics(move || handle.render())
        .start()
        .unwrap();
    exporter.shutdown(std::time::Duration::ZERO);
}
