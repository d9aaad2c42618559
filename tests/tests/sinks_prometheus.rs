//! What a store holds goes to Prometheus and its kin, and is there.

use mad_store::sink::{PushOptions, Target, push, write_open_metrics};
use tests::{
    Format, InfluxDb, Pushgateway, ReceivingPrometheus, Recorded, Series, Stored, VictoriaMetrics,
    causes, eventually, now, python_client_reads,
};

#[test]
fn prometheus_has_what_was_recorded_and_a_second_push_changes_nothing() {
    let mut recorded = Recorded::new();
    let prometheus = ReceivingPrometheus::start();
    // This one says 204 to version 2.0 and stores nothing.
    let target = format!("remote-write+http://{}", prometheus.http());
    assert_eq!(recorded.push(&target).taken, 18);
    assert_eq!(prometheus.stored("mad_"), recorded.stored());

    let again = PushOptions {
        all: true,
        ..PushOptions::default()
    };
    let address: Target = target.parse().unwrap();
    let second = push(&mut recorded.store, &address, &again).unwrap();
    assert_eq!((second.runs, second.taken, second.refused()), (2, 18, 0));
    recorded.run_on("ci-1", now() - 1_000);
    assert_eq!(recorded.push(&target).taken, 9);
    assert_eq!(prometheus.stored("mad_"), recorded.stored());
}

#[test]
fn victoria_metrics_and_influxdb_take_remote_writes() {
    let mut recorded = Recorded::new();
    let victoria = VictoriaMetrics::start();
    recorded.push(&format!("remote-write+http://{}", victoria.http()));
    eventually("all of it is there", || {
        victoria.stored("mad_") == recorded.stored()
    });

    let influxdb = InfluxDb::start();
    let http = influxdb.http();
    recorded.push(&format!(
        "remote-write+http://{http}/api/v1/prom/write?db=ci"
    ));
    let stored = influxdb.stored("mad_").map(|mut series, at| {
        series.labels.remove("__name__");
        (series, at)
    });
    assert_eq!(stored, recorded.stored());
}

#[test]
fn nothing_is_lost_when_prometheus_is_killed_between_two_pushes() {
    let mut recorded = Recorded::new();
    let mut prometheus = ReceivingPrometheus::start();
    let target = format!("remote-write+http://{}", prometheus.http());
    recorded.push(&target);
    prometheus.kill();
    recorded.run_on("ci-1", now() - 1_000);
    let error = recorded.try_push(&target).unwrap_err();
    assert!(
        causes(&error).contains("not available"),
        "{}",
        causes(&error)
    );
    prometheus.start_again();
    eventually("it takes the rest", || recorded.try_push(&target).is_ok());
    assert_eq!(prometheus.stored("mad_"), recorded.stored());
}

#[test]
fn what_is_late_is_dropped_and_said_and_the_rest_of_its_batch_arrives() {
    let mut recorded = Recorded::new();
    let prometheus = ReceivingPrometheus::start();
    let target = format!("remote-write+http://{}", prometheus.http());
    recorded.push(&target);
    let before = recorded.stored().count();
    recorded.run_on("ci-1", now() - 60_000);
    recorded.run_on("ci-2", now() - 1_000);
    let pushed = recorded.try_push(&target).unwrap();
    // Which run it was is a series of its own, and on time therefore.
    assert_eq!((pushed.taken, pushed.refused()), (10, 8), "{pushed:?}");
    assert!(
        pushed.refusals[0].reason.contains("out of order"),
        "{pushed:?}"
    );
    assert_eq!(prometheus.stored("mad_").count(), before + 10);

    let patient = ReceivingPrometheus::start_patient();
    let target = format!("remote-write+http://{}", patient.http());
    assert_eq!(recorded.push(&target).taken, 36);
    assert_eq!(patient.stored("mad_"), recorded.stored());
}

#[test]
fn a_reading_of_the_future_is_never_sent() {
    let mut recorded = Recorded::new();
    let prometheus = ReceivingPrometheus::start();
    let target = format!("remote-write+http://{}", prometheus.http());
    let expected: Stored = recorded.stored();
    recorded.run_on("ci-1", now() + 86_400_000);
    let pushed = recorded.try_push(&target).unwrap();
    assert_eq!((pushed.taken, pushed.refused()), (18, 9));
    assert!(pushed.refusals[0].reason.contains("future"), "{pushed:?}");
    assert_eq!(prometheus.stored("mad_"), expected);
}

#[test]
fn the_pushgateway_has_the_newest_numbers_of_each_group() {
    let mut recorded = Recorded::new();
    let pushgateway = Pushgateway::start();
    let target = format!("pushgateway+http://{}", pushgateway.http());
    recorded.run_on("ci-1", now() - 5_000);
    assert_eq!(recorded.push(&target).taken, 27);
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
    assert_eq!(
        pushgateway.stored("mad_test"),
        newest.clone().of("mad_test")
    );
    assert_eq!(pushgateway.stored("mad_source"), newest.of("mad_source"));
    // One of the three runs was the first of two on its host.
    assert_eq!(pushgateway.stored("mad_run_info").count(), 2);
}

#[test]
fn prometheus_finds_an_old_history_in_blocks() {
    let mut recorded = Recorded::new();
    recorded.run_on("ci-1", now() - 20 * 86_400_000);
    let mut page = Vec::new();
    write_open_metrics(&recorded.store, &PushOptions::default(), &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert_eq!(
        python_client_reads(&page, Format::OpenMetrics)
            .as_array()
            .unwrap()
            .len(),
        27
    );
    let prometheus = ReceivingPrometheus::start_on_blocks_of(&page);
    assert_eq!(prometheus.stored("mad_"), recorded.stored());
}
