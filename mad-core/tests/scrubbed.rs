//! What the program takes out of the texts of its checks, through the public door.

mod support;

use mad_core::{Check, Engine, Outcome};
use support::{READINESS, eventually, health, registry};

#[test]
fn what_the_program_takes_out_of_texts_is_nowhere() {
    const SECRET: &str = "s3cret";
    let check = Check::health_check("leaks", READINESS, |_| {
        mad_core::note(format!("{}{SECRET}", "x".repeat(509)));
        mad_core::warn(format!("slow: {SECRET}"));
        mad_core::step_sync(format!("ask {SECRET}"), || {
            Err::<(), _>(std::io::Error::other(format!("no such user: {SECRET}")))
        })
    });
    let panics = Check::health_check("panics", READINESS, |_| -> bool { panic!("at {SECRET}") });
    let engine = Engine::builder()
        .registry(registry([check, panics]))
        .scrub(|text| text.replace(SECRET, "***"))
        .start()
        .unwrap();
    for name in ["leaks", "panics"] {
        eventually("ran", || health(&engine, name).record.last.is_some());
        let last = format!("{:?}", health(&engine, name).record.last);
        assert!(!last.contains("s3c") && last.contains("***"), "{last}");
    }
}

#[test]
fn a_text_is_withheld_if_what_scrubs_it_panics() {
    let check = Check::health_check("leaks", READINESS, |_| Outcome::fail("s3cret"));
    let engine = Engine::builder()
        .registry(registry([check]))
        .scrub(|_| panic!("a mistake in an expression"))
        .start()
        .unwrap();
    eventually("ran", || health(&engine, "leaks").record.last.is_some());
    let last = health(&engine, "leaks").record.last.clone().unwrap();
    assert!(
        last.outcome.to_string().starts_with("fail: withheld"),
        "{last:?}"
    );
}
