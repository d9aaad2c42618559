//! What metrics cost beside those of others: time, instructions and memory.

mod asked;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::instructions;
use crate::command;
use crate::project::{Project, Template};
use crate::table::Table;
use crate::workspace::Workspace;

const TEMPLATE: Template = Template {
    name: "bench-metrics",
    manifest: include_str!("../../bench/metrics/Cargo.toml"),
    file: "src/main.rs",
};

const MAIN: &str = include_str!("../../bench/metrics/src/main.rs");

macro_rules! files {
    ($($path:literal)+) => {
        &[$(($path, include_str!(concat!("../../bench/metrics/", $path)))),+]
    };
}

const FILES: &[(&str, &str)] = files! {
    "src/clock.rs"
    "src/own_core.rs"
    "src/heap.rs"
    "src/peer.rs"
    "src/side_by_side.rs"
    "src/works.rs"
    "src/peers/mod.rs"
    "src/peers/floor.rs"
    "src/peers/foundations.rs"
    "src/peers/mad.rs"
    "src/peers/measured.rs"
    "src/peers/mep.rs"
    "src/peers/metriken.rs"
    "src/peers/otel.rs"
    "src/peers/prometheus.rs"
    "src/peers/prometheus_client.rs"
};

/// Everybody, by the name that the program knows.
const PEERS: [&str; 11] = [
    FLOOR,
    OURS,
    "mad-metrics' macros",
    YARDSTICK,
    "prometheus",
    "prometheus-client",
    "measured",
    "metriken",
    "metriken sharded",
    "opentelemetry-prometheus",
    "foundations",
];

/// Everybody who is neither ours nor the floor.
const OTHERS: &[&str] = PEERS.split_at(3).1;

/// How often everybody is measured. Others use the machine: the least of all is nearest to what a work takes.
const PASSES: usize = 2;

const FLOOR: &str = "floor";
const OURS: &str = "mad-metrics";
const YARDSTICK: &str = "metrics-exporter-prometheus";

/// Who has something on the heap.
const ON_THE_HEAP: [&str; 7] = [
    OURS,
    YARDSTICK,
    "prometheus",
    "prometheus-client",
    "measured",
    "opentelemetry-prometheus",
    "foundations",
];

/// Whose instructions are counted, and for what, how often.
const COUNTED: [&str; 4] = [OURS, "mad-metrics' macros", YARDSTICK, FLOOR];
const COUNTED_WORKS: [(&str, u64, u64); 5] = [
    ("increment", 20_000, 1),
    ("static look-up", 20_000, 1),
    ("dynamic look-up", 20_000, 1),
    ("histogram", 20_000, 1),
    // Each page has a thousand series.
    ("page of counters", 2, 1_000),
];

/// Measures and prints the table.
///
/// # Errors
///
/// If something does not build or does not run.
pub(crate) fn run() -> crate::Result {
    let workspace = Workspace::load()?;
    let project = Project::create(&workspace, TEMPLATE, MAIN)?;
    for (path, source) in FILES {
        project.add(path, source)?;
    }
    let mut results = Results::default();
    let build = ["build", "--release", "--locked"];
    command::run(project.cargo(&build).args(["--features", "heap"]))?;
    for peer in ON_THE_HEAP {
        results.read(
            peer,
            &command::output(Command::new(project.binary()).args([peer, "heap"]))?,
        );
    }
    command::run(&mut project.cargo(&build))?;
    for peer in [PEERS; PASSES].concat() {
        println!("measuring {peer}");
        results.read(
            peer,
            &command::output(Command::new(project.binary()).arg(peer))?,
        );
    }
    if command::is_installed("valgrind") {
        let counts = workspace.scratch(TEMPLATE.name).join("instructions");
        for peer in COUNTED {
            count(&mut results, &project.binary(), &counts, peer)?;
        }
    }
    print!("\n{}", results.table());
    Ok(())
}

/// Counts the instructions of some works.
fn count(results: &mut Results, binary: &Path, counts: &Path, peer: &str) -> crate::Result {
    for (work, times, each) in COUNTED_WORKS {
        let lacks = peer == FLOOR && work == "dynamic look-up"
            || peer == "mad-metrics' macros" && !work.contains("look-up");
        if lacks {
            continue;
        }
        let run = |times: u64| instructions::of(binary, &[peer, work, &times.to_string()], counts);
        // What is done once is the same in both.
        let instructions = run(2 * times)?.saturating_sub(run(times)?);
        let what = match work {
            "page of counters" => "a series on a page",
            work => work,
        };
        let value = instructions / (times * each);
        results.add(peer, &format!("{what}, instructions"), &value.to_string());
    }
    Ok(())
}

/// Values by work and peer.
#[derive(Debug, Default)]
struct Results {
    works: Vec<String>,
    values: BTreeMap<(String, String), String>,
}

impl Results {
    /// Takes what a peer has printed: a line for each work.
    fn read(&mut self, peer: &str, output: &str) {
        for line in output.lines() {
            if let Some((work, value)) = line.split_once('\t') {
                self.add(peer, work, value);
            }
        }
    }

    fn add(&mut self, peer: &str, work: &str, value: &str) {
        if !self.works.iter().any(|known| known == work) {
            self.works.push(work.to_owned());
        }
        let earlier = self.value(work, peer).unwrap_or(f64::INFINITY);
        if value.parse().is_ok_and(|value: f64| value < earlier) {
            let of = (work.to_owned(), peer.to_owned());
            self.values.insert(of, value.to_owned());
        }
    }

    fn value(&self, work: &str, peer: &str) -> Option<f64> {
        let of = (work.to_owned(), peer.to_owned());
        self.values.get(&of)?.parse().ok()
    }

    fn table(&self) -> Table {
        let ratio = format!("{OURS} x {YARDSTICK}");
        let columns = ["work"].into_iter().chain(PEERS);
        let columns: Vec<&str> = columns.chain([&*ratio, "asked", "holds"]).collect();
        let mut table = Table::new(&columns);
        for work in &self.works {
            let values = PEERS.map(|peer| self.value(work, peer).map_or("-".to_owned(), shown));
            let yardstick = self.value(work, YARDSTICK);
            let ours = self.value(work, OURS);
            let ratio = ours
                .zip(yardstick)
                .map(|(ours, yardstick)| ours / yardstick);
            let ratio = ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.3}"));
            let row: Vec<String> = [work.clone()]
                .into_iter()
                .chain(values)
                .chain([ratio])
                .chain(asked::cells(self, work))
                .collect();
            table.row(&row);
        }
        table
    }
}

/// Returns a value with about three digits.
fn shown(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 1.0 => format!("{value:.1}"),
        value => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{OURS, Results, YARDSTICK, shown};

    #[test]
    fn a_row_has_the_values_of_all_and_the_ratio() {
        let mut results = Results::default();
        results.read(OURS, "increment, ns\t2.5\nnoise\n");
        results.read(YARDSTICK, "increment, ns\t5\n");
        let table = results.table().to_string();
        let row = table.lines().last().unwrap();
        assert!(row.contains("| 2.5 |") && row.contains("0.500"), "{row}");
    }

    #[test]
    fn the_least_of_all_passes_counts() {
        let mut results = Results::default();
        for output in ["timer, ns\t70\n", "timer, ns\t60\n", "timer, ns\t65\n"] {
            results.read(OURS, output);
        }
        assert_eq!(results.value("timer, ns", OURS), Some(60.0));
    }

    #[test]
    fn values_are_short() {
        assert_eq!(
            [1234.5, 12.34, 0.12345].map(shown),
            ["1234", "12.3", "0.123"]
        );
    }
}
