//! A mistake in an annotation is refused with a message that points at it and says what is right.

/// Each file is named after its mistake. After a change that was meant, `TRYBUILD=overwrite` writes
/// the messages anew; read them before they are committed.
#[test]
fn every_mistake_has_its_message() {
    trybuild::TestCases::new().compile_fail("tests/refused/*.rs");
}
