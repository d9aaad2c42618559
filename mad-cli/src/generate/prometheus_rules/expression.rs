//! Pieces of `PromQL`, and texts that Prometheus reads as templates.

use std::fmt::Write as _;

use crate::catalogue::About;

/// The series of a metric that are of this job and have these labels.
pub(super) fn select(metric: &str, job: &str, labels: &[(&str, &str)]) -> String {
    let mut selector = format!("{metric}{{job={job:?}");
    for (name, value) in labels {
        // Names of checks have neither quotes nor backslashes: a Rust literal is one of `PromQL`.
        _ = write!(selector, ", {name}={value:?}");
    }
    selector.push('}');
    selector
}

/// The series of a metric that are of a check.
pub(super) fn of_check(metric: &str, job: &str, check: &str) -> String {
    select(metric, job, &[("check", check)])
}

/// Leaves an expression out where what a check comes after is down: somebody is told of that already.
pub(super) fn unless_blamed(expression: String, health: &str, job: &str, check: &About) -> String {
    check.after.iter().fold(expression, |expression, cause| {
        let cause = of_check(health, job, cause);
        format!("{expression} unless on (job, instance) ({cause} == 0)")
    })
}

/// Leaves an expression out while its check is in maintenance.
pub(super) fn unless_maintained(expression: &str, metric: &str, job: &str, check: &str) -> String {
    let maintenance = of_check(metric, job, check);
    format!("{expression} unless on (job, instance) ({maintenance} == 1)")
}

/// A text that is to be shown as it is, and is no template.
pub(super) fn literal(text: &str) -> String {
    text.replace("{{", "{{\"{{\"}}")
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn a_template_in_a_text_is_a_text() {
        assert_eq!(literal("a {{ b }}"), "a {{\"{{\"}} b }}");
        assert_eq!(literal("{ }"), "{ }");
    }
}
