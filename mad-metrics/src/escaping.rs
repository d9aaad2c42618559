//! How a name is shown that not every scraper can read.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::naming;
use crate::text::escape;
use crate::view::{Family, LabelText, Labels};

/// What begins a name from which the program's can be read back.
const ESCAPED: &str = "U__";

/// How names are shown to a scraper that has been sent them, which has a word for each.
///
/// Until Prometheus 3 a name was letters, digits and `_`. What the program calls `http.duration` is shown
/// as the scraper asks.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Escaping {
    /// `http_duration`: everybody can read it, and some names come out alike.
    #[default]
    Underscores,
    /// `http_dot_duration`; and `_` becomes `__`, also in names that have nothing else.
    Dots,
    /// `U__http_2e_duration`, from which the name can be read back; and so is what begins with `U__` itself.
    Values,
    /// `http.duration`, between quotes where the format wants them.
    AllowUtf8,
}

impl Escaping {
    /// Returns what scrapers call it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Underscores => "underscores",
            Self::Dots => "dots",
            Self::Values => "values",
            Self::AllowUtf8 => "allow-utf-8",
        }
    }

    /// Returns the name of a family as it is shown.
    pub(crate) fn family_name<'a>(self, family: &Family<'a>) -> Cow<'a, str> {
        match self {
            Self::Underscores => Cow::Borrowed(family.name()),
            // No format has a place for no name at all.
            _ if family.original_name().is_empty() => Cow::Borrowed(family.name()),
            _ => self.name(family.original_name(), is_in_metric_name),
        }
    }

    /// Returns the labels of a series as they are shown, between braces and with names of any kind.
    pub(crate) fn labels<'a>(self, family: &Family<'_>, labels: Labels<'a>) -> Cow<'a, str> {
        if !self.changes_labels(family) {
            return Cow::Borrowed(labels.as_str());
        }
        let mut shown = LabelText::default();
        for (name, value) in labels {
            let name = self.label_name(family, name);
            shown.push(&if_quoted(name), &value);
        }
        Cow::Owned(shown.labels().as_str().to_owned())
    }

    /// Says whether labels of this family may be shown under other names than the view has for them.
    pub(crate) fn changes_labels(self, family: &Family<'_>) -> bool {
        match self {
            Self::Underscores => false,
            Self::Dots | Self::Values => true,
            Self::AllowUtf8 => family.has_renamed_labels(),
        }
    }

    /// Returns the name of a label as it is shown.
    pub(crate) fn label_name<'a>(self, family: &Family<'a>, name: &'a str) -> Cow<'a, str> {
        if !self.changes_labels(family) {
            return Cow::Borrowed(name);
        }
        let shown = self.name(original_label(family, name), is_in_label_name);
        // With its first `_` written twice, a label would be taken for one of Prometheus' own.
        match shown.strip_prefix("__").filter(|_| self == Self::Dots) {
            Some(rest) => Cow::Owned([naming::RESERVED_PREFIX, rest].concat()),
            None => shown,
        }
    }

    fn name(self, name: &str, is_legal: fn(usize, char) -> bool) -> Cow<'_, str> {
        let mut letters = name.chars().enumerate();
        let is_kept = match self {
            Self::AllowUtf8 => true,
            // Also what would be legal as it is.
            Self::Dots => false,
            // What looks as if it had been escaped is, too: then no other name comes out as this one.
            Self::Values if name.starts_with(ESCAPED) => false,
            Self::Underscores | Self::Values => letters.all(|(at, letter)| is_legal(at, letter)),
        };
        if is_kept {
            return Cow::Borrowed(name);
        }
        let mut shown = String::with_capacity(name.len() + 8);
        if self == Self::Values {
            shown.push_str(ESCAPED);
        }
        for (at, letter) in name.chars().enumerate() {
            match (self, letter) {
                (Self::Dots | Self::Values, '_') => shown.push_str("__"),
                (Self::Dots, '.') => shown.push_str("_dot_"),
                (_, letter) if is_legal(at, letter) => shown.push(letter),
                (Self::Dots, _) => shown.push_str("__"),
                // A string takes everything.
                (Self::Values, letter) => _ = write!(shown, "_{:x}_", u32::from(letter)),
                _ => shown.push('_'),
            }
        }
        Cow::Owned(shown)
    }
}

/// Returns what the program calls a label, unless that is nothing, or has a meaning of its own to Prometheus.
fn original_label<'a>(family: &Family<'a>, name: &'a str) -> &'a str {
    let original = family.original_label(name);
    let is_reserved = original.starts_with("__") || ["", "le", "quantile"].contains(&original);
    if is_reserved { name } else { original }
}

/// Says whether a metric's name stands in text formats as it is, or between quotes.
pub(crate) fn is_plain_metric_name(name: &str) -> bool {
    let mut letters = name.chars().enumerate();
    letters.all(|(at, letter)| is_in_metric_name(at, letter))
}

fn is_in_metric_name(at: usize, letter: char) -> bool {
    letter == ':' || is_in_label_name(at, letter)
}

fn is_in_label_name(at: usize, letter: char) -> bool {
    letter == '_' || letter.is_ascii_alphabetic() || (at > 0 && letter.is_ascii_digit())
}

/// Returns the name of a label as it stands in text formats.
fn if_quoted(name: Cow<'_, str>) -> Cow<'_, str> {
    let mut letters = name.chars().enumerate();
    if letters.all(|(at, letter)| is_in_label_name(at, letter)) {
        return name;
    }
    Cow::Owned(format!("\"{}\"", escape::quoted(&name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Kind, RenamedLabel};

    const ALL: [Escaping; 4] = [
        Escaping::Underscores,
        Escaping::Dots,
        Escaping::Values,
        Escaping::AllowUtf8,
    ];

    /// What Go's `model.EscapeName` makes of these.
    #[test]
    fn names_come_out_as_prometheus_own_library_has_them() {
        let check = |original: &str, name: &str, expected: [&str; 4]| {
            let family = Family::new(name, Kind::Gauge).with_originals(original, &[]);
            let shown = ALL.map(|escaping| escaping.family_name(&family).into_owned());
            assert_eq!(shown, expected);
        };
        check("up", "up", ["up", "up", "up", "up"]);
        check(
            "http_requests:rate",
            "http_requests:rate",
            [
                "http_requests:rate",
                "http__requests:rate",
                "http_requests:rate",
                "http_requests:rate",
            ],
        );
        check(
            "http.duration_ms",
            "http_duration_ms",
            [
                "http_duration_ms",
                "http_dot_duration__ms",
                "U__http_2e_duration__ms",
                "http.duration_ms",
            ],
        );
        check(
            "1größe-x",
            "_gr__e_x",
            [
                "_gr__e_x",
                "__gr____e__x",
                "U___31_gr_f6__df_e_2d_x",
                "1größe-x",
            ],
        );
    }

    #[test]
    fn labels_are_renamed_and_quoted() {
        let renamed = [RenamedLabel {
            name: "http_method".into(),
            original: "http.method".into(),
        }];
        let family = Family::new("a", Kind::Gauge).with_originals("a", &renamed);
        let labels = LabelText::from_iter([("code_of", "\"1\""), ("http_method", "GET")]);
        let shown = ALL.map(|escaping| escaping.labels(&family, labels.labels()).into_owned());
        assert_eq!(
            shown,
            [
                r#"code_of="\"1\"",http_method="GET""#,
                r#"code__of="\"1\"",http_dot_method="GET""#,
                r#"code_of="\"1\"",U__http_2e_method="GET""#,
                r#"code_of="\"1\"","http.method"="GET""#,
            ]
        );
    }

    #[test]
    fn no_two_names_come_out_alike() {
        let renamed = [RenamedLabel {
            name: "x_y".into(),
            original: "x.y".into(),
        }];
        let family = Family::new("a", Kind::Gauge).with_originals("a", &renamed);
        let check = |escaping: Escaping, name, expected| {
            let named = Family::new("a", Kind::Gauge).with_originals(name, &[]);
            assert_eq!(escaping.family_name(&named), expected);
            assert_eq!(escaping.label_name(&family, name), expected);
        };
        check(Escaping::Values, "a.b_c", "U__a_2e_b__c");
        check(Escaping::Values, "U__a_2e_b__c", "U__U____a__2e__b____c");
        // Whatever other series there are.
        let plain = Family::new("a", Kind::Gauge);
        assert_eq!(Escaping::Values.label_name(&plain, "U__x"), "U__U____x");
        let dotted = |name| Escaping::Dots.label_name(&family, name);
        assert_eq!(dotted("_name_"), "exported_name__");
        assert_eq!(dotted("exported_name_"), "exported__name__");
        assert_eq!(dotted(".a"), "_dot_a");
    }

    #[test]
    fn a_label_that_prometheus_would_misread_keeps_its_other_name() {
        let renamed = ["__name__", "le", ""].map(|original| RenamedLabel {
            name: format!("exported_{}", original.trim_matches('_')).into(),
            original: original.into(),
        });
        let family = Family::new("a", Kind::Gauge).with_originals("a", &renamed);
        for name in ["exported_name", "exported_le", "exported_"] {
            assert_eq!(Escaping::AllowUtf8.label_name(&family, name), name);
        }
        let nameless = Family::new("_", Kind::Gauge).with_originals("", &[]);
        assert_eq!(Escaping::AllowUtf8.family_name(&nameless), "_");
    }

    #[test]
    fn a_colon_is_legal_in_the_names_of_metrics_only() {
        let renamed = [RenamedLabel {
            name: "a_b".into(),
            original: "a:b".into(),
        }];
        let family = Family::new("a", Kind::Gauge).with_originals("a:b", &renamed);
        assert_eq!(Escaping::Values.family_name(&family), "a:b");
        assert_eq!(Escaping::Values.label_name(&family, "a_b"), "U__a_3a_b");
        assert_eq!(if_quoted("a:b".into()), "\"a:b\"");
        assert!(is_plain_metric_name("a:b"));
    }
}
