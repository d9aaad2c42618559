//! Disks that are full, those of servers and that of the store, and what becomes of what had no room.

use std::process::Command;

use tests::{
    ClickHouse, InfluxDb, MariaDb, ReceivingPrometheus, Recorded, Redis, Rrdcached,
    VictoriaMetrics, build_mad, causes, eventually, mad, now, on_small_disk,
};

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
fn mariadb_on_a_full_disk_loses_nothing() {
    let mut recorded = Recorded::new();
    let mut mariadb = MariaDb::start_on_small_disk();
    let target = format!("mysql://ci:s3cret@{}/ci", mariadb.address());
    recorded.push(&target);
    mariadb.fill_disk();
    let said = until_it_is_full(&mut recorded, &target);
    assert!(said.contains("not available"), "{said}");
    mariadb.free_disk();
    eventually("it takes the rest", || recorded.try_push(&target).is_ok());
    assert_eq!(mariadb.stored(), recorded.stored());
}

#[test]
fn clickhouse_on_a_full_disk_loses_nothing() {
    let mut recorded = Recorded::new();
    let mut clickhouse = ClickHouse::start_on_small_disk();
    let target = format!("clickhouse+http://ci:s3cret@{}", clickhouse.http());
    recorded.push(&target);
    clickhouse.fill_disk();
    let said = until_it_is_full(&mut recorded, &target);
    assert!(said.contains("not available"), "{said}");
    clickhouse.free_disk();
    eventually("it takes the rest", || recorded.try_push(&target).is_ok());
    assert_eq!(clickhouse.stored(), recorded.stored());
}

#[test]
fn rrdcached_on_a_full_disk_loses_nothing() {
    let mut recorded = Recorded::new();
    let mut rrdcached = Rrdcached::start_on_small_disk();
    let target = format!("rrdcached://{}", rrdcached.address());
    recorded.push(&target);
    rrdcached.fill_disk();
    let said = until_it_is_full(&mut recorded, &target);
    // That is all that it says itself.
    assert!(said.contains("cannot be made: RRD Error"), "{said}");
    rrdcached.free_disk();
    recorded.push(&target);
    // It tells what it has already.
    let again = recorded.push_again(&target);
    let count = recorded.readings().len();
    assert_eq!((again.taken, again.present), (0, count), "{again:?}");
}

#[test]
fn victoria_metrics_ends_on_a_full_disk_and_another_gets_everything() {
    let mut recorded = Recorded::new();
    let mut victoria = VictoriaMetrics::start_on_small_disk();
    let target = format!("remote-write+http://{}", victoria.http());
    recorded.push(&target);
    victoria.fill_disk();
    let said = until_it_is_full(&mut recorded, &target);
    assert!(said.contains("not available"), "{said}");
    let another = VictoriaMetrics::start();
    recorded.push_again(&target.replace(victoria.http(), another.http()));
    eventually("all of it is there", || {
        another.stored("mad_") == recorded.stored()
    });
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
