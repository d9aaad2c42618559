//! Where news come from: the events of an instance, or else questions now and then.

use std::io::{BufRead as _, Read as _};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::picture::{Connection, News, SelfTest};
use super::screen::Wish;
use crate::run::Run;
use crate::service::{Service, ServiceError, Stream};

/// How long it takes until an instance is asked again that tells no events.
const BETWEEN_QUESTIONS: Duration = Duration::from_secs(2);
/// How long a line of a stream may be.
const MAX_LINE: u64 = 1024 * 1024;

/// Tells what is new about an instance.
#[derive(Debug)]
pub(super) struct Feed {
    place: usize,
    service: Service,
    teller: Sender<(usize, News)>,
}

#[derive(Deserialize)]
struct Catalogue {
    self_tests: Vec<SelfTest>,
}

#[derive(Deserialize)]
struct Runs {
    runs: Vec<Run>,
}

impl Feed {
    pub(super) fn new(place: usize, service: Service, teller: Sender<(usize, News)>) -> Self {
        Self {
            place,
            service,
            teller,
        }
    }

    /// Tells everything until nobody listens.
    pub(super) fn follow(&self) {
        loop {
            let told = match self.service.stream("events") {
                Ok(stream) => self.listen(stream),
                Err(_) => self.ask(),
            };
            if told.is_none() {
                return;
            }
        }
    }

    /// Tells the events of a stream to its end.
    fn listen(&self, mut stream: Stream) -> Option<()> {
        self.tell(News::Connection(Connection::Live))?;
        self.tell(News::Anew)?;
        self.tell_self_tests()?;
        let mut has_heard = false;
        while let Some(event) = next(&mut stream) {
            has_heard = true;
            let is_run = event["kind"] == "run";
            self.tell(News::Event(event))?;
            if is_run {
                self.tell_self_tests()?;
            }
        }
        if !has_heard {
            thread::sleep(BETWEEN_QUESTIONS);
        }
        Some(())
    }

    /// Tells what there is to ask for; less than the events, but for everybody.
    fn ask(&self) -> Option<()> {
        match self.health() {
            Ok(document) => {
                self.tell(News::Health(document))?;
                self.tell(News::Connection(Connection::Polled))?;
                self.tell_self_tests()?;
                if let Some(run) = self.newest_run() {
                    self.tell(News::Run(run))?;
                }
            }
            Err(error) => self.tell(News::Connection(Connection::Away(error.to_string())))?,
        }
        thread::sleep(BETWEEN_QUESTIONS);
        Some(())
    }

    /// Asks how it is. What does not work answers 503 with the document.
    fn health(&self) -> Result<Value, ServiceError> {
        let answer = self.service.get("health?format=health%2Bjson")?;
        match answer.status {
            200 | 503 => answer.read(),
            _ => answer.successful()?.read(),
        }
    }

    fn newest_run(&self) -> Option<Run> {
        let answer = self.service.get("selftest/runs").ok()?;
        let runs: Runs = answer.successful().ok()?.read().ok()?;
        runs.runs.into_iter().next()
    }

    /// Tells which self-tests there are. Who may not know has none to start.
    fn tell_self_tests(&self) -> Option<()> {
        let answer = self.service.get("selftest");
        let catalogue = answer.and_then(|answer| answer.successful()?.read::<Catalogue>());
        match catalogue {
            Ok(catalogue) => self.tell(News::SelfTests(catalogue.self_tests)),
            Err(_) => Some(()),
        }
    }

    fn tell(&self, news: News) -> Option<()> {
        self.teller.send((self.place, news)).ok()
    }
}

/// Reads the next event; nothing at the end of a stream, however it ends. MAD writes each on one line of data.
fn next(stream: &mut Stream) -> Option<Value> {
    loop {
        let mut line = Vec::new();
        stream.take(MAX_LINE).read_until(b'\n', &mut line).ok()?;
        if line.pop() != Some(b'\n') {
            return None;
        }
        let data = line.strip_prefix(b"data:");
        if let Some(event) = data.and_then(|data| serde_json::from_slice(data).ok()) {
            return Some(event);
        }
    }
}

/// Starts a self-test, and says what came of it.
pub(super) fn start(service: &Service, wish: &Wish) -> String {
    let Ok(key) = getrandom::u64() else {
        return "the system gives no random numbers".to_owned();
    };
    let order = json!({"select": [wish.name], "effects": wish.effects});
    let started = service
        .post("selftest", &order, &format!("mad-{key:016x}"))
        .and_then(|answer| answer.successful()?.read::<Run>());
    match started {
        Ok(run) => format!("{}: run {} has begun", wish.name, run.id),
        Err(error) => format!("{}: {error}", wish.name),
    }
}
