//! `mad push`, as somebody types it.

use std::fs::write;
use std::process::Output;

use tests::{InfluxDb, ReceivingPrometheus, Recorded, build_mad, commands, mad, now};

#[track_caller]
fn push(recorded: &Recorded, arguments: &[&str]) -> (i32, String) {
    let mut mad = mad();
    mad.arg("push")
        .args(arguments)
        .args(["--patience", "300ms"]);
    let Output {
        status,
        stdout,
        stderr,
    } = mad
        .current_dir(recorded.folder())
        .env("INFLUX_PASSWORD", "s3cret")
        .output()
        .unwrap();
    let said = [stdout, stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
    (status.code().unwrap(), said.concat())
}

#[test]
fn the_commands_of_the_guide_do_what_it_shows() {
    build_mad();
    let recorded = Recorded::new();
    let prometheus = ReceivingPrometheus::start();
    let here = |program: &str| format!("cd {} && {program}", recorded.folder().display());
    let replaced = [
        ("mad push", &*here("mad push")),
        ("mad store", &here("mad store")),
        ("promtool", &here("promtool")),
        ("/var/lib/prometheus", "blocks"),
        ("127.0.0.1:9090", prometheus.http()),
    ];
    let guide = include_str!("../../docs/sinks.md");
    let commands = commands(guide);
    for command in &commands {
        let printed = command.run(&replaced, "");
        assert!(
            command.is_shown(&printed),
            "docs/sinks.md:{} printed\n{printed}",
            command.line
        );
    }
    assert!(commands.len() >= 4);
    assert_eq!(prometheus.stored("mad_"), recorded.stored());
}

#[test]
fn the_sinks_of_the_project_are_in_its_file_and_their_secrets_are_not() {
    build_mad();
    let mut recorded = Recorded::new();
    let mut influxdb = InfluxDb::start();
    influxdb.let_in_only("ci", "s3cret");
    let sink = |user: &str, rest: &str| {
        let http = influxdb.http();
        format!("[[sink]]\nto = \"influx+http://{user}@{http}/write?db=ci\"\n{rest}\n")
    };
    let file = recorded.folder().join("mad.toml");

    write(&file, sink("ci", "secret-env = \"NO_SUCH_VARIABLE\"")).unwrap();
    let (code, said) = push(&recorded, &[]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("NO_SUCH_VARIABLE"), "{said}");

    write(&file, sink("ci:wrong", "")).unwrap();
    let (code, said) = push(&recorded, &[]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("the password is in the address") && !said.contains("wrong"),
        "{said}"
    );
    assert!(
        said.contains("401") && said.contains("goes on from here"),
        "{said}"
    );

    let rest =
        "secret-env = \"INFLUX_PASSWORD\"\nwith = [\"branch\"]\nlabels = { team = \"shop\" }";
    write(&file, sink("ci", rest)).unwrap();
    let (code, said) = push(&recorded, &[]);
    assert_eq!(
        (code, said.contains("2 runs, 18 numbers sent")),
        (0, true),
        "{said}"
    );

    write(recorded.folder().join("secret"), "s3cret\n").unwrap();
    write(&file, sink("ci", "secret-file = \"secret\"")).unwrap();
    recorded.run_on("ci-1", now() - 1_000);
    let (code, said) = push(&recorded, &[]);
    assert_eq!(
        (code, said.contains("1 run, 9 numbers sent")),
        (0, true),
        "{said}"
    );
    let (code, said) = push(&recorded, &[]);
    assert_eq!((code, said.contains("nothing new")), (0, true), "{said}");
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_sent() {
    build_mad();
    let recorded = Recorded::new();
    for (arguments, part) in [
        (&["--to", "http://localhost"][..], "remote-write+http://"),
        (&[], "mad.toml"),
        (
            &[
                "--to",
                "graphite://a",
                "--to",
                "graphite://b",
                "--secret-env",
                "HOME",
            ],
            "show it to all",
        ),
        (&["--to", "graphite://a", "--label", "x"], "name=value"),
    ] {
        let (code, said) = push(&recorded, arguments);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(part), "{said}");
    }
    write(
        recorded.folder().join("mad.toml"),
        "[[sink]]\nto = \"graphite://a\"\nlable = 1\n",
    )
    .unwrap();
    let (code, said) = push(&recorded, &[]);
    assert_eq!(
        (code, said.contains("unknown field `lable`")),
        (2, true),
        "{said}"
    );
}

#[test]
fn a_history_is_exported_for_promtool() {
    build_mad();
    let recorded = Recorded::new();
    let mut mad = mad();
    mad.args([
        "store",
        "export",
        "--format",
        "openmetrics",
        "--time",
        "commit",
    ]);
    let page = mad.current_dir(recorded.folder()).output().unwrap().stdout;
    let prometheus = ReceivingPrometheus::start_on_blocks_of(&String::from_utf8(page).unwrap());
    // A commit is a second older than its run here, and has no milliseconds.
    let expected = recorded
        .stored()
        .map(|series, at| (series, (at / 1000 - 1) * 1000));
    assert_eq!(prometheus.stored("mad_"), expected);
}

#[test]
fn a_relay_passes_on_to_rrdcached_alone() {
    build_mad();
    let mut mad = mad();
    let output = mad
        .args([
            "relay",
            "--listen",
            "127.0.0.1:0",
            "--to",
            "graphite://localhost",
        ])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        (output.status.code(), said.contains("rrdcached://")),
        (Some(2), true),
        "{said}"
    );
}
