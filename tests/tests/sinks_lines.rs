//! What a store holds goes to servers that take lines, and is there.

use std::fmt::Write as _;
use std::path::Path;

use mad_store::sink::Pushed;
use tests::{
    Carbon, InfluxDb, OpenTsdb, Recorded, Stored, VictoriaMetrics, causes, eventually, now,
};

/// The labels of a server that gets `%` and two digits for each byte that cannot be written.
fn encoded(stored: Stored, is_legal: fn(char) -> bool) -> Stored {
    stored.map(|mut series, at| {
        for value in series.labels.values_mut() {
            let mut encoded = String::new();
            for letter in value.chars() {
                if is_legal(letter) {
                    encoded.push(letter);
                    continue;
                }
                for byte in letter.to_string().bytes() {
                    write!(encoded, "%{byte:02X}").unwrap();
                }
            }
            *value = encoded;
        }
        (series, at)
    })
}

#[test]
fn influxdb_has_what_was_recorded_and_gets_only_what_is_new() {
    let mut recorded = Recorded::new();
    let influxdb = InfluxDb::start();
    let target = format!("influx+http://{}/write?db=ci", influxdb.http());
    let first = recorded.push(&target);
    assert_eq!((first.runs, first.taken, first.refused()), (2, 18, 0));
    let legal = |letter: char| !letter.is_control() && letter != '\\';
    assert_eq!(influxdb.stored("mad_"), encoded(recorded.stored(), legal));

    assert_eq!(recorded.push(&target), Pushed::default());
    recorded.run_on("ci-1", now() - 1_000);
    assert_eq!(recorded.push(&target).taken, 9);
    assert_eq!(influxdb.stored("mad_"), encoded(recorded.stored(), legal));
}

/// Graphite counts in seconds, and tags have a smaller alphabet.
fn as_graphite_has_it(stored: Stored) -> Stored {
    let in_seconds = stored.map(|series, at| (series, at.div_euclid(1000) * 1000));
    let legal = |letter: char| !letter.is_whitespace() && !letter.is_control() && letter != ';';
    encoded(in_seconds, legal).map(|mut series, at| {
        for value in series.labels.values_mut() {
            if let Some(rest) = value.strip_prefix('~') {
                *value = format!("%7E{rest}");
            }
        }
        (series, at)
    })
}

#[test]
fn victoria_metrics_has_what_came_as_lines_of_graphite_and_of_influxdb() {
    let mut recorded = Recorded::new();
    let victoria = VictoriaMetrics::start();
    recorded.push(&format!("graphite://{}", victoria.graphite()));
    let expected = as_graphite_has_it(recorded.stored());
    eventually("all of it is there", || victoria.stored("mad_") == expected);

    let influx = format!("influx+http://{}/write?db=ci", victoria.http());
    assert_eq!(recorded.push(&influx).taken, 18);
    let legal = |letter: char| !letter.is_control() && letter != '\\';
    let expected = encoded(recorded.stored(), legal).map(|mut series, at| {
        series.name.push_str("_value");
        series.labels.insert("db".to_owned(), "ci".to_owned());
        (series, at)
    });
    eventually("all of it is there", || {
        victoria.stored("mad_.*_value") == expected
    });
}

#[test]
fn carbon_has_what_it_took_and_a_carbon_that_is_away_loses_nothing() {
    let mut recorded = Recorded::new();
    let mut carbon = Carbon::start();
    let target = format!("graphite://{}", carbon.graphite());
    assert_eq!(recorded.push(&target).taken, 18);
    let expected = numbers(&recorded);
    for (second, numbers) in expected {
        eventually("carbon has written its files", || {
            sorted(carbon.numbers_at(second)) == numbers
        });
    }

    carbon.kill();
    recorded.run_on("ci-3", now() - 2_000);
    let error = recorded.try_push(&target).unwrap_err();
    assert!(causes(&error).contains("not available"), "{error}");
    carbon.start_again();
    assert_eq!(recorded.push(&target).taken, 9);
    let (second, numbers) = numbers(&recorded).pop().unwrap();
    eventually("carbon has written its files", || {
        sorted(carbon.numbers_at(second)) == numbers
    });
}

/// The numbers of each second, smallest first.
fn numbers(recorded: &Recorded) -> Vec<(i64, Vec<f64>)> {
    let mut seconds = std::collections::BTreeMap::<i64, Vec<f64>>::new();
    for reading in recorded.readings() {
        seconds
            .entry(reading.at.div_euclid(1000))
            .or_default()
            .push(reading.value);
    }
    seconds
        .into_iter()
        .map(|(second, numbers)| (second, sorted(numbers)))
        .collect()
}

fn sorted(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers
}

#[test]
fn a_database_that_is_not_there_drops_nothing() {
    let mut recorded = Recorded::new();
    let influxdb = InfluxDb::start();
    let http = influxdb.http();
    let error = recorded
        .try_push(&format!("influx+http://{http}/write?db=nope"))
        .unwrap_err();
    assert!(
        causes(&error).contains("database not found"),
        "{}",
        causes(&error)
    );
    assert_eq!(influxdb.stored("mad_"), Stored::default());
}

/// OpenTSDB has no more than ASCII letters, digits and a few signs.
fn as_opentsdb_has_it(stored: Stored) -> Stored {
    stored.map(|mut series, at| {
        for value in series.labels.values_mut() {
            let letters = value.replace("::", "..");
            let letters = letters.chars().map(|letter| match letter {
                letter if letter.is_ascii_alphanumeric() || "-_.".contains(letter) => letter,
                _ => '_',
            });
            *value = letters.collect();
        }
        (series, at)
    })
}

/// Takes away the hash that keeps apart what looks the same in a smaller alphabet.
fn without_hashes(stored: Stored) -> Stored {
    stored.map(|mut series, at| {
        for value in series.labels.values_mut() {
            if let Some((word, hash)) = value.rsplit_once('-')
                && hash.len() == 16
            {
                *value = word.to_owned();
            }
        }
        (series, at)
    })
}

#[test]
fn victoria_metrics_and_influxdb_have_what_came_as_opentsdb_sends_it() {
    let mut recorded = Recorded::new();
    let victoria = VictoriaMetrics::start();
    let influxdb = InfluxDb::start();
    let exact = as_opentsdb_has_it(recorded.stored());
    let in_seconds = exact
        .clone()
        .map(|series, at| (series, at.div_euclid(1000) * 1000));
    recorded.push(&format!("opentsdb://{}", victoria.opentsdb()));
    eventually("VictoriaMetrics has the lines", || {
        without_hashes(victoria.stored("mad_")) == in_seconds
    });
    recorded.push(&format!("opentsdb+http://{}", victoria.opentsdb_http()));
    let mut both = in_seconds.clone();
    both.add_all(exact.clone());
    eventually("VictoriaMetrics has the JSON", || {
        without_hashes(victoria.stored("mad_")) == both
    });

    let lines = format!("opentsdb://{}", influxdb.opentsdb());
    recorded.push(&lines);
    eventually("InfluxDB has the lines", || {
        without_hashes(influxdb.stored("mad_")) == in_seconds
    });
    // Of what is behind the second it makes microseconds.
    recorded.run_on("ci-3", now() - 3_000);
    recorded.push(&lines.replace("opentsdb", "opentsdb+http"));
    let all = as_opentsdb_has_it(recorded.stored());
    let in_seconds = all.map(|series, at| (series, at.div_euclid(1000) * 1000));
    eventually("InfluxDB has the JSON", || {
        without_hashes(influxdb.stored("mad_")) == in_seconds
    });
}

#[test]
#[ignore = "needs a JDK and Maven: cargo xtask test --all"]
fn opentsdb_itself_has_what_was_recorded_also_once_it_is_back() {
    let mut recorded = Recorded::new();
    let mut opentsdb = OpenTsdb::start(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let exact = as_opentsdb_has_it(recorded.stored());
    let in_seconds = exact
        .clone()
        .map(|series, at| (series, at.div_euclid(1000) * 1000));
    let lines = format!("opentsdb://{}", opentsdb.address());
    assert_eq!(recorded.push(&lines).taken, 18);
    assert_eq!(recorded.push_again(&lines).taken, 18);
    eventually("it has the lines", || {
        without_hashes(opentsdb.stored("mad_")) == in_seconds
    });
    let json = format!("opentsdb+http://{}", opentsdb.address());
    assert_eq!(recorded.push(&json).taken, 18);
    assert_eq!(recorded.push_again(&json).taken, 18);
    let mut both = in_seconds;
    both.add_all(exact);
    eventually("it has the JSON", || {
        without_hashes(opentsdb.stored("mad_")) == both
    });

    opentsdb.kill();
    // Older than what is there.
    let at = now() - 60_000;
    recorded.run_on("ci-1", at);
    assert!(causes(&recorded.try_push(&json).unwrap_err()).contains("not available"));
    opentsdb.start_again();
    assert_eq!(recorded.push(&json).taken, 9);
    both.add_all(as_opentsdb_has_it(recorded.stored()));
    eventually("it has the rest", || {
        without_hashes(opentsdb.stored("mad_")) == both
    });
}
