//! When a real browser first paints the dashboard, beside a page of one word.
//!
//! Both are served on loopback by this process, optimised as it would be in production. The browser says itself how
//! long after the page was asked for the first of it was painted.
//!
//! Run it with `cargo xtask bench --paint`, which needs Chromium, as the tests do.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::thread;
use std::time::Duration;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use mad_core::{Check, Effects, HealthOptions, Probes, Registry, SelfTestOptions, Unit, observe};
use mad_exporter::Exporter;
use tests::{Browser, serve_bare};

const CHECKS: usize = 12;

const WORD: &str = "<!doctype html><title>a word</title><p>word";

const RELOADS: usize = 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let exporter = Exporter::builder()
        .registry(registry()?)
        .listen(([127, 0, 0, 1], 0))
        .start()?;
    let dashboard = exporter.local_addr().ok_or("it listens")?;
    let bare = serve_bare(Router::new().route("/", get(async || Html(WORD))))?;
    // There is something to draw once the checks have run some times.
    thread::sleep(Duration::from_secs(5));

    println!(
        "| milliseconds to the first paint | just started | reloaded: least | median | most |"
    );
    println!("|---|---|---|---|---|");
    for (name, address) in [("the dashboard", dashboard), ("a word", bare)] {
        let browser = Browser::start();
        browser.open(&format!("http://{address}/"));
        let (first, _) = browser.first_paint();
        let mut reloaded: Vec<_> = (0..RELOADS)
            .map(|_| {
                browser.reload();
                browser.first_paint().0
            })
            .collect();
        reloaded.sort_unstable_by(f64::total_cmp);
        let (least, most) = (reloaded[0], reloaded[RELOADS - 1]);
        let median = reloaded[RELOADS / 2];
        println!("| {name} | {first:.0} | {least:.0} | {median:.0} | {most:.0} |");
    }
    exporter.shutdown(Duration::ZERO);
    Ok(())
}

/// As many checks as a service has, each with something that it observes.
fn registry() -> Result<Registry, Box<dyn std::error::Error>> {
    let options = HealthOptions {
        probes: Probes {
            readiness: true,
            ..Probes::NONE
        },
        every: Duration::from_millis(250),
        ..HealthOptions::DEFAULT
    };
    let mut registry = Registry::new();
    for number in 0..CHECKS {
        let name = format!("check/{number}");
        registry.add(Check::health_check(name, options, |_| {
            observe("left", 42.0, Unit::Count);
            true
        }))?;
        let name = format!("self_test/{number}");
        let options = SelfTestOptions {
            effects: Effects::Pure,
            ..SelfTestOptions::DEFAULT
        };
        registry.add(Check::self_test(name, options, |_| true))?;
    }
    Ok(registry)
}
