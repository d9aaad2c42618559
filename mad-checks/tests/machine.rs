//! What the checks of this machine find on this machine.

mod support;

use mad_checks::{BuildAge, DiskSpace, Memory, OpenFiles};
use mad_core::{IntoCheck, OutcomeKind, Probes};
use support::{check_fails, check_noted, check_passes, check_warns, observed, report};

#[test]
fn the_levels_of_a_disk_are_shares_of_what_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let disk = || DiskSpace::of(folder.path()).warn_below(0.0).fail_below(0.0);
    let report = check_passes(disk());
    let free = observed(&report, "free");
    assert!(free > 0.0 && observed(&report, "free_bytes") > 0.0);
    check_noted(&report, &folder.path().display().to_string());

    let above = f64::midpoint(free, 1.0);
    check_warns(disk().warn_below(above), "free, less than");
    check_fails(
        disk().warn_below(above).fail_below(above),
        "free, less than",
    );
}

#[test]
fn a_path_that_is_not_there_or_on_no_disk_is_not_green() {
    let folder = tempfile::tempdir().unwrap();
    check_fails(DiskSpace::of(folder.path().join("gone")), "No such file");
    if cfg!(target_os = "linux") {
        check_fails(DiskSpace::of("/proc"), "has no size");
    }
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "it is Linux that tells")]
fn memory_is_looked_at_and_its_source_is_named() {
    let report = check_passes(Memory::new().warn_below(0.0).fail_below(0.0));
    let available = observed(&report, "available");
    let bytes = observed(&report, "available_bytes");
    assert!(available > 0.0 && available <= 1.0 && bytes > 0.0);
    assert!(bytes <= observed(&report, "limit_bytes"));
    check_noted(&report, "looked at the ");
    check_fails(
        Memory::new().fail_below(1.0),
        "% of the memory is available",
    );
}

#[test]
fn open_files_are_counted() {
    let report = check_passes(OpenFiles::new().warn_below(0.0).fail_below(0.0));
    assert!(observed(&report, "open") >= 3.0);
    assert!(observed(&report, "open") < observed(&report, "limit"));
}

#[test]
fn a_build_has_an_age() {
    let report = check_warns(BuildAge::since("2000-01-01"), "days old");
    assert!(observed(&report, "age") > 26.0 * 365.0 * 86_400.0);
    assert_eq!(
        support::report(BuildAge::since(None)).outcome.kind(),
        OutcomeKind::Skip
    );
}

#[test]
fn none_of_them_gates_a_probe() {
    for check in [
        DiskSpace::of("/").into_check(),
        Memory::new().into_check(),
        OpenFiles::new().into_check(),
        BuildAge::since(None).into_check(),
        mad_checks::TcpConnect::to("a:1").into_check(),
        mad_checks::HttpGet::of("http://a").into_check(),
        mad_checks::DnsLookup::of("a").into_check(),
        mad_checks::ClockSkew::against("http://a").into_check(),
    ] {
        let options = check.health_options().unwrap();
        assert_eq!(options.probes, Probes::NONE, "{}", check.name());
        assert!(!check.summary().is_empty(), "{}", check.name());
        assert_eq!(check.location().file, file!(), "{}", check.name());
    }
}

#[test]
#[should_panic(expected = "a share of the whole")]
fn a_level_that_is_no_number_is_refused() {
    _ = DiskSpace::of("/").warn_below(f64::NAN);
}

#[test]
fn two_of_a_kind_need_two_names() {
    let engine = mad_core::Engine::builder().registry(mad_core::Registry::new());
    let engine = engine
        .check(DiskSpace::of("/"))
        .check(DiskSpace::of("/tmp"));
    let error = engine.start().unwrap_err();
    assert!(error.registry().unwrap().is_duplicate());
    _ = report(
        DiskSpace::of("/tmp")
            .into_check()
            .with_name("disk_space/tmp"),
    );
}
