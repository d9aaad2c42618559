//! A recorder that is installed when a function was called already is noticed, and one that a test sets for
//! itself is, too.

use mad_core::{BuildInfo, measured};
use mad_metrics::{Builder, Handle};

#[measured]
fn works() -> Result<(), String> {
    Ok(())
}

#[measured]
fn works_too() {}

fn count(handle: &Handle) -> Option<u32> {
    let page = handle.render();
    let is_it = |line: &&str| {
        line.starts_with("function_calls_total{function=\"works\"") && line.contains("\"ok\"")
    };
    page.lines().find(is_it)?.rsplit(' ').next()?.parse().ok()
}

#[test]
fn whoever_listens_when_it_is_called_hears_of_the_call() {
    // Nobody does. What is kept of that must not be kept for ever.
    works().unwrap();
    let build_info = BuildInfo {
        version: Some("1.2.3".to_owned()),
        commit: Some("abc".to_owned()),
    };
    build_info.tell();

    // Before there is one for the program, too: one after the other, as tests are, in the same place.
    for _ in 0..3 {
        let local = Builder::new().build().unwrap();
        metrics::with_local_recorder(&local, || works().unwrap());
        assert_eq!(count(&local.handle()), Some(1));
    }

    let program = Builder::new().install().unwrap();
    works().unwrap();
    assert_eq!(count(&program), Some(1));
    // It is told once: a program of two builds could not be joined with anything.
    BuildInfo::default().tell();
    works_too();
    let page = program.render();
    let mut builds = page.lines().filter(|line| line.starts_with("build_info{"));
    let build = builds.next().expect(&page);
    assert!(
        build.contains("version=\"1.2.3\",commit=\"abc\""),
        "{build}"
    );
    assert_eq!(builds.next(), None, "{page}");

    for _ in 0..3 {
        let local = Builder::new().build().unwrap();
        metrics::with_local_recorder(&local, || {
            works().unwrap();
            works().unwrap();
        });
        assert_eq!(count(&local.handle()), Some(2));
    }
    works().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| works().unwrap());
    });
    assert_eq!(count(&program), Some(3));
}
