//! Starting, in every kind of program, and what keeps it from starting.

use std::net::TcpListener;
use std::time::Duration;

use mad_core::{Check, HealthOptions};
use mad_exporter::Exporter;

use crate::support::{Request, Service, readiness, registry, with_token, without_token};

fn async_check() -> Check {
    Check::health_check_async("timer", HealthOptions::DEFAULT, async |_: &_| {
        tokio::time::sleep(Duration::from_millis(1)).await;
    })
}

fn serve_and_stop() {
    let service = Service::start(with_token([async_check(), readiness("database", |_| true)]));
    service.wait_for_status("/readyz", 200);
    service.exporter.shutdown(Duration::from_secs(1));
}

#[test]
fn it_starts_in_a_program_without_a_runtime() {
    serve_and_stop();
}

#[test]
fn it_starts_inside_a_current_thread_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async { serve_and_stop() });
}

#[test]
fn it_starts_inside_a_multi_thread_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async { serve_and_stop() });
}

#[test]
fn pitfall_23_probes_are_answered_while_the_applications_runtime_is_blocked() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        // This client blocks the runtime's only thread while it asks.
        let service = Service::start(with_token([readiness("database", |_| true)]));
        service.wait_for_status("/readyz", 200);
    });
}

#[test]
fn a_busy_port_is_an_error_that_names_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let builder = with_token([readiness("database", |_| true)]);
    let error = builder.listen(address).start().unwrap_err();
    assert!(error.is_address_in_use());
    assert!(error.to_string().contains(&address.to_string()));
    assert!(error.to_string().contains(".listen("));
}

#[test]
fn a_token_that_cannot_be_sent_is_an_error_that_does_not_show_it() {
    for token in ["", "  ", "secret\n", "sécret"] {
        let builder = without_token([readiness("database", |_| true)]).token(token);
        assert!(!format!("{builder:?}").contains("cret"));
        let error = builder.start().unwrap_err();
        assert!(error.is_invalid_token());
        assert!(!format!("{error:?} {error}").contains("cret"), "{error:?}");
    }
}

#[test]
fn a_variable_that_is_not_set_is_no_token() {
    let builder = without_token([readiness("database", |_| true)]);
    let service = Service::start(builder.token_from_env("MAD_EXPORTER_TEST_UNSET"));
    assert_eq!(service.get("/selftest").status, 200);
}

#[test]
fn a_variable_that_is_set_is_the_token() {
    let builder = without_token([readiness("database", |_| true)]);
    // One that Cargo sets for every test.
    let service = Service::start(builder.token_from_env("CARGO_PKG_NAME"));
    service.get("/selftest").assert_problem(401, "token");
    let request = Request::new("GET", "/selftest");
    let request = request.with("Authorization", "Bearer mad-exporter");
    assert_eq!(request.send_to(service.address()).status, 200);
}

#[test]
fn what_is_wrong_with_the_checks_is_an_error_of_the_engine() {
    let error = Exporter::builder()
        .registry(registry([]))
        .start()
        .unwrap_err();
    assert!(error.engine().unwrap().is_empty_registry());
    let builder = with_token([readiness("database", |_| true)]).expect(["databse"]);
    let error = builder.start().unwrap_err();
    assert!(error.to_string().contains("databse"));
    assert!(error.engine().unwrap().registry().unwrap().is_missing());
}

#[test]
fn handles_can_be_sent_and_shared() {
    fn check<T: Clone + Send + Sync + 'static>() {}
    check::<Exporter>();
}
