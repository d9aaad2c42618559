//! Files that people have read, for the tests.

use std::fs;
use std::path::PathBuf;

/// Compares a text with a file in `src/render`. Where there is none it is written, to be read and kept or
/// deleted.
#[track_caller]
pub(super) fn check(text: &str, file: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/render")
        .join(file);
    let Ok(expected) = fs::read_to_string(&path) else {
        fs::create_dir_all(path.parent().expect("it is in a folder")).unwrap();
        fs::write(&path, text).unwrap();
        panic!("{file} was missing and is written: read it");
    };
    assert_eq!(
        text, expected,
        "{file} is another: delete it to have it written"
    );
}
