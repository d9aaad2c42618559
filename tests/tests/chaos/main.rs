//! A service in which everything goes wrong at once, and what must hold all the while.
//!
//! ```console
//! $ cargo xtask chaos                                 # three minutes
//! $ MAD_CHAOS_SECONDS=60 MAD_CHAOS_SEED=7 cargo test -p tests --test chaos -- --nocapture
//! ```
//!
//! A seed fixes what is ordered and in which sequence; when the threads come to it is the machine's to
//! say. Jumps of the clocks are tried in the simulation of the control; here the whole process is
//! stopped for longer than a result may be old, as a virtual machine is.

#![expect(clippy::print_stdout, reason = "the figures are part of the result")]

mod latency;
mod plan;
mod storms;
mod watch;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tests::chaos::{CHECKS, Chaos, SERIAL};
use tests::eventually;

use latency::Latencies;
use plan::{Plan, Random};
use watch::Watch;

/// What a broken check does.
const FAULTS: &[&str] = &["fail", "panic", "hang", "late"];

/// How long everything may take to be green when the faults are over. It takes one interval.
const RECOVERY: Duration = Duration::from_secs(5);

#[test]
fn whatever_goes_wrong_nothing_lies_stalls_leaks_or_stays_broken() {
    let plan = Plan::from_environment();
    println!("{plan}");
    let chaos = Chaos::start(env!("CARGO_BIN_EXE_chaos"));
    eventually("everything is green", || is_green(&chaos));
    let size = chaos.size();
    let watch = Watch::new();
    let latencies = Latencies::default();
    let is_over = AtomicBool::new(false);
    let ordered = thread::scope(|scope| {
        scope.spawn(|| watch.look(&chaos, &is_over));
        scope.spawn(|| latencies.measure(&chaos, &watch, &is_over));
        let ordered = scope.spawn(|| wreak(&chaos, &watch, &plan)).join();
        is_over.store(true, Ordering::SeqCst);
        ordered
    });
    println!("{watch}\n{latencies}");
    // What was seen says more than what was not obeyed.
    watch.judge(size, chaos.size());
    ordered.expect("every order was obeyed");
    let recovery = recover(&chaos);

    println!("green again after {recovery:.1?}");
    latencies.judge();
    assert!(recovery < RECOVERY, "green only after {recovery:?}");
    nothing_ran_twice_and_each_change_was_told_once(&chaos);
}

fn is_green(chaos: &Chaos) -> bool {
    let probe = storms::ask(chaos.mad, "/readyz");
    probe.is_ok_and(|answer| answer.status == 200)
}

/// Lets things go wrong until the time is over, and mends what can be.
fn wreak(chaos: &Chaos, watch: &Watch, plan: &Plan) {
    let mut random = Random::new(plan.seed);
    let mut tenants: Vec<String> = Vec::new();
    let mut n_tenants = 0;
    let until = Instant::now() + plan.time;
    while Instant::now() < until {
        match random.below(100) {
            0..33 => chaos.break_check(random.one_of(CHECKS), random.one_of(FAULTS)),
            33..65 => chaos.mend(random.one_of(CHECKS)),
            65..80 => chaos
                .order(&format!("starve {}", 50 + random.below(500)))
                .clear(),
            80..86 => {
                let kind = random.one_of(&["plain", "async", "blocking"]);
                let name = format!("{kind}/tenant/{n_tenants}");
                n_tenants += 1;
                chaos.order(&format!("add {name}"));
                if random.below(2) == 0 {
                    chaos.break_check(&name, random.one_of(FAULTS));
                }
                tenants.push(name);
            }
            86..91 if !tenants.is_empty() => {
                let at = random.below(tenants.len() as u64);
                let name = tenants.swap_remove(usize::try_from(at).expect("it is small"));
                chaos.order(&format!("remove {name}"));
                // A run of it that hangs is let go only half of the times, until the end.
                if random.below(2) == 0 {
                    chaos.mend(&name);
                }
            }
            91..94 => storms::probe(chaos),
            94..98 => storms::trigger(chaos),
            98.. => watch.freeze(chaos, Duration::from_millis(300 + random.below(1_200))),
            _ => {}
        }
        thread::sleep(Duration::from_millis(random.below(60)));
    }
    let [hangs, wait @ ..] = serial_checks();
    keep_from_their_turns(chaos, hangs, &wait);
}

fn serial_checks() -> [&'static str; 3] {
    let serial = CHECKS.iter().filter(|name| name.starts_with(SERIAL));
    let serial: Vec<_> = serial.copied().collect();
    serial.try_into().expect("there are three")
}

/// One of the serial group hangs until nothing is known of the others, though nothing is wrong with them.
fn keep_from_their_turns(chaos: &Chaos, hangs: &str, wait: &[&str]) {
    let are_told_to_be = |names: &[&str], health: &str| {
        let inside = chaos.tell();
        let is_so = |name: &&str| inside["checks"][*name]["health"] == health;
        names.iter().all(is_so)
    };
    for name in wait {
        chaos.mend(name);
    }
    chaos.mend(hangs);
    eventually("each had its turn", || are_told_to_be(wait, "up"));
    chaos.break_check(hangs, "hang");
    eventually("who gets no turn is Unknown", || {
        are_told_to_be(wait, "unknown")
    });
}

/// Mends everything; returns how long it took until all was green, and no run was left.
fn recover(chaos: &Chaos) -> Duration {
    for name in chaos.truth().keys() {
        chaos.mend(name);
    }
    let mended = Instant::now();
    // The last starvation may go on for half a second; it is within the bound.
    eventually("everything is green again", || is_green(chaos));
    let recovery = mended.elapsed();
    eventually("no self-test is left running", || {
        let trigger = storms::trigger_once(chaos, r#"{"select":["passes"]}"#);
        trigger.is_ok_and(|answer| answer.status == 200)
    });
    assert!(chaos.is_running());
    recovery
}

/// Counts within the checks, in the listener and on the metrics page.
fn nothing_ran_twice_and_each_change_was_told_once(chaos: &Chaos) {
    // Nothing changes any more, so that the three can be read one after the other.
    let page = storms::ask(chaos.mad, "/metrics").expect("a page").body;
    let inside = chaos.tell();
    assert_eq!(inside["gaps"], serde_json::json!([]), "changes were lost");
    let checks = inside["checks"].as_object().expect("an object");
    for (name, check) in checks {
        assert_eq!(
            check["most_in_flight"].as_u64().max(Some(1)),
            Some(1),
            "{name}"
        );
    }
    for name in CHECKS {
        let series = format!("mad_check_transitions_total{{check=\"{name}\"}} ");
        let counted = page.lines().find_map(|line| line.strip_prefix(&series));
        let counted: Option<u64> = counted.and_then(|count| count.parse().ok());
        let check = &checks[*name];
        assert!(counted.is_some(), "{series} is not on the page");
        assert_eq!(check["told"].as_u64(), counted, "{name}");
        assert_eq!(check["health"], "up", "{name}");
    }
    let runs: u64 = checks
        .values()
        .filter_map(|check| check["runs"].as_u64())
        .sum();
    let changes: u64 = checks
        .values()
        .filter_map(|check| check["told"].as_u64())
        .sum();
    println!("{} checks, {runs} runs, {changes} changes", checks.len());
}
