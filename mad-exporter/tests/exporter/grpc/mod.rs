//! The gRPC health protocol, asked with a client of other people's making.

mod bounds;
mod client;
mod mounted;
mod watch;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mad_core::{Check, Health, HealthOptions, Outcome, Probes};
use tonic::Code;

use crate::support::{Request, Service, gating, readiness, wait_until, with_token};
use client::{Client, NOT_SERVING, SERVING, UNKNOWN};

/// Whether something works.
#[derive(Clone)]
struct Switch(Arc<AtomicBool>);

impl Switch {
    fn on() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }

    fn set(&self, works: bool) {
        self.0.store(works, Ordering::SeqCst);
    }

    fn is_on(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    fn check(&self, name: &'static str) -> Check {
        let switch = self.clone();
        readiness(name, move |_| switch.is_on())
    }
}

#[track_caller]
fn wait_for(service: &Service, name: &str, health: Health) {
    wait_until(&format!("{name} is {health}"), || {
        let checks = service.exporter.engine().snapshot().health_checks;
        let mut checks = checks.iter();
        checks.any(|check| check.check.name() == name && check.health == health)
    });
}

fn unknown_service() -> (Code, String) {
    (Code::NotFound, "unknown service".to_owned())
}

#[tokio::test]
async fn each_probe_and_each_check_is_a_service() {
    let liveness = Probes {
        liveness: true,
        ..Probes::NONE
    };
    let informational = Check::health_check("disk", HealthOptions::DEFAULT, |_| {
        Outcome::warn("nearly full")
    });
    let service = Service::start(with_token([
        readiness("database", |_| false),
        gating("alive", liveness, |_| true),
        readiness("silent", |_| Outcome::skip("it says nothing")),
        informational,
    ]));
    wait_for(&service, "database", Health::Down);
    wait_for(&service, "alive", Health::Up);
    wait_for(&service, "disk", Health::Degraded);

    let client = Client::to(service.address());
    for (name, status) in [
        ("", NOT_SERVING),
        ("readiness", NOT_SERVING),
        ("liveness", SERVING),
        ("startup", SERVING),
        ("database", NOT_SERVING),
        ("alive", SERVING),
        ("disk", SERVING),
        ("silent", UNKNOWN),
    ] {
        assert_eq!(client.check(name).await, Ok(status), "{name}");
    }
    for name in ["databas", "Database", "lifecycle", "/", "readyz"] {
        assert_eq!(client.check(name).await, Err(unknown_service()), "{name}");
    }
}

#[tokio::test]
async fn the_list_has_what_can_be_checked_up_to_a_hundred() {
    let names = (0..96).map(|number| format!("check/{number}"));
    let checks = names
        .map(|name| Check::health_check("x", HealthOptions::DEFAULT, |_| true).with_name(name));
    let service = Service::start(with_token(checks));
    let client = Client::to(service.address());
    let list = client.list().await.unwrap();
    assert_eq!(list.len(), 100);
    for (name, _) in &list {
        assert!(client.check(name).await.is_ok(), "{name}");
    }

    let more = Check::health_check("more", HealthOptions::DEFAULT, |_| true);
    service.exporter.engine().add(more).unwrap();
    let message = "server health list exceeds maximum capacity: 100";
    let refused = (Code::ResourceExhausted, message.to_owned());
    assert_eq!(client.list().await, Err(refused));
    assert_eq!(client.check("check/0").await.map(drop), Ok(()));
}

#[tokio::test]
async fn a_check_that_is_called_like_a_probe_does_not_hide_it() {
    let service = Service::start(with_token([
        readiness("liveness", |_| false),
        readiness("database", |_| true),
    ]));
    wait_for(&service, "liveness", Health::Down);
    let client = Client::to(service.address());
    assert_eq!(client.check("liveness").await, Ok(SERVING));
    assert_eq!(client.check("readiness").await, Ok(NOT_SERVING));
    let list = client.list().await.unwrap();
    let liveness = list.iter().filter(|(name, _)| name == "liveness");
    assert_eq!(liveness.count(), 1);
}

#[tokio::test]
async fn an_instance_that_drains_serves_nothing_and_is_alive() {
    let switch = Switch::on();
    let service = Service::start(with_token([
        switch.check("database"),
        readiness("cache", |_| false),
    ]));
    wait_for(&service, "database", Health::Up);
    wait_for(&service, "cache", Health::Down);
    let client = Client::to(service.address());
    service.exporter.drain();
    for name in ["", "readiness", "database", "cache"] {
        assert_eq!(client.check(name).await, Ok(NOT_SERVING), "{name}");
    }
    for name in ["liveness", "startup"] {
        assert_eq!(client.check(name).await, Ok(SERVING), "{name}");
    }
    // What happens meanwhile does not show before it is taken back, and then it does.
    switch.set(false);
    wait_for(&service, "database", Health::Down);
    switch.set(true);
    wait_for(&service, "database", Health::Up);
    assert_eq!(client.check("database").await, Ok(NOT_SERVING));

    service.exporter.resume();
    assert_eq!(client.check("database").await, Ok(SERVING));
    assert_eq!(client.check("cache").await, Ok(NOT_SERVING));
    assert_eq!(client.check("").await, Ok(NOT_SERVING));
}

#[tokio::test]
async fn what_is_in_maintenance_counts_for_nobody() {
    let service = Service::start(with_token([readiness("database", |_| false)]));
    wait_for(&service, "database", Health::Down);
    let client = Client::to(service.address());
    assert_eq!(client.check("").await, Ok(NOT_SERVING));
    let engine = service.exporter.engine();
    let time = Duration::from_hours(1);
    engine
        .start_maintenance(Some("database"), "new disk", time)
        .unwrap();
    assert_eq!(client.check("").await, Ok(SERVING));
    assert_eq!(client.check("database").await, Ok(SERVING));
}

#[tokio::test]
async fn a_service_without_checks_of_readiness_serves_and_one_that_stopped_does_not() {
    let service = Service::start(with_token([Check::health_check(
        "disk",
        HealthOptions::DEFAULT,
        |_| true,
    )]));
    let client = Client::to(service.address());
    assert_eq!(client.check("").await, Ok(SERVING));
    let engine = service.exporter.engine().clone();
    tokio::task::spawn_blocking(move || engine.shutdown(Duration::ZERO))
        .await
        .unwrap();
    for name in ["", "liveness", "readiness", "startup", "disk"] {
        assert_eq!(client.check(name).await, Ok(NOT_SERVING), "{name}");
    }
}

#[test]
fn who_does_not_speak_grpc_is_told_so() {
    let service = Service::start(with_token([readiness("database", |_| true)]));
    let path = "/grpc.health.v1.Health/Check";
    let post = Request::new("POST", path).with("Content-Type", "application/grpc");
    let answer = post.send_to(service.address());
    answer.assert_problem(505, "HTTP/2");
    assert_eq!(service.get(path).status, 405);
}
