//! Whoever follows the state is told what is new, and nothing else.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mad_core::{
    Changes, Check, Engine, Health, HealthOptions, Lifecycle, Outcome, Probe, Probes, Snapshot,
};
use support::{READINESS, Switch, at_rest, eventually, health, start};

/// How long something that must happen may take on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);

/// A check whose results do not get too old while a test runs.
const STEADY: HealthOptions = HealthOptions {
    max_age: Some(Duration::from_hours(1)),
    ..READINESS
};

/// A check whose results are soon too old.
const FADING: HealthOptions = HealthOptions {
    max_age: Some(Duration::from_millis(300)),
    ..READINESS
};

#[track_caller]
fn fine(name: &'static str, options: HealthOptions) -> Check {
    Check::health_check(name, options, |_| true)
}

/// Looks only when it is told to, until a snapshot is as it is to be.
async fn follow(engine: &Engine, changes: &mut Changes, holds: impl Fn(&Snapshot) -> bool) {
    while !holds(&engine.snapshot()) {
        tokio::time::timeout(PATIENCE, changes.changed())
            .await
            .expect("there is news");
    }
}

fn is(name: &'static str, expected: Health) -> impl Fn(&Snapshot) -> bool {
    move |snapshot| {
        let mut checks = snapshot.health_checks.iter();
        checks.any(|check| check.check.name() == name && check.health == expected)
    }
}

#[tokio::test]
async fn every_change_is_news() {
    let switch = Switch::on();
    let asked = switch.clone();
    let database = Check::health_check("database", STEADY, move |_| asked.is_on());
    let engine = start([database]);
    let mut changes = engine.changes();
    follow(&engine, &mut changes, is("database", Health::Up)).await;
    switch.set(false);
    follow(&engine, &mut changes, is("database", Health::Down)).await;
    switch.set(true);
    follow(&engine, &mut changes, is("database", Health::Up)).await;

    for lifecycle in [Lifecycle::Draining, Lifecycle::Serving] {
        match lifecycle {
            Lifecycle::Draining => engine.drain(),
            _ => engine.resume(),
        }
        follow(&engine, &mut changes, |it| it.lifecycle == lifecycle).await;
    }

    engine.add(fine("tenant", STEADY)).unwrap();
    follow(&engine, &mut changes, is("tenant", Health::Up)).await;
    assert!(engine.remove("tenant"));
    follow(&engine, &mut changes, |it| it.health_checks.len() == 1).await;

    let is_in_maintenance = |it: &Snapshot| it.health_checks[0].maintenance.is_some();
    let time = Duration::from_hours(1);
    engine
        .start_maintenance(Some("database"), "new disk", time)
        .unwrap();
    follow(&engine, &mut changes, is_in_maintenance).await;
    assert!(engine.end_maintenance(Some("database")).unwrap());
    follow(&engine, &mut changes, |it| !is_in_maintenance(it)).await;

    let stop = {
        let engine = engine.clone();
        tokio::task::spawn_blocking(move || engine.shutdown(Duration::ZERO))
    };
    follow(&engine, &mut changes, |it| {
        it.lifecycle == Lifecycle::Stopped
    })
    .await;
    stop.await.unwrap();
}

#[tokio::test]
async fn what_time_alone_changes_is_news() {
    let switch = Switch::on();
    let asked = switch.clone();
    let engine = start([Check::health_check("database", FADING, move |_| {
        if asked.is_on() {
            Outcome::Pass
        } else {
            Outcome::skip("it says nothing")
        }
    })]);
    let mut changes = engine.changes();
    follow(&engine, &mut changes, is("database", Health::Up)).await;
    switch.set(false);
    follow(&engine, &mut changes, is("database", Health::Unknown)).await;
    switch.set(true);
    follow(&engine, &mut changes, is("database", Health::Up)).await;

    let is_in_maintenance = |it: &Snapshot| it.health_checks[0].maintenance.is_some();
    let time = Duration::from_millis(300);
    engine.start_maintenance(None, "new rack", time).unwrap();
    follow(&engine, &mut changes, is_in_maintenance).await;
    follow(&engine, &mut changes, |it| !is_in_maintenance(it)).await;
}

#[tokio::test]
async fn that_a_result_gets_too_old_is_news_when_nothing_works_any_more_that_would_tell() {
    let engine = start([fine("database", FADING)]);
    let mut changes = engine.changes();
    follow(&engine, &mut changes, is("database", Health::Up)).await;
    let stopped = engine.clone();
    tokio::task::spawn_blocking(move || stopped.shutdown(Duration::ZERO))
        .await
        .unwrap();
    follow(&engine, &mut changes, is("database", Health::Unknown)).await;
}

#[tokio::test]
async fn that_a_first_result_is_overdue_is_news() {
    let liveness = HealthOptions {
        probes: Probes {
            liveness: true,
            ..Probes::NONE
        },
        ..FADING
    };
    let down = Check::health_check("database", STEADY, |_| false);
    let engine = start([down]);
    eventually("it is down", || {
        health(&engine, "database").health == Health::Down
    });
    // It is skipped, and never has a result.
    let waiting = Check::health_check("waiting", liveness, |_| true).with_after(["database"]);
    let mut changes = engine.changes();
    engine.add(waiting).unwrap();
    assert!(engine.snapshot().answers(Probe::Liveness));
    follow(&engine, &mut changes, |it| !it.answers(Probe::Liveness)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_more_run_that_ends_as_the_last_one_did_is_no_news() {
    let runs = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&runs);
    let check = Check::health_check("database", STEADY, move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let engine = start([check]);
    let news = Arc::new(AtomicU64::new(0));
    let told = Arc::clone(&news);
    let mut changes = engine.changes();
    let following = tokio::spawn(async move {
        loop {
            changes.changed().await;
            told.fetch_add(1, Ordering::Relaxed);
        }
    });
    eventually("it is up", || {
        health(&engine, "database").health == Health::Up
    });
    let before = at_rest("nothing is new", || news.load(Ordering::Relaxed));
    let until = runs.load(Ordering::Relaxed) + 20;
    eventually("it runs on", || runs.load(Ordering::Relaxed) >= until);
    assert_eq!(news.load(Ordering::Relaxed), before);
    engine.drain();
    eventually("that it drains is news", || {
        news.load(Ordering::Relaxed) > before
    });
    following.abort();
}
