//! Which metrics a setting is for.

use crate::naming;

/// Which metrics a setting is for, by their names.
///
/// It is what `Matcher` is in metrics-exporter-prometheus: names are compared as they are shown, and so is
/// what stands here.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Matcher {
    /// The metric with this name.
    Full(String),
    /// Metrics whose names begin so.
    Prefix(String),
    /// Metrics whose names end so.
    Suffix(String),
}

impl Matcher {
    /// Returns how little it says of a name.
    pub(crate) const fn vagueness(&self) -> u8 {
        match self {
            Self::Full(_) => 0,
            Self::Prefix(_) => 1,
            Self::Suffix(_) => 2,
        }
    }

    /// Says whether a metric is meant.
    ///
    /// ```
    /// use mad_metrics::Matcher;
    ///
    /// let times = Matcher::Suffix("_seconds".to_owned());
    /// assert!(times.matches("wait_seconds"));
    /// assert!(!times.matches("seconds_left"));
    /// ```
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Full(full) => name == naming::metric_name(full),
            Self::Prefix(prefix) if prefix.is_empty() => true,
            Self::Prefix(prefix) => name.starts_with(&*naming::metric_name(prefix)),
            Self::Suffix(suffix) => name.ends_with(&legal_suffix(suffix)),
        }
    }
}

/// Returns a suffix as it is shown; it may begin with a digit, as a name may not.
fn legal_suffix(suffix: &str) -> String {
    let with_start = format!("_{suffix}");
    naming::metric_name(&with_start)[1..].to_owned()
}

#[cfg(test)]
mod tests {
    use super::Matcher;

    #[test]
    fn names_are_compared_as_they_are_shown() {
        let matches = |matcher: fn(String) -> Matcher, part: &str, name: &str| {
            matcher(part.to_owned()).matches(name)
        };
        assert!(matches(Matcher::Full, "http.wait", "http_wait"));
        assert!(!matches(Matcher::Full, "http.wait", "http_wait_seconds"));
        assert!(matches(Matcher::Prefix, "http.", "http_wait"));
        assert!(!matches(Matcher::Prefix, "wait", "http_wait"));
        assert!(matches(Matcher::Suffix, "99.ratio", "p99_ratio"));
        assert!(!matches(Matcher::Suffix, "99.ratio", "ratio"));
        assert!(matches(Matcher::Prefix, "", "any") && matches(Matcher::Suffix, "", "any"));
    }
}
