//! Which metrics a scraper wants, by `name[]`.

use std::collections::BTreeSet;

use mad_metrics::view::{Family, Kind};

/// The names that a scraper asked for; none of them is all.
#[derive(Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Names(BTreeSet<String>);

/// The endings by which samples are called otherwise than their family.
const ENDINGS: [&str; 5] = ["_bucket", "_count", "_sum", "_total", "_info"];

impl Names {
    pub(crate) fn new(names: impl IntoIterator<Item = String>) -> Self {
        Self(names.into_iter().collect())
    }

    /// Says whether a family is wanted: by its name in any format, or by that of a sample.
    pub(super) fn want(&self, family: &Family<'_>) -> bool {
        let sample_endings: &[&str] = match family.kind() {
            Kind::Histogram => &["_bucket", "_count", "_sum"],
            Kind::Summary => &["_count", "_sum"],
            _ => &[],
        };
        // Where OpenMetrics has another name for the family.
        let ending = match family.kind() {
            Kind::Counter => "_total",
            Kind::Info => "_info",
            _ => "",
        };
        let names = [family.name(), family.original_name()];
        let mut stems = names.iter().filter_map(|name| name.strip_suffix(ending));
        self.0.is_empty()
            || names.iter().any(|name| self.0.contains(*name))
            || stems.any(|stem| self.0.contains(stem))
            || self.0.iter().any(|wanted| {
                let of_family = |ending: &&str| wanted.strip_suffix(ending);
                let mut families = sample_endings.iter().filter_map(of_family);
                families.any(|family| names.contains(&family))
            })
    }

    /// Says whether a line of text is wanted that is about this name, of which the kind is not known.
    pub(super) fn want_line_of(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|wanted| stem(wanted) == stem(name))
    }
}

fn stem(name: &str) -> &str {
    let mut stems = ENDINGS
        .iter()
        .filter_map(|ending| name.strip_suffix(ending));
    stems.next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wanted: &[&str], name: &str, kind: Kind, expected: bool) {
        let names = Names::new(wanted.iter().map(|name| (*name).to_owned()));
        assert_eq!(
            names.want(&Family::new(name, kind)),
            expected,
            "{wanted:?} {name}"
        );
    }

    #[test]
    fn who_names_nothing_wants_all() {
        check(&[], "a", Kind::Gauge, true);
        assert!(Names::default().want_line_of("a"));
    }

    #[test]
    fn a_family_is_wanted_by_its_name_and_by_its_samples() {
        check(&["a"], "a", Kind::Gauge, true);
        check(&["b", "a"], "a", Kind::Gauge, true);
        check(&["b"], "a", Kind::Gauge, false);
        check(&["a_total"], "a_total", Kind::Counter, true);
        check(&["a"], "a_total", Kind::Counter, true);
        check(&["a"], "a_info", Kind::Info, true);
        check(&["a_bucket"], "a", Kind::Histogram, true);
        check(&["a_sum"], "a", Kind::Summary, true);
        check(&["a_bucket"], "a", Kind::Gauge, false);
        for other in ["a_sum", "a_info", "a_total"] {
            check(&["a"], other, Kind::Gauge, false);
        }
    }

    #[test]
    fn a_line_is_wanted_with_all_of_its_family() {
        let names = Names::new(["a_total".to_owned(), "b".to_owned()]);
        for (name, expected) in [
            ("a_total", true),
            ("b_bucket", true),
            ("b_sum", true),
            ("c", false),
        ] {
            assert_eq!(names.want_line_of(name), expected, "{name}");
        }
    }
}
