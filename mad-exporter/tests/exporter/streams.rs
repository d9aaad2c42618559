//! Answers that go on: events of a run and of the state, as they happen.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use mad_core::{Check, Effects, HealthOptions, Unit};
use serde_json::Value;

use crate::support::{Gate, PATIENCE, Request, Service, TOKEN, self_test, wait_until, with_token};

/// One event, as a browser takes it apart.
#[derive(Clone, Debug, PartialEq)]
struct Event {
    id: String,
    kind: String,
    data: Value,
}

/// Somebody who listens.
struct Listener {
    lines: BufReader<TcpStream>,
    head: String,
}

impl Listener {
    fn open(service: &Service, path: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(service.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut lines = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(lines.read_line(&mut head).unwrap(), 0, "{head}");
        }
        Self { lines, head }
    }

    /// Returns the next line of the body, without the lines that say how long a chunk is; `None` at the end.
    fn line(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            let line = line.trim_end_matches('\n');
            match line.strip_suffix('\r') {
                Some("0") => return None,
                // The length of a chunk, or the end of one.
                Some(_) => {}
                None => return Some(line.to_owned()),
            }
        }
    }

    /// Returns the next event; `None` at the end.
    fn next(&mut self) -> Option<Event> {
        let mut event = Event {
            id: String::new(),
            kind: String::new(),
            data: Value::Null,
        };
        loop {
            let line = self.line()?;
            match line.split_once(": ") {
                Some(("id", id)) => id.clone_into(&mut event.id),
                Some(("event", kind)) => kind.clone_into(&mut event.kind),
                Some(("data", data)) => event.data = serde_json::from_str(data).unwrap(),
                _ if line.is_empty() && !event.kind.is_empty() => return Some(event),
                _ => {}
            }
        }
    }

    fn rest(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.next()).collect()
    }

    /// Reads on until there is an event of this kind for which this holds.
    fn until(&mut self, kind: &str, holds: impl Fn(&Value) -> bool) -> Value {
        loop {
            let event = self.next().expect("it goes on");
            if event.kind == kind && holds(&event.data) {
                return event.data;
            }
        }
    }
}

fn started(service: &Service) -> String {
    let answer = service.post("/selftest", r#"{"wait":"0s"}"#);
    assert_eq!(answer.status, 202, "{answer:?}");
    let id = answer.json()["id"].clone();
    format!("/selftest/runs/{}/events", id.as_str().unwrap())
}

fn kinds(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.kind.as_str()).collect()
}

#[test]
fn a_run_is_told_as_it_happens_and_again_afterwards() {
    let gate = Gate::default();
    let talks = self_test("fast", Effects::Pure, |_| {
        mad_core::step_sync("given a customer", || ());
        mad_core::observe("rows", 3, Unit::Count);
        mad_core::note("line\nbreak");
    });
    let service = Service::start(with_token([talks, gate.slow_test()]));
    let path = started(&service);
    let mut listener = Listener::open(&service, &path, "");
    for part in [
        "HTTP/1.1 200 OK",
        "content-type: text/event-stream",
        "x-accel-buffering: no",
        "x-content-type-options: nosniff",
    ] {
        assert!(listener.head.contains(part), "{}", listener.head);
    }
    // The second test has begun, and the run is not over.
    let begun = listener.until("test_started", |data| data["test"] == "slow");
    assert_eq!(
        (&begun["version"], &begun["attempt"]),
        (&1.into(), &1.into())
    );
    gate.open();
    assert_eq!(kinds(&listener.rest()), ["test_finished", "run_finished"]);

    let events = Listener::open(&service, &path, "").rest();
    assert_eq!(
        kinds(&events),
        [
            "run_started",
            "test_started",
            "step_began",
            "step_finished",
            "observed",
            "noted",
            "test_finished",
            "test_started",
            "test_finished",
            "run_finished"
        ]
    );
    assert_eq!(events[0].data["tests"][0], "fast");
    assert_eq!(events[2].data["name"], "given a customer");
    assert_eq!(events[4].data["observation"]["value"], 3.0);
    assert_eq!(events[5].data["note"]["text"], "line break");
    assert_eq!(events[6].data["report"]["outcome"], "pass");
    assert_eq!(events[9].data["outcome"], "pass");
    let ids: Vec<_> = events
        .iter()
        .map(|event| event.id.parse::<u64>().unwrap())
        .collect();
    assert_eq!(ids, (1..=10).collect::<Vec<u64>>());

    // Whoever comes back goes on where it was, and at the end there is nothing to come back for.
    let resumed = Listener::open(&service, &path, "Last-Event-ID: 7\r\n").rest();
    assert_eq!(resumed, events[7..]);
    let resumed = Listener::open(&service, &format!("{path}?after=9"), "").rest();
    assert_eq!(resumed, events[9..]);
    let over = Request::new("GET", &path)
        .with_token()
        .with("Last-Event-ID", "10");
    assert_eq!(over.send_to(service.address()).status, 204);
    let nonsense = Listener::open(&service, &path, "Last-Event-ID: x\r\n").rest();
    assert_eq!(nonsense, events);
}

#[test]
fn events_are_for_authorised_callers_and_of_runs_that_are_known() {
    let service = Service::start(with_token([]).check(self_test("a", Effects::Pure, |_| true)));
    for path in ["/events", "/selftest/runs/0-0/events"] {
        service.get(path).assert_problem(401, "token");
    }
    service
        .get_authorised("/selftest/runs/0-0/events")
        .assert_problem(404, "remembered");
}

#[test]
fn a_shutdown_does_not_wait_for_those_who_listen() {
    let gate = Gate::default();
    let service = Service::start(with_token([gate.slow_test()]));
    let path = started(&service);
    let mut of_run = Listener::open(&service, &path, "");
    let mut of_state = Listener::open(&service, "/events", "");
    of_run.until("test_started", |_| true);
    of_state.until("run", |_| true);
    let began = Instant::now();
    gate.open();
    service.exporter.shutdown(Duration::from_mins(2));
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    of_run.rest();
    of_state.rest();
}

#[test]
fn who_listens_and_reads_nothing_holds_nobody_up() {
    let chatty = self_test("chatty", Effects::Pure, |_| {
        for number in 0..20_000 {
            mad_core::observe("progress", number, Unit::Count);
        }
    });
    let service = Service::start(with_token([chatty]));
    let slow: Vec<_> = {
        let first = started(&service);
        (0..20)
            .map(|_| Listener::open(&service, &first, ""))
            .collect()
    };
    wait_until("the run is over", || {
        service.get_authorised("/selftest/runs").json()["runs"][0]["is_finished"] == true
    });
    assert_eq!(service.post("/selftest", "").status, 200);
    for mut listener in slow {
        let events = listener.rest();
        let missed: u64 = events
            .iter()
            .filter_map(|event| event.data["events"].as_u64())
            .sum();
        let told = events.iter().filter(|event| event.kind != "missed").count();
        assert_eq!(missed + told as u64, 20_004);
        assert_eq!(events.last().unwrap().kind, "run_finished");
    }
}

#[test]
fn no_more_than_so_many_listen_and_who_leaves_makes_room() {
    let gate = Gate::default();
    let service = Service::start(with_token([gate.slow_test()]));
    let path = started(&service);
    let listeners: Vec<_> = (0..64)
        .map(|_| Listener::open(&service, &path, ""))
        .collect();
    let refused = service.get_authorised(&path);
    refused.assert_problem(503, "ask again");
    assert_eq!(refused.header("retry-after"), "5");
    assert_eq!(service.get("/livez").status, 200);
    drop(listeners);
    gate.open();
    wait_until("there is room", || {
        let answer = Request::new("GET", &path)
            .with_token()
            .send_to(service.address());
        answer.status == 200
    });
}

#[test]
fn the_state_is_told_whole_and_then_as_it_changes() {
    let is_down = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let fails = std::sync::Arc::clone(&is_down);
    let options = HealthOptions {
        every: Duration::from_millis(20),
        ..HealthOptions::DEFAULT
    };
    let database = Check::health_check("database", options, move |_| {
        if fails.load(std::sync::atomic::Ordering::SeqCst) {
            return Err("connection refused");
        }
        Ok(())
    });
    let service = Service::start(with_token([
        database,
        self_test("adds_up", Effects::Pure, |_| true),
    ]));
    let mut listener = Listener::open(&service, "/events", "");
    let first = listener.next().unwrap();
    assert_eq!(
        (first.kind.as_str(), &first.data["version"]),
        ("lifecycle", &1.into())
    );
    listener.until("health", |data| data["health"] == "up");

    is_down.store(true, std::sync::atomic::Ordering::SeqCst);
    let down = listener.until("health", |data| data["health"] == "down");
    assert_eq!(down["check"], "database");
    assert_eq!(down["reason"], "fail: connection refused");

    let body = r#"{"reason":"a new disk","for":"1m"}"#;
    let request = Request::new("PUT", "/maintenance/database").with_token();
    assert_eq!(
        request.with_json(body).send_to(service.address()).status,
        200
    );
    let maintained = listener.until("health", |data| !data["maintenance"].is_null());
    assert_eq!(maintained["maintenance"]["reason"], "a new disk");

    service.post("/selftest", "");
    let run = listener.until("run", |data| data["is_finished"] == true);
    assert_eq!(run["counts"]["pass"], 1);

    assert!(service.exporter.engine().remove("database"));
    let removed = listener.until("removed", |_| true);
    assert_eq!(removed["check"], "database");

    service.exporter.drain();
    listener.until("lifecycle", |data| data["lifecycle"] == "draining");
}
