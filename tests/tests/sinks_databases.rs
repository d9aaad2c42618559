//! What a store holds goes to databases, and is there; of several, each has its share.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::thread;

use mad_store::sink::{Relay, Target};
use tests::{ClickHouse, MariaDb, MongoDb, Recorded, Redis, Rrdcached, causes, now};

/// Of each series the newest second and number, smallest first, on the hosts of a share.
fn newest(recorded: &Recorded, is_meant: impl Fn(&str) -> bool) -> Vec<(i64, f64)> {
    let mut newest = std::collections::BTreeMap::new();
    for reading in recorded.readings() {
        let host = reading
            .labels
            .iter()
            .find(|(name, _)| name == "host")
            .unwrap()
            .1
            .clone();
        if is_meant(&host) {
            newest.insert(
                reading.series(),
                (reading.at.div_euclid(1000), reading.value),
            );
        }
    }
    let mut newest: Vec<_> = newest.into_values().collect();
    newest.sort_by(|(a, one), (b, other)| a.cmp(b).then(one.total_cmp(other)));
    newest
}

#[test]
fn redis_has_what_was_recorded_and_tells_what_came_before() {
    let mut recorded = Recorded::new();
    let mut redis = Redis::start();
    let target = format!("redis://:s3cret@{}/0", redis.address());
    assert_eq!(recorded.push(&target).taken, 18);
    assert_eq!(redis.stored(), recorded.stored());
    let second = recorded.push_again(&target);
    assert_eq!((second.taken, second.present, second.refused()), (0, 18, 0));

    redis.kill();
    recorded.run_on("ci-1", now() - 1_000);
    assert!(causes(&recorded.try_push(&target).unwrap_err()).contains("not available"));
    redis.start_again();
    assert_eq!(recorded.push(&target).taken, 9);
    assert_eq!(redis.stored(), recorded.stored());

    let wrong = target.replace("s3cret", "wrong");
    recorded.run_on("ci-1", now() - 500);
    let error = recorded.try_push_again(&wrong).unwrap_err();
    assert!(causes(&error).contains("WRONGPASS"), "{}", causes(&error));
}

#[test]
fn rrdcached_has_what_was_recorded_even_after_it_was_killed() {
    let mut recorded = Recorded::new();
    let mut rrdcached = Rrdcached::start();
    assert_eq!(
        recorded
            .push(&format!("rrdcached://{}", rrdcached.address()))
            .taken,
        18
    );
    rrdcached.kill();
    assert_eq!(rrdcached.newest(), newest(&recorded, |_| true));

    recorded.run_on("ci-1", now() - 1_000);
    let target = format!("rrdcached+unix://{}", rrdcached.socket().display());
    assert!(causes(&recorded.try_push(&target).unwrap_err()).contains("not available"));
    rrdcached.start_again();
    let pushed = recorded.push(&target);
    // To it this is another sink, which gets everything.
    assert_eq!((pushed.taken, pushed.present), (9, 18), "{pushed:?}");
    assert_eq!(rrdcached.newest(), newest(&recorded, |_| true));
}

#[test]
fn several_rrdcacheds_share_the_hosts_alike_with_and_without_relays() {
    let mut recorded = Recorded::new();
    for number in 3..9 {
        recorded.run_on(&format!("ci-{number}"), now() - 8_000);
    }
    let daemons = [Rrdcached::start(), Rrdcached::start()];
    let all = format!(
        "rrdcached://{},{}",
        daemons[0].address(),
        daemons[1].address()
    );
    let target: Target = all.parse().unwrap();
    let relays: Vec<String> = {
        let second = Relay::bind("127.0.0.1:0", &target).unwrap();
        let behind = format!("rrdcached://{}", second.local_address().unwrap())
            .parse()
            .unwrap();
        let first = Relay::bind("127.0.0.1:0", &behind).unwrap();
        let serve = |relay: Relay| {
            let address = relay.local_address().unwrap().to_string();
            thread::Builder::new().spawn(move || relay.run()).unwrap();
            address
        };
        vec![serve(second), serve(first)]
    };
    assert_eq!(
        recorded.push(&format!("rrdcached://{}", relays[1])).taken,
        72
    );
    let shares = daemons.each_ref().map(Rrdcached::newest);
    assert!(
        shares.iter().all(|share| !share.is_empty()),
        "one has everything"
    );

    recorded.run_on("ci-1", now() - 1_000);
    let pushed = recorded.push(&all);
    assert_eq!((pushed.taken, pushed.present), (9, 72), "{pushed:?}");
    let mut together: Vec<_> = daemons.iter().flat_map(Rrdcached::newest).collect();
    together.sort_by(|(a, one), (b, other)| a.cmp(b).then(one.total_cmp(other)));
    assert_eq!(together, newest(&recorded, |_| true));
}

#[test]
fn a_relay_says_what_is_wrong_and_loses_nothing() {
    let mut recorded = Recorded::new();
    let mut rrdcached = Rrdcached::start();
    let behind = format!("rrdcached://{}", rrdcached.address())
        .parse()
        .unwrap();
    let relay = Relay::bind("127.0.0.1:0", &behind).unwrap();
    let address = relay.local_address().unwrap().to_string();
    thread::Builder::new().spawn(move || relay.run()).unwrap();

    let mut client = TcpStream::connect(&address).unwrap();
    client
        .write_all(b"PING\nSHUTDOWN\nUPDATE nowhere/x.rrd 1:1\nBATCH\nnonsense\n.\n")
        .unwrap();
    let mut lines = BufReader::new(client).lines().map(Result::unwrap);
    let mut next = || lines.next().unwrap();
    assert_eq!(next(), "0 PONG");
    assert_eq!(next(), "-1 Unknown command: SHUTDOWN");
    assert!(next().contains("No such file"));
    assert!(next().starts_with("0 Go ahead"));
    assert_eq!(next(), "1 errors");
    assert!(next().starts_with("1 Unknown command"));

    rrdcached.kill();
    let target = format!("rrdcached://{address}");
    assert!(causes(&recorded.try_push(&target).unwrap_err()).contains("unavailable"));
    rrdcached.start_again();
    assert_eq!(recorded.push(&target).taken, 18);
    assert_eq!(rrdcached.newest(), newest(&recorded, |_| true));
}

#[test]
fn several_mariadbs_share_the_hosts_and_a_second_time_changes_nothing() {
    let mut recorded = Recorded::new();
    for number in 3..9 {
        recorded.run_on(&format!("ci-{number}"), now() - 8_000);
    }
    let mut servers = [MariaDb::start(), MariaDb::start()];
    let target = format!(
        "mysql://ci:s3cret@{},{}/ci",
        servers[0].address(),
        servers[1].address()
    );
    assert_eq!(recorded.push(&target).taken, 72);
    assert_eq!(recorded.push_again(&target).taken, 72);

    servers[1].kill();
    for number in 1..9 {
        recorded.run_on(&format!("ci-{number}"), now() - 1_000);
    }
    assert!(causes(&recorded.try_push(&target).unwrap_err()).contains("not available"));
    servers[1].start_again();
    assert_eq!(recorded.push(&target).taken, 72);
    let [mut one, other] = servers.each_ref().map(MariaDb::stored);
    assert!(one.count() > 0 && other.count() > 0, "one has everything");
    assert!(
        one.0.keys().all(|series| !other.0.contains_key(series)),
        "a series is in both"
    );
    one.add_all(other);
    assert_eq!(one, recorded.stored());

    recorded.run_on("ci-1", now() - 500);
    for (right, wrong) in [("s3cret", "wrong"), ("/ci", "/nope")] {
        let error = recorded
            .try_push(&target.replace(right, wrong))
            .unwrap_err();
        assert!(
            causes(&error).contains("lets nothing in"),
            "{}",
            causes(&error)
        );
    }
}

#[test]
fn clickhouse_has_what_was_recorded_and_a_second_time_changes_nothing() {
    let mut recorded = Recorded::new();
    let mut clickhouse = ClickHouse::start();
    let target = format!("clickhouse+http://ci:s3cret@{}", clickhouse.http());
    assert_eq!(recorded.push(&target).taken, 18);
    assert_eq!(recorded.push_again(&target).taken, 18);
    assert_eq!(clickhouse.stored(), recorded.stored());

    clickhouse.kill();
    recorded.run_on("ci-1", now() - 1_000);
    assert!(causes(&recorded.try_push(&target).unwrap_err()).contains("not available"));
    clickhouse.start_again();
    assert_eq!(recorded.push(&target).taken, 9);
    assert_eq!(clickhouse.stored(), recorded.stored());

    recorded.run_on("ci-1", now() - 500);
    let error = recorded
        .try_push(&target.replace("s3cret", "wrong"))
        .unwrap_err();
    assert!(
        causes(&error).contains("lets nothing in"),
        "{}",
        causes(&error)
    );
}

#[test]
fn redis_has_time_series_of_what_was_recorded_and_a_second_time_changes_nothing() {
    let names = [
        "mad_run_info",
        "mad_source_lines_change",
        "mad_test_duration_seconds",
    ];
    let mut recorded = Recorded::new();
    let mut servers = [
        Redis::start_with_time_series(),
        Redis::start_with_time_series(),
    ];
    let target = format!(
        "redis-timeseries://:s3cret@{},{}/0",
        servers[0].address(),
        servers[1].address()
    );
    for number in 3..9 {
        recorded.run_on(&format!("ci-{number}"), now() - 8_000);
    }
    assert_eq!(recorded.push(&target).taken, 72);
    assert_eq!(recorded.push_again(&target).taken, 72);

    servers[1].kill();
    for number in 1..9 {
        // Older than what is there.
        recorded.run_on(&format!("ci-{number}"), now() - 60_000);
    }
    assert!(causes(&recorded.try_push(&target).unwrap_err()).contains("not available"));
    servers[1].start_again();
    assert_eq!(recorded.push(&target).taken, 72);
    let [mut one, other] = servers.each_ref().map(|server| server.time_series(&names));
    assert!(one.count() > 0 && other.count() > 0, "one has everything");
    one.add_all(other);
    assert_eq!(one, recorded.stored());

    let wrong = target.replace("s3cret", "wrong");
    let error = recorded.try_push_again(&wrong).unwrap_err();
    assert!(causes(&error).contains("WRONGPASS"), "{}", causes(&error));
    let plain = Redis::start();
    let target = format!("redis-timeseries://:s3cret@{}", plain.address());
    let error = recorded.try_push_again(&target).unwrap_err();
    assert!(
        causes(&error).contains("has no time series"),
        "{}",
        causes(&error)
    );
}

#[test]
fn what_speaks_like_mongodb_has_what_was_recorded_and_tells_what_came_before() {
    let mut recorded = Recorded::new();
    let mut mongodb = MongoDb::start();
    let target = format!("mongodb://ci:s3cret@{}/ci?authSource=ci", mongodb.address());
    assert_eq!(recorded.push(&target).taken, 18);
    assert_eq!(mongodb.stored(), recorded.stored());
    let second = recorded.push_again(&target);
    assert_eq!((second.taken, second.present, second.refused()), (0, 18, 0));

    mongodb.kill();
    // Older than what is there.
    recorded.run_on("ci-1", now() - 60_000);
    let away = format!("{target}&serverSelectionTimeoutMS=500");
    assert!(causes(&recorded.try_push(&away).unwrap_err()).contains("not available"));
    mongodb.start_again();
    assert_eq!(recorded.push(&target).taken, 9);
    assert_eq!(mongodb.stored(), recorded.stored());

    for (right, wrong) in [("s3cret", "wrong"), ("/ci?", "/nope?")] {
        let error = recorded
            .try_push_again(&target.replace(right, wrong))
            .unwrap_err();
        assert!(
            causes(&error).contains("lets nothing in"),
            "{}",
            causes(&error)
        );
    }
}
