//! What came of all instances, as one JUnit document.

use std::fmt::Write as _;

use roxmltree::{Document, Node};

use super::instance::Examination;

/// Makes one document of all: the suites of each instance as that writes them, under the instance's name.
/// An instance without any has one with an error in it.
pub(super) fn report(examinations: &[Examination]) -> String {
    let mut suites = Suites::default();
    for examination in examinations {
        let theirs = examination.junit.as_deref().unwrap_or_default();
        if !suites.adopt(theirs, &examination.instance.to_string()) {
            suites.add_trouble(examination);
        }
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"self-tests\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3}\">\n{}</testsuites>\n",
        suites.tests, suites.failures, suites.errors, suites.seconds, suites.text
    )
}

#[derive(Debug, Default)]
struct Suites {
    text: String,
    tests: u64,
    failures: u64,
    errors: u64,
    seconds: f64,
}

impl Suites {
    /// Takes over the suites of a document, and says whether there were any.
    fn adopt(&mut self, document: &str, instance: &str) -> bool {
        let Ok(parsed) = Document::parse(document) else {
            return false;
        };
        let suites = parsed.root_element().children();
        let mut has_any = false;
        for suite in suites.filter(|node| node.has_tag_name("testsuite")) {
            has_any |= self.adopt_suite(document, suite, instance);
        }
        has_any
    }

    /// Takes over a suite letter by letter, but for its name.
    fn adopt_suite(&mut self, document: &str, suite: Node<'_, '_>, instance: &str) -> bool {
        let Some(name) = suite.attribute_node("name") else {
            return false;
        };
        let (whole, name) = (suite.range(), name.range_value());
        _ = writeln!(
            self.text,
            "  {}{}{}",
            &document[whole.start..name.start],
            escaped(instance),
            &document[name.end..whole.end]
        );
        self.tests += count(suite, "tests");
        self.failures += count(suite, "failures");
        self.errors += count(suite, "errors");
        self.seconds += seconds(suite);
        true
    }

    fn add_trouble(&mut self, examination: &Examination) {
        let instance = escaped(&examination.instance.to_string());
        let why = escaped(examination.why.as_deref().unwrap_or_default());
        let (began, time) = (examination.began, examination.duration.as_secs_f64());
        let outcome = examination.outcome.word();
        // Who has passed has done so, though there is no document that says what.
        let (errors, error) = if examination.outcome.has_passed() {
            (0, String::new())
        } else {
            (1, format!("<error type=\"{outcome}\" message=\"{why}\"/>"))
        };
        _ = writeln!(
            self.text,
            "  <testsuite name=\"{instance}\" tests=\"1\" failures=\"0\" errors=\"{errors}\" skipped=\"0\" \
             time=\"{time:.3}\" timestamp=\"{began}\" hostname=\"{instance}\" id=\"{outcome}\">\n    \
             <properties><property name=\"instance\" value=\"{instance}\"/></properties>\n    \
             <testcase name=\"{outcome}\" classname=\"self_tests\" time=\"{time:.3}\">{error}</testcase>\n  \
             </testsuite>"
        );
        self.tests += 1;
        self.errors += errors;
        self.seconds += time;
    }
}

fn seconds(suite: Node<'_, '_>) -> f64 {
    let time = suite.attribute("time");
    time.and_then(|time| time.parse().ok()).unwrap_or_default()
}

fn count(suite: Node<'_, '_>, attribute: &str) -> u64 {
    let count = suite.attribute(attribute);
    count
        .and_then(|count| count.parse().ok())
        .unwrap_or_default()
}

/// Writes a text so that it stands in an attribute; what XML cannot hold is replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\r' | '\t' => _ = write!(escaped, "&#{};", u32::from(letter)),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            letter if letter < ' ' => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_comes_out_of_an_attribute_as_it_went_in(text in "[^\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{fffe}\u{ffff}]{0,40}") {
            let xml = format!("<a b=\"{}\"/>", escaped(&text));
            let parsed = Document::parse(&xml).expect("XML");
            prop_assert_eq!(parsed.root_element().attribute("b"), Some(text.as_str()));
        }
    }

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(escaped("a\u{1b}b\u{ffff}"), "a\u{fffd}b\u{fffd}");
    }

    #[test]
    fn suites_are_taken_over_under_the_name_of_the_instance() {
        let mut suites = Suites::default();
        let theirs = "<testsuites><testsuite name=\"x\" tests=\"2\" failures=\"1\" errors=\"0\"><testcase name=\"a\"/></testsuite></testsuites>";
        assert!(suites.adopt(theirs, "http://a:1"));
        assert!(suites.adopt(theirs, "http://b:1"));
        assert!(
            suites
                .text
                .contains("<testsuite name=\"http://b:1\" tests=\"2\"")
        );
        assert_eq!((suites.tests, suites.failures, suites.errors), (4, 2, 0));
        for foreign in ["", "<html>", "<testsuites/>", "<!DOCTYPE a><testsuites/>"] {
            assert!(!suites.adopt(foreign, "http://c:1"), "{foreign}");
        }
    }
}
