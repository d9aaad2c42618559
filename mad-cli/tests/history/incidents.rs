//! Incidents: a file that people write, and where in history they belong.

use crate::project::{Project, argument, text};

/// A release an hour, each with a tag.
fn project_with_releases(n_releases: usize) -> (Project, Vec<String>) {
    let mut project = Project::new();
    let commits = (0..n_releases)
        .map(|number| {
            project.write("text", &number.to_string());
            let commit = project.commit(&format!("release {number}"));
            project.git(&["tag", &format!("v{number}")]);
            commit
        })
        .collect();
    (project, commits)
}

#[test]
fn an_incident_that_was_added_is_listed_with_the_commit_that_was_live() {
    let (project, commits) = project_with_releases(3);
    project.mad_prints(&[
        "incident",
        "add",
        "orders \"vanish\"",
        "--began",
        "2024-01-01",
        "--tag",
        "v1",
    ]);
    let short = &commits[1][..12];
    project.mad_prints(&[
        "incident",
        "add",
        "prices double",
        "--began",
        "2024-02-01",
        "--commit",
        short,
    ]);
    let listed = project.mad_prints(&["incident", "list"]);
    let lines: Vec<_> = listed.lines().collect();
    assert!(
        lines[0].contains(short) && lines[0].contains("orders-vanish: orders \"vanish\""),
        "{listed}"
    );
    assert!(
        lines[1].contains(short) && lines[1].starts_with("2024-02-01T00:00:00Z"),
        "{listed}"
    );
    let checked = project.mad_prints(&["incident", "check"]);
    assert_eq!(checked, "2 incidents, 0 deployments, 0 errors\n");
}

#[test]
fn what_people_wrote_into_the_file_stays() {
    let (project, _) = project_with_releases(1);
    let written = "# kept by the team\n[[incident]]\ntitle = \"slow\" # really\nbegan = 2024-01-01T00:00:00Z\ntag = \"v0\"\n";
    project.write("incidents.toml", written);
    project.mad_prints(&[
        "incident",
        "add",
        "slower",
        "--began",
        "2024-01-02",
        "--tag",
        "v0",
    ]);
    assert!(project.file("incidents.toml").starts_with(written));
    assert_eq!(project.mad_prints(&["incident", "list"]).lines().count(), 2);
}

#[test]
fn the_newest_deployment_before_an_incident_was_live() {
    let (project, commits) = project_with_releases(3);
    // Tags that are only names are as old as their commits: 22:13:20, 23:13:20 and 00:13:20.
    project.mad_prints(&["incident", "tags", "v*", "--deployments"]);
    project.mad_prints(&["incident", "add", "down", "--began", "2023-11-15T00:13:19Z"]);
    let listed = project.mad_prints(&["incident", "list"]);
    assert!(listed.contains(&commits[1][..12]), "{listed}");
    let checked = project.mad_prints(&["incident", "check"]);
    assert!(
        checked.contains("doubt: down: other commits went live about then: v0"),
        "{checked}"
    );
}

#[test]
fn what_cannot_be_is_said() {
    let (project, _) = project_with_releases(1);
    for (title, more) in [
        ("unknown", ["--began=2024-01-01", "--commit=feedbeef"]),
        ("nothing live", ["--began=2024-01-01", "--severity=high"]),
        ("too early", ["--began=2020-01-01", "--tag=v0"]),
        ("too late", ["--began=2999-01-01", "--tag=v0"]),
    ] {
        project.mad_prints(&["incident", "add", title, more[0], more[1]]);
    }
    let output = project.mad(&["incident", "check"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stdout);
    for claim in [
        "error: unknown: there is no commit `feedbeef`",
        "error: nothing-live: no commit and no tag is named",
        "doubt: too-early: the commit was made only at 2023-11-14T22:13:20Z",
        "doubt: too-late: it begins in the future",
        "4 incidents, 0 deployments, 2 errors",
    ] {
        assert!(said.contains(claim), "{claim}: {said}");
    }
}

#[test]
fn a_file_that_makes_no_sense_is_refused_with_the_reason() {
    let (project, _) = project_with_releases(1);
    for (written, reason) in [
        ("[[incident]]\ntitle = 'x'\n", "missing field `began`"),
        (
            "[[incident]]\ntitle = 'x'\nbegan = 'noon'\n",
            "\"noon\" is no moment",
        ),
        (
            "[[incident]]\ntitle = 'x'\nbegan = '2024-01-02'\nended = '2024-01-01'\n",
            "it ends before it begins",
        ),
        (
            "[[incident]]\ntitle = 'x'\nbegan = '2024-01-02'\nbroken = true\n",
            "unknown field `broken`",
        ),
        (
            "[[incident]]\ntitle = 'x'\nbegan = '2024-01-02'\ncommit = 'a'\ntag = 'b'\n",
            "leave one out",
        ),
        (
            "[[incident]]\ntitle = '!'\nbegan = '2024-01-02'\n",
            "give it an `id`",
        ),
        (
            "[[incident]]\ntitle = 'x'\nbegan = '2024-01-02'\n[[incident]]\ntitle = 'X'\nbegan = '2024-01-03'\n",
            "called `x` as well",
        ),
        (
            "[[deployment]]\nat = '2024-01-02'\n",
            "neither a commit nor a tag",
        ),
        ("incident = 7", "invalid type"),
    ] {
        project.write("incidents.toml", written);
        let output = project.mad(&["incident", "list"]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{written}");
        assert!(said.contains(reason), "{reason}: {said}");
    }
}

#[test]
fn tables_and_json_are_imported_once() {
    let (project, _) = project_with_releases(2);
    let table = "title,began,severity,tag,link\n\"a, b\",2024-01-01,high,v0,\nc,2024-01-02T01:00:00+01:00,,v1,https://x.example\n";
    project.write("../table.csv", table);
    let json = r#"[{"title": "d", "began": "2024-01-03", "commit": "HEAD"}]"#;
    project.write("../list.json", json);
    let (table, list) = (project.beside("table.csv"), project.beside("list.json"));
    let said = project.mad_prints(&["incident", "import", "csv", argument(&table)]);
    assert!(said.contains("2 added"), "{said}");
    let again = project.mad_prints(&["incident", "import", "csv", argument(&table)]);
    assert!(
        again.contains("0 added") && again.contains("2 known"),
        "{again}"
    );
    project.mad_prints(&["incident", "import", "json", argument(&list)]);
    let listed = project.mad_prints(&["incident", "list"]);
    assert!(
        listed.contains("a-b: a, b") && listed.contains("2024-01-02T00:00:00Z"),
        "{listed}"
    );
    assert_eq!(listed.lines().count(), 3);
    assert_eq!(
        project.mad_prints(&["incident", "check"]),
        "3 incidents, 0 deployments, 0 errors\n"
    );
}

#[test]
fn tables_are_imported_as_spreadsheets_and_trackers_write_them() {
    let (project, _) = project_with_releases(1);
    let rows = [
        "7,\"a \"\"quoted\"\" title\r\nover two lines\",2024-01-02 03:04:05 +0100,2024-01-02T05:00:00+02:00,1,0123456",
        ",\"b, c; d\",2024-01-03 03:04:05 UTC,,,",
    ];
    let head = "Id,Title,Began,Ended,Severity,Commit";
    let table = format!("\u{feff}{head}\r\n{}\r\n", rows.join("\r\n"));
    project.write("../table.csv", &table);
    let import = |file: &str| {
        let path = project.beside(file);
        project.mad_prints(&["incident", "import", "csv", argument(&path)])
    };
    assert!(import("table.csv").starts_with("2 added"));
    let written = project.file("incidents.toml");
    for line in [
        "id = \"7\"",
        "began = 2024-01-02T02:04:05Z",
        "ended = 2024-01-02T03:00:00Z",
        "severity = \"1\"",
        "commit = \"0123456\"",
        "began = 2024-01-03T03:04:05Z",
    ] {
        assert!(written.contains(line), "{line}: {written}");
    }
    for (name, between) in [("semicolons.csv", ";"), ("tabs.csv", "\t")] {
        let table = ["title,began", "\"x, y\",2024-01-04"];
        let table = table.map(|row| row.replace("title,", &format!("title{between}")));
        let table = table.map(|row| row.replace("\",", &format!("\"{between}")));
        project.write(&format!("../{name}"), &table.join("\n"));
        import(name);
    }
    let listed = project.mad_prints(&["incident", "list"]);
    assert_eq!(listed.lines().count(), 3, "{listed}");
    assert!(listed.contains("x-y: x, y"), "{listed}");
}

#[test]
fn what_happened_twice_is_two_incidents_and_the_file_can_still_be_read() {
    let (project, _) = project_with_releases(1);
    project.write(
        "../table.csv",
        "title,began\noutage,2024-01-02\noutage,2024-02-02\n",
    );
    let table = project.beside("table.csv");
    let import = ["incident", "import", "csv", argument(&table)];
    assert!(project.mad_prints(&import).starts_with("2 added"));
    let again = project.mad_prints(&import);
    assert!(again.starts_with("0 added") && again.contains("2 known"));
    let listed = project.mad_prints(&["incident", "list"]);
    assert!(listed.contains(" outage: outage"), "{listed}");
    assert!(listed.contains(" outage-2024-02-02t00-00-00z: outage"));
}

#[test]
fn a_table_that_cannot_be_imported_is_refused_with_its_line_and_what_to_write() {
    let (project, _) = project_with_releases(1);
    let moment = "2024-06-10T11:00:00+02:00";
    for (table, reasons) in [
        ("", ["the table is empty", "names of the columns"]),
        (
            "title,began\r\n\"a\r\nb\",2024-01-02\r\nc,2024-01-02 03:04:05\r\n",
            ["line 4", moment],
        ),
        ("title,began\nc,1704164645\n", ["line 2", moment]),
        ("title,created\nc,2024-01-02\n", ["`created`", "`began`"]),
        (
            "title,began,Title,began\na,2024-01-02,b,2024-01-03\n",
            ["`title`", "twice"],
        ),
    ] {
        project.write("../table.csv", table);
        let path = project.beside("table.csv");
        let output = project.mad(&["incident", "import", "csv", argument(&path)]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{table}: {said}");
        for reason in reasons {
            assert!(said.contains(reason), "{reason}: {said}");
        }
    }
    assert!(!project.root().join("incidents.toml").exists());
}

#[test]
fn what_spreadsheets_leave_behind_is_passed_over_and_the_rest_is_told_by_its_line() {
    let (project, _) = project_with_releases(1);
    let import = |format: &str, export: &[u8]| {
        let path = project.beside("export");
        std::fs::write(&path, export).unwrap();
        project.mad(&["incident", "import", format, argument(&path)])
    };
    let table = "\n;title;began;\n;a;2024-01-02;\n;;;\n\n;b;2024-01-03;note\n;;;\n";
    let output = import("csv", table.as_bytes());
    assert!(
        text(&output.stdout).starts_with("2 added"),
        "{}",
        text(&output.stderr)
    );
    let alerts = [
        alert("Slow", "a", "2024-01-01T00:00:00Z", NO_END),
        alert("Slow", "b", "noon", NO_END),
    ];
    let alerts = format!("[{}]", alerts.join(","));
    for (format, export, reason) in [
        (
            "csv",
            &b"title,created\nc,2024-01-02\n"[..],
            "line 1: there is no column `created`",
        ),
        (
            "csv",
            b"title,began\n\n\na,2024-01-02\n\nb,noon\n",
            "line 6 makes",
        ),
        (
            "csv",
            b"title,began\n\na\n",
            "line 3 has not as many cells as there are columns: 1, not 2",
        ),
        ("csv", b"title,began\n\xe4,2024-01-02\n", "save it as UTF-8"),
        (
            "json",
            br#"[{"title": "a", "began": 1.5}]"#,
            "a text, a whole number or a moment",
        ),
        ("alertmanager", alerts.as_bytes(), "alert 2 makes no sense"),
        (
            "alertmanager",
            br#"[{"startsAt": 7}]"#,
            "alert 1 cannot be read",
        ),
    ] {
        let output = import(format, export);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(reason), "{reason}: {said}");
    }
}

#[test]
fn what_is_said_twice_or_not_at_all_is_refused() {
    let (project, _) = project_with_releases(1);
    for (format, text_of_it, reason) in [
        (
            "json",
            r#"[{"title": "a", "began": "2024-01-02", "title": "b"}]"#,
            "duplicate field `title`",
        ),
        ("json", r#"[{"began": "2024-01-02"}]"#, "line 1 column"),
        ("alertmanager", "\n", "there are no alerts in it"),
    ] {
        project.write("../export", text_of_it);
        let path = project.beside("export");
        let output = project.mad(&["incident", "import", format, argument(&path)]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{text_of_it}: {said}");
        assert!(said.contains(reason), "{reason}: {said}");
    }
    project.write("../export", "[]");
    let path = project.beside("export");
    let said = project.mad_prints(&["incident", "import", "alertmanager", argument(&path)]);
    assert!(
        said.starts_with("0 added"),
        "a service that is well: {said}"
    );
}

/// An alert of one name and instance, as Alertmanager writes it.
fn alert(name: &str, instance: &str, starts: &str, ends: &str) -> String {
    format!(
        r#"{{"labels": {{"alertname": "{name}", "instance": "{instance}", "severity": "page"}},
            "annotations": {{"summary": "{name} on {instance}"}}, "startsAt": "{starts}", "endsAt": "{ends}",
            "fingerprint": "f", "status": {{"state": "active", "silencedBy": [], "inhibitedBy": []}},
            "generatorURL": "http://prometheus.example/graph"}}"#
    )
}

/// What Alertmanager writes where an alert has no end.
const NO_END: &str = "0001-01-01T00:00:00Z";

#[test]
fn only_what_is_equal_is_known() {
    let (project, _) = project_with_releases(1);
    let import = |format: &str, text_of_it: &str| {
        project.write("../export", text_of_it);
        let path = project.beside("export");
        project.mad(&["incident", "import", format, argument(&path)])
    };
    let refused = import("csv", "id,title,began\n7,a,2024-01-02\n7,b,2024-01-02\n");
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(
        said.contains("line 3") && said.contains("called `7` as well"),
        "{said}"
    );
    let table =
        "title,began,commit\noutage,2024-01-02,aaa\noutage,2024-01-02,bbb\noutage,2024-01-02,aaa\n";
    let alerts = ["Disk_Full", "Disk-Full"]
        .map(|name| alert(name, "a", "2024-03-01T10:00:00Z", "2024-03-01T11:00:00Z"));
    let alerts = format!("[{}]", alerts.join(","));
    for (format, export) in [("csv", table), ("alertmanager", &alerts)] {
        let said = text(&import(format, export).stdout);
        assert!(said.starts_with("2 added"), "{said}");
        let said = text(&import(format, export).stdout);
        assert!(said.starts_with("0 added"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let written = project.file("incidents.toml");
    for id in [
        "\"outage\"",
        "\"outage-2\"",
        "\"disk-full-2024-03-01t10-00-00z-2\"",
    ] {
        assert!(written.contains(&format!("id = {id}")), "{id}: {written}");
    }
    let rows =
        "title,began,commit\noutage,2024-01-02,ddd\noutage,2024-01-02,aaa\noutage,2024-01-02,bbb\n";
    let said = text(&import("csv", rows).stdout);
    assert!(
        said.starts_with("1 added") && said.contains("2 known already"),
        "a new one comes first: {said}"
    );
    // Somebody corrects the file; the export stays as it is.
    project.write("incidents.toml", &written.replace("bbb", "ccc"));
    let said = text(&import("csv", table).stdout);
    assert!(
        said.starts_with("0 added") && said.contains("2 known already\nknown otherwise: outage-2"),
        "{said}"
    );
}

#[test]
fn an_end_that_is_told_later_is_said() {
    let (project, _) = project_with_releases(1);
    let import = |ends: &str| {
        let alerts = alert("Slow", "a", "2024-03-01T10:00:00Z", ends);
        project.write("../alerts.json", &format!("[{alerts}]"));
        let path = project.beside("alerts.json");
        project.mad_prints(&["incident", "import", "alertmanager", argument(&path)])
    };
    assert!(import(NO_END).starts_with("1 added"));
    let said = import("2024-03-01T11:00:00Z");
    let wanted = "known without its end: slow-2024-03-01t10-00-00z; add `ended = 2024-03-01T11:00:00Z` to it";
    assert!(
        said.contains("0 known already") && said.contains(wanted),
        "{said}"
    );
    let written = project.file("incidents.toml");
    project.write(
        "incidents.toml",
        &format!("{written}ended = 2024-03-01T11:00:00Z\n"),
    );
    assert!(import("2024-03-01T11:00:00Z").contains("1 known already"));
}

#[test]
fn an_alert_without_an_end_is_over_when_it_begins_anew() {
    let (project, _) = project_with_releases(1);
    let alerts = [
        alert("Slow", "a", "2024-01-01T00:00:00Z", NO_END),
        alert("Slow", "b", "2024-02-01T00:00:00Z", "2024-02-01T01:00:00Z"),
        alert("Slow", "a", "2024-03-01T00:00:00Z", NO_END),
        alert("Slow", "a", "2024-06-01T00:00:00Z", NO_END),
    ];
    project.write("../alerts.json", &format!("[{}]", alerts.join(",")));
    let path = project.beside("alerts.json");
    project.mad_prints(&["incident", "import", "alertmanager", argument(&path)]);
    let listed = project.mad_prints(&["incident", "list"]);
    let months: Vec<_> = listed.lines().map(|line| &line[..7]).collect();
    assert_eq!(months, ["2024-01", "2024-03", "2024-06"], "{listed}");
}

/// As Alertmanager 0.27 writes them.
#[test]
fn messages_and_groups_of_alertmanager_are_imported() {
    let (project, _) = project_with_releases(1);
    let message = |status: &str, ends: &str| {
        format!(
            r#"{{"version": "4", "groupKey": "{{}}:{{alertname=\"Slow\"}}", "truncatedAlerts": 0, "status": "{status}",
                "receiver": "web", "groupLabels": {{"alertname": "Slow"}}, "commonLabels": {{"severity": "page"}},
                "commonAnnotations": {{}}, "externalURL": "http://alertmanager.example", "alerts": [{{"status": "{status}",
                "labels": {{"alertname": "Slow", "instance": "a:80", "severity": "page"}}, "annotations": {{"summary": "slow"}},
                "startsAt": "2024-03-01T10:00:00.123456789Z", "endsAt": "{ends}", "generatorURL": "", "fingerprint": "c0ffee"}}]}}"#
        )
    };
    let messages = [
        message("firing", "0001-01-01T00:00:00Z"),
        message("resolved", "2024-03-01T11:00:00Z"),
    ];
    let groups = r#"[{"labels": {"alertname": "Down"}, "receiver": {"name": "web"}, "alerts": [{"annotations": {},
        "startsAt": "2024-03-02T10:00:00.000Z", "endsAt": "2999-01-01T00:00:00.000Z", "updatedAt": "2024-03-02T10:01:00.000Z",
        "fingerprint": "f", "receivers": [{"name": "web"}], "labels": {"alertname": "Down"},
        "status": {"inhibitedBy": [], "mutedBy": [], "silencedBy": [], "state": "active"}}]}]"#;
    let refused = r#"{"code": 401, "message": "no"}"#;
    let import = |text: &str| {
        project.write("../alerts.json", text);
        let path = project.beside("alerts.json");
        project.mad(&["incident", "import", "alertmanager", argument(&path)])
    };
    assert!(import(&messages.join("\n")).status.success());
    assert!(import(groups).status.success());
    let written = project.file("incidents.toml");
    assert_eq!(written.matches("[[incident]]").count(), 2, "{written}");
    assert!(
        written.contains("ended = 2024-03-01T11:00:00Z"),
        "{written}"
    );
    assert_eq!(written.matches("ended").count(), 1, "{written}");
    let output = import(refused);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("/api/v2/alerts"));
}

#[test]
fn alerts_of_one_name_at_one_time_are_one_incident() {
    let (project, _) = project_with_releases(1);
    let alerts = [
        alert(
            "Slow",
            "a",
            "2024-01-01T00:00:00.123Z",
            "2024-01-01T01:00:00Z",
        ),
        alert("Slow", "b", "2024-01-01T00:30:00Z", "2024-01-01T02:00:00Z"),
        alert("Slow", "a", "2024-01-05T00:00:00Z", NO_END),
        alert("Down", "a", "2024-01-01T00:30:00Z", "2999-01-01T00:00:00Z"),
    ];
    let answer = format!("[{}]", alerts.join(","));
    project.write("../answer.json", &answer);
    project.write(
        "../webhook.json",
        &format!(r#"{{"version": "4", "alerts": {answer}}}"#),
    );
    for file in ["answer.json", "webhook.json"] {
        let path = project.beside(file);
        project.mad_prints(&["incident", "import", "alertmanager", argument(&path)]);
    }
    let written = project.file("incidents.toml");
    assert_eq!(written.matches("[[incident]]").count(), 3, "{written}");
    assert!(
        written.contains("ended = 2024-01-01T02:00:00Z"),
        "{written}"
    );
    assert_eq!(written.matches("ended").count(), 1, "{written}");
}

/// Stretches elsewhere are measured on demand, and their ends twice: then it is known what is usual.
#[test]
fn what_is_usual_is_measured_beside_an_incident() {
    let mut project = Project::new();
    for number in 0..40 {
        project.write("number", &(if number < 24 { 100 } else { 110 }).to_string());
        project.write("text", &number.to_string());
        let commit = project.commit(&format!("change {number}"));
        if [20, 26].contains(&number) {
            project.git(&["tag", &format!("v1.{number}.0"), &commit]);
        }
    }
    let measured = ["--no-tests", "--cmd", "cost=cat number"];
    project.mad_prints(&[&["history", "v1.20.0..v1.26.0"][..], &measured].concat());
    let retro = ["retro", "--tag", "v1.26.0"];
    let said = project.mad_prints(&retro);
    assert!(
        said.contains("nobody measured any others, so what is usual is not known"),
        "{said}"
    );
    let with_controls = [&retro[..], &["--controls", "2"], &measured].concat();
    let said = project.mad_prints(&with_controls);
    assert!(
        said.contains("18 of 40 commits have numbers"),
        "two stretches of six: {said}"
    );
    assert!(
        said.contains("at 0.0 in as many, and none of 2 other stretches as long has as many"),
        "{said}"
    );
    assert!(said.contains("2 commits were measured again"), "{said}");
    assert!(
        said.contains("exact series that were measured again at a commit, 0 differ"),
        "{said}"
    );
    // All of it is known now.
    let output = project.mad(&with_controls);
    assert!(
        text(&output.stderr).contains("12 commits: 0 measured"),
        "{}",
        text(&output.stderr)
    );
}
