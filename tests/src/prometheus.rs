//! A real Prometheus, and its tool that judges metrics pages.

use std::fs::{File, read_to_string, write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::alertmanager::Alertmanager;
use crate::foreign::go_installed;
use crate::http::{encode, get};
use crate::process::Process;
use crate::samples::Samples;
use crate::wait::eventually;

/// Version 3.16, as its authors number the module.
const VERSION_3: &str = "github.com/prometheus/prometheus/cmd/prometheus@v0.316.0";

/// Installs a Prometheus 3 into a folder, and returns where it is.
#[track_caller]
pub(crate) fn version_3(folder: &Path) -> PathBuf {
    // Without service discovery, of which each kind brings the library of some cloud.
    go_installed(VERSION_3, "remove_all_sd", folder)
}

/// A real Prometheus that scrapes one target every second.
#[derive(Debug)]
pub struct Prometheus {
    _process: Process,
    _folder: TempDir,
    address: String,
}

impl Prometheus {
    /// Starts it for a target such as `http://127.0.0.1:9464`, and returns when it is ready.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn scraping(target: &str) -> Self {
        Self::scraping_with(target, &[])
    }

    /// Starts it with flags of its own.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn scraping_with(target: &str, flags: &[&str]) -> Self {
        Self::start("prometheus", "", target, flags, "")
    }

    /// Starts it with rules, evaluated every second, whose alerts it sends on.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn alerting(target: &str, rules: &str, to: &Alertmanager) -> Self {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("shop.rules.yml");
        write(&file, rules).unwrap();
        let more = format!(
            "rule_files: [{}]\n\
             alerting: {{alertmanagers: [{{static_configs: [{{targets: [\"{}\"]}}]}}]}}\n",
            file.display(),
            to.address
        );
        // It reads the rules before it is ready.
        Self::start("prometheus", "", target, &[], &more)
    }

    /// Starts one of version 3, with more lines about how it scrapes.
    ///
    /// # Panics
    ///
    /// If it does not start, or there is no Go, or its modules cannot be had.
    #[track_caller]
    pub fn version_3(folder: &Path, target: &str, scraping: &str) -> Self {
        let program = version_3(folder);
        Self::start(&program.display().to_string(), scraping, target, &[], "")
    }

    #[track_caller]
    fn start(program: &str, scraping: &str, target: &str, flags: &[&str], more: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let target = target.trim_start_matches("http://");
        let config = format!(
            "global: {{scrape_interval: 1s, scrape_timeout: 900ms, evaluation_interval: 1s}}\n\
             scrape_configs: [{{job_name: shop, {scraping} static_configs: [{{targets: [\"{target}\"]}}]}}]\n\
             {more}"
        );
        let config_file = folder.path().join("prometheus.yml");
        write(&config_file, config).unwrap();
        let log_file = folder.path().join("log");
        let log = File::create(&log_file).unwrap();
        let mut command = Command::new(program);
        command
            .args(flags)
            .arg(format!("--config.file={}", config_file.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.path().join("data").display()
            ))
            .arg("--web.listen-address=127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        let mut process = Process::start(&mut command);
        let mut address = None;
        eventually("Prometheus is ready", || {
            let ended = process.child().try_wait().unwrap();
            let log = read_to_string(&log_file).unwrap();
            assert!(ended.is_none(), "Prometheus has ended: {ended:?}: {log}");
            address = listening_address(&log);
            address.as_deref().is_some_and(is_ready)
        });
        Self {
            _process: process,
            _folder: folder,
            address: address.expect("it is ready"),
        }
    }

    /// Returns the values that an expression has now, with the labels of each.
    ///
    /// # Panics
    ///
    /// If Prometheus does not understand it.
    #[track_caller]
    pub fn query(&self, expression: &str) -> Vec<(Value, f64)> {
        let query = encode(expression);
        let answer = get(&format!(
            "http://{}/api/v1/query?query={query}",
            self.address
        ))
        .json();
        assert_eq!(answer["status"], "success", "{answer}");
        let results = answer["data"]["result"].as_array().unwrap();
        let sample = |result: &Value| {
            let value = result["value"][1].as_str().unwrap().parse().unwrap();
            (result["metric"].clone(), value)
        };
        results.iter().map(sample).collect()
    }

    /// Waits until an expression has something, and returns what, without the labels of the scrape.
    ///
    /// # Panics
    ///
    /// If Prometheus does not understand it, or it has nothing within a minute.
    #[track_caller]
    pub fn samples(&self, expression: &str) -> Samples {
        let mut samples = Samples::default();
        for (metric, value) in self.found(expression) {
            let labels = metric.as_object().unwrap().iter();
            let labels = labels.map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
            let own = labels.filter(|(name, _)| !["__name__", "job", "instance"].contains(name));
            samples.add(metric["__name__"].as_str().unwrap(), own, value);
        }
        samples
    }

    /// Waits until an expression has a value, and returns it.
    ///
    /// # Panics
    ///
    /// If it has several, or none within a minute.
    #[track_caller]
    pub fn value(&self, expression: &str) -> f64 {
        match &self.found(expression)[..] {
            [(_, value)] => *value,
            many => panic!("{expression} has {} values", many.len()),
        }
    }

    /// Returns what an expression has, once there is something: after a scrape that took longer than its second, as
    /// on a busy machine, every series is gone until the next.
    #[track_caller]
    fn found(&self, expression: &str) -> Vec<(Value, f64)> {
        let mut found = Vec::new();
        eventually(&format!("{expression} has a value"), || {
            found = self.query(expression);
            !found.is_empty()
        });
        found
    }

    /// Waits until an expression has this value.
    ///
    /// # Panics
    ///
    /// If it does not within a minute.
    #[track_caller]
    pub fn becomes(&self, expression: &str, value: f64) {
        eventually(&format!("{expression} == {value}"), || {
            let found = self.query(expression);
            matches!(found[..], [(_, found)] if found.to_bits() == value.to_bits())
        });
    }

    /// Returns the labels and the value of each exemplar of an expression's series that Prometheus has stored.
    ///
    /// # Panics
    ///
    /// If Prometheus does not understand it, or stores no exemplars.
    #[track_caller]
    pub fn exemplars(&self, expression: &str) -> Vec<(Value, Value)> {
        let query = encode(expression);
        let answer = get(&format!(
            "http://{}/api/v1/query_exemplars?query={query}&start=0&end=9999999999",
            self.address
        ))
        .json();
        assert_eq!(answer["status"], "success", "{answer}");
        let series = answer["data"].as_array().unwrap().iter();
        let exemplars = series.flat_map(|series| series["exemplars"].as_array().unwrap());
        let labels_and_value =
            |exemplar: &Value| (exemplar["labels"].clone(), exemplar["value"].clone());
        exemplars.map(labels_and_value).collect()
    }

    /// Returns the last error of the scrape, which is empty when all is well.
    pub fn last_error(&self) -> String {
        let answer = get(&format!("http://{}/api/v1/targets", self.address)).json();
        answer["data"]["activeTargets"][0]["lastError"].to_string()
    }
}

/// Finds the address with the port that it got in what it logs.
fn listening_address(log: &str) -> Option<String> {
    let line = log.lines().find(|line| line.contains("\"Listening on\""))?;
    let (_, address) = line.split_once("address=")?;
    address.split_whitespace().next().map(str::to_owned)
}

fn is_ready(address: &str) -> bool {
    get(&format!("http://{address}/-/ready")).status == 200
}
