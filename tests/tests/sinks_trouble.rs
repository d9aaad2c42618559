//! Servers that are busy, killed or closed to us, and what becomes of what was sent to them.

use std::process::{Child, Stdio};

use mad_store::sink::{PushOptions, Target, push};
use tests::{
    Authority, Carbon, ClickHouse, InfluxDb, MariaDb, MongoDb, Nginx, Pushgateway, Recorded, Redis,
    Rotel, Rrdcached, StatsD, VictoriaMetrics, build_mad, causes, eventually, mad, now,
};

#[test]
fn a_server_that_is_busy_is_asked_again_when_it_says() {
    for status in [429, 503] {
        let mut recorded = Recorded::new();
        let influxdb = InfluxDb::start();
        let nginx = Nginx::busy(influxdb.http(), status);
        let address = format!("influx+http://{}/write?db=ci", nginx.http());
        let options = PushOptions {
            batch: Some(9),
            ..PushOptions::default()
        };
        let pushed = push(&mut recorded.store, &address.parse().unwrap(), &options).unwrap();
        assert_eq!((pushed.taken, pushed.refused()), (18, 0), "{pushed:?}");
        assert!(pushed.retries > 0);
        assert_eq!(influxdb.stored("mad_").count(), 18);

        let answers = nginx.answers();
        let waits: Vec<_> = answers
            .windows(2)
            .filter(|pair| pair[0].1 == status)
            .map(|pair| pair[1].0 - pair[0].0)
            .collect();
        assert!(!waits.is_empty(), "{answers:?}");
        assert!(waits.iter().all(|wait| *wait > 4.9), "{answers:?}");
    }
}

#[test]
fn whoever_is_not_let_in_over_http_is_told_and_drops_nothing() {
    let (victoria, influxdb) = (VictoriaMetrics::start(), InfluxDb::start());
    let (pushgateway, rotel) = (Pushgateway::start(), Rotel::start());
    for (protocol, behind, path) in [
        ("remote-write", victoria.http(), "/api/v1/write"),
        ("influx", influxdb.http(), "/write?db=ci"),
        ("opentsdb", victoria.opentsdb_http(), "/api/put"),
        ("pushgateway", pushgateway.http(), ""),
        ("otlp", rotel.http(), "/v1/metrics"),
    ] {
        let mut recorded = Recorded::new();
        let nginx = Nginx::guarded(behind);
        let target = |user: &str| format!("{protocol}+http://{user}{}{path}", nginx.http());
        for user in ["", "ci:wrong@", "nobody:s3cret@"] {
            let error = causes(&recorded.try_push(&target(user)).unwrap_err());
            assert!(
                error.contains("lets nothing in: status 401"),
                "{protocol}: {error}"
            );
        }
        let pushed = recorded.push_again(&target("ci:s3cret@"));
        assert_eq!((pushed.taken, pushed.refused()), (18, 0), "{protocol}");
    }
}

#[test]
fn a_server_behind_tls_is_sent_something_only_by_who_trusts_its_authority() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    ours.sign("server", "nginx");
    let victoria = VictoriaMetrics::start();
    let nginx = Nginx::with_tls(victoria.http(), &ours);
    let recorded = Recorded::new();
    let port = nginx.http().rsplit(':').next().unwrap();
    let push = |trusted: &Authority| {
        let mut mad = mad();
        mad.args(["push", "--patience", "1s", "--to"]);
        mad.arg(format!("remote-write+https://localhost:{port}"));
        mad.current_dir(recorded.folder());
        mad.env("SSL_CERT_FILE", trusted.path("ca.pem"));
        mad.output().unwrap()
    };
    let refused = push(&theirs);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("UnknownIssuer"), "{said}");
    assert!(!refused.status.success(), "{refused:?}");
    assert_eq!(nginx.answers(), []);

    let sent = push(&ours);
    assert!(sent.status.success(), "{sent:?}");
    eventually("VictoriaMetrics has all", || {
        victoria.stored("mad_") == recorded.stored()
    });
}

#[test]
fn what_is_older_is_taken_by_whoever_keeps_no_order() {
    let (victoria, influxdb) = (VictoriaMetrics::start(), InfluxDb::start());
    for target in [
        format!("remote-write+http://{}", victoria.http()),
        format!("opentsdb://{}", victoria.opentsdb()),
        format!("opentsdb+http://{}", victoria.opentsdb_http()),
        format!("graphite://{}", victoria.graphite()),
        format!("influx+http://{}/write?db=ci", influxdb.http()),
    ] {
        let mut recorded = Recorded::new();
        recorded.push(&target);
        let old = now() - 86_400_000;
        recorded.run_on("ci-1", old);
        recorded.push(&target);
        // Some know whole seconds alone.
        let has_old = |stored: tests::Stored| {
            let times = stored.0.values().flat_map(|values| values.keys());
            times.filter(|at| **at / 1000 == old / 1000).count() >= 9
        };
        let is_there = || {
            has_old(if target.starts_with("influx") {
                influxdb.stored("mad_")
            } else {
                victoria.stored("mad_")
            })
        };
        eventually(&format!("{target} has it"), is_there);
    }
}

#[test]
fn databases_take_what_is_older_or_say_that_they_are_beyond_it_and_get_nothing_of_the_future() {
    let (mariadb, clickhouse, mongodb) = (MariaDb::start(), ClickHouse::start(), MongoDb::start());
    let (redis, rrdcached) = (Redis::start(), Rrdcached::start());
    let (carbon, statsd) = (Carbon::start(), StatsD::start());
    let (pushgateway, rotel) = (Pushgateway::start(), Rotel::start());
    let all = [
        (format!("mysql://ci:s3cret@{}/ci", mariadb.address()), true),
        (
            format!("clickhouse+http://ci:s3cret@{}", clickhouse.http()),
            true,
        ),
        (
            format!("mongodb://ci:s3cret@{}/ci?authSource=ci", mongodb.address()),
            true,
        ),
        (format!("redis://:s3cret@{}", redis.address()), false),
        (format!("rrdcached://{}", rrdcached.address()), false),
        (format!("graphite://{}", carbon.graphite()), true),
        (format!("statsd://{}", statsd.address()), true),
        (format!("pushgateway+http://{}", pushgateway.http()), true),
        (format!("otlp+http://{}", rotel.http()), true),
    ];
    for (target, takes_older) in all {
        let mut recorded = Recorded::new();
        recorded.push(&target);
        // Which run it was is a series of its own, where nothing is newer.
        let expected = if takes_older { (9, 0) } else { (1, 8) };
        recorded.run_on("ci-1", now() - 3_600_000);
        let older = recorded.push(&target);
        assert_eq!((older.taken, older.present), expected, "{target}");

        recorded.run_on("ci-1", now() + 86_400_000);
        let future = recorded.try_push(&target).unwrap();
        assert_eq!((future.taken, future.refused()), (0, 9), "{target}");
        let reason = &future.refusals[0].reason;
        assert!(reason.contains("future"), "{target}: {reason}");
    }
}

#[test]
fn opentsdb_that_was_away_gets_what_is_missing_and_all_of_it_again_when_asked() {
    for protocol in ["opentsdb", "opentsdb+http"] {
        let mut recorded = Recorded::new();
        let mut victoria = VictoriaMetrics::start();
        let address = match protocol {
            "opentsdb" => victoria.opentsdb(),
            _ => victoria.opentsdb_http(),
        };
        let target = format!("{protocol}://{address}");
        recorded.push(&target);
        eventually("all of it is there", || {
            victoria.stored("mad_").count() == 18
        });
        victoria.kill();
        recorded.run_on("ci-1", now() - 1_000);
        let error = causes(&recorded.try_push(&target).unwrap_err());
        assert!(error.contains("not available"), "{protocol}: {error}");
        victoria.start_again();
        assert_eq!(recorded.push(&target).taken, 9, "{protocol}");
        // What it took before is gone, as far as it was in its memory alone.
        recorded.push_again(&target);
        eventually("all of it is there", || {
            victoria.stored("mad_").count() == 27
        });
    }
}

/// Starts a push that nobody waits for.
#[track_caller]
fn start_push(recorded: &Recorded, target: &str) -> Child {
    let mut mad = mad();
    mad.args(["push", "--patience", "1m", "--to", target]);
    mad.current_dir(recorded.folder()).stdin(Stdio::null());
    mad.stdout(Stdio::null()).stderr(Stdio::null());
    mad.spawn().unwrap()
}

#[test]
fn neither_a_push_nor_a_server_that_is_killed_in_the_middle_loses_anything() {
    build_mad();
    let mut recorded = Recorded::new();
    for number in 0..400 {
        recorded.run_on("ci-1", now() - 600_000 + number);
    }
    let mut influxdb = InfluxDb::start();
    let target = format!("influx+http://{}/write?db=ci", influxdb.http());
    for number in 1..=6 {
        let before = influxdb.stored("mad_").count();
        let mut mad = start_push(&recorded, &target);
        eventually("something new arrives, or it has ended", || {
            influxdb.stored("mad_").count() > before || mad.try_wait().unwrap().is_some()
        });
        if number % 3 == 0 {
            // The push goes on when it is there again.
            influxdb.kill();
            influxdb.start_again();
        } else {
            mad.kill().unwrap();
        }
        mad.wait().unwrap();
    }
    recorded.push(&target);
    assert_eq!(influxdb.stored("mad_").count(), recorded.stored().count());
    recorded.push_again(&target);
    assert_eq!(influxdb.stored("mad_").count(), recorded.stored().count());
}

#[test]
fn a_redis_that_has_forgotten_everything_meanwhile_has_its_index_again() {
    let mut recorded = Recorded::new();
    let mut redis = Redis::start();
    let target: Target = format!("redis://:s3cret@{}", redis.address())
        .parse()
        .unwrap();
    let mut sink = target.open().unwrap();
    sink.send(&recorded.readings()).unwrap();
    redis.kill();
    redis.start_again_empty();
    recorded.run_on("ci-1", now());
    let readings = recorded.readings();
    eventually("it is sent again", || sink.send(&readings).is_ok());
    assert_eq!(redis.stored(), recorded.stored());
}
