//! Two annotated checks with one name refuse to start.

use mad_core::{Registry, self_test};

#[self_test(unit_test = false)]
fn order() {}

mod other {
    #[super::self_test(unit_test = false, name = "order")]
    fn another() {}
}

#[test]
fn both_places_are_named() {
    let error = Registry::linked().unwrap_err();
    assert!(error.is_duplicate());
    let text = error.to_string();
    for place in ["duplicate_names.rs:6", "duplicate_names.rs:10"] {
        assert!(text.contains(place), "{text}");
    }
}
