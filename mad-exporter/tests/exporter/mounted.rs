//! The router on the application's own server.

use std::net::SocketAddr;
use std::thread;

use axum::Router;
use axum::routing::get;
use mad_core::Effects;
use mad_exporter::Exporter;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use crate::support::{Request, readiness, self_test, wait_until, with_token, without_token};

/// An application with its own server; it ends with its runtime.
struct Application {
    address: SocketAddr,
    exporter: Exporter,
    _runtime: Runtime,
}

impl Application {
    fn serve(builder: mad_exporter::ExporterBuilder, mount: fn(&Exporter) -> Router) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let exporter = builder.start().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let router = mount(&exporter);
        runtime.spawn(async { axum::serve(listener, router).await });
        Self {
            address,
            exporter,
            _runtime: runtime,
        }
    }

    fn wait_for_status(&self, path: &str, status: u16) {
        let request = Request::new("GET", path);
        wait_until(path, || request.send_to(self.address).status == status);
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        self.exporter.shutdown(std::time::Duration::ZERO);
    }
}

fn checks() -> [mad_core::Check; 2] {
    [
        readiness("database", |_| true),
        self_test("orders/place", Effects::Read, |_| true),
    ]
}

async fn home() -> &'static str {
    "the application's"
}

#[test]
fn nested_it_answers_below_its_prefix() {
    let application = Application::serve(with_token(checks()), |exporter| {
        let router = Router::new().route("/", get(home)).fallback(home);
        router.nest("/mad", exporter.router())
    });
    application.wait_for_status("/mad/readyz", 200);
    let ask = |method: &'static str, path: &str| {
        let request = Request::new(method, path).with_token();
        request.send_to(application.address)
    };
    assert_eq!(ask("GET", "/mad").status, 200);
    assert_eq!(ask("GET", "/mad/readyz/database").body, "ok");
    assert!(ask("GET", "/mad/metrics").body.contains("mad_lifecycle"));
    assert_eq!(ask("GET", "/mad/nothing").body, "the application's");
    for (path, status) in [
        ("/mad/health", "pass"),
        ("/mad/health/ready", "UP"),
        ("/mad/actuator/health", "UP"),
        ("/mad/actuator/health/readiness/database", "UP"),
    ] {
        assert_eq!(ask("GET", path).json()["status"], status, "{path}");
    }
    assert_eq!(ask("GET", "/readyz").body, "the application's");
    ask("POST", "/mad/metrics").assert_problem(405, "Allow");

    let answer = ask("POST", "/mad/selftest");
    assert_eq!(answer.status, 200);
    // Seen from `/mad/selftest`.
    let location = answer.header("location");
    assert!(location.starts_with("selftest/runs/"), "{location}");
    assert_eq!(
        ask("GET", &format!("/mad/{location}")).json(),
        answer.json()
    );

    let answer = ask("POST", "/mad/selftest/orders/place");
    let run = answer
        .header("location")
        .strip_prefix("../runs/")
        .expect("one folder up")
        .to_owned();
    assert_eq!(
        ask("GET", &format!("/mad/selftest/runs/{run}")).json(),
        answer.json()
    );
}

#[test]
fn merged_it_leaves_the_rest_to_the_application() {
    let application = Application::serve(with_token(checks()), |exporter| {
        let router = Router::new().route("/orders", get(home)).fallback(home);
        router.merge(exporter.router())
    });
    application.wait_for_status("/readyz", 200);
    let get = |path| Request::new("GET", path).send_to(application.address);
    assert_eq!(get("/orders").body, "the application's");
    assert_eq!(get("/orders").header("cache-control"), "");
    assert_eq!(get("/nothing").body, "the application's");
    assert_eq!(get("/metrics").status, 200);
}

#[test]
fn the_probes_alone_merge_with_an_application_that_has_a_root() {
    let application = Application::serve(with_token(checks()), |exporter| {
        let router = Router::new()
            .route("/", get(home))
            .route("/metrics", get(home));
        router.merge(exporter.probe_router())
    });
    application.wait_for_status("/readyz", 200);
    let get = |path| Request::new("GET", path).send_to(application.address);
    assert_eq!(get("/").body, "the application's");
    assert_eq!(get("/livez").body, "ok");
    assert_eq!(get("/selftest").status, 404);
}

#[test]
fn without_a_token_a_caller_of_unknown_origin_may_not_act() {
    let application = Application::serve(without_token(checks()), Exporter::router);
    application.wait_for_status("/readyz", 200);
    let request = Request::new("POST", "/selftest");
    request
        .send_to(application.address)
        .assert_problem(403, "set a token");
}

#[test]
fn without_a_token_a_caller_on_this_host_may_act_if_the_application_says_so() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let exporter = without_token(checks()).start().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let service = exporter
        .router()
        .into_make_service_with_connect_info::<SocketAddr>();
    let client =
        thread::Builder::new().spawn(move || Request::new("POST", "/selftest").send_to(address));
    let client = client.unwrap();
    runtime.block_on(async {
        tokio::select! {
            _ = async { axum::serve(listener, service).await } => {}
            () = async { while !client.is_finished() { tokio::time::sleep(std::time::Duration::from_millis(5)).await; } } => {}
        }
    });
    assert_eq!(client.join().unwrap().status, 200);
    exporter.shutdown(std::time::Duration::ZERO);
}
