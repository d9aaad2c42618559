//! Streams that follow a service.

use std::time::{Duration, Instant};

use mad_core::{Check, Health, HealthOptions, Outcome, Probes};
use tonic::Code;

use super::client::{Client, NOT_SERVING, SERVICE_UNKNOWN, SERVING, UNKNOWN, asked};
use super::{Switch, wait_for};
use crate::support::{PATIENCE, Service, readiness, with_token};

#[tokio::test]
async fn it_follows_a_fault_a_drain_and_the_end_and_says_nothing_twice() {
    let switch = Switch::on();
    let service = Service::start(with_token([
        switch.check("database"),
        readiness("other", |_| true),
    ]));
    service.wait_for_status("/readyz", 200);
    let client = Client::to(service.address());
    let mut all = client.watch("").await.unwrap();
    let mut database = client.watch("database").await.unwrap();
    let mut other = client.watch("other").await.unwrap();
    let mut liveness = client.watch("liveness").await.unwrap();
    for watched in [&mut all, &mut database, &mut other, &mut liveness] {
        assert_eq!(watched.next().await, Ok(SERVING));
    }
    for status in [NOT_SERVING, SERVING] {
        switch.set(status == SERVING);
        for watched in [&mut all, &mut database] {
            assert_eq!(watched.next().await, Ok(status));
        }
    }
    service.exporter.drain();
    for watched in [&mut all, &mut database, &mut other] {
        assert_eq!(watched.next().await, Ok(NOT_SERVING));
    }
    switch.set(false);
    wait_for(&service, "database", Health::Down);
    service.exporter.resume();
    assert_eq!(other.next().await, Ok(SERVING));
    switch.set(true);
    for watched in [&mut all, &mut database] {
        assert_eq!(watched.next().await, Ok(SERVING));
    }

    let shutdown = {
        let exporter = service.exporter.clone();
        tokio::task::spawn_blocking(move || {
            let started = Instant::now();
            exporter.shutdown(PATIENCE);
            started.elapsed()
        })
    };
    for watched in [&mut all, &mut database, &mut other] {
        assert_eq!(watched.next().await, Ok(NOT_SERVING));
    }
    for watched in [&mut all, &mut database, &mut other, &mut liveness] {
        let (code, _) = watched.next().await.unwrap_err();
        assert_eq!(code, Code::Unavailable);
    }
    // It waits for no stream, and the connection that they were on is closed.
    assert!(shutdown.await.unwrap() < PATIENCE / 2);
}

#[tokio::test]
async fn it_follows_a_check_that_comes_and_goes() {
    let service = Service::start(with_token([readiness("database", |_| true)]));
    let client = Client::to(service.address());
    let mut tenant = client.watch("tenant/42").await.unwrap();
    assert_eq!(tenant.next().await, Ok(SERVICE_UNKNOWN));
    let engine = service.exporter.engine();
    for _ in 0..2 {
        let check = readiness("tenant/42", |_| true);
        engine.add(check).unwrap();
        let seen = tenant.until(SERVING).await;
        assert!(
            [&[SERVING][..], &[UNKNOWN, SERVING]].contains(&&*seen),
            "{seen:?}"
        );
        assert!(engine.remove("tenant/42"));
        assert_eq!(tenant.next().await, Ok(SERVICE_UNKNOWN));
    }
}

#[tokio::test]
async fn it_notices_that_a_result_gets_too_old_and_that_a_maintenance_ends() {
    let switch = Switch::on();
    let works = switch.clone();
    let options = HealthOptions {
        probes: Probes {
            readiness: true,
            ..Probes::NONE
        },
        every: Duration::from_millis(20),
        max_age: Some(Duration::from_millis(500)),
        ..HealthOptions::DEFAULT
    };
    let fading = Check::health_check("database", options, move |_| {
        if works.is_on() {
            Outcome::Pass
        } else {
            Outcome::skip("it says nothing")
        }
    });
    let service = Service::start(with_token([fading]));
    let client = Client::to(service.address());
    let mut all = client.watch("").await.unwrap();
    let mut database = client.watch("database").await.unwrap();
    all.until(SERVING).await;
    database.until(SERVING).await;
    switch.set(false);
    assert_eq!(all.next().await, Ok(NOT_SERVING));
    assert_eq!(database.next().await, Ok(UNKNOWN));

    let engine = service.exporter.engine();
    let time = Duration::from_millis(300);
    engine.start_maintenance(None, "new rack", time).unwrap();
    assert_eq!(all.next().await, Ok(SERVING));
    assert_eq!(all.next().await, Ok(NOT_SERVING));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_watch_and_one_more_is_refused() {
    let switch = Switch::on();
    let service = Service::start(with_token([switch.check("database")]));
    service.wait_for_status("/readyz", 200);
    let mut watches = Vec::new();
    for _ in 0..10 {
        let client = Client::to(service.address());
        for _ in 0..100 {
            let mut watch = client.watch("database").await.unwrap();
            assert_eq!(watch.next().await, Ok(SERVING));
            watches.push(watch);
        }
    }
    let client = Client::to(service.address());
    let (code, _) = client.watch("database").await.err().unwrap();
    assert_eq!(code, Code::ResourceExhausted);
    assert_eq!(client.check("database").await, Ok(SERVING));
    assert_eq!(service.get("/readyz").status, 200);

    switch.set(false);
    for watch in &mut watches {
        assert_eq!(watch.next().await, Ok(NOT_SERVING));
    }
    watches.truncate(100);
    // Who goes makes room.
    let started = Instant::now();
    while let Err((code, _)) = client.watch("database").await {
        assert_eq!(code, Code::ResourceExhausted);
        assert!(started.elapsed() < PATIENCE, "there is no room");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn it_ends_at_the_deadline_that_the_client_sets() {
    let service = Service::start(with_token([readiness("database", |_| true)]));
    service.wait_for_status("/readyz", 200);
    let client = Client::to(service.address());
    let mut request = asked("database");
    request.set_timeout(Duration::from_millis(300));
    let mut watched = client.watch_with(request).await.unwrap();
    assert_eq!(watched.next().await, Ok(SERVING));
    let (code, _) = watched.next().await.unwrap_err();
    assert!([Code::DeadlineExceeded, Code::Cancelled].contains(&code));
}
