//! What is shown of the tokio runtimes of the program.

use std::sync::mpsc::channel;
use std::time::Duration;

use tokio::runtime::Builder;

use crate::support::{PATIENCE, Service, readiness, wait_until, with_token};

/// Returns the lag of a runtime, as it stands on the metrics page.
fn lag(service: &Service, name: &str) -> Option<f64> {
    let page = service.get("/metrics").body;
    let start = format!("mad_runtime_lag_seconds{{runtime=\"{name}\"}} ");
    let value = page.lines().find_map(|line| line.strip_prefix(&start))?;
    value.parse().ok()
}

#[test]
fn a_stalled_runtime_is_seen_in_metrics_probes_and_health() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let service = {
        let _inside = runtime.enter();
        let builder = with_token([readiness("database", |_| true)]);
        Service::start(builder.runtime_lag_limit(Duration::from_secs(1)))
    };
    service.wait_for_status("/livez/runtime", 200);
    wait_until("both are measured", || {
        lag(&service, "application").is_some() && lag(&service, "mad").is_some()
    });
    assert_eq!(service.get("/readyz?verbose").body.find("runtime"), None);

    let (release, released) = channel::<()>();
    let (blocked, is_blocked) = channel();
    runtime.spawn(async move {
        blocked.send(()).unwrap();
        // An error releases it.
        _ = released.recv();
    });
    is_blocked.recv_timeout(PATIENCE).unwrap();
    service.wait_for_status("/livez", 503);
    let line = "[-]runtime failed: reason withheld\n";
    assert!(service.get("/livez").body.contains(line));
    let why = service.get_authorised("/livez/runtime").body;
    assert!(why.contains("spawn_blocking"), "{why}");
    assert!(lag(&service, "application").unwrap() > 1.0);
    let health = service.get_authorised("/health").json();
    let lags = &health["checks"]["runtime:lag"];
    assert_eq!(lags[0]["componentId"], "application");
    assert!(lags[0]["observedValue"].as_f64().unwrap() > 1.0, "{lags}");
    assert_eq!(lags[0]["observedUnit"], "s");
    assert_eq!(lags[1]["componentId"], "mad");
    assert!(service.get("/health").json()["checks"]["runtime:lag"].is_null());

    drop(release);
    service.wait_for_status("/livez", 200);
    wait_until("the lag is gone", || {
        lag(&service, "application").unwrap() < 0.25
    });
}
