//! Health, read by Spring Boot Admin and held against MicroProfile's own test kit, and the recipe for Jenkins: programs
//! in Java.

use std::fs;
use std::path::Path;

use mad_core::{Outcome, Unit};
use mad_exporter::Exporter;
use tests::{Served, build_mad, java_program, readiness, search_path};

const HOSTILE: &str = "no \"way\"\n</script> | \u{1b}[31m \u{2028} \\";

fn folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

fn service(outcome: fn() -> Outcome) -> Served {
    let database = readiness("database", move |_| {
        mad_core::note(HOSTILE);
        mad_core::observe("connections", 7, Unit::Count);
        outcome()
    });
    let threads = readiness("a/threads", |_| true).with_runbook("https://wiki.example.com/threads");
    let builder = Exporter::builder().version("1.2.3");
    Served::start(builder, [database, threads])
}

/// Services that work, that have a reservation, that do not work, and that are about to leave.
fn services() -> [Served; 4] {
    let outcomes: [fn() -> Outcome; 4] = [
        || Outcome::Pass,
        || Outcome::warn(HOSTILE),
        || Outcome::fail(HOSTILE),
        || Outcome::Pass,
    ];
    let services = outcomes.map(service);
    for (service, status) in services.iter().zip([200, 429, 503, 200]) {
        service.wait_for_status("/readyz/database?consul", status);
        service.wait_for_status("/readyz/a/threads", 200);
    }
    services[3].exporter().drain();
    services
}

#[test]
#[ignore = "needs a JDK and Maven: cargo xtask test --all"]
fn spring_boot_admin_reads_the_state_and_every_component() {
    let services = services();
    let urls = services.iter().map(Served::url).collect::<Vec<_>>();
    let said = java_program("SpringBootAdmin", folder(), &urls);
    let expected = "\
        UP {a/threads=UP, database=UP, readinessState=UP}\n\
        UP {a/threads=UP, database=UP, readinessState=UP}\n\
        DOWN {a/threads=UP, database=DOWN, readinessState=UP}\n\
        OUT_OF_SERVICE {a/threads=UP, database=UP, readinessState=OUT_OF_SERVICE}\n";
    assert_eq!(said, expected);
}

#[test]
#[ignore = "needs a JDK and Maven: cargo xtask test --all"]
fn microprofiles_own_schema_has_no_complaint() {
    let services = services();
    let paths = [
        "/health?format=microprofile",
        "/health/live",
        "/health/ready",
        "/health/started",
    ];
    let urls = services.iter().flat_map(|service| {
        let url = service.url();
        paths.map(|path| format!("{url}{path}"))
    });
    let said = java_program("MicroProfileSchema", folder(), &urls.collect::<Vec<_>>());
    let (up, down) = ("200 UP\n", "503 DOWN\n");
    let works = up.repeat(4);
    let fails = format!("{down}{up}{down}{up}");
    assert_eq!(said, [works.as_str(), &works, &fails, &fails].concat());
}

/// A project with a test, and with the profile of nextest's that the recipe asks for.
fn project(library: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        (
            "Cargo.toml",
            "[package]\nname = \"shop\"\nedition = \"2024\"\n[workspace]\n",
        ),
        ("src/lib.rs", library),
        (
            ".config/nextest.toml",
            "[profile.ci.junit]\npath = \"junit.xml\"\n",
        ),
    ];
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Jenkins itself is in no registry: its Groovy reads the recipe, and a stand-in does the steps.
#[test]
#[ignore = "needs a JDK and Maven: cargo xtask test --all"]
fn the_recipe_for_jenkins_is_a_pipeline_and_does_what_it_says() {
    let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ci/Jenkinsfile");
    build_mad();
    let path = format!("PATH={}", search_path());
    for (library, verdict) in [
        ("#[test] fn passes() {}", "SUCCESS"),
        ("#[test] fn fails() { panic!() }", "FAILURE"),
    ] {
        let project = project(library);
        let home = project.path().join("jenkins");
        let words = [
            recipe.display().to_string(),
            project.path().display().to_string(),
            format!("JENKINS_HOME={}", home.display()),
            "JOB_NAME=shop".to_owned(),
            path.clone(),
        ];
        let said = java_program("Jenkinsfile", folder(), &words);
        let expected =
            format!("junit target/nextest/ci/junit.xml\narchiveArtifacts mad.csv\n{verdict}\n");
        assert_eq!(said, expected);
        assert!(
            home.join("mad/shop.db").exists(),
            "one store for all builds of the job"
        );
        let csv = fs::read_to_string(project.path().join("mad.csv")).unwrap();
        assert!(csv.contains("tests_success_ratio"), "{csv}");
    }
}
