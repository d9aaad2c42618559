//! A Deployment with probes, and what has Prometheus scrape its pods.

use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::common::{Made, Service};
use super::pace;
use crate::arguments::time;

/// The label by which everything finds the pods; it becomes the `job` that the generated rules are about.
const LABEL: &str = "app.kubernetes.io/name";

/// What MAD's port is called.
const PORT_NAME: &str = "mad";

/// What is said above the documents.
const HEAD: &str = "\
# Written by `mad generate kubernetes`. A probe is asked as often as the quickest check runs that gates it, and whether
# the start is over every second. How many failures in a row count is decided in the service (`fail_after`), so that one
# answer is enough for readiness; liveness waits for three, as a restart is dear and a lost packet no reason for one.
";

/// How the manifests are written.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// The image of the service; its name if nothing is said
    #[arg(long)]
    image: Option<String>,
    /// The port on which MAD answers in the pod
    #[arg(long, default_value_t = 9464)]
    port: u16,
    /// How long a start may take before it is given up
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = time)]
    start_within: Duration,
    /// How Prometheus finds the pods
    #[arg(long, default_value = "pod")]
    monitor: Monitor,
}

/// How Prometheus finds the pods.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Monitor {
    /// A `PodMonitor`
    Pod,
    /// A Service, and a `ServiceMonitor`
    Service,
    /// Something else does
    None,
}

pub(super) fn make(service: &Service<'_>, options: &Options) -> Vec<Made> {
    let mut documents = vec![deployment(service, options)];
    match options.monitor {
        Monitor::Pod => documents.push(pod_monitor(service)),
        Monitor::Service => {
            documents.push(in_front(service, options));
            documents.push(service_monitor(service));
        }
        Monitor::None => {}
    }
    let text = serde_saphyr::to_string_multiple(&documents);
    let text = text.expect("texts, numbers and lists of them can be written");
    vec![Made {
        file: format!("{}.yaml", service.name),
        text: format!("{HEAD}{text}"),
    }]
}

fn deployment(service: &Service<'_>, options: &Options) -> Value {
    let name = service.name;
    let probe = |path: &str, period: u64, failures: u64| {
        json!({
            "httpGet": {"path": format!("{}/{path}", service.prefix), "port": PORT_NAME},
            "periodSeconds": period,
            "timeoutSeconds": 1,
            "failureThreshold": failures,
        })
    };
    let period = |probe| pace::period(service.checks, probe);
    let tries = options.start_within.as_secs().max(1);
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(name),
        "spec": {
            "selector": {"matchLabels": {LABEL: name}},
            "template": {
                "metadata": {"labels": {LABEL: name}},
                "spec": {"containers": [{
                    "name": name,
                    "image": options.image.as_deref().unwrap_or(name),
                    "ports": [{"name": PORT_NAME, "containerPort": options.port}],
                    "startupProbe": probe("startupz", 1, tries),
                    "readinessProbe": probe("readyz", period("readiness"), 1),
                    "livenessProbe": probe("livez", period("liveness"), 3),
                }]},
            },
        },
    })
}

fn pod_monitor(service: &Service<'_>) -> Value {
    json!({
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": metadata(service.name),
        "spec": {
            "jobLabel": LABEL,
            "selector": {"matchLabels": {LABEL: service.name}},
            "podMetricsEndpoints": [endpoint(service)],
        },
    })
}

fn in_front(service: &Service<'_>, options: &Options) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(service.name),
        "spec": {
            "selector": {LABEL: service.name},
            "ports": [{"name": PORT_NAME, "port": options.port, "targetPort": PORT_NAME}],
        },
    })
}

fn service_monitor(service: &Service<'_>) -> Value {
    json!({
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": metadata(service.name),
        "spec": {
            "jobLabel": LABEL,
            "selector": {"matchLabels": {LABEL: service.name}},
            "endpoints": [endpoint(service)],
        },
    })
}

fn metadata(name: &str) -> Value {
    json!({"name": name, "labels": {LABEL: name}})
}

fn endpoint(service: &Service<'_>) -> Value {
    json!({"port": PORT_NAME, "path": format!("{}/metrics", service.prefix)})
}
