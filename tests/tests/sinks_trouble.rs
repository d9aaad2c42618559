//! Servers that are busy, full, killed or closed to us, and what becomes of what was sent to them.

use std::process::{Child, Command, Stdio};

use mad_store::sink::{PushOptions, Target, push};
use tests::{
    Authority, InfluxDb, Nginx, Pushgateway, ReceivingPrometheus, Recorded, Redis, Rotel,
    VictoriaMetrics, build_mad, causes, eventually, mad, now, on_small_disk,
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

/// Pushes until the server has no room any more, and returns what is then said.
#[track_caller]
fn until_it_is_full(recorded: &mut Recorded, target: &str) -> String {
    let start = now() - 4_000;
    for number in 0..2_000 {
        recorded.run_on("ci-1", start + number);
        if let Err(error) = recorded.try_push(target) {
            return causes(&error);
        }
    }
    panic!("it takes and takes");
}

#[test]
fn influxdb_on_a_full_disk_is_one_that_is_not_available() {
    let mut recorded = Recorded::new();
    let mut influxdb = InfluxDb::start_on_small_disk();
    let target = format!("influx+http://{}/write?db=ci", influxdb.http());
    recorded.push(&target);
    influxdb.fill_disk();
    let said = until_it_is_full(&mut recorded, &target);
    assert!(
        said.contains("not available") && said.contains("no space left"),
        "{said}"
    );
    // It says so until it is started again, whatever room there is.
    influxdb.free_disk();
    assert_eq!(causes(&recorded.try_push(&target).unwrap_err()), said);
    let another = InfluxDb::start();
    recorded.push_again(&target.replace(influxdb.http(), another.http()));
    assert_eq!(another.stored("mad_").count(), recorded.stored().count());
}

#[test]
fn prometheus_on_a_full_disk_loses_nothing() {
    let mut recorded = Recorded::new();
    let mut prometheus = ReceivingPrometheus::start_on_small_disk();
    let target = format!("remote-write+http://{}", prometheus.http());
    recorded.push(&target);
    prometheus.fill_disk();
    let said = until_it_is_full(&mut recorded, &target);
    assert!(
        said.contains("not available") && said.contains("no space left"),
        "{said}"
    );
    prometheus.free_disk();
    eventually("it takes the rest", || recorded.try_push(&target).is_ok());
    assert_eq!(prometheus.stored("mad_").count(), recorded.stored().count());
}

#[test]
fn redis_on_a_full_disk_loses_nothing() {
    let mut recorded = Recorded::new();
    let mut redis = Redis::start_on_small_disk();
    let target = format!("redis://:s3cret@{}", redis.address());
    recorded.push(&target);
    redis.fill_disk();
    let said = until_it_is_full(&mut recorded, &target);
    assert!(
        said.contains("not available") && said.contains("MISCONF"),
        "{said}"
    );
    redis.free_disk();
    eventually("it takes the rest", || recorded.try_push(&target).is_ok());
    assert_eq!(redis.entries(), recorded.stored().count());
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

/// The disk that the store is on fills up, run by run. Then what it has is sent, before and after there is room again.
const FULL: &str = r#"
set -u
mkdir .git .mad && head -c 100000 /dev/zero >ballast || exit 99
mad=$1 report=$2 sink=$3 runs=0
# A report is as old as its file.
while touch $report && said=$($mad ingest junit $report 2>&1); do
    runs=$((runs + 1))
    test $runs -lt 100 || exit 98
done
echo "$runs runs, then: $said"
$mad store check || exit 97
said=$($mad push --patience 1s --to $sink 2>&1) && exit 96
echo "push: $said"
rm ballast
$mad push --patience 1s --to $sink
"#;

#[test]
fn a_store_on_a_full_disk_says_so_and_sends_all_that_it_has() {
    build_mad();
    let folder = tempfile::tempdir().unwrap();
    let influxdb = InfluxDb::start();
    let case = |number| format!("<testcase classname='shop' name='number_{number}' time='1'/>");
    let cases: String = (0..1_000).map(case).collect();
    let report = folder.path().join("report.xml");
    let suites = format!("<testsuites><testsuite name='shop'>{cases}</testsuite></testsuites>");
    std::fs::write(&report, suites).unwrap();

    let disk = folder.path().join("disk");
    let mut script = Command::new("sh");
    script.args(["-c", &format!("cd {} && {FULL}", disk.display()), "full"]);
    script.arg(mad().get_program()).arg(report);
    script.arg(format!("influx+http://{}/write?db=ci", influxdb.http()));
    let output = on_small_disk(&disk, 2, &script).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{output:?}");

    let runs = said.split(' ').next().unwrap();
    let full = "database or disk is full";
    let claims = [
        format!("{runs} runs, then: mad: "),
        format!("{runs} runs, "),
        "push: mad: ".to_owned(),
    ];
    let mut rest = said.as_str();
    for claim in claims {
        let (_, after) = rest
            .split_once(&claim)
            .unwrap_or_else(|| panic!("{claim:?} is not in {said}"));
        rest = after;
    }
    let complaints = said.lines().filter(|line| line.contains(full));
    assert_eq!(complaints.count(), 2, "{said}");
    let of_runs = influxdb.stored("mad_run_info").count();
    assert_eq!(of_runs.to_string(), runs, "{said}");
}
