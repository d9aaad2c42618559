//! The page of pitfalls, held against the tests that it names.

use std::fs;
use std::path::Path;

#[test]
fn each_pitfall_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/pitfalls.md")).expect("there is such a page");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
    let rows = rows.filter(|row| row.starts_with(|letter: char| letter.is_ascii_digit()));
    let mut numbers = Vec::new();
    for row in rows {
        let cells: Vec<_> = row.trim_end_matches('|').split(" | ").collect();
        let [number, _, _, tests] = cells[..] else {
            panic!("four cells: {row}")
        };
        numbers.push(number.trim().parse::<usize>().expect("a number"));
        let named: Vec<_> = tests
            .split('`')
            .filter_map(|name| name.split_once("::"))
            .collect();
        assert!(!named.is_empty(), "no test is named in {row}");
        for &(file, test) in &named {
            let text = fs::read_to_string(root.join(file)).expect(file);
            assert!(text.contains(&format!("fn {test}(")), "{file}::{test}");
        }
        let is_called_so =
            |test: &str| test.starts_with(&format!("pitfall_{:0>2}_", number.trim()));
        assert!(
            named.iter().any(|(_, test)| is_called_so(test)),
            "none is called after {row}"
        );
    }
    assert_eq!(numbers, (1..=32).collect::<Vec<_>>());
}
