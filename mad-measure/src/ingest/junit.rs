//! JUnit XML, of which every tool has a form of its own.

use roxmltree::Node;

use super::error::{IngestError, seconds};
use super::xml::{self, line};
use super::{TestReport, time, without_stack};
use crate::case::{Outcome, TestCase};

/// Deeper no tool nests its suites.
const DEEPEST: usize = 16;

/// Reads a report.
pub(crate) fn read(text: &str) -> Result<TestReport, IngestError> {
    let document = xml::document(text)?;
    let root = document.root_element();
    let is_nextest = root.attribute("uuid").is_some() && root.has_tag_name("testsuites");
    let mut report = TestReport {
        runner: if is_nextest { "nextest" } else { "junit" },
        started_at: started_at(root),
        seconds: duration(root)?,
        cases: Vec::new(),
    };
    match root.tag_name().name() {
        "testsuites" | "testsuite" => suites(root, is_nextest, 0, &mut report.cases)?,
        other => {
            let reason = format!(
                "`<{other}>` is no JUnit report: it begins with `<testsuites>` or `<testsuite>`"
            );
            return Err(IngestError::at(line(root), reason));
        }
    }
    Ok(report)
}

fn suites(
    node: Node<'_, '_>,
    is_nextest: bool,
    depth: usize,
    cases: &mut Vec<TestCase>,
) -> Result<(), IngestError> {
    if depth > DEEPEST {
        return Err(IngestError::at(
            line(node),
            "suites stand too deep in each other",
        ));
    }
    let suite = attribute(node, "name").unwrap_or_default();
    for child in node.children().filter(Node::is_element) {
        match child.tag_name().name() {
            "testsuite" => suites(child, is_nextest, depth + 1, cases)?,
            "testcase" => cases.push(case(child, suite, is_nextest)?),
            _ => {}
        }
    }
    Ok(())
}

fn case(node: Node<'_, '_>, suite: &str, is_nextest: bool) -> Result<TestCase, IngestError> {
    let name = attribute(node, "name")
        .ok_or_else(|| IngestError::at(line(node), "a test case has no name"))?;
    let class = attribute(node, "classname").unwrap_or_default();
    let (package, name) = if is_nextest {
        nextest_name(suite, name)
    } else if class.is_empty() || class == suite {
        (suite.to_owned(), name.to_owned())
    } else {
        (suite.to_owned(), format!("{class}::{name}"))
    };
    let mut case = TestCase::new(package, name, Outcome::Passed);
    if let Some(time) = attribute(node, "time") {
        case.seconds.push(seconds(time, line(node))?);
    }
    for child in node.children().filter(Node::is_element) {
        match child.tag_name().name() {
            "failure" | "error" => case.outcome = Outcome::Failed,
            "skipped" => case.outcome = Outcome::Skipped,
            "flakyFailure" | "flakyError" | "rerunFailure" | "rerunError" => case.retries += 1,
            _ => continue,
        }
        case.reason = case.reason.or_else(|| reason(child));
    }
    Ok(case)
}

/// The binary `shop::orders` is the target `orders` of the package `shop`, and `shop` its library.
pub(crate) fn nextest_name(binary: &str, test: &str) -> (String, String) {
    match binary.split_once("::") {
        Some((package, target)) => (package.to_owned(), format!("{target}::{test}")),
        None => (binary.to_owned(), test.to_owned()),
    }
}

/// What it says, without the stack, which is another each time; the message, if it says nothing.
fn reason(node: Node<'_, '_>) -> Option<String> {
    let text = node.text().unwrap_or_default();
    let text = without_stack(text);
    let message = attribute(node, "message").unwrap_or_default().trim();
    let reason = if text.contains(message) {
        text
    } else if text.is_empty() {
        message.to_owned()
    } else {
        format!("{message}\n{text}")
    };
    (!reason.is_empty()).then_some(reason)
}

/// That of the whole; where only suites have one, their sum.
fn duration(root: Node<'_, '_>) -> Result<Option<f64>, IngestError> {
    let of = |node| {
        attribute(node, "time")
            .map(|text| seconds(text, line(node)))
            .transpose()
    };
    if let Some(whole) = of(root)? {
        return Ok(Some(whole));
    }
    let mut sum = None;
    for suite in root.children().filter(Node::is_element) {
        if let Some(seconds) = of(suite)? {
            sum = Some(sum.unwrap_or(0.0) + seconds);
        }
    }
    Ok(sum)
}

fn started_at(root: Node<'_, '_>) -> Option<i64> {
    let suites = root.children().filter(Node::is_element);
    let mut timestamps = std::iter::once(root)
        .chain(suites)
        .filter_map(|node| attribute(node, "timestamp"));
    timestamps.find_map(time::milliseconds)
}

fn attribute<'text>(node: Node<'text, '_>, name: &str) -> Option<&'text str> {
    node.attribute(name)
}
