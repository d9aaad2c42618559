//! A process that may open few files. The limit is the process's own, so this file has one test.
#![cfg(target_os = "linux")]

mod support;

use std::fs::File;
use std::time::Duration;

use mad_checks::OpenFiles;
use mad_core::{Health, HealthOptions, IntoCheck};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::{eventually, start};

#[test]
fn it_degrades_and_fails_while_descriptors_run_out_and_recovers_when_they_are_back() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let current = Some(100);
    setrlimit(Resource::Nofile, Rlimit { current, maximum }).unwrap();
    let options = HealthOptions {
        every: Duration::from_millis(10),
        ..HealthOptions::DEFAULT
    };
    let engine = start(OpenFiles::new().into_check().with_health_options(options));
    let is = |health| engine.snapshot().health_checks[0].health == health;
    let open = |left: usize| {
        let mut files = Vec::new();
        // Opening one tells its number: the lowest that is free.
        while let Ok(file) = File::open("/dev/null") {
            files.push(file);
        }
        files.truncate(files.len() - left);
        files
    };
    eventually("up", || is(Health::Up));
    let most = open(12);
    eventually("degraded", || is(Health::Degraded));
    drop(most);
    let nearly_all = open(4);
    eventually("down", || is(Health::Down));
    drop(nearly_all);
    eventually("up again", || is(Health::Up));
}
