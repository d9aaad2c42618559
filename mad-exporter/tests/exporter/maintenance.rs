//! Checks that count for nothing, for a while.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mad_core::{Check, Effects, Probes};
use serde_json::{Value, json};

use crate::support::{
    Answer, Request, Service, gating, readiness, self_test, wait_until, with_token,
};

const BODY: &str = r#"{"reason":"a new disk","for":"30m"}"#;

fn checks() -> [Check; 3] {
    [
        readiness("cache", |_| true),
        readiness("database", |_| false),
        self_test("place", Effects::Read, |_| true),
    ]
}

/// A service whose database is down.
fn service() -> Service {
    let service = Service::start(with_token(checks()));
    wait_until("both have run", || {
        let page = service.get("/metrics").body;
        page.contains("mad_check_runs_total{check=\"database\",outcome=\"fail\"} ")
            && service.get("/readyz/cache").status == 200
    });
    service
}

fn ask(service: &Service, method: &'static str, path: &str, body: &str) -> Answer {
    let request = Request::new(method, path).with_token();
    let request = if body.is_empty() {
        request
    } else {
        request.with_json(body)
    };
    request.send_to(service.address())
}

#[test]
fn a_check_in_maintenance_gates_no_probe_and_shows_its_true_state() {
    let service = service();
    assert_eq!(service.get("/readyz").status, 503);
    let answer = ask(&service, "PUT", "/maintenance/database", BODY);
    assert_eq!(answer.status, 200, "{answer:?}");
    let list = answer.json();
    assert_eq!(list["checks"]["database"]["reason"], "a new disk");
    assert_eq!(service.get_authorised("/maintenance").json(), list);

    assert_eq!(service.get("/readyz").body, "ok");
    let anonymous = service.get("/readyz?verbose");
    assert!(
        anonymous
            .body
            .contains("\n[+]database excluded with maintenance: ok\n"),
        "{anonymous:?}"
    );
    let until = list["checks"]["database"]["until"].as_str().unwrap();
    let line = format!("[+]database excluded with maintenance until {until} (a new disk): ok\n");
    assert!(
        service
            .get_authorised("/readyz?verbose")
            .body
            .contains(&line)
    );
    let one = service.get("/readyz/database");
    assert_eq!(
        (one.status, one.body.as_str()),
        (200, "excluded with maintenance: ok\n")
    );

    let health = service.get_authorised("/health");
    let entry = &health.json()["checks"]["database:responseTime"][0];
    assert_eq!(
        (health.status, &health.json()["status"]),
        (200, &json!("warn"))
    );
    assert_eq!(
        (&entry["status"], &entry["inMaintenance"]),
        (&json!("fail"), &json!(true))
    );
    assert_eq!(entry["maintenance"], list["checks"]["database"]);
    let anonymous = service.get("/health");
    assert!(!anonymous.body.contains("a new disk"), "{anonymous:?}");
    assert!(anonymous.body.contains("\"inMaintenance\": true"));

    let page = service.get("/metrics").body;
    for line in [
        "mad_check_health{check=\"database\",kind=\"readiness\"} 0\n",
        "mad_check_maintenance{check=\"database\"} 1\n",
        "mad_check_maintenance{check=\"cache\"} 0\n",
        "mad_selftest_maintenance{check=\"place\"} 0\n",
    ] {
        assert!(page.contains(line), "{line} is not in {page}");
    }

    assert_eq!(
        ask(&service, "DELETE", "/maintenance/database", "").status,
        200
    );
    assert_eq!(service.get("/readyz").status, 503);
    ask(&service, "DELETE", "/maintenance/database", "").assert_problem(404, "not in maintenance");
}

#[test]
fn all_checks_are_in_maintenance_at_once_until_it_is_over() {
    let service = service();
    let body = r#"{"reason":"a new rack","for":"30m"}"#;
    assert_eq!(
        ask(&service, "PUT", "/maintenance", body).json()["all"]["reason"],
        "a new rack"
    );
    let entry = &service.get_authorised("/selftest").json()["self_tests"][0];
    assert_eq!(entry["maintenance"]["reason"], "a new rack");
    assert_eq!(service.get("/readyz").status, 200);
    let body = r#"{"reason":"a new rack","for":"10ms"}"#;
    assert_eq!(ask(&service, "PUT", "/maintenance", body).status, 200);
    service.wait_for_status("/readyz", 503);
    assert_eq!(
        service.get_authorised("/maintenance").json()["all"],
        Value::Null
    );
}

#[test]
fn what_is_wrong_with_a_maintenance_is_said_and_changes_nothing() {
    let service = service();
    let put = |path, body| ask(&service, "PUT", path, body);
    put("/maintenance/databse", BODY).assert_problem(404, "databse");
    put("/maintenance", "").assert_problem(422, "`reason`");
    put("/maintenance", r#"{"reason":"x","for":"30"}"#).assert_problem(422, "`for`");
    put("/maintenance", r#"{"reason":"x","for":"200h"}"#).assert_problem(422, "seven days");
    put("/maintenance", r#"{"reason":" ","for":"1h"}"#).assert_problem(422, "say why");
    put("/maintenance", r#"{"reason":"x","for":"1h","fro":1}"#).assert_problem(422, "fro");
    put("/maintenance", "{").assert_problem(400, "no JSON");
    put("/maintenance", "[]").assert_problem(422, "`reason`");
    let list = service.get_authorised("/maintenance").json();
    assert_eq!(
        list,
        json!({"version": 1, "all": null, "checks": {}, "warning": null})
    );
}

#[test]
fn whoever_puts_something_in_maintenance_is_on_record() {
    let entries = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&entries);
    let audit = move |entry: &mad_exporter::AuditEntry| {
        log.lock().unwrap().push((
            entry.request.clone(),
            entry.subject.clone(),
            entry.is_accepted,
        ));
    };
    let service = Service::start(with_token(checks()).audit(audit));
    ask(&service, "PUT", "/maintenance/cache", BODY);
    ask(&service, "DELETE", "/maintenance", "");
    wait_until("both are told", || entries.lock().unwrap().len() == 2);
    let entry = |request: &str, subject: &str, is_accepted| {
        (request.to_owned(), subject.to_owned(), is_accepted)
    };
    let expected = [
        entry("PUT /maintenance/cache", "cache", true),
        entry("DELETE /maintenance", "all", false),
    ];
    assert_eq!(*entries.lock().unwrap(), expected);
}

#[test]
fn listeners_are_told_of_changes_with_the_maintenance() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    let is_down = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let asked = Arc::clone(&is_down);
    let check = readiness("database", move |_| {
        !asked.load(std::sync::atomic::Ordering::SeqCst)
    });
    let listener = move |change: &mad_core::Transition| {
        let reason = change.maintenance.as_ref().map(|it| it.reason.clone());
        log.lock().unwrap().push((change.to, reason));
    };
    let service = Service::start(with_token([check]).listener(listener));
    service.wait_for_status("/readyz", 200);
    ask(&service, "PUT", "/maintenance/database", BODY);
    is_down.store(true, std::sync::atomic::Ordering::SeqCst);
    wait_until("both changes are told", || told.lock().unwrap().len() == 2);
    let expected = [
        (mad_core::Health::Up, None),
        (mad_core::Health::Down, Some("a new disk".to_owned())),
    ];
    assert_eq!(*told.lock().unwrap(), expected);
}

#[test]
fn a_startup_check_in_maintenance_keeps_no_instance_from_coming_up() {
    let startup = Probes {
        startup: true,
        ..Probes::NONE
    };
    let service = Service::start(with_token([gating("migrated", startup, |_| false)]));
    assert_eq!(service.get("/startupz").status, 503);
    ask(&service, "PUT", "/maintenance/migrated", BODY);
    assert_eq!(service.get("/startupz").status, 200);
    assert_eq!(service.get("/readyz").status, 200);
}

/// A folder of its own for one test.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn maintenance_outlasts_a_restart_if_it_is_kept_in_a_file() {
    let file = folder("maintenance_outlasts").join("maintenance");
    let start = || Service::start(with_token(checks()).maintenance_file(&file));
    let service = start();
    ask(&service, "PUT", "/maintenance/database", BODY);
    ask(
        &service,
        "PUT",
        "/maintenance",
        r#"{"reason":"short","for":"10ms"}"#,
    );
    let list = service.get_authorised("/maintenance").json();
    drop(service);

    std::thread::sleep(Duration::from_millis(20));
    let service = start();
    let again = service.get_authorised("/maintenance").json();
    assert_eq!(again["checks"], list["checks"]);
    assert_eq!(again["all"], Value::Null, "it was over");
    ask(&service, "DELETE", "/maintenance/database", "");
    drop(service);
    assert_eq!(
        start().get_authorised("/maintenance").json()["checks"],
        json!({})
    );
}

/// Some people's files are for their group to write, and then ignored for that.
fn for_its_owner_alone(file: &std::path::Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn a_file_that_is_not_as_it_was_written_is_ignored_with_a_warning() {
    let folder = folder("maintenance_garbage");
    let far = "99999999999999";
    for (number, garbage) in [
        "",
        "{}",
        "mad maintenance 2\n",
        "mad maintenance 1\nsoon\tdatabase\twhy\n",
        &format!("mad maintenance 1\n{far}\tdatabase\twhy\n{far}\tNo Name\twhy\n"),
        &format!("mad maintenance 1\n{far}\tdatabase\n"),
        &"x".repeat(1_000_000),
    ]
    .into_iter()
    .enumerate()
    {
        let file = folder.join(number.to_string());
        fs::write(&file, garbage).unwrap();
        for_its_owner_alone(&file);
        let service = Service::start(with_token(checks()).maintenance_file(&file));
        let list = service.get_authorised("/maintenance").json();
        assert_eq!(
            (&list["all"], &list["checks"]),
            (&Value::Null, &json!({})),
            "{garbage:.40}"
        );
        assert!(
            list["warning"].as_str().unwrap().contains("ignored"),
            "{list}"
        );
    }
}

#[test]
#[cfg(unix)]
fn pitfall_30_a_file_that_others_may_write_or_that_leads_elsewhere_is_ignored() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = folder("maintenance_of_others");
    let far = "99999999999999";
    let legal = format!("mad maintenance 1\n{far}\tdatabase\ta new disk\n");
    let mode = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let warning = |file: &std::path::Path| {
        let service = Service::start(with_token(checks()).maintenance_file(file));
        let list = service.get_authorised("/maintenance").json();
        assert_eq!(
            list["checks"].as_object().unwrap().is_empty(),
            !list["warning"].is_null()
        );
        list["warning"].as_str().unwrap_or_default().to_owned()
    };
    let file = folder.join("file");
    fs::write(&file, &legal).unwrap();
    for others in [0o620, 0o602, 0o666] {
        mode(&file, others);
        assert!(warning(&file).contains("others may write"), "{others:o}");
    }
    mode(&file, 0o644);
    assert_eq!(warning(&file), "");

    let link = folder.join("link");
    symlink(&file, &link).unwrap();
    assert!(warning(&link).contains("no regular file"));

    let open = folder.join("open");
    fs::create_dir_all(&open).unwrap();
    mode(&open, 0o777);
    fs::write(open.join("file"), &legal).unwrap();
    mode(&open.join("file"), 0o600);
    assert!(warning(&open.join("file")).contains("folder"));
    mode(&open, 0o1777);
    assert_eq!(warning(&open.join("file")), "");
}

#[test]
fn a_maintenance_that_cannot_be_kept_does_not_begin() {
    let file = folder("maintenance_lost").join("no/such/folder");
    let service = Service::start(with_token(checks()).maintenance_file(file));
    ask(&service, "PUT", "/maintenance", BODY).assert_problem(500, "cannot be written");
    assert_eq!(
        service.get_authorised("/maintenance").json()["all"],
        Value::Null
    );
}
