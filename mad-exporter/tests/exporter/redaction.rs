//! What an anonymous caller may never see: whatever the application says about itself and its failures.
//!
//! The addresses and media types are read from the sources of the routes and renderers, and the formats from what the
//! service lists: a new one is walked like the others, or the test says that it cannot find it.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mad_core::{
    Check, Context, Effects, HealthOptions, IntoOutcome, Outcome, Probes, SelfTestOptions, Unit,
    note, observe, step_sync,
};
use mad_exporter::{ExporterBuilder, Scope, Token};

use crate::support::{Answer, Request, Service, TOKEN, registry, wait_until};

/// What no anonymous caller may ever see.
const CANARY: &str = "c4n4ry";

/// What only Prometheus sees: the names of observations, and the version and commit that the program tells.
const FOR_PROMETHEUS: &str = "f0rprom";

/// What a check does.
type Run = fn() -> Outcome;

/// What a check may say and do wrong, each with the canary in it.
const CHECKS: [(&str, Run); 7] = [
    ("fails", || Outcome::fail(format!("password {CANARY}"))),
    ("panics", || panic!("password {CANARY}")),
    ("errs", || {
        let cause = std::io::Error::other(format!("cause {CANARY}"));
        Err::<(), _>(Wrapped(cause)).into_outcome()
    }),
    ("warns", || Outcome::warn(format!("reason {CANARY}"))),
    ("skips", || Outcome::skip(format!("reason {CANARY}"))),
    ("hangs", || {
        note(format!("before {CANARY}"));
        std::thread::sleep(Duration::from_millis(300));
        Outcome::Pass
    }),
    ("tells", || {
        step_sync(format!("step {CANARY}"), || note(format!("note {CANARY}")));
        mad_core::warn(format!("warning {CANARY}"));
        observe(&format!("{FOR_PROMETHEUS}_rows"), 42.0, Unit::Count);
        Outcome::Pass
    }),
];

/// An error with something below it.
#[derive(Debug)]
struct Wrapped(std::io::Error);

impl std::fmt::Display for Wrapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "on top {CANARY}")
    }
}

impl std::error::Error for Wrapped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// Health checks of these names, and self-tests of the same with `test/` before them.
fn checks() -> impl Iterator<Item = Check> {
    CHECKS.into_iter().flat_map(|(name, function)| {
        let run = move |_: &Context| function();
        let every_probe = HealthOptions {
            probes: Probes {
                liveness: true,
                readiness: true,
                startup: true,
            },
            every: Duration::from_millis(200),
            ..HealthOptions::DEFAULT
        };
        let effects = SelfTestOptions {
            effects: Effects::Read,
            ..SelfTestOptions::DEFAULT
        };
        [
            Check::health_check(name, every_probe, run),
            Check::self_test(format!("test/{name}"), effects, run),
        ]
        .map(|check| {
            check
                .with_timeout(Duration::from_millis(100))
                .with_doc(format!("Summary {CANARY}.\n\nDescription {CANARY}."))
                .with_owner(CANARY)
                .with_runbook(format!("https://{CANARY}.example"))
                .with_tags([CANARY])
        })
    })
}

fn builder() -> ExporterBuilder {
    mad_exporter::Exporter::builder()
        .registry(registry(checks()))
        .version(format!("1.2.3-{FOR_PROMETHEUS}"))
        .commit(FOR_PROMETHEUS)
}

/// Runs everything, so that there is something to reveal.
fn fill(service: &Service, local: SocketAddr) {
    let engine = service.exporter.engine();
    let time = Duration::from_hours(1);
    engine
        .start_maintenance(Some("warns"), &format!("reason {CANARY}"), time)
        .unwrap();
    engine
        .start_maintenance(Some("test/fails"), &format!("reason {CANARY}"), time)
        .unwrap();
    let run = Request::new("POST", "/selftest").with_token();
    assert_eq!(run.send_to(local).status, 503);
    wait_until("everything has run", || {
        let snapshot = engine.snapshot();
        let mut checks = snapshot.health_checks.iter();
        checks.all(|check| check.record.last.is_some())
    });
}

/// Every text between quotes in the sources below this folder that begins like this.
fn literals(folder: &str, prefixes: &[&str]) -> BTreeSet<String> {
    let mut literals = BTreeSet::new();
    for source in sources(
        &Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src")
            .join(folder),
    ) {
        let text = fs::read_to_string(source).unwrap();
        let quoted = text.split('"').skip(1).step_by(2);
        let fitting = quoted.filter(|text| prefixes.iter().any(|prefix| text.starts_with(prefix)));
        literals.extend(fitting.map(str::to_owned));
    }
    literals
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let files = files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "rs"));
    files
        .chain(folders.iter().flat_map(|folder| sources(folder)))
        .collect()
}

/// Every address, with the names and numbers that stand in it.
fn paths(run: &str) -> BTreeSet<String> {
    let mut names: Vec<String> = CHECKS.iter().map(|(name, _)| (*name).to_owned()).collect();
    names.extend(names.clone().iter().map(|name| format!("test/{name}")));
    names.extend(
        [
            "liveness",
            "readiness",
            "startup",
            "nothing",
            "lifecycle",
            "runtime",
        ]
        .map(str::to_owned),
    );

    let patterns = literals("routes", &["/"]);
    for known in [
        "/metrics",
        "/health",
        "/selftest/runs/{id}",
        "/maintenance/{*name}",
        "/events",
    ] {
        assert!(
            patterns.contains(known),
            "{known} is not found: {patterns:?}"
        );
    }
    let mut paths = BTreeSet::from(["/nothing".to_owned()]);
    for pattern in &patterns {
        // The probes: `/{endpoint}`.
        for endpoint in ["livez", "readyz", "startupz", "healthz"] {
            let pattern = pattern.replace("{endpoint}", endpoint).replace("{id}", run);
            let pattern = pattern
                .replace("{{*name}}", "{*name}")
                .replace("{*path}", "{*name}");
            for name in &names {
                let path = pattern.replace("{*name}", name);
                assert!(!path.contains(['{', '}']), "what is to stand in {pattern}?");
                paths.insert(path);
            }
        }
    }
    paths
}

/// Events go on for as long as somebody listens.
fn is_endless(path: &str) -> bool {
    path.ends_with("/events")
}

/// Every way to ask for something in another form.
fn forms(service: &Service, paths: &BTreeSet<String>) -> Vec<(String, Option<String>)> {
    let mut formats = BTreeSet::new();
    for path in paths.iter().filter(|path| !is_endless(path)) {
        let answer = service.get_authorised(&format!("{path}?format=nonsense"));
        if answer.status != 406 {
            continue;
        }
        let listed = answer.json()["formats"].clone();
        let listed = listed.as_array().unwrap().iter();
        formats.extend(listed.map(|format| format.as_str().unwrap().to_owned()));
    }
    for known in ["health+json", "spring", "nagios", "junit", "json"] {
        assert!(
            formats.contains(known),
            "{known} is not listed: {formats:?}"
        );
    }
    let mut media_types = literals("render", &["application/", "text/"]);
    media_types.extend(literals("routes", &["application/", "text/"]));
    media_types.extend(literals("exposition", &["application/", "text/"]));
    assert!(media_types.len() > 5, "{media_types:?}");

    let queries = [
        "",
        "?verbose",
        "?verbose&exclude=fails",
        "?warn",
        "?components=true",
        "?limit=1",
    ];
    let mut forms: Vec<_> = queries
        .iter()
        .map(|query| ((*query).to_owned(), None))
        .collect();
    forms.push((format!("?tag={CANARY}"), None));
    forms.extend(
        formats
            .iter()
            .map(|format| (format!("?format={format}&verbose"), None)),
    );
    forms.extend(
        media_types
            .into_iter()
            .map(|media_type| (String::new(), Some(media_type))),
    );
    forms
}

/// Where somebody asks, and what makes them nobody there.
struct Caller {
    address: SocketAddr,
    headers: Vec<(&'static str, &'static str)>,
}

impl Caller {
    fn ask(&self, method: &'static str, path: &str, accept: Option<&str>) -> Answer {
        let request = Request::new(method, path);
        let request = accept
            .into_iter()
            .fold(request, |request, accept| request.with("Accept", accept));
        let headers = self.headers.iter();
        let request = headers.fold(request, |request, (name, value)| request.with(name, value));
        request.send_to(self.address)
    }

    #[track_caller]
    fn sees_nothing(&self, method: &'static str, path: &str, accept: Option<&str>) {
        let answer = self.ask(method, path, accept);
        let shown = format!("{} {}\n\n{}", answer.status, answer.head, answer.body);
        // What they have sent themselves may come back.
        let shown = if path.contains(CANARY) {
            shown.replacen(CANARY, "", 1)
        } else {
            shown
        };
        let is_for_prometheus = path.split('?').next() == Some("/metrics");
        for (word, is_allowed) in [
            (CANARY, false),
            (TOKEN, false),
            (".rs", false),
            (FOR_PROMETHEUS, is_for_prometheus),
        ] {
            let is_shown = shown.contains(word);
            assert!(
                !is_shown || is_allowed,
                "{word} for {method} {path} {accept:?}: {shown}"
            );
        }
    }
}

/// Pitfalls 9 and 31.
#[test]
fn no_information_leaks_to_an_anonymous_caller_at_any_address_in_any_format_by_any_method() {
    let guarded = builder()
        .scoped_token(Token::new(CANARY, format!("{CANARY}-token"), [Scope::Read]))
        .token(TOKEN)
        .listen(([127, 0, 0, 1], 0))
        .listen_probes(([127, 0, 0, 1], 0));
    let guarded = Service {
        exporter: guarded.start().unwrap(),
    };
    let open = Service::start(builder().listen(([0, 0, 0, 0], 0)));
    let &[private, public] = guarded.exporter.local_addrs() else {
        panic!("two addresses")
    };
    let &[strangers, local] = open.exporter.local_addrs() else {
        panic!("two addresses")
    };
    fill(&guarded, private);
    fill(&open, local);
    let strangers = SocketAddr::from(([127, 0, 0, 1], strangers.port()));
    let caller = |address, headers: &[(&'static str, &'static str)]| Caller {
        address,
        headers: headers.to_vec(),
    };
    let callers = [
        caller(private, &[]),
        caller(private, &[("Authorization", "Bearer wrong")]),
        caller(
            public,
            &[("Authorization", "Bearer correct-horse-battery-staple")],
        ),
        caller(strangers, &[]),
        caller(local, &[("Host", "evil.example")]),
        caller(local, &[("X-Forwarded-For", "203.0.113.7")]),
    ];

    let engine = guarded.exporter.engine();
    let run = engine.self_test_runs()[0].id.to_string();
    let paths = paths(&run);
    let forms = forms(&guarded, &paths);
    for path in &paths {
        for (query, accept) in &forms {
            let asked = format!("{path}{query}");
            callers[0].sees_nothing("GET", &asked, accept.as_deref());
        }
        for caller in &callers {
            for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
                caller.sees_nothing(method, path, None);
            }
        }
    }
    assert_eq!(
        engine.self_test_runs().len(),
        1,
        "nobody has started anything"
    );

    // All of it is there to be seen by those who may.
    let revealing = paths
        .iter()
        .filter(|path| !is_endless(path) && guarded.get_authorised(path).body.contains(CANARY));
    assert!(revealing.count() > 20);
}
