//! Labels in the form in which formats write them: `method="GET",code="200"`.

use std::borrow::Cow;

use crate::text::escape;

/// The labels of a series, rendered: names are legal and differ, values are escaped.
///
/// Whoever makes labels is answerable for their names; values are escaped here.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct LabelText(String);

impl LabelText {
    /// Has room for these labels, as long as nothing has to be escaped.
    pub(crate) fn with_room_for<'l>(labels: impl Iterator<Item = (&'l str, &'l str)>) -> Self {
        // A sign for equality, two quotes and a comma, which the last one has not.
        let len: usize = labels
            .map(|(name, value)| name.len() + value.len() + 4)
            .sum();
        Self(String::with_capacity(len.saturating_sub(1)))
    }

    /// Returns them as they stand, in no more room than they take.
    pub(crate) fn into_text(self) -> Box<str> {
        self.0.into_boxed_str()
    }

    /// Adds a label.
    pub fn push(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        self.0.push_str(name);
        self.0.push_str("=\"");
        self.0.push_str(&escape::quoted(value));
        self.0.push('"');
    }

    /// Takes all of them away, and keeps the room for others.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns them as a sample has them.
    pub fn labels(&self) -> Labels<'_> {
        Labels(&self.0)
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for LabelText {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(labels: I) -> Self {
        let mut text = Self::default();
        for (name, value) in labels {
            text.push(name.as_ref(), value.as_ref());
        }
        text
    }
}

/// The labels of one series.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Labels<'a>(&'a str);

impl<'a> Labels<'a> {
    /// No labels.
    pub const NONE: Self = Self("");

    /// Wraps what [`LabelText`] has rendered.
    pub(crate) const fn from_text(text: &'a str) -> Self {
        Self(text)
    }

    /// Returns them as they stand between the braces: `method="GET",code="200"`.
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// Says whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Returns each name with its value, not escaped.
    pub const fn iter(self) -> LabelIter<'a> {
        LabelIter { rest: self.0 }
    }
}

impl<'a> IntoIterator for Labels<'a> {
    type Item = (&'a str, Cow<'a, str>);
    type IntoIter = LabelIter<'a>;

    fn into_iter(self) -> LabelIter<'a> {
        self.iter()
    }
}

/// Labels one by one; made by [`Labels::iter`].
#[derive(Clone, Debug)]
pub struct LabelIter<'a> {
    rest: &'a str,
}

impl<'a> LabelIter<'a> {
    /// Returns those that are left, as they stand between the braces.
    pub(crate) const fn as_str(&self) -> &'a str {
        self.rest
    }
}

impl<'a> Iterator for LabelIter<'a> {
    type Item = (&'a str, Cow<'a, str>);

    fn next(&mut self) -> Option<Self::Item> {
        // A name is legal: it has no such sign. A quote follows. Names are short: to look for a pattern would take longer.
        let end_of_name = self.rest.bytes().position(|byte| byte == b'=')?;
        let (name, rest) = self.rest.split_at(end_of_name);
        let quoted = rest.strip_prefix("=\"")?;
        let is_special = |byte: u8| byte == b'"' || byte == b'\\';
        let special = quoted.bytes().position(is_special)?;
        // Most values have nothing escaped in them: they are looked at once.
        let is_plain = quoted.as_bytes()[special] == b'"';
        let end = if is_plain {
            special
        } else {
            end_of_value(quoted)
        };
        let (value, rest) = quoted.split_at(end);
        let rest = rest.strip_prefix('"').unwrap_or(rest);
        self.rest = rest.strip_prefix(',').unwrap_or(rest);
        let value = if is_plain {
            Cow::Borrowed(value)
        } else {
            escape::unescaped(value)
        };
        Some((name, value))
    }
}

/// Returns where the quote is that ends a value.
#[cold]
fn end_of_value(text: &str) -> usize {
    let mut is_escaped = false;
    let end = text.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    end.unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn labels_stand_as_in_the_format() {
        let text = LabelText::from_iter([("a", "x"), ("b", "\"\\\n")]);
        assert_eq!(text.labels().as_str(), r#"a="x",b="\"\\\n""#);
        assert!(LabelText::default().labels().is_empty());
        let mut others = text;
        others.clear();
        others.push("c", "y");
        assert_eq!(others.labels().as_str(), r#"c="y""#);
    }

    proptest! {
        #[test]
        fn any_labels_read_back(labels in prop::collection::vec(("[a-z_]{1,3}", "(?s).{0,6}|[\\\\\",=]{0,6}"), 0..5)) {
            let text: LabelText = labels.iter().map(|(name, value)| (name, value)).collect();
            let read: Vec<_> = text.labels().iter().map(|(name, value)| (name.to_owned(), value.into_owned())).collect();
            let shown: Vec<_> = labels.into_iter().map(|(name, value)| (name, value.replace('\r', "\n"))).collect();
            prop_assert_eq!(read, shown);
        }
    }
}
