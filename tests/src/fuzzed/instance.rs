//! What is asked: an instance whose router is called without a socket.

use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use mad_core::{
    Check, Effects, HealthOptions, Outcome, Probes, Registry, SelfTestOptions, Unit, note, observe,
    step_sync, warn,
};
use mad_exporter::Exporter;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// The token of the instance.
pub(super) const TOKEN: &str = "fuzz";

/// Stands in everything that only authorised callers may see.
pub(super) const CANARY: &str = "canary-7c1f";

/// An answer is no larger.
const MOST: usize = 4 * 1024 * 1024;

static INSTANCE: LazyLock<Instance> = LazyLock::new(Instance::start);

/// What the self-test `fuzzed` leaves in its report.
static TEXT: Mutex<String> = Mutex::new(String::new());

struct Instance {
    router: Router,
    runtime: Runtime,
    _exporter: Exporter,
}

/// An answer, whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn media_type(&self) -> &str {
        let value = self.headers.get("content-type");
        value.map_or("", |value| value.to_str().expect("it is ASCII"))
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("answers are UTF-8")
    }
}

/// Asks; nothing if there is no answer that ends.
pub(super) fn ask(request: Request<Body>) -> Option<Answer> {
    let instance = &*INSTANCE;
    instance.runtime.block_on(async {
        let answer = instance.router.clone().oneshot(request);
        let answer = answer.await.expect("it cannot fail");
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, MOST).collect();
        // A stream of events ends with its run.
        let body = tokio::time::timeout(Duration::from_secs(5), body)
            .await
            .ok()?;
        let body = body.expect("answers are bounded").to_bytes();
        Some(Answer {
            status: head.status,
            headers: head.headers,
            body: body.into(),
        })
    })
}

/// Sets what the self-test `fuzzed` leaves in its report.
pub(super) fn leave(text: &str) {
    text.clone_into(&mut TEXT.lock().expect("nobody panics with it"));
}

impl Instance {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let exporter = Exporter::builder()
            .registry(registry())
            .token(TOKEN)
            .triggers_per_minute(u32::MAX)
            .without_runtime_check()
            .application_metrics(|| "requests_total 1\n".to_owned())
            .start();
        let exporter = exporter.expect("it starts");
        Self {
            router: exporter.router(),
            runtime: runtime.expect("a runtime"),
            _exporter: exporter,
        }
    }
}

fn registry() -> Registry {
    let gates = Probes {
        readiness: true,
        ..Probes::NONE
    };
    let options = HealthOptions {
        probes: gates,
        ..HealthOptions::DEFAULT
    };
    let broken = Check::health_check("broken", options, |_| {
        note(CANARY);
        Err::<(), _>(CANARY)
    });
    let options = SelfTestOptions {
        effects: Effects::Pure,
        ..SelfTestOptions::DEFAULT
    };
    let fuzzed = Check::self_test("fuzzed", options, |_| run());
    let mut registry = Registry::new();
    for check in [broken, fuzzed] {
        registry.add(check).expect("it is legal");
    }
    registry
}

/// Leaves the text wherever a run may leave text.
fn run() -> Outcome {
    let text = TEXT.lock().expect("nobody panics with it").clone();
    step_sync(&text, || {
        note(&text);
        warn(&text);
        observe(&text, 1.5, Unit::Seconds);
    });
    Outcome::fail(text)
}
