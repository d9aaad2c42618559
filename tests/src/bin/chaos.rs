//! A service in which everything goes wrong that is ordered on its standard input, a line an order:
//!
//! - `set CHECK pass|fail|panic|hang|late`: what its runs do that begin from now on;
//! - `add CHECK`, `remove CHECK`;
//! - `starve MILLISECONDS`: each worker of the application's runtime computes without yielding;
//! - `tell`: what is known in here.
//!
//! Each order is answered with a line.

#![expect(clippy::print_stdout, reason = "that is the side channel")]

use std::collections::HashMap;
use std::error::Error;
use std::io::stdin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use mad_core::{
    Check, Context, Health, HealthOptions, Probes, Registry, Transition, note, self_test,
};
use mad_exporter::Exporter;
use serde_json::json;
use tests::chaos::{CHECKS, EVERY, MAX_AGE, SERIAL, TIMEOUT, TOKEN};
use tests::serve_bare;

/// How many checks run at once: fewer than there are, so that they wait for one another.
const MAX_RUNS_AT_ONCE: usize = 8;

#[self_test(effects = pure, tags("chaos"), isolate = process, unit_test = false)]
fn aborts() {
    note("this is as far as it comes");
    std::process::abort();
}

#[self_test(effects = pure, tags("chaos"), isolate = process, timeout = "300ms", unit_test = false)]
fn hangs_in_its_process() {
    loop {
        thread::park();
    }
}

#[self_test(effects = pure, tags("chaos"), unit_test = false)]
fn panics() {
    panic!("as ordered");
}

#[self_test(effects = pure, tags("chaos"), unit_test = false)]
async fn passes() {
    tokio::task::yield_now().await;
}

/// What the runs of a check do.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    Pass,
    Fail,
    Panic,
    Hang,
    Late,
}

/// What a check watches, and what watches the check.
struct Subject {
    order: Mutex<Order>,
    changed: Condvar,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
    runs: AtomicUsize,
}

/// One run, from its beginning until its frame is gone.
struct Flight<'a>(&'a Subject);

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Subject {
    fn new() -> Self {
        Self {
            order: Mutex::new(Order::Pass),
            changed: Condvar::new(),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
            runs: AtomicUsize::new(0),
        }
    }

    fn set(&self, order: Order) {
        *self.order.lock().expect("nobody panics with it") = order;
        self.changed.notify_all();
    }

    fn order(&self) -> Order {
        *self.order.lock().expect("nobody panics with it")
    }

    fn enter(&self) -> Flight<'_> {
        let in_flight = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_in_flight.fetch_max(in_flight, Ordering::SeqCst);
        self.runs.fetch_add(1, Ordering::SeqCst);
        Flight(self)
    }

    /// Blocks the thread until it is ordered to do something else.
    fn hang(&self) {
        let order = self.order.lock().expect("nobody panics with it");
        let hangs = |order: &mut Order| *order == Order::Hang;
        drop(self.changed.wait_while(order, hangs));
    }

    fn run(&self) -> Result<(), &'static str> {
        let _flight = self.enter();
        match self.order() {
            Order::Pass => return Ok(()),
            Order::Fail => {}
            Order::Panic => panic!("as ordered"),
            Order::Hang => self.hang(),
            Order::Late => {
                thread::sleep(TIMEOUT * 2);
                return Ok(());
            }
        }
        Err("as ordered")
    }

    async fn run_async(&self, blocks: bool) -> Result<(), &'static str> {
        let _flight = self.enter();
        // The timer is one of the application's runtime, which may have no time for it.
        tokio::time::sleep(Duration::from_millis(1)).await;
        match self.order() {
            Order::Pass => return Ok(()),
            Order::Fail => {}
            Order::Panic => panic!("as ordered"),
            Order::Hang if blocks => self.hang(),
            Order::Hang | Order::Late => std::future::pending().await,
        }
        Err("as ordered")
    }
}

/// Makes a check of the kind that its name begins with.
fn check(name: &str, subject: &Arc<Subject>) -> Check {
    let options = HealthOptions {
        every: EVERY,
        max_age: Some(MAX_AGE),
        probes: Probes {
            readiness: true,
            ..Probes::NONE
        },
        ..HealthOptions::DEFAULT
    };
    let subject = Arc::clone(subject);
    let name = name.to_owned();
    let is_serial = name.starts_with(SERIAL);
    let check = if is_serial || name.starts_with("plain") {
        Check::health_check(name, options, move |_| subject.run())
    } else {
        let blocks = name.starts_with("blocking");
        Check::health_check_async(name, options, async move |_: &Context| {
            subject.run_async(blocks).await
        })
    };
    let check = check.with_timeout(TIMEOUT);
    if is_serial {
        check.with_serial("turns")
    } else {
        check
    }
}

/// What the listener was told.
#[derive(Default)]
struct Log {
    /// How many changes of each check, and the last of them.
    told: HashMap<String, (u64, Health)>,
    /// Changes that do not begin where the one before ended.
    gaps: Vec<String>,
}

impl Log {
    fn take(&mut self, change: &Transition) {
        let name = change.check.name().to_owned();
        let (count, health) = self.told.entry(name).or_insert((0, Health::Unknown));
        if change.from != *health || change.from == change.to {
            let (name, from, to) = (change.check.name(), change.from, change.to);
            let gap = format!("{name}: {from} to {to}, and was {health}");
            self.gaps.push(gap);
        }
        (*count, *health) = (*count + 1, change.to);
    }
}

struct Service {
    exporter: Exporter,
    runtime: tokio::runtime::Runtime,
    workers: usize,
    subjects: HashMap<String, Arc<Subject>>,
    log: Arc<Mutex<Log>>,
}

impl Service {
    fn start() -> Result<Self, Box<dyn Error>> {
        let workers = thread::available_parallelism()?.get();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(workers)
            .enable_all()
            .build()?;
        let log = Arc::new(Mutex::new(Log::default()));
        let listener = {
            let log = Arc::clone(&log);
            move |change: &Transition| log.lock().expect("nobody panics with it").take(change)
        };
        let mut registry = Registry::linked()?;
        let mut subjects = HashMap::new();
        for name in CHECKS {
            let subject = Arc::new(Subject::new());
            registry.add(check(name, &subject))?;
            subjects.insert((*name).to_owned(), subject);
        }
        let inside = runtime.enter();
        let exporter = Exporter::builder()
            .registry(registry)
            .max_runs_at_once(MAX_RUNS_AT_ONCE)
            .listener(listener)
            .token(TOKEN)
            // The storms of triggers are to reach the engine.
            .triggers_per_minute(1_000_000)
            .listen(([127, 0, 0, 1], 0))
            .start()?;
        drop(inside);
        Ok(Self {
            exporter,
            runtime,
            workers,
            subjects,
            log,
        })
    }

    fn obey(&mut self, order: &str) -> Result<String, Box<dyn Error>> {
        let words: Vec<_> = order.split_whitespace().collect();
        match words[..] {
            ["set", name, order] => {
                let order = match order {
                    "pass" => Order::Pass,
                    "fail" => Order::Fail,
                    "panic" => Order::Panic,
                    "hang" => Order::Hang,
                    "late" => Order::Late,
                    _ => return Err("no such order".into()),
                };
                self.subjects.get(name).ok_or("no such check")?.set(order);
            }
            ["add", name] => {
                let subject = Arc::new(Subject::new());
                self.exporter.engine().add(check(name, &subject))?;
                self.subjects.insert(name.to_owned(), subject);
            }
            // Its subject stays: a run that hangs is let go later.
            ["remove", name] if self.exporter.engine().remove(name) => {}
            ["starve", milliseconds] => {
                let until = Instant::now() + Duration::from_millis(milliseconds.parse()?);
                for _ in 0..self.workers {
                    self.runtime
                        .spawn(async move { while Instant::now() < until {} });
                }
            }
            ["tell"] => return Ok(self.tell()),
            _ => return Err("no such order".into()),
        }
        Ok("done".to_owned())
    }

    fn tell(&self) -> String {
        let log = self.log.lock().expect("nobody panics with it");
        let checks = self.subjects.iter().map(|(name, subject)| {
            let (told, health) = log.told.get(name).copied().unwrap_or((0, Health::Unknown));
            let known = json!({
                "in_flight": subject.in_flight.load(Ordering::SeqCst),
                "most_in_flight": subject.most_in_flight.load(Ordering::SeqCst),
                "runs": subject.runs.load(Ordering::SeqCst),
                "told": told,
                "health": health.as_str(),
            });
            (name.clone(), known)
        });
        let checks: serde_json::Map<_, _> = checks.collect();
        json!({ "checks": checks, "gaps": log.gaps }).to_string()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    mad_core::init();
    // There will be thousands.
    std::panic::set_hook(Box::new(|_| {}));
    // What the machine lets nobody do faster.
    let livez = Router::new().route("/livez", get(|| async { "ok" }));
    let bare_address = serve_bare(livez)?;
    let mut service = Service::start()?;
    let address = service.exporter.local_addr().ok_or("it listens")?;
    println!("{address} {bare_address}");
    for order in stdin().lines() {
        let answer = service.obey(&order?);
        println!(
            "{}",
            answer.unwrap_or_else(|error| format!("error: {error}"))
        );
    }
    Ok(())
}
