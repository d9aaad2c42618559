//! What a store holds goes to collectors and agents, which hand it on.

use std::path::Path;

use tests::{
    Agent, Collector, Recorded, Rotel, Series, StatsD, Stored, VictoriaMetrics, causes, eventually,
    now,
};

/// Units are no part of names there, and everything has a resource.
fn as_otlp_has_it(stored: Stored) -> Stored {
    stored.map(|mut series, at| {
        if let Some(name) = series.name.strip_suffix("_seconds") {
            series.name = name.to_owned();
        }
        (series, at)
    })
}

#[test]
fn a_collector_of_opentelemetry_has_what_was_recorded() {
    let mut recorded = Recorded::new();
    let rotel = Rotel::start();
    assert_eq!(
        recorded
            .push(&format!("otlp+http://{}", rotel.http()))
            .taken,
        18
    );
    let expected = as_otlp_has_it(recorded.stored());
    eventually("all of it is there", || rotel.stored() == expected);
}

#[test]
#[ignore = "needs Go: cargo xtask test --all"]
fn opentelemetrys_own_collector_has_what_was_recorded_also_once_it_is_back() {
    let mut recorded = Recorded::new();
    let mut collector = Collector::start(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let target = format!("otlp+http://{}", collector.http());
    assert_eq!(recorded.push(&target).taken, 18);
    let expected = as_otlp_has_it(recorded.stored());
    eventually("all of it is there", || collector.stored() == expected);

    collector.kill();
    recorded.run_on("ci-1", now());
    let error = recorded.try_push(&target).unwrap_err();
    assert!(causes(&error).contains("not available"), "{error}");
    collector.start_again();
    assert_eq!(recorded.push(&target).taken, 9);
    let expected = as_otlp_has_it(recorded.stored());
    eventually("the rest is there", || collector.stored() == expected);
}

#[test]
fn statsd_has_the_newest_numbers() {
    let mut recorded = Recorded::new();
    recorded.run_on("ci-1", now() - 1_000);
    let statsd = StatsD::start();
    assert_eq!(
        recorded
            .push(&format!("statsd://{}", statsd.address()))
            .taken,
        27
    );
    let without_times = recorded.stored().map(|series, _| (series, 0));
    let (count, numbers) = (without_times.count(), numbers(&newest(&recorded)));
    eventually("all of it is there", || statsd.stored().count() == count);
    assert_eq!(self::numbers(&statsd.stored()), numbers);
}

/// The last number of each series.
fn newest(recorded: &Recorded) -> Stored {
    let mut newest = Stored::default();
    for reading in recorded.readings() {
        let labels = reading.labels.into_iter().collect();
        newest.add(
            Series {
                name: reading.name,
                labels,
            },
            0,
            reading.value,
        );
    }
    newest
}

/// All numbers of each name, smallest first.
fn numbers(stored: &Stored) -> Vec<(String, Vec<f64>)> {
    let mut numbers = std::collections::BTreeMap::<String, Vec<f64>>::new();
    for (series, values) in &stored.0 {
        numbers
            .entry(series.name.clone())
            .or_default()
            .extend(values.values());
    }
    for numbers in numbers.values_mut() {
        numbers.sort_by(f64::total_cmp);
    }
    numbers.into_iter().collect()
}

#[test]
fn agents_hand_over_what_they_are_sent() {
    for start in [Agent::prometheus, Agent::vmagent] {
        let mut recorded = Recorded::new();
        let victoria = VictoriaMetrics::start();
        let agent = start(&format!("http://{}/api/v1/write", victoria.http()));
        let target = format!("remote-write+http://{}", agent.http());
        // Prometheus hands over only what is newer than its own beginning.
        eventually("the agent hands something over", || {
            recorded.run_on("ci-1", now());
            _ = recorded.try_push(&target);
            victoria.stored("mad_").count() > 0
        });
        let newest = now();
        recorded.run_on("ci-1", newest);
        recorded.push(&target);
        let of_newest = |mut stored: Stored| {
            stored.0.retain(|_, values| values.contains_key(&newest));
            stored
                .0
                .values_mut()
                .for_each(|values| values.retain(|at, _| *at == newest));
            stored
        };
        let expected = of_newest(recorded.stored()).map(|mut series, at| {
            series.labels.insert("cluster".to_owned(), "ci".to_owned());
            (series, at)
        });
        assert_eq!(expected.count(), 9);
        eventually("the agent hands everything over", || {
            of_newest(victoria.stored("mad_")) == expected
        });
    }
}
