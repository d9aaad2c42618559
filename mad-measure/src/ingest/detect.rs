//! Which format a report has.

use super::Format;

/// So much of a report is looked at.
const LOOKED_AT: usize = 64 << 10;

/// The format, as far as the report shows it.
pub(super) fn format(text: &str) -> Option<Format> {
    let mut end = text.len().min(LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text[..end].trim_start();
    match text.chars().next()? {
        '<' => of_xml(text),
        '[' => Some(Format::Cucumber),
        '{' => of_json(text),
        _ => text.lines().find_map(of_line),
    }
}

fn of_xml(text: &str) -> Option<Format> {
    let tags = text.match_indices('<').map(|(at, _)| &text[at + 1..]);
    let mut tags = tags.filter(|tag| tag.starts_with(|letter: char| letter.is_alphabetic()));
    match tags.next()? {
        root if root.starts_with("testsuite") => Some(Format::JUnit),
        root if root.starts_with("coverage") => Some(Format::Cobertura),
        root if root.starts_with("html") && text.contains("<title>Cargo Build Timings") => {
            Some(Format::CargoTimings)
        }
        _ => None,
    }
}

fn of_json(text: &str) -> Option<Format> {
    // It stands at the end of what may be one long line.
    if text.contains("\"segments\"") || text.contains("llvm.coverage.json.export") {
        return Some(Format::LlvmCov);
    }
    let first = text.lines().next()?;
    let Ok(serde_json::Value::Object(object)) = serde_json::from_str(first) else {
        // It goes over several lines, or is longer than what is looked at: one document.
        let is_pytest = text.contains("\"exitcode\"");
        let is_llvm = text.contains("\"filename\"") && text.contains("\"summary\"");
        return match (is_pytest, is_llvm) {
            (true, _) => Some(Format::Pytest),
            (false, true) => Some(Format::LlvmCov),
            (false, false) => None,
        };
    };
    let formats = [
        ("reason", Format::Cargo),
        ("Action", Format::GoTest),
        ("event", Format::LibtestJson),
        ("exitcode", Format::Pytest),
    ];
    let known = formats
        .into_iter()
        .find(|(key, _)| object.contains_key(*key));
    known.map(|(_, format)| format)
}

fn of_line(line: &str) -> Option<Format> {
    let line = super::libtest::without_colours(line);
    let line = line.trim();
    let begins = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    if begins(&["TAP version ", "1..", "ok ", "not ok "]) {
        Some(Format::Tap)
    } else if begins(&["TN:", "SF:"]) {
        Some(Format::Lcov)
    } else if line.contains("Nextest run ID") || begins(&["PASS [", "Summary ["]) {
        Some(Format::Nextest)
    } else if begins(&["running "]) && (line.ends_with(" tests") || line.ends_with(" test")) {
        Some(Format::Libtest)
    } else {
        None
    }
}
