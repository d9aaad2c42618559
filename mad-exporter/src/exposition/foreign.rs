//! The page that the application writes itself, as text.

use mad_metrics::Page;

use super::names::Names;

/// Appends the application's page, without what is not wanted and what would be there twice.
///
/// A family may stand on a page once, and one that stands there twice costs the whole scrape. So a
/// family of the application that has the name of one of MAD's is left out. Every line ends in a
/// line feed, as some parsers refuse a page whose last one does not.
pub(super) fn append(
    page: &mut Page,
    application: &str,
    names: &Names,
    is_taken: impl Fn(&str) -> bool,
) {
    let is_kept = |line: &&str| is_kept(line, names, &is_taken);
    for line in application.lines().filter(is_kept) {
        page.push_str(line);
        page.push_str("\n");
        page.end_lines(1);
    }
    page.end_block();
}

fn is_kept(line: &str, names: &Names, is_taken: impl Fn(&str) -> bool) -> bool {
    // OpenMetrics ends a page with it; here MAD's own series follow.
    let is_end = line == "# EOF";
    let is_about = |name: &str| !is_taken(name) && names.want_line_of(name);
    !is_end && name_in(line).is_none_or(is_about)
}

/// Returns the name that a HELP line, a TYPE line or a sample is about. Blanks may stand around all of them.
fn name_in(line: &str) -> Option<&str> {
    let blanks = [' ', '\t'];
    let line = line.trim_start_matches(blanks);
    let Some(comment) = line.strip_prefix('#') else {
        return line.split(['{', ' ', '\t']).next();
    };
    let mut words = comment.split(blanks).filter(|word| !word.is_empty());
    let is_metadata = words
        .next()
        .is_some_and(|word| ["HELP", "TYPE"].contains(&word));
    words.next().filter(|_| is_metadata)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposition::families::is_taken;

    #[track_caller]
    fn check(application: &str, expected: &str) {
        check_wanted(&Names::default(), application, expected);
    }

    #[track_caller]
    fn check_wanted(names: &Names, application: &str, expected: &str) {
        let mut page = Page::new();
        append(&mut page, application, names, is_taken);
        assert_eq!(String::from_utf8(page.into_bytes()).unwrap(), expected);
    }

    #[test]
    fn what_is_not_wanted_is_left_out() {
        check_wanted(
            &Names::new(["b_total".to_owned()]),
            "# HELP a A.\na 1\n# TYPE b_total counter\nb_total{a=\"\"} 1\n",
            "# TYPE b_total counter\nb_total{a=\"\"} 1\n",
        );
    }

    #[test]
    fn what_is_the_applications_stays_as_it_is() {
        let page =
            "# HELP orders_total Orders.\n# TYPE orders_total counter\norders_total{a=\"{\"} 1\n\n";
        check(page, page);
        check("mad_of_the_application 1\n", "mad_of_the_application 1\n");
        check("", "");
    }

    #[test]
    fn the_last_line_ends_and_an_end_mark_goes() {
        check("orders_total 1", "orders_total 1\n");
        check("orders_total 1\n# EOF", "orders_total 1\n");
    }

    #[test]
    fn a_family_of_mads_is_left_out_whole() {
        check(
            "# HELP mad_check_health Mine.\n# TYPE mad_check_health summary\n\
             mad_check_health{quantile=\"0.5\"} 1\nmad_check_health_sum 1\nmad_check_health_count 1\n\
             mad_check_duration_seconds_bucket{le=\"1\"} 1\nkept 1\n",
            "kept 1\n",
        );
        check(
            "#HELP  mad_lifecycle Mine.\n#\tTYPE mad_lifecycle gauge\n \tmad_lifecycle 1\n#TYPE kept gauge\n kept 1\n",
            "#TYPE kept gauge\n kept 1\n",
        );
    }
}
