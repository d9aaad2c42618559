//! Health, read by Nagios through the plugin that the documents show, and its numbers by Icinga.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use mad_core::{Outcome, Unit};
use mad_exporter::Exporter;
use tests::{Served, eventually, get, icinga_reads, readiness};

const HOSTILE: &str = "gone | 'x'=1\nMAD OK - forged\t\u{1b}[31m";

fn service(outcome: fn() -> Outcome, status: u16) -> Served {
    let database = readiness("database", move |_| {
        mad_core::observe("connections", 7, Unit::Count);
        mad_core::observe("free", 1024, Unit::Bytes);
        mad_core::observe("tiny", 1e-9, Unit::Seconds);
        mad_core::observe("huge", 1e30, Unit::Count);
        outcome()
    });
    let service = Served::start(Exporter::builder(), [database, readiness("a/b", |_| true)]);
    service.wait_for_status("/readyz/database?consul", status);
    service.wait_for_status("/readyz/a/b", 200);
    service
}

/// The plugin, as the documents show it.
fn plugin() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/dialects.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```sh\n").expect("a plugin");
    let (plugin, _) = rest.split_once("```").expect("its end");
    plugin.to_owned()
}

/// Nagios, in a folder of its own, ended with the test.
struct Nagios {
    folder: tempfile::TempDir,
    process: std::process::Child,
}

impl Nagios {
    /// Starts it with a service for each address.
    fn start(urls: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::create_dir(path.join("results")).unwrap();
        fs::write(path.join("check_mad"), plugin()).unwrap();
        fs::write(path.join("objects.cfg"), objects(path, urls)).unwrap();
        fs::write(path.join("nagios.cfg"), configuration(path)).unwrap();
        let mut nagios = Command::new("nagios4");
        nagios.arg(path.join("nagios.cfg")).stdout(Stdio::null());
        let started = nagios.spawn();
        let process = started.expect("`cargo xtask test` installs what the tests need");
        Self { folder, process }
    }

    /// Returns what it knows of a service, once it has checked it.
    fn knows(&self, service: &str) -> Vec<(String, String)> {
        let mut known = Vec::new();
        eventually(&format!("Nagios has checked {service}"), || {
            let status = fs::read_to_string(self.folder.path().join("status.dat"));
            let status = status.unwrap_or_default();
            let mut parts = status.split("servicestatus {");
            let part =
                parts.find(|part| part.contains(&format!("service_description={service}\n")));
            let lines = part.unwrap_or_default().lines();
            let lines = lines
                .take_while(|line| line.trim() != "}")
                .filter_map(|line| line.trim().split_once('='));
            known = lines
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect();
            known.contains(&("has_been_checked".to_owned(), "1".to_owned()))
        });
        known
    }
}

impl Drop for Nagios {
    fn drop(&mut self) {
        // It may have ended by itself.
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

fn configuration(folder: &Path) -> String {
    let who = |flag: &str| {
        let output = Command::new("id").arg(flag).output().unwrap().stdout;
        String::from_utf8(output).unwrap().trim().to_owned()
    };
    let (folder, user, group) = (folder.display(), who("-un"), who("-gn"));
    format!(
        "cfg_file={folder}/objects.cfg\n\
         log_file={folder}/nagios.log\n\
         object_cache_file={folder}/objects.cache\n\
         status_file={folder}/status.dat\n\
         temp_file={folder}/nagios.tmp\n\
         temp_path={folder}\n\
         check_result_path={folder}/results\n\
         lock_file={folder}/nagios.lock\n\
         query_socket={folder}/nagios.qh\n\
         nagios_user={user}\n\
         nagios_group={group}\n\
         status_update_interval=1\n\
         interval_length=1\n\
         check_external_commands=0\n\
         check_for_updates=0\n\
         retain_state_information=0\n\
         use_syslog=0\n"
    )
}

fn objects(folder: &Path, urls: &[String]) -> String {
    let plugin = format!("/bin/sh {}/check_mad", folder.display());
    let common = "max_check_attempts 1\n contacts nobody\n notifications_enabled 0\n";
    let shared = format!(
        "define host {{\n host_name shop\n address 127.0.0.1\n {common}}}\n\
         define command {{\n command_name check_mad\n command_line {plugin} $ARG1$\n}}\n\
         define contact {{\n contact_name nobody\n host_notifications_enabled 0\n \
         service_notifications_enabled 0\n host_notification_commands check_mad\n \
         service_notification_commands check_mad\n}}\n"
    );
    let services = urls.iter().enumerate().map(|(index, url)| {
        let check = format!("check_command check_mad!{url}\n check_interval 1\n");
        format!(
            "define service {{\n host_name shop\n service_description health-{index}\n {check} {common}}}\n"
        )
    });
    shared + &services.collect::<String>()
}

#[test]
fn nagios_reads_the_state_the_line_for_the_pager_and_the_numbers() {
    let services = [
        service(|| Outcome::Pass, 200),
        service(|| Outcome::warn(HOSTILE), 429),
        service(|| Outcome::fail(HOSTILE), 503),
        service(|| Outcome::skip(HOSTILE), 503),
    ];
    let mut urls: Vec<_> = services.iter().map(Served::url).collect();
    // Where nobody listens.
    urls.push("http://127.0.0.1:1".to_owned());
    let nagios = Nagios::start(&urls);
    for (index, (state, line)) in [
        ("0", "MAD OK - 2 checks up"),
        ("1", "MAD WARNING - database degraded"),
        ("2", "MAD CRITICAL - database down"),
        ("3", "MAD UNKNOWN - database unknown"),
    ]
    .into_iter()
    .enumerate()
    {
        let known = nagios.knows(&format!("health-{index}"));
        let known = |key: &str| {
            let found = known.iter().find(|(other, _)| other == key);
            found.map_or("", |(_, value)| value.as_str())
        };
        assert_eq!(known("current_state"), state, "{line}");
        assert_eq!(known("plugin_output"), line);
        let lines: Vec<_> = known("long_plugin_output").split("\\n").collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[2].contains("database"), "{lines:?}");
        let numbers = known("performance_data");
        assert!(numbers.starts_with("'a/b'="), "{numbers}");
        assert!(numbers.ends_with("'database:huge'=1000000000000000000000000000000"));
    }
    let nobody = nagios.knows("health-4");
    assert!(
        nobody.contains(&("current_state".to_owned(), "3".to_owned())),
        "{nobody:?}"
    );
}

#[test]
fn icinga_reads_every_number() {
    let service = service(|| Outcome::fail(HOSTILE), 503);
    let text = get(&format!("{}/health?format=nagios", service.url())).body;
    let (_, numbers) = text.lines().next().unwrap().split_once(" | ").unwrap();
    let mut read: Vec<(String, f64, String)> = Vec::new();
    for number in numbers.split(' ') {
        let value = icinga_reads(number);
        let word = |member: &str| value[member].as_str().unwrap_or_default().to_owned();
        read.push((
            word("label"),
            value["value"].as_f64().unwrap(),
            word("unit"),
        ));
    }
    assert_eq!((read[0].0.as_str(), read[0].2.as_str()), ("a/b", "seconds"));
    assert_eq!(
        (read[1].0.as_str(), read[1].2.as_str()),
        ("database", "seconds")
    );
    let observed = [
        ("database:connections", 7.0, ""),
        ("database:free", 1024.0, "bytes"),
        ("database:tiny", 1e-9, "seconds"),
        ("database:huge", 1e30, ""),
    ];
    for (read, (label, value, unit)) in read[2..].iter().zip(observed) {
        assert_eq!((read.0.as_str(), read.2.as_str()), (label, unit));
        assert!((read.1 - value).abs() <= value * 1e-9, "{read:?}");
    }
    assert_eq!(read.len(), 6);
}
