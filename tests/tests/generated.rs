//! What `mad generate` writes, judged by those who would read it. What each judge is for is shown by something wrong
//! that it finds.

use mad_core::{Check, HealthOptions, Outcome, SelfTestOptions};
use mad_exporter::Exporter;
use tests::artefacts::{
    dockerfile_complaints, generate, grafana_complaints, icinga_complaints, kubernetes_complaints,
    nagios_complaints, systemd_complaints,
};
use tests::{Served, Shop, mad, readiness};

/// What would be a template, a macro, a comment, the end of a string or of a line to whoever does not take it for a
/// text.
const HOSTILE: &str = "{{ x }}: 'it' \"is\" # a; \\ $text$ ${instance} %n // <b>\n}\nnext */ \\";

/// A service whose texts are hostile.
fn service() -> Served {
    let informational = HealthOptions {
        every: std::time::Duration::from_secs(7),
        ..HealthOptions::DEFAULT
    };
    let checks = [
        readiness("database", |_| true)
            .with_doc(HOSTILE)
            .with_owner(HOSTILE)
            .with_runbook("https://runbooks.example.com/database?a=$b"),
        Check::health_check("orders/a.b-c", informational, |_| Outcome::Pass)
            .with_after(["database"])
            .with_tags(["db", "orders"]),
        Check::self_test("orders/place", SelfTestOptions::DEFAULT, |_| true).with_doc(HOSTILE),
    ];
    Served::start(Exporter::builder(), checks)
}

/// Makes sure that a judge has no complaint about what is written for the program of the shop and for a service with
/// hostile texts, and that it has one when something is replaced in that.
#[track_caller]
fn is_right(artefact: &str, more: &[&str], judge: fn(&str) -> String, wrong: &[(&str, &str)]) {
    let shop = generate(artefact, Shop::program().to_str().unwrap(), more);
    assert_eq!(judge(&shop), "", "{shop}");
    let text = generate(artefact, &service().url(), more);
    assert_eq!(judge(&text), "", "{text}");
    for (right, wrong) in wrong {
        assert!(text.contains(right), "{right} is not in {text}");
        let complaint = judge(&text.replacen(right, wrong, 1));
        assert_ne!(complaint, "", "{wrong} for {right} in {text}");
    }
}

#[test]
fn kubernetes_takes_the_deployment_and_the_operator_its_monitors() {
    let hostile = service();
    let made = |from: &str, monitor| generate("kubernetes", from, &["--monitor", monitor]);
    let right = [
        made(&hostile.url(), "pod"),
        made(Shop::program().to_str().unwrap(), "service"),
    ];
    // They are documents of one stream, as the judge takes its time to begin.
    assert_eq!(kubernetes_complaints(&right.join("---\n")), "");
    let wrong = [
        (0, "periodSeconds:", "periodSecond:"),
        (0, "port: mad", "port: []"),
        (0, "kind: Deployment", "kind: Deploymen"),
        (0, "apiVersion: apps/v1", "apiVersion: apps/v2"),
        (0, "jobLabel:", "jobLable:"),
        (0, "kind: PodMonitor", "kind: PodMonitors"),
        (1, "kind: Service\n", "kind: Servic\n"),
        (1, "endpoints:", "endpoint:"),
    ];
    let mutated = wrong.map(|(which, part, other): (usize, _, _)| {
        assert!(right[which].contains(part), "{part}");
        right[which].replacen(part, other, 1)
    });
    let said = kubernetes_complaints(&mutated.join("---\n"));
    assert_eq!(said.lines().count(), wrong.len(), "{said}");
}

#[test]
fn the_probes_are_asked_as_the_annotations_say() {
    let shop = Shop::program();
    let text = generate(
        "kubernetes",
        shop.to_str().unwrap(),
        &["--start-within", "40s"],
    );
    let probe = |name: &str| {
        let (_, rest) = text.split_once(name).expect(name);
        let lines = rest.lines().skip(1);
        let lines = lines.take_while(|line| line.starts_with("          "));
        let words: Vec<_> = lines.map(str::trim).collect();
        words.join(" ")
    };
    // `order_database` runs every 2 s, `order_arithmetic` every 5 s.
    for (name, failures, path, period) in [
        ("readinessProbe", 1, "readyz", 2),
        ("livenessProbe", 3, "livez", 5),
        ("startupProbe", 40, "startupz", 1),
    ] {
        let expected = format!(
            "failureThreshold: {failures} httpGet: path: /{path} port: mad periodSeconds: {period} timeoutSeconds: 1"
        );
        assert_eq!(probe(name), expected);
    }
}

#[test]
fn grafana_and_promtool_take_the_dashboard() {
    let wrong = [
        ("\"gridPos\"", "\"gridpos\""),
        ("\"legendFormat\"", "\"legend\""),
        ("\"schemaVersion\": 39", "\"schema\": 39"),
        ("sum by (le, check)", "sum by le, check"),
        ("$instance", "$instanc"),
        ("\"mergeValues\"", "\"merge\""),
    ];
    is_right("grafana", &[], grafana_complaints, &wrong);
}

#[test]
fn nagios_takes_its_services() {
    let wrong = [
        ("generic-service", "no-such-template"),
        ("check_command ", "check_comand "),
        ("mad_check_one_of_shop!", "no_such_command!"),
        ("servicedependency", "servicedependancy"),
    ];
    is_right("nagios", &[], nagios_complaints, &wrong);
}

#[test]
fn icinga_takes_its_services() {
    let wrong = [
        (
            "check_command = \"mad_shop\"",
            "check_command = \"no_such_command\"",
        ),
        ("check_interval", "check_intervall"),
        ("assign where", "assign wher"),
    ];
    is_right("icinga", &[], icinga_complaints, &wrong);
}

#[test]
fn systemd_takes_the_unit() {
    let shop = Shop::program();
    let shop = shop.to_str().unwrap();
    let mad = mad().get_program().to_str().unwrap().to_owned();
    let wrong = [
        ("Type=notify", "Type=notfy"),
        ("WatchdogSec=", "WatchdogSecs="),
        ("drain", "\"drain"),
    ];
    let programs = ["--program", shop, "--mad", &mad];
    is_right("systemd", &programs, systemd_complaints, &wrong);
    let absent = generate(
        "systemd",
        shop,
        &["--program", "/no/such program", "--mad", &mad],
    );
    let complaint = systemd_complaints(&absent);
    assert!(complaint.contains("/no/such program"), "{complaint}");
}

#[test]
fn docker_takes_the_instruction() {
    let wrong = [
        ("HEALTHCHECK", "HEALTCHECK"),
        ("--interval=", "--intervall="),
        ("CMD", ""),
    ];
    is_right("docker", &[], dockerfile_complaints, &wrong);
    is_right(
        "docker",
        &["--client", "mad", "--probe", "readyz"],
        dockerfile_complaints,
        &wrong,
    );
}
