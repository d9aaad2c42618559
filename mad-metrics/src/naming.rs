//! Which names are legal, and what becomes of those that are not.
//!
//! What is here decides for the text format, whose rules are the strictest: what is legal there is legal in
//! every other.

use std::borrow::Cow;

use crate::view::Kind;

/// Stands before a label whose own name has a meaning to Prometheus, as in Prometheus itself.
pub(crate) const RESERVED_PREFIX: &str = "exported_";

/// How counters end. Some readers take it off, so that nothing is left of what is called just so.
pub(crate) const ENDING_OF_COUNTERS: &str = "_total";

/// Returns a name for a metric with what is not legal replaced by `_`.
pub(crate) fn metric_name(name: &str) -> Cow<'_, str> {
    legal(name, |letter| letter == ':')
}

/// Returns a name for a label with what is not legal replaced by `_`.
pub(crate) fn label_name(name: &str) -> Cow<'_, str> {
    legal(name, |_| false)
}

/// Returns a text with line feeds instead of carriage returns, which some readers take for the end of a line.
pub(crate) fn without_carriage_returns(value: &str) -> String {
    value.replace('\r', "\n")
}

fn legal(name: &str, is_legal_too: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_legal = |index: usize, letter: char| {
        let is_digit = letter.is_ascii_digit() && index > 0;
        letter.is_ascii_alphabetic() || letter == '_' || is_digit || is_legal_too(letter)
    };
    // What is legal is ASCII, and no part of another letter is.
    let mut letters = name.bytes().map(char::from).enumerate();
    if letters.all(|(index, letter)| is_legal(index, letter)) && !name.is_empty() {
        return Cow::Borrowed(name);
    }
    let replaced: String = name
        .char_indices()
        .map(|(index, letter)| if is_legal(index, letter) { letter } else { '_' })
        .collect();
    Cow::Owned(if replaced.is_empty() {
        "_".to_owned()
    } else {
        replaced
    })
}

/// Returns another name for a label whose own would be mistaken for one of Prometheus' own.
pub(crate) fn unreserved_label(name: &str) -> Option<String> {
    // The last two mean nothing to a counter, and readers that are strict refuse them there, too.
    let is_reserved = name.starts_with("__") || ["le", "quantile"].contains(&name);
    is_reserved.then(|| format!("{RESERVED_PREFIX}{}", name.trim_start_matches('_')))
}

/// The endings that samples of a family have after its name; the empty one is the name itself.
pub(crate) fn sample_suffixes(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Histogram => &["", "_bucket", "_sum", "_count"],
        Kind::Summary => &["", "_sum", "_count"],
        _ => &[""],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_legal_is_replaced() {
        for (name, metric, label) in [
            (
                "http_requests_total",
                "http_requests_total",
                "http_requests_total",
            ),
            ("ns:rate5m", "ns:rate5m", "ns_rate5m"),
            ("http.requests", "http_requests", "http_requests"),
            ("2fast", "_fast", "_fast"),
            ("grüße", "gr__e", "gr__e"),
            ("a\nb 1", "a_b_1", "a_b_1"),
            ("", "_", "_"),
        ] {
            assert_eq!(metric_name(name), metric);
            assert_eq!(label_name(name), label);
        }
    }

    #[test]
    fn what_prometheus_writes_itself_gets_a_prefix() {
        let unreserved = unreserved_label;
        assert_eq!(unreserved("__name__").unwrap(), "exported_name__");
        assert_eq!(unreserved("le").unwrap(), "exported_le");
        assert_eq!(unreserved("quantile").unwrap(), "exported_quantile");
        assert_eq!(unreserved("_private"), None);
    }

    proptest! {
        #[test]
        fn any_name_becomes_a_legal_one(name in "(?s).{0,12}") {
            for (legal, others) in [(metric_name(&name), "_:"), (label_name(&name), "_")] {
                let is_fine = |letter: char| letter.is_ascii_alphanumeric() || others.contains(letter);
                prop_assert!(!legal.is_empty() && legal.chars().all(is_fine));
                prop_assert!(!legal.starts_with(|letter: char| letter.is_ascii_digit()));
            }
        }
    }
}
