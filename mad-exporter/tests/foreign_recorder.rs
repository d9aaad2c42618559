//! A program that has installed a recorder of its own. It has a process to itself, as the facade
//! takes one recorder for good.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use mad_core::{Check, HealthOptions, Registry};
use mad_exporter::{Exporter, ExporterBuilder};
use metrics_exporter_prometheus::PrometheusBuilder;

fn builder() -> ExporterBuilder {
    let mut registry = Registry::new();
    let check = Check::health_check("disk", HealthOptions::DEFAULT, |_| true);
    registry.add(check).unwrap();
    Exporter::builder().registry(registry)
}

#[mad_core::measured]
fn is_measured() {}

/// Returns what `/metrics` answers.
fn scrape(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_recorder_of_the_programs_own_is_kept_and_its_page_served_and_it_hears_of_the_build() {
    let handle = PrometheusBuilder::new().install_recorder().unwrap();
    let error = builder().start().unwrap_err();
    assert!(error.is_recorder_installed());
    assert!(error.to_string().contains(".application_metrics("));

    let page = handle.clone();
    let exporter = builder()
        .version("1.2.3")
        .commit("abc")
        .application_metrics(move || page.render())
        .listen(([127, 0, 0, 1], 0))
        .start()
        .unwrap();
    is_measured();
    let page = handle.render();
    let mut builds = page.lines().filter(|line| line.starts_with("build_info{"));
    let build = builds.next().unwrap_or_default();
    for label in [
        "version=\"1.2.3\"",
        "commit=\"abc\"",
        "service_name=\"foreign_recorder",
    ] {
        assert!(build.contains(label), "{label} in {page}");
    }
    assert_eq!(builds.next(), None, "{page}");

    metrics::counter!("orders_total", "kind" => "book").increment(3);
    metrics::histogram!("wait_seconds").record(0.25);
    let answer = scrape(exporter.local_addr().unwrap());
    for line in [
        "orders_total{kind=\"book\"} 3",
        "wait_seconds_count 1",
        "mad_checks_registered{kind=\"health_check\"} 1",
    ] {
        let times = answer.lines().filter(|other| *other == line).count();
        assert_eq!(times, 1, "{line} in\n{answer}");
    }
    exporter.shutdown(std::time::Duration::ZERO);
}
